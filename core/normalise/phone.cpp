#include "normalise/phone.hpp"

#include <phonenumbers/phonenumberutil.h>

namespace leadhub::normalise {

using i18n::phonenumbers::PhoneNumber;
using i18n::phonenumbers::PhoneNumberUtil;

namespace {

/// Sets `region` to the number's own, "ZZ" where it has none. Most numbers belong to the main country of
/// their calling code, which one look decides; asking for the region tries all that share the code, and
/// asking whether the number is valid would then look once more.
bool is_valid_in_its_region(const PhoneNumberUtil& library, const PhoneNumber& number, std::string& region) {
  library.GetRegionCodeForCountryCode(number.country_code(), &region);
  if (library.IsValidNumberForRegion(number, region)) return true;
  library.GetRegionCodeForNumber(number, &region);
  return library.IsValidNumberForRegion(number, region);
}

}  // namespace

Result<CanonicalPhone> canonical_phone(std::string_view given, std::string_view region) {
  const auto& library = *PhoneNumberUtil::GetInstance();
  PhoneNumber number;
  const std::string unknown_region = "ZZ";
  const auto parsed =
      library.Parse(std::string{given}, region.empty() ? unknown_region : std::string{region}, &number);
  if (parsed == PhoneNumberUtil::INVALID_COUNTRY_CODE_ERROR)
    return fail(ErrorCode::invalid, "the phone number is written without a country and none is known for it");
  CanonicalPhone phone;
  const bool valid =
      parsed == PhoneNumberUtil::NO_PARSING_ERROR && is_valid_in_its_region(library, number, phone.region);
  // A number without its area code is possible only locally: the same digits are somebody else elsewhere.
  if (parsed != PhoneNumberUtil::NO_PARSING_ERROR ||
      (!valid && library.IsPossibleNumberWithReason(number) != PhoneNumberUtil::IS_POSSIBLE))
    return fail(ErrorCode::invalid, "the phone number is none that could be dialled");

  phone.verdict = valid ? lead::Verdict::valid : lead::Verdict::risky;
  library.Format(number, PhoneNumberUtil::E164, &phone.e164);
  if (phone.region == unknown_region || phone.region == "001") phone.region.clear();
  return phone;
}

}  // namespace leadhub::normalise
