#include "mail/source_text.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

namespace leadhub::mail {

config::Position SourceText::position(std::size_t offset) const {
  const auto before = std::string_view{text}.substr(0, offset);
  const auto lines = static_cast<std::size_t>(std::ranges::count(before, '\n'));
  const auto last = before.substr(lines == 0 ? 0 : before.rfind('\n') + 1);
  const auto characters = static_cast<std::size_t>(
      std::ranges::count_if(last, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
  return {start.line + lines, (lines == 0 ? start.column : indent + 1) + characters};
}

config::Diagnostic SourceText::error(std::size_t offset, std::string message) const {
  return {file, position(offset), config::Severity::error, std::move(message)};
}

}  // namespace leadhub::mail
