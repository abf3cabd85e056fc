#include "multipart.hpp"

#include <leadhub/sdk/utf8.hpp>

#include <algorithm>
#include <optional>

#include "limits.hpp"
#include "text.hpp"

namespace leadhub::webform {
namespace {

constexpr std::string_view line_end = "\r\n";

bool is_token_character(char c) {
  const char lower = ascii_lower(c);
  return (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') ||
         std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

std::string_view take_token(std::string_view& text) {
  const auto end = std::find_if_not(text.begin(), text.end(), is_token_character);
  const std::string_view token = text.substr(0, static_cast<std::size_t>(end - text.begin()));
  text.remove_prefix(token.size());
  return token;
}

/// A quoted string, its quotes taken off. Only \" is an escape: a backslash else is itself, since browsers
/// send Windows paths as they are.
std::optional<std::string> take_quoted(std::string_view& text) {
  std::string out;
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '"') {
      text.remove_prefix(i + 1);
      return out;
    }
    if (text[i] == '\\' && i + 1 < text.size() && text[i + 1] == '"' && i + 2 < text.size()) ++i;
    out += text[i];
  }
  return std::nullopt;
}

struct Parameter {
  std::string_view name;
  std::string value;
};

/// Takes the next `; name=value` of a header value. nullopt at the end; `good` becomes false where it is
/// none.
std::optional<Parameter> take_parameter(std::string_view& text, bool& good) {
  text = trim(text);
  if (text.empty()) return std::nullopt;
  good = false;
  if (text.front() != ';') return std::nullopt;
  text = trim(text.substr(1));
  if (text.empty()) {  // a last semicolon harms nobody
    good = true;
    return std::nullopt;
  }
  const std::string_view name = take_token(text);
  if (name.empty() || text.empty() || text.front() != '=') return std::nullopt;
  text.remove_prefix(1);
  if (!text.empty() && text.front() == '"') {
    std::optional<std::string> value = take_quoted(text);
    good = value.has_value();
    if (!good) return std::nullopt;
    return Parameter{name, std::move(*value)};
  }
  const std::string_view value = take_token(text);
  good = !value.empty();
  if (!good) return std::nullopt;
  return Parameter{name, std::string(value)};
}

/// Browsers write a quote and line ends in names as %22, %0D and %0A, and nothing else that way.
std::string decode_name(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::string_view three = text.substr(i, 3);
    const char decoded = three == "%22"                      ? '"'
                         : equal_ignoring_case(three, "%0D") ? '\r'
                         : equal_ignoring_case(three, "%0A") ? '\n'
                                                             : '\0';
    out += decoded == '\0' ? text[i] : decoded;
    if (decoded != '\0') i += 2;
  }
  return out;
}

bool read_disposition(std::string_view value, Part& part) {
  if (!equal_ignoring_case(take_token(value), "form-data")) return false;
  bool good = true;
  bool named = false;
  while (std::optional<Parameter> parameter = take_parameter(value, good)) {
    if (equal_ignoring_case(parameter->name, "name")) {
      if (named) return false;
      named = true;
      part.name = decode_name(parameter->value);
    } else if (equal_ignoring_case(parameter->name, "filename")) {
      if (part.is_file) return false;
      part.is_file = true;
      part.file_name = decode_name(parameter->value);
    }
  }
  return good && named;
}

bool is_identity(std::string_view encoding) {
  return equal_ignoring_case(encoding, "binary") || equal_ignoring_case(encoding, "8bit") ||
         equal_ignoring_case(encoding, "7bit");
}

/// Takes the headers of a part, up to and with the empty line.
bool take_head(std::string_view& body, Part& part) {
  const std::string_view window = body.substr(0, limits::part_head_bytes_max);
  std::size_t at = 0;
  bool disposed = false;
  while (true) {
    const std::size_t end = window.find(line_end, at);
    if (end == std::string_view::npos) return false;
    const std::string_view line = window.substr(at, end - at);
    at = end + line_end.size();
    if (line.empty()) break;
    if (line.find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos) return false;
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || colon == 0) return false;
    const std::string_view name = line.substr(0, colon);
    const std::string_view value = trim(line.substr(colon + 1));
    if (!std::all_of(name.begin(), name.end(), is_token_character)) return false;
    if (equal_ignoring_case(name, "content-disposition")) {
      if (disposed || !read_disposition(value, part)) return false;
      disposed = true;
    } else if (equal_ignoring_case(name, "content-type")) {
      part.content_type = value;
    } else if (equal_ignoring_case(name, "content-transfer-encoding") && !is_identity(value)) {
      return false;
    }
  }
  body.remove_prefix(at);
  return disposed;
}

bool is_bidi_control(std::string_view character) {
  // U+202A to U+202E and U+2066 to U+2069: they make "exe.fdp" read "pdf.exe".
  return character.size() == 3 && ((character >= "\xE2\x80\xAA" && character <= "\xE2\x80\xAE") ||
                                   (character >= "\xE2\x81\xA6" && character <= "\xE2\x81\xA9"));
}

}  // namespace

std::string multipart_boundary(std::string_view content_type) {
  const std::size_t end = content_type.find(';');
  if (end == std::string_view::npos) return {};
  std::string_view rest = content_type.substr(end);
  std::string boundary;
  bool good = true;
  while (std::optional<Parameter> parameter = take_parameter(rest, good)) {
    if (!equal_ignoring_case(parameter->name, "boundary")) continue;
    if (!boundary.empty()) return {};
    boundary = std::move(parameter->value);
  }
  const bool characters_good = std::all_of(boundary.begin(), boundary.end(), [](char c) {
    const char lower = ascii_lower(c);
    return (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') ||
           std::string_view("'()+_,-./:=? ").find(c) != std::string_view::npos;
  });
  const bool fits = good && characters_good && boundary.size() <= limits::boundary_bytes_max;
  return fits && !boundary.ends_with(' ') ? boundary : std::string{};
}

std::expected<std::vector<Part>, MultipartError> parse_multipart(std::string_view body,
                                                                 std::string_view boundary,
                                                                 std::size_t parts_max) {
  const auto malformed = std::unexpected(MultipartError::malformed);
  const std::string delimiter = std::string(line_end) + "--" + std::string(boundary);
  std::vector<Part> parts;
  if (boundary.empty() || !body.starts_with(std::string_view(delimiter).substr(line_end.size())))
    return malformed;
  body.remove_prefix(delimiter.size() - line_end.size());
  while (true) {  // `body` stands just behind a delimiter
    if (body.starts_with("--")) {
      body.remove_prefix(2);
      if (!body.empty() && body != line_end) return malformed;
      return parts;
    }
    if (!body.starts_with(line_end)) return malformed;
    body.remove_prefix(line_end.size());
    if (parts.size() == parts_max) return std::unexpected(MultipartError::too_many_parts);
    Part& part = parts.emplace_back();
    if (!take_head(body, part)) return malformed;
    // The line end before a delimiter belongs to it; for an empty part that is the one that ended its head.
    body = {body.data() - line_end.size(), body.size() + line_end.size()};
    const std::size_t end = body.find(delimiter);
    if (end == std::string_view::npos) return malformed;
    if (end > 0) part.content = body.substr(line_end.size(), end - line_end.size());
    body.remove_prefix(end + delimiter.size());
  }
}

std::string safe_file_name(std::string_view name) {
  const std::size_t slash = name.find_last_of("/\\");
  if (slash != std::string_view::npos) name.remove_prefix(slash + 1);
  const std::string valid = sdk::to_utf8(name);
  std::string out;
  for (std::string_view rest = valid; !rest.empty();) {
    const std::string_view character = rest.substr(0, sdk::first_sequence(rest).size);
    rest.remove_prefix(character.size());
    if (!is_control(character.front()) && !is_bidi_control(character)) out += character;
  }
  const std::string_view kept = trim(sdk::cut_utf8(out, limits::file_name_bytes_max));
  return kept.empty() || kept == "." || kept == ".." ? "unnamed" : std::string(kept);
}

}  // namespace leadhub::webform
