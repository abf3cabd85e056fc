#include "transfer/csv_text.hpp"

namespace leadhub::transfer {
namespace {

constexpr std::string_view formula_signs = "=+-@\t\r";

/// Apostrophes, any number of them, and then a sign that begins a formula.
bool reads_as_formula(std::string_view text) {
  const auto first = text.find_first_not_of('\'');
  return first != text.npos && formula_signs.find(text[first]) != formula_signs.npos;
}

}  // namespace

std::string guarded(std::string_view text) {
  return (reads_as_formula(text) ? "'" : "") + std::string{text};
}

std::string_view unguarded(std::string_view cell) {
  return cell.starts_with('\'') && reads_as_formula(cell) ? cell.substr(1) : cell;
}

void append_csv_row(std::string& out, const std::vector<std::string>& cells) {
  bool first = true;
  for (const auto& cell : cells) {
    if (!first) out += ',';
    first = false;
    const auto text = guarded(cell);
    const bool plain = text.find_first_of(",;\t|\"\r\n") == std::string::npos && !text.starts_with(' ') &&
                       !text.ends_with(' ');
    if (plain) {
      out += text;
      continue;
    }
    out += '"';
    for (const char c : text) {
      if (c == '"') out += '"';
      out += c;
    }
    out += '"';
  }
  out += "\r\n";
}

}  // namespace leadhub::transfer
