#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mail/fields.hpp"

namespace leadhub::mail {

/// The values of one mail, each with a mark that stands for it while Mustache and Markdown are read: U+E000,
/// its number, U+E001. Markdown sees a word of private-use characters, whatever the value is, so no
/// value can become markup; it is put in when its place in the parsed document is known. That values have no
/// such characters themselves is seen to here, that templates have none by read_piece.
class Marks {
 public:
  struct Value {
    std::string text;
    FieldType type;
  };
  /// What stands at a mark in the end, behind the text before it.
  using Write = std::function<std::string(const Value&, std::string_view before)>;

  /// The mark of a value.
  std::string add(std::string_view text, FieldType type);

  /// `text` with every mark replaced.
  [[nodiscard]] std::string replaced(std::string_view text, const Write& write) const;

  struct Found {
    std::size_t offset;  ///< in the text
    std::size_t number;  ///< in the order of `add`
  };
  /// The first mark of a text.
  [[nodiscard]] std::optional<Found> first(std::string_view text) const;

  [[nodiscard]] const Value& at(std::size_t number) const { return values_[number]; }

 private:
  std::vector<Value> values_;
};

/// A character that takes a place in Markdown as a mark does, and means nothing.
inline constexpr std::string_view blank_mark = "\uE002";

}  // namespace leadhub::mail
