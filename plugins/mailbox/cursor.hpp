#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace leadhub::mailbox {

/// How far a folder was read. A UID means something together with the folder's UIDVALIDITY only (RFC 3501
/// section 2.3.1.1): where that changes, the folder is read from its start, and the keys of the events tell
/// what is known already.
struct Cursor {
  std::uint32_t uid_validity = 0;
  std::uint32_t last_uid = 0;
};

/// {"uid_validity": 1, "last_uid": 7}. What is none, empty text above all, is the start.
[[nodiscard]] Cursor read_cursor(std::string_view text);
[[nodiscard]] std::string to_text(const Cursor& cursor);

}  // namespace leadhub::mailbox
