#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// A mail that somebody sent us, taken apart: what the readers of reports look at, with no MIME left in it.
namespace leadhub::mailbox {

/// A header, its encoded words (RFC 2047) decoded, in one line of UTF-8.
struct Header {
  std::string name;  ///< lower-case
  std::string value;
};

/// A leaf of a message.
struct Part {
  std::string type;  ///< lower-case: "text/plain", "message/delivery-status"
  /// text/*: the text in UTF-8. message/*: the bytes without their transfer encoding; of an enclosed message
  /// its header alone. Anything else: empty.
  std::string text;
};

struct Message {
  std::vector<Header> headers;  ///< in their order
  std::string type;             ///< of the whole: "multipart/report"
  std::string report_type;      ///< its parameter of that name (RFC 6522), lower-case; may be empty
  std::vector<Part> parts;      ///< in their order; those of an enclosed message are not among them,
                                ///< but of a report that stands first: scanners wrap mails so

  /// The first of that lower-case name; empty: there is none.
  [[nodiscard]] std::string_view header(std::string_view name) const;
  /// The first part of that type; null: there is none.
  [[nodiscard]] const Part* part(std::string_view type) const;
};

/// Reads RFC 5322 and MIME. Takes anything: what is broken or too deep is left out, and what is cut at its
/// end is read as far as it goes. Bounded by limits.hpp; `bytes` are at most limits::message_bytes_max.
[[nodiscard]] Message read_message(std::string_view bytes);

/// Date in milliseconds since 1970; nullopt: there is none, or it lies before 1990 or after 2100.
[[nodiscard]] std::optional<std::int64_t> date_ms_of(const Message& message);

/// "id@domain" of the first Message-ID in `text`, which is a header or holds one; without angle brackets.
/// Empty: there is none.
[[nodiscard]] std::string message_id_in(std::string_view text);

}  // namespace leadhub::mailbox
