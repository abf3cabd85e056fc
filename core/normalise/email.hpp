#pragma once

#include <string>
#include <string_view>

#include "lead/lead.hpp"
#include "ops/error.hpp"

namespace leadhub::normalise {

/// Why an address has its verdict. `code_of` gives the stable word that screens, exports and rules use;
/// docs/verification.md explains each.
enum class EmailReason {
  ok = 1,
  // Risky: mail can be sent, and there is something to look at.
  quoted_local,         ///< "ada lovelace"@example.com: legal (RFC 5321, section 4.1.2), and rarely meant
  invisible_character,  ///< a zero-width space or the like within; it is taken out
  mixed_script,         ///< letters of scripts that no language mixes (UTS 39, highly restrictive)
  homograph,            ///< not Latin, and drawn like a Latin name: "раураl" in Cyrillic letters
  // Invalid, and a canonical form there is: the person can be told apart, nobody can be written to.
  special_use_domain,  ///< reserved for other things than mail on the Internet (RFC 6761, 7686, 9476)
  // Invalid: no address.
  empty,
  no_at,
  empty_local,
  empty_domain,
  several_at,
  several_addresses,
  display_name,  ///< "Ada <ada@example.com>"
  comment,
  blank,
  control_character,    ///< CR and LF among them: nothing of that kind ever reaches a mail header
  bidi_control,         ///< overrides, isolates and marks of the writing direction
  unsafe_character,     ///< not UTF-8, private, unassigned, or a combining mark that has nothing to sit on
  local_character,      ///< a character that must not stand before the @
  quoted_local_broken,  ///< a quotation mark that does not close, or that stands within a word
  dot_sequence,         ///< a dot at either end of the local part or two in a row
  local_too_long,       ///< more than 64 bytes (RFC 5321, section 4.5.3.1.1)
  address_too_long,     ///< more than 254 bytes (RFC 5321, section 4.5.3.1.3, and RFC 3696's erratum 1690)
  address_literal,      ///< ada@[192.0.2.1]
  bare_top_level,       ///< ada@example
  top_level_invalid,    ///< the last label ends in no letter: no such domain is delegated
  domain_invalid,       ///< no host name (RFC 1035, section 2.3.1), or none that IDNA takes
};

/// "quoted_local". Never changes for a reason that there is.
[[nodiscard]] std::string_view code_of(EmailReason reason);

/// The sentence for people; holds nothing of the address.
[[nodiscard]] std::string_view sentence_of(EmailReason reason);

[[nodiscard]] lead::Verdict verdict_of(EmailReason reason);

/// An address, read. The strings are empty where it is none; see EmailReason.
struct EmailAddress {
  EmailReason reason = EmailReason::empty;
  std::string canonical;  ///< identifies the mailbox: local part NFC and case-folded, domain as A-labels
  std::string send_to;    ///< what goes into RCPT TO: local part in the case that was typed, NFC; same domain

  [[nodiscard]] lead::Verdict verdict() const { return verdict_of(reason); }
  /// Both are views of send_to.
  [[nodiscard]] std::string_view local() const;
  [[nodiscard]] std::string_view domain() const;
  /// Whether a server must know SMTPUTF8 (RFC 6531) to take it: the local part is not ASCII.
  [[nodiscard]] bool needs_smtputf8() const;
};

/// The one reader of addresses. Takes the addr-spec that a person types into a form: RFC 5321's Mailbox, RFC
/// 6531's international one, domains by IDNA (UTS 46, non-transitional). Blanks and direction marks that
/// copying left around it are taken off. Comments, folding white space and obsolete forms of RFC 5322 belong
/// into message headers and are refused. Asks nobody whether the domain exists.
///
/// Two addresses with the same canonical form are one mailbox everywhere that matters; mail is still sent to
/// the case as typed (RFC 5321, section 2.4 lets a host tell cases apart). Quotation marks that are not
/// needed are in neither form. The canonical form is its own canonical form.
///
/// Linear in its input, which past limits::email_given_bytes_max is refused unseen. Thread-safe.
[[nodiscard]] EmailAddress read_email(std::string_view given);

/// The canonical form alone, where that is all that is asked for. Error: `invalid`, without the address.
[[nodiscard]] Result<std::string> canonical_email(std::string_view given);

/// The domain as people read it: A-labels decoded. `domain` itself where that fails.
[[nodiscard]] std::string unicode_domain(std::string_view domain);

}  // namespace leadhub::normalise
