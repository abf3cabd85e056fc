#include "app/output.hpp"

#include <algorithm>
#include <iostream>
#include <nlohmann/json.hpp>

#include "app/verbs.hpp"

namespace leadhub::app {
namespace {

constexpr std::size_t column_width_max = 60;

/// Code points; close enough to columns for a table.
std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

std::string shortened(const std::string& text) {
  if (width_of(text) <= column_width_max) return text;
  std::size_t end = 0;
  for (std::size_t seen = 0; end < text.size(); ++end)
    if ((static_cast<unsigned char>(text[end]) & 0xC0U) != 0x80U && seen++ == column_width_max - 1) break;
  return text.substr(0, end) + "…";
}

}  // namespace

int report(const Error& error) {
  std::cerr << "leadhub: " << printable(error.message) << '\n';
  switch (error.code) {
    case ErrorCode::unavailable:
      return exit_unavailable;
    case ErrorCode::internal:
      return exit_internal;
    default:
      return exit_failure;
  }
}

std::string printable(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const bool c1_control =
        byte == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0;
    if (c1_control) ++i;
    if (c1_control || byte < 0x20 || byte == 0x7f)
      out += "\xEF\xBF\xBD";
    else
      out += text[i];
  }
  return out;
}

void print_json(const nlohmann::ordered_json& document) {
  std::cout << document.dump(2) << '\n';
}

void print_table(const std::vector<std::string>& headings,
                 const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths;
  widths.reserve(headings.size());
  for (const auto& heading : headings) widths.push_back(heading.size());
  for (const auto& row : rows)
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width_of(shortened(row[i])));
  const auto print_row = [&](const std::vector<std::string>& row) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      const auto text = shortened(row[i]);
      std::cout << text;
      if (i + 1 < row.size()) std::cout << std::string(widths[i] - width_of(text) + 2, ' ');
    }
    std::cout << '\n';
  };
  print_row(headings);
  for (const auto& row : rows) print_row(row);
}

std::string cell(const nlohmann::ordered_json& object, const std::string& member) {
  const auto found = object.find(member);
  if (found == object.end() || found->is_null()) return "-";
  return printable(found->is_string() ? found->get<std::string>() : found->dump());
}

}  // namespace leadhub::app
