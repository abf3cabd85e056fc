#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// Reading of application/x-www-form-urlencoded, bodies and queries alike, as the WHATWG URL standard says
/// (section 5.1). Header-only, C++17. Nothing here judges the bytes: what is decoded may be no UTF-8 and may
/// hold NUL.
namespace leadhub::sdk {

namespace detail {

/// 0 to 15, or -1 for what is no hexadecimal digit.
constexpr int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char lower = static_cast<char>(c | 0x20);
  if (lower >= 'a' && lower <= 'f') return lower - 'a' + 10;
  return -1;
}

/// Decodes `text` to `out`, which has room for text.size() bytes. Returns the end of what was written.
inline char* decode_form_text(std::string_view text, char* out, char plus) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size()) {
      const int high = hex_digit(text[i + 1]);
      const int low = hex_digit(text[i + 2]);
      if (high >= 0 && low >= 0) {
        *out++ = static_cast<char>(high * 16 + low);
        i += 2;
        continue;
      }
    }
    *out++ = text[i] == '+' ? plus : text[i];
  }
  return out;
}

}  // namespace detail

/// What '+' stands for: a space in forms and queries, itself in paths.
enum class Plus : char { space = ' ', plus = '+' };

/// Percent-decodes. A '%' without two hexadecimal digits stays as it is.
inline std::string percent_decode(std::string_view text, Plus plus = Plus::space) {
  std::string out(text.size(), '\0');
  const char* end = detail::decode_form_text(text, out.data(), static_cast<char>(plus));
  out.resize(static_cast<std::size_t>(end - out.data()));
  return out;
}

/// Percent-encodes everything but unreserved characters (RFC 3986): safe in any part of a URL.
inline std::string percent_encode(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string out;
  out.reserve(text.size() + text.size() / 2);
  for (const char c : text) {
    const bool letter_or_digit = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (letter_or_digit || c == '-' || c == '.' || c == '_' || c == '~') {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += '%';
    out += digits[byte >> 4u];
    out += digits[byte & 15u];
  }
  return out;
}

/// A decoded form: names and values in their order, repetitions and empty ones kept. Movable; the views in it
/// stay valid as long as it lives, and it does not refer to the text it was read from.
class UrlencodedForm {
 public:
  using Field = std::pair<std::string_view, std::string_view>;

  /// Reads `text`. nullopt when it has more than `fields_max` fields.
  static std::optional<UrlencodedForm> parse(std::string_view text, std::size_t fields_max) {
    UrlencodedForm form;
    form.storage_.resize(text.size());  // decoding never makes text longer
    char* out = form.storage_.data();
    while (!text.empty()) {
      const std::size_t end = text.find('&');
      const std::string_view pair = text.substr(0, end);
      text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
      if (pair.empty()) continue;
      if (form.fields_.size() == fields_max) return std::nullopt;
      const std::size_t equals = pair.find('=');
      const std::string_view name = form.decode(pair.substr(0, equals), out);
      const std::string_view value =
          equals == std::string_view::npos ? std::string_view{} : form.decode(pair.substr(equals + 1), out);
      form.fields_.emplace_back(name, value);
    }
    return form;
  }

  [[nodiscard]] const std::vector<Field>& fields() const { return fields_; }

  /// The first value of that name; empty where there is none.
  [[nodiscard]] std::string_view value(std::string_view name) const {
    for (const auto& field : fields_)
      if (field.first == name) return field.second;
    return {};
  }

 private:
  UrlencodedForm() { fields_.reserve(16); }

  static std::string_view decode(std::string_view text, char*& out) {
    char* const begin = out;
    out = detail::decode_form_text(text, out, ' ');
    return {begin, static_cast<std::size_t>(out - begin)};
  }

  std::vector<char> storage_;  // not a std::string: moving a short one would move its bytes
  std::vector<Field> fields_;
};

}  // namespace leadhub::sdk
