#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace leadhub::email {

/// An address with the name that stands before it.
struct Mailbox {
  std::string name;     ///< may be empty
  std::string address;  ///< "ada@example.com"
};

/// A mail as the host hands it over: sdk/mail.schema.json.
struct Mail {
  std::string message_id;  ///< without angle brackets
  std::string to;          ///< one address, without a name
  std::string to_name;
  std::string subject;
  std::string text;
  std::string html;  ///< empty: there is none
  std::vector<std::pair<std::string, std::string>> headers;
  std::string date;                  ///< RFC 3339
  std::optional<Mailbox> from = {};  ///< where it says so itself; so does reply_to
  std::optional<Mailbox> reply_to = {};
};

/// Somebody's words as words: a name that looks like an encoded word (RFC 2047) would be decoded by whoever
/// reads it, line breaks and all, and GMime lets it pass. What is literal already stays as it is.
std::string literal(std::string text);

/// Reads the host's document; names and subject are literal. Throws sdk::ChannelError, never to be tried
/// again, where it is no mail, misses something, or holds a control character where it could end a header:
/// the host should have refused that.
Mail read_mail(std::string_view document);

}  // namespace leadhub::email
