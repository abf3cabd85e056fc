#include "normalise/phone.hpp"

#include <phonenumbers/phonenumberutil.h>

#include <algorithm>
#include <array>

#include "ops/limits.hpp"

namespace leadhub::normalise {

using i18n::phonenumbers::PhoneNumber;
using i18n::phonenumbers::PhoneNumberUtil;

namespace {

struct ReasonRow {
  PhoneReason reason;
  std::string_view code;
  lead::Verdict verdict;
  std::string_view sentence;
};

/// In the order of the enumeration.
constexpr std::array reasons{
    ReasonRow{PhoneReason::ok, "ok", lead::Verdict::valid, "the phone number is in its numbering plan"},
    ReasonRow{PhoneReason::possible_length, "possible_length", lead::Verdict::risky,
              "the phone number has a possible length and is in no known numbering plan"},
    ReasonRow{PhoneReason::empty, "empty", lead::Verdict::invalid, "the phone number is empty"},
    ReasonRow{PhoneReason::not_a_number, "not_a_number", lead::Verdict::invalid,
              "the phone number is none that could be dialled"},
    ReasonRow{PhoneReason::country_unknown, "country_unknown", lead::Verdict::invalid,
              "the phone number is written without a country and none is known for it"},
    ReasonRow{PhoneReason::country_code_invalid, "country_code_invalid", lead::Verdict::invalid,
              "the phone number has a country code that there is not"},
    ReasonRow{PhoneReason::placeholder, "placeholder", lead::Verdict::invalid,
              "the phone number only fills the field"},
    ReasonRow{PhoneReason::local_only, "local_only", lead::Verdict::invalid,
              "the phone number lacks its area code"},
    ReasonRow{PhoneReason::too_short, "too_short", lead::Verdict::invalid, "the phone number is too short"},
    ReasonRow{PhoneReason::too_long, "too_long", lead::Verdict::invalid, "the phone number is too long"},
};

const ReasonRow& row_of(PhoneReason reason) {
  return reasons[static_cast<std::size_t>(reason) - 1];
}

/// Sets `region` to the number's own, "ZZ" where it has none. Most numbers belong to the main country of
/// their calling code, which one look decides; asking for the region tries all that share the code, and
/// asking whether the number is valid would then look once more.
bool is_valid_in_its_region(const PhoneNumberUtil& library, const PhoneNumber& number, std::string& region) {
  library.GetRegionCodeForCountryCode(number.country_code(), &region);
  if (library.IsValidNumberForRegion(number, region)) return true;
  library.GetRegionCodeForNumber(number, &region);
  return library.IsValidNumberForRegion(number, region);
}

/// One digit over and over, or the digits in order: six of them are no accident.
bool is_placeholder(std::uint64_t national) {
  const auto digits = std::to_string(national);
  if (digits.size() < 6) return national == 0;
  const auto steps_by = [&](int step) {
    return std::adjacent_find(digits.begin(), digits.end(), [&](char one, char next) {
             return (next - '0') != (one - '0' + step + 10) % 10;
           }) == digits.end();
  };
  return steps_by(0) || steps_by(1) || steps_by(-1);
}

PhoneReason reason_of(PhoneNumberUtil::ErrorType error, std::string_view given) {
  switch (error) {
    case PhoneNumberUtil::INVALID_COUNTRY_CODE_ERROR:
      return given.find('+') == given.npos ? PhoneReason::country_unknown : PhoneReason::country_code_invalid;
    case PhoneNumberUtil::TOO_SHORT_AFTER_IDD:
    case PhoneNumberUtil::TOO_SHORT_NSN:
      return PhoneReason::too_short;
    case PhoneNumberUtil::TOO_LONG_NSN:
      return PhoneReason::too_long;
    default:
      return PhoneReason::not_a_number;
  }
}

/// For a number of no numbering plan.
PhoneReason reason_of(PhoneNumberUtil::ValidationResult length) {
  switch (length) {
    case PhoneNumberUtil::IS_POSSIBLE:
      return PhoneReason::possible_length;
    case PhoneNumberUtil::IS_POSSIBLE_LOCAL_ONLY:
      return PhoneReason::local_only;
    case PhoneNumberUtil::INVALID_COUNTRY_CODE:
      return PhoneReason::country_code_invalid;
    case PhoneNumberUtil::TOO_SHORT:
      return PhoneReason::too_short;
    case PhoneNumberUtil::TOO_LONG:
      return PhoneReason::too_long;
    default:
      return PhoneReason::not_a_number;
  }
}

PhoneType type_of(PhoneNumberUtil::PhoneNumberType type) {
  switch (type) {
    case PhoneNumberUtil::FIXED_LINE:
      return PhoneType::fixed_line;
    case PhoneNumberUtil::MOBILE:
      return PhoneType::mobile;
    case PhoneNumberUtil::FIXED_LINE_OR_MOBILE:
      return PhoneType::fixed_line_or_mobile;
    case PhoneNumberUtil::TOLL_FREE:
      return PhoneType::toll_free;
    case PhoneNumberUtil::PREMIUM_RATE:
      return PhoneType::premium_rate;
    case PhoneNumberUtil::SHARED_COST:
      return PhoneType::shared_cost;
    case PhoneNumberUtil::VOIP:
      return PhoneType::voip;
    case PhoneNumberUtil::PERSONAL_NUMBER:
      return PhoneType::personal_number;
    case PhoneNumberUtil::PAGER:
      return PhoneType::pager;
    case PhoneNumberUtil::UAN:
      return PhoneType::universal_access;
    case PhoneNumberUtil::VOICEMAIL:
      return PhoneType::voicemail;
    default:
      return PhoneType::unknown;
  }
}

}  // namespace

std::string_view code_of(PhoneReason reason) {
  return row_of(reason).code;
}

std::string_view sentence_of(PhoneReason reason) {
  return row_of(reason).sentence;
}

lead::Verdict verdict_of(PhoneReason reason) {
  return row_of(reason).verdict;
}

std::string_view to_string(PhoneType type) {
  constexpr std::array<std::string_view, 12> names{
      "unknown",         "mobile",       "fixed_line",       "fixed_line_or_mobile",
      "toll_free",       "premium_rate", "shared_cost",      "voip",
      "personal_number", "pager",        "universal_access", "voicemail"};
  return names[static_cast<std::size_t>(type) - 1];
}

Phone read_phone(std::string_view given, std::string_view region, PhoneDetail detail) {
  const auto refused = [](PhoneReason reason) {
    Phone phone;
    phone.reason = reason;
    return phone;
  };
  if (given.find_first_not_of(" \t\r\n") == given.npos) return refused(PhoneReason::empty);
  if (given.size() > limits::phone_given_bytes_max) return refused(PhoneReason::too_long);
  const auto& library = *PhoneNumberUtil::GetInstance();
  const std::string unknown_region = "ZZ";
  PhoneNumber number;
  const auto error =
      library.Parse(std::string{given}, region.empty() ? unknown_region : std::string{region}, &number);
  if (error != PhoneNumberUtil::NO_PARSING_ERROR) return refused(reason_of(error, given));

  Phone phone;
  phone.reason = is_valid_in_its_region(library, number, phone.region)
                     ? PhoneReason::ok
                     : reason_of(library.IsPossibleNumberWithReason(number));
  if (phone.verdict() == lead::Verdict::invalid) return refused(phone.reason);
  if (phone.reason != PhoneReason::ok && is_placeholder(number.national_number()))
    return refused(PhoneReason::placeholder);
  library.Format(number, PhoneNumberUtil::E164, &phone.e164);
  phone.extension = number.extension();
  if (detail == PhoneDetail::type) phone.type = type_of(library.GetNumberType(number));
  if (phone.region == unknown_region || phone.region == "001") phone.region.clear();
  return phone;
}

Result<Phone> canonical_phone(std::string_view given, std::string_view region) {
  auto phone = read_phone(given, region);
  if (phone.e164.empty()) return fail(ErrorCode::invalid, std::string{sentence_of(phone.reason)});
  return phone;
}

}  // namespace leadhub::normalise
