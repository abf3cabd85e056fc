#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "ops/error.hpp"

namespace leadhub::verify {

/// A reply of an SMTP server (RFC 5321, section 4.2). Its text is dropped: it is for people, no two servers
/// word it alike, and it may name the person.
struct SmtpReply {
  int code = 0;          ///< 200 to 599
  std::string enhanced;  ///< "5.1.1" (RFC 3463), empty where the server gave none

  bool operator==(const SmtpReply&) const = default;
};

/// Takes the first whole reply, of one or more lines, from the front of `received`, and leaves the rest
/// there. nullopt: it is not whole yet. invalid: it is no SMTP reply, its lines disagree about the code, or
/// it is longer than limits::probe_reply_bytes_max. Lines may end with LF alone. Pure.
[[nodiscard]] Result<std::optional<SmtpReply>> take_reply(std::string& received);

/// What a server means by its reply to RCPT TO.
enum class RecipientAnswer {
  accepted = 1,     ///< 250, 251
  undecided,        ///< 252: "cannot verify, will try"
  no_such_mailbox,  ///< 5.1.1, 5.1.6, 5.1.10: about the address, beyond doubt
  refused,          ///< 550, 551, 553 and no such status: about the address, or about us
  disabled,         ///< 5.2.1
  full,             ///< 4.2.2, 5.2.2, a bare 552
  later,            ///< 4xx: greylisting, a limit, a fault that passes
  blocked,          ///< 5.7.x and every other 5xx: about us
};

/// By code and enhanced status alone. Pure.
[[nodiscard]] RecipientAnswer read_recipient_answer(const SmtpReply& reply);

}  // namespace leadhub::verify
