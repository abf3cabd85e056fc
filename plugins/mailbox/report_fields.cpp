#include "report_fields.hpp"

#include <algorithm>

#include "limits.hpp"
#include "text.hpp"

namespace leadhub::mailbox {
namespace {

/// The value of an upper-case hexadecimal digit; below 0: it is none.
int hexadecimal(std::string_view digit) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  const auto at = digit.empty() ? digits.npos : digits.find(digit.front());
  return at == digits.npos ? -1 : static_cast<int>(at);
}

}  // namespace

std::string_view FieldGroup::value(std::string_view name) const {
  for (const auto& [field, text] : fields)
    if (field == name) return text;
  return {};
}

std::vector<FieldGroup> read_field_groups(std::string_view text) {
  std::vector<FieldGroup> groups;
  bool in_group = false;
  for (const std::string_view line : lines_of(text, limits::report_fields_max)) {
    if (trimmed(line).empty()) {
      in_group = false;
      continue;
    }
    if (!in_group) groups.emplace_back();
    in_group = true;
    auto& fields = groups.back().fields;
    const bool folded = line.front() == ' ' || line.front() == '\t';
    if (folded) {
      if (!fields.empty())
        fields.back().second =
            single_line(fields.back().second + " " + std::string{line.substr(0, limits::field_bytes_max)},
                        limits::field_bytes_max);
      continue;
    }
    const auto colon = line.find(':');
    if (colon == line.npos || colon == 0) continue;
    fields.emplace_back(lower_case(trimmed(line.substr(0, colon))),
                        single_line(line.substr(colon + 1), limits::field_bytes_max));
  }
  return groups;
}

std::string mail_address_of(std::string_view typed) {
  const auto semicolon = typed.find(';');
  if (semicolon != typed.npos) {
    const std::string type = lower_case(trimmed(typed.substr(0, semicolon)));
    if (type != "rfc822" && type != "utf-8") return {};
    typed = typed.substr(semicolon + 1);
  }
  typed = trimmed(typed);
  if (typed.starts_with('<')) typed.remove_prefix(1);
  // Whatever is written there is the address: quoted local parts and letters beyond ASCII are possible here.
  typed = typed.substr(0, typed.find_first_of("> "));
  const auto at = typed.rfind('@');
  const bool is_address = at != typed.npos && at > 0 && at + 1 < typed.size() &&
                          typed.size() <= limits::address_bytes_max && typed.find("...") == typed.npos;
  return is_address ? std::string{typed} : std::string{};
}

std::string decode_xtext(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '+') {
      out += text[i];
      continue;
    }
    const int high = hexadecimal(text.substr(i + 1, 1));
    const int low = hexadecimal(text.substr(std::min(i + 2, text.size()), 1));
    if (high < 0 || low < 0) return std::string{text};
    out += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return out;
}

}  // namespace leadhub::mailbox
