#include "config/interpolation.hpp"

#include <cstdlib>

#include "config/suggestion.hpp"
#include "config/text_file.hpp"
#include "ops/limits.hpp"

namespace leadhub::config {
namespace {

constexpr std::string_view forms =
    "write ${env:NAME}, ${env:NAME:-default} or ${file:PATH}, and $${ for a plain ${";

std::unexpected<Error> malformed(const std::string& what) {
  return fail(ErrorCode::invalid, what + "; " + std::string{forms});
}

bool is_variable_name(std::string_view name) {
  if (name.empty() || (name.front() >= '0' && name.front() <= '9')) return false;
  return name.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_") ==
         std::string_view::npos;
}

Result<std::string> from_environment(std::string_view reference, const Environment& environment) {
  const auto separator = reference.find(":-");
  const std::string name{reference.substr(0, separator)};
  if (!is_variable_name(name)) return malformed("${env:...} does not hold the name of a variable");
  auto value = environment ? environment(name) : std::nullopt;
  if (separator != std::string_view::npos && (!value || value->empty()))
    return std::string{reference.substr(separator + 2)};
  if (!value)
    return fail(ErrorCode::not_found, "the environment variable " + name +
                                          " is not set; set it, or give a default: ${env:" + name +
                                          ":-default}");
  if (first_non_text_byte(*value))
    return fail(ErrorCode::invalid,
                "the environment variable " + name + " does not hold UTF-8 text; set it again");
  return *std::move(value);
}

Result<std::string> from_file(std::string_view reference, const std::filesystem::path& folder) {
  if (reference.empty()) return malformed("${file:} names no file");
  const auto path = folder / reference;
  auto text = read_text_file(path, limits::secret_file_bytes_max);
  if (!text) return fail(text.error().code, in_quotes(path.string()) + ": " + text.error().message);
  if (text->ends_with('\n')) text->pop_back();
  if (text->ends_with('\r')) text->pop_back();
  if (first_non_text_byte(*text))
    return fail(ErrorCode::invalid,
                in_quotes(path.string()) + ": the file does not hold UTF-8 text; check the path");
  return text;
}

Result<std::string> resolve(std::string_view reference, const Environment& environment,
                            const std::filesystem::path& folder) {
  constexpr std::string_view env = "env:";
  constexpr std::string_view file = "file:";
  if (reference.find("${") != std::string_view::npos) return malformed("a ${...} stands inside another");
  if (reference.starts_with(env)) return from_environment(reference.substr(env.size()), environment);
  if (reference.starts_with(file)) return from_file(reference.substr(file.size()), folder);
  return malformed("this ${...} begins with neither env: nor file:");
}

}  // namespace

Environment process_environment() {
  return [](const std::string& name) -> std::optional<std::string> {
    const char* value = std::getenv(name.c_str());
    return value == nullptr ? std::nullopt : std::optional<std::string>{value};
  };
}

Result<Interpolated> interpolate(std::string_view text, const Environment& environment,
                                 const std::filesystem::path& folder) {
  Interpolated result;
  for (;;) {
    const auto start = text.find("${");
    result.text += text.substr(0, start);
    if (start == std::string_view::npos) return result;
    text.remove_prefix(start + 2);
    if (start > 0 && result.text.ends_with('$')) {  // "$${": the first dollar is already there
      result.text += '{';
      continue;
    }
    const auto end = text.find('}');
    if (end == std::string_view::npos) return malformed("a ${ is never closed with }");
    auto value = resolve(text.substr(0, end), environment, folder);
    if (!value) return std::unexpected(value.error());
    result.text += *value;
    result.origin = Origin::secret;
    text.remove_prefix(end + 1);
  }
}

}  // namespace leadhub::config
