#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace leadhub::config {

/// What a path of a condition gives, which decides the matchers that make sense for it.
enum class PathType {
  text,    ///< a text; equality, list, contains, matches, present
  number,  ///< a number; also gt, gte, lt, lte
  truth,   ///< true or false
  time,    ///< a point in time; gt, gte, lt, lte with an RFC 3339 text, within, present
  list,    ///< a list of texts; a value or `contains` means: among them
  any,     ///< an attribute, whose type the form decides
};

/// One line of the closed table of what conditions may name.
struct ConditionPath {
  std::string_view path;  ///< "lead.stage"; a last part "*" stands for any one name
  PathType type = PathType::text;
  std::span<const std::string_view> values;  ///< the only values it can have; empty where there are many
  std::string_view meaning;                  ///< for docs/configuration.md
};

/// The whole table. `event.` is the event that is being looked at, `lead.` the lead document with that event
/// applied.
[[nodiscard]] std::span<const ConditionPath> condition_paths();

/// The line for a path as written in a condition; nullptr where there is none.
[[nodiscard]] const ConditionPath* find_condition_path(std::string_view path);

/// All paths, for suggestions; `*` as `NAME`.
[[nodiscard]] std::vector<std::string> condition_path_names();

}  // namespace leadhub::config
