#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "plugin/registry.hpp"

/// What `leadhub plugin list` and `leadhub plugin inspect` print. Nothing is loaded for it.
namespace leadhub::plugin {

/// One line a plugin: id, version, roles, path; refused and shadowed files after them with their reason.
[[nodiscard]] std::string list_as_text(const Registry& registry);

/// [{"path", "state": "usable|refused|shadowed", "id", "version", "roles", "message"}, ...]
[[nodiscard]] nlohmann::ordered_json list_as_json(const Registry& registry);

/// The descriptor for people: who made it, what it does, what it may reach, and its options from the schema.
[[nodiscard]] std::string inspect_as_text(const Descriptor& descriptor);

/// The descriptor as it stands in the file.
[[nodiscard]] nlohmann::ordered_json inspect_as_json(const Descriptor& descriptor);

}  // namespace leadhub::plugin
