#pragma once

#include <string>
#include <string_view>

#include "ops/error.hpp"

namespace leadhub::normalise {

/// The form of an address that identifies: the domain in lower case as A-labels (IDNA, UTS 46
/// non-transitional), the local part NFC and case-folded. Two addresses with the same canonical form are one
/// mailbox everywhere that matters; mail is still sent to the address as given (RFC 5321, section 2.4 lets a
/// host tell cases apart).
///
/// Checks only what makes an address one: exactly one part on either side of the last '@', no white space or
/// control characters, at most 64 bytes and 254 bytes (RFC 5321, section 4.5.3.1), a domain that IDNA takes.
/// Error: `invalid`, without the address.
[[nodiscard]] Result<std::string> canonical_email(std::string_view given);

}  // namespace leadhub::normalise
