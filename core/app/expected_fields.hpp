#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace leadhub::app {

/// What a lead document says under a path of the table of conditions, without its `lead.`: `owner`,
/// `email.free`, `attributes.plan`, `stages.registered`. null where it says nothing.
[[nodiscard]] nlohmann::ordered_json field_of(const nlohmann::ordered_json& lead, std::string_view path);

/// Whether a value is as expected: the same value; of a list either, where the value is a list itself, the
/// same elements in any order; or what a map of `gt`, `gte`, `lt`, `lte`, `contains`, `present` asks for.
/// null and a missing value are the same. A map with anything else in it holds for nothing.
[[nodiscard]] bool is_as_expected(const nlohmann::ordered_json& expected,
                                  const nlohmann::ordered_json& found);

/// A value for people: JSON, and "nothing" for null.
[[nodiscard]] std::string shown(const nlohmann::ordered_json& value);

}  // namespace leadhub::app
