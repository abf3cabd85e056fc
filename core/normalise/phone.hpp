#pragma once

#include <string>
#include <string_view>

#include "lead/lead.hpp"
#include "ops/error.hpp"

namespace leadhub::normalise {

struct CanonicalPhone {
  std::string e164;    ///< "+442079460958"; an extension is not part of it
  std::string region;  ///< ISO 3166 alpha-2, or empty where the number belongs to none
  lead::Verdict verdict = lead::Verdict::unknown;  ///< valid, or risky where only its length is possible
};

/// Reads a phone number with libphonenumber. `region` (ISO 3166 alpha-2) says how to read one that is written
/// without a country; empty: such a number is refused rather than guessed. Error: `invalid`, without the
/// number.
[[nodiscard]] Result<CanonicalPhone> canonical_phone(std::string_view given, std::string_view region);

}  // namespace leadhub::normalise
