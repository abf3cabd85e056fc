#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace leadhub::webhook {

/// How a value is written where a placeholder stands.
enum class Escape {
  none = 1,
  url,   ///< percent-encoded (RFC 3986 section 2.1), all but unreserved characters
  chat,  ///< Slack's: & < > as entities, so that no value mentions anybody or becomes a link; one line,
         ///< bounded
};

/// Templates: texts with placeholders, "{{email}}". A placeholder names a path into the values,
/// "{{attributes.company_size}}" or "{{contact_points.0.as_given}}"; several, of which the first that has a
/// value counts; or, last, a text of its own: "{{company | 'unknown'}}". null, "", [] and {} are no values.

/// What is wrong with a template; empty: nothing.
[[nodiscard]] std::string template_problem(std::string_view text);

/// The first segments of all paths that the template names.
[[nodiscard]] std::vector<std::string> template_roots(std::string_view text);

/// The text with its placeholders filled in; those without a value are empty. For URLs, headers, messages.
[[nodiscard]] std::string fill_in_text(std::string_view text, const nlohmann::ordered_json& values,
                                       Escape escape);

/// A JSON value whose strings are templates, filled in:
///   - a text that is one placeholder becomes the value with its type;
///   - any other text stays text, with "" for what has no value;
///   - what has no value in the end is left out of its mapping, and so is a list without elements;
///   - an element of a list is left out as a whole if one of its placeholders has no value;
///   - the key "<<" takes the members of its value into its mapping; they win over their neighbours.
/// nullopt: nothing is left.
[[nodiscard]] std::optional<nlohmann::ordered_json> fill_in(const nlohmann::ordered_json& shape,
                                                            const nlohmann::ordered_json& values,
                                                            Escape escape);

/// The value at a dotted path; null where there is none.
[[nodiscard]] const nlohmann::ordered_json& value_at(const nlohmann::ordered_json& values,
                                                     std::string_view path);

}  // namespace leadhub::webhook
