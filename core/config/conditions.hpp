#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "lead/condition.hpp"

namespace leadhub::config {

/// The sections `segments` by name, each compiled.
using Segments = std::map<std::string, lead::Condition, std::less<>>;

/// Compiles the section `segments`, which check_references has found to be free of circles.
[[nodiscard]] Segments segments_of(const nlohmann::json& section);

/// Compiles a condition that the schema and check_references have found to be right.
[[nodiscard]] lead::Condition condition_of(const nlohmann::json& condition, const Segments& segments);

}  // namespace leadhub::config
