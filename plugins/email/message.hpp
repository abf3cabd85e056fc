#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "mail.hpp"

/// Mails as bytes (RFC 5322, MIME), made by GMime.
namespace leadhub::email {

/// Who every mail of a channel is from, unless it says otherwise itself.
struct Sender {
  Mailbox from;
  std::optional<Mailbox> reply_to;
};

/// Who this one is from.
Sender sender_of(const Sender& channel, const Mail& mail);

/// Reads "Ada <ada@example.com>" or "ada@example.com". nullopt where it is not exactly one address with a
/// local part and a domain: no list, no group, no comment, no line break.
std::optional<Mailbox> read_mailbox(std::string_view text);

/// The whole mail, with CR LF at each line end, ready for a file or for DATA. Parts are UTF-8 in 7bit,
/// quoted-printable or base64, whichever GMime finds shortest, so that any relay takes it. Names and subject
/// are encoded words (RFC 2047). An international domain becomes its A-label; a local part beyond ASCII stays
/// as it is, because it has no other form, and needs SMTPUTF8 (RFC 6532).
///
/// Throws sdk::ChannelError, never to be tried again, where recipient, message id or date are none, or a
/// header holds a word that no line can hold.
std::string make_message(const Sender& channel, const Mail& mail);

}  // namespace leadhub::email
