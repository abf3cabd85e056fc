#pragma once

#include <nlohmann/json.hpp>

namespace leadhub::config {

/// The member, or null where there is none or the value is no object.
inline const nlohmann::json& get(const nlohmann::json& value, const char* key) {
  static const nlohmann::json null;
  const auto found = value.is_object() ? value.find(key) : value.end();
  return found == value.end() ? null : *found;
}

}  // namespace leadhub::config
