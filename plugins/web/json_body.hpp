#pragma once

#include <expected>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "limits.hpp"

namespace leadhub::webform {

/// Parses one JSON value. Refused, with one sentence that says why: what is no JSON (RFC 8259) or no UTF-8,
/// numbers out of range, repeated names (two readers would disagree), NUL in text, nesting beyond
/// limits::json_depth_max, more than `values_max` values. Depth is bounded while parsing, so that no document
/// is ever built too deep.
std::expected<nlohmann::json, std::string> parse_json(std::string_view text,
                                                      std::size_t values_max = limits::json_values_max);

/// The same for an object alone.
std::expected<nlohmann::json, std::string> parse_json_object(std::string_view text);

/// Whether a Content-Type is application/json or another one in JSON's syntax (RFC 6839, "+json").
bool is_json(std::string_view content_type);

/// The value at `path`: a member of that very name, else step by step through objects (and arrays, by index)
/// at each dot. Null where there is none.
const nlohmann::json* find_json(const nlohmann::json& object, std::string_view path);

/// The text of the value at that path: a string as it is, a number or boolean as JSON writes it. Empty for
/// anything else.
std::string text_at(const nlohmann::json& object, std::string_view path);

/// The object or list at that path; an empty one where there is none or it is something else.
const nlohmann::json& object_at(const nlohmann::json& object, std::string_view path);
const nlohmann::json& list_at(const nlohmann::json& object, std::string_view path);

}  // namespace leadhub::webform
