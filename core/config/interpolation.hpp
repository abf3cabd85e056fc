#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "config/source_map.hpp"
#include "ops/error.hpp"

namespace leadhub::config {

/// Looks up an environment variable; nullopt where it is not set. Injected, so that a test brings its own.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;

/// The variables of this process. Not safe against a concurrent setenv, which leadhub never calls.
[[nodiscard]] Environment process_environment();

struct Interpolated {
  std::string text;
  Origin origin = Origin::file;
};

/// Replaces, inside one text value:
///   `${env:NAME}`           the variable; an error where it is not set
///   `${env:NAME:-default}`  the variable, or the default where it is not set or empty
///   `${file:PATH}`          the file, without one newline at its end; relative paths start at `folder`
///   `$${`                   a literal `${`
/// A lone `$` stays. What was put in is not searched again. The result is always text: a number or true/false
/// cannot come from outside. Errors: unset variable, unreadable or too large file, bytes that are not UTF-8
/// text, anything else between `${` and `}`. Error messages hold no value.
[[nodiscard]] Result<Interpolated> interpolate(std::string_view text, const Environment& environment,
                                               const std::filesystem::path& folder);

}  // namespace leadhub::config
