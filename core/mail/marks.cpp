#include "mail/marks.hpp"

#include <charconv>

namespace leadhub::mail {
namespace {

constexpr std::string_view begin_mark = "\uE000";
constexpr std::string_view end_mark = "\uE001";
constexpr std::string_view block = "\xEE\x80";  // the first two bytes of U+E000 to U+E03F

std::string without_marks(std::string_view text) {
  std::string out{text};
  for (auto at = out.find(block); at != std::string::npos; at = out.find(block, at)) out.erase(at, 3);
  return out;
}

}  // namespace

std::string Marks::add(std::string_view text, FieldType type) {
  values_.push_back({without_marks(text), type});
  return std::string{begin_mark} + std::to_string(values_.size() - 1) + std::string{end_mark};
}

std::optional<Marks::Found> Marks::first(std::string_view text) const {
  const auto begin = text.find(begin_mark);
  if (begin == std::string_view::npos) return std::nullopt;
  const auto digits = text.substr(begin + begin_mark.size());
  std::size_t number = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (number >= values_.size()) return std::nullopt;
  return Found{begin, number};
}

std::string Marks::replaced(std::string_view text, const Write& write) const {
  std::string out;
  for (auto found = first(text); found; found = first(text)) {
    out += text.substr(0, found->offset);
    out += write(values_[found->number], out);
    text.remove_prefix(text.find(end_mark, found->offset) + end_mark.size());
  }
  return out += text;
}

}  // namespace leadhub::mail
