#pragma once

#include <string>
#include <string_view>

#include "lead/lead.hpp"
#include "ops/error.hpp"

namespace leadhub::normalise {

/// Why a number has its verdict. `code_of` gives the stable word that screens, exports and rules use;
/// docs/verification.md explains each.
enum class PhoneReason {
  ok = 1,
  possible_length,  ///< risky: as long as numbers there are, and in no numbering plan that is known
  // Invalid: no number that could be dialled, and no contact point.
  empty,
  not_a_number,
  country_unknown,  ///< written without a country, and none is known for it
  country_code_invalid,
  placeholder,  ///< 0000000000, 1234567890: what people type to get past a field
  local_only,   ///< without its area code: the same digits are somebody else elsewhere
  too_short,    ///< "911" and other short codes, too
  too_long,
};

/// "possible_length". Never changes for a reason that there is.
[[nodiscard]] std::string_view code_of(PhoneReason reason);
/// The sentence for people; holds no digit.
[[nodiscard]] std::string_view sentence_of(PhoneReason reason);
[[nodiscard]] lead::Verdict verdict_of(PhoneReason reason);

/// libphonenumber's types.
enum class PhoneType {
  unknown = 1,
  mobile,
  fixed_line,
  fixed_line_or_mobile,  ///< numbering plans such as North America's do not tell them apart
  toll_free,
  premium_rate,
  shared_cost,
  voip,
  personal_number,
  pager,
  universal_access,
  voicemail,
};
/// "fixed_line"
[[nodiscard]] std::string_view to_string(PhoneType type);

/// How much is asked for: finding the type takes as long as all the rest.
enum class PhoneDetail { identity = 1, type };

/// A number, read. The strings are empty where it is none; see PhoneReason.
struct Phone {
  PhoneReason reason = PhoneReason::empty;
  std::string e164;       ///< "+442079460958"; identifies
  std::string extension;  ///< digits, kept apart: it identifies nobody
  std::string region;     ///< ISO 3166 alpha-2, or empty where the number belongs to none
  PhoneType type = PhoneType::unknown;

  [[nodiscard]] lead::Verdict verdict() const { return verdict_of(reason); }
};

/// The one reader of phone numbers, by libphonenumber. `region` (ISO 3166 alpha-2) says how to read one that
/// is written without a country; empty: such a number is refused rather than guessed. Takes at most
/// limits::phone_given_bytes_max. Thread-safe.
[[nodiscard]] Phone read_phone(std::string_view given, std::string_view region,
                               PhoneDetail detail = PhoneDetail::identity);

/// The same as a result, where no reason is asked for. Error: `invalid`, without the number.
[[nodiscard]] Result<Phone> canonical_phone(std::string_view given, std::string_view region);

}  // namespace leadhub::normalise
