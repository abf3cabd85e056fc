#include "config/schema.hpp"

#include <nlohmann/json.hpp>

#include "config/embedded_schemas.hpp"

namespace leadhub::config {
namespace {

using nlohmann::json;

/// Lets the references of a schema that has become a part of another point into that part.
void rebase_references(json& schema, const std::string& base) {
  if (schema.is_structured())
    for (auto& inner : schema) rebase_references(inner, base);
  if (!schema.is_object()) return;
  schema.erase("$schema");
  schema.erase("$id");
  const auto reference = schema.find("$ref");
  if (reference == schema.end() || !reference->is_string()) return;
  const auto target = reference->get<std::string>();
  if (target.starts_with('#')) *reference = base + target.substr(1);
}

void add_plugin(json& composed, const PluginSchema& plugin) {
  json schema = json::parse(plugin.schema, nullptr, false);
  if (schema.is_discarded()) schema = true;
  const std::string name = "plugin." + plugin.id;
  rebase_references(schema, "#/definitions/" + name);
  composed["definitions"][name] = std::move(schema);
  auto& channel = composed["definitions"]["channel"];
  channel["properties"]["plugin"]["enum"].push_back(plugin.id);
  channel["allOf"].push_back(
      {{"if", {{"properties", {{"plugin", {{"const", plugin.id}}}}}, {"required", json::array({"plugin"})}}},
       {"then", {{"properties", {{"config", {{"$ref", "#/definitions/" + name}}}}}}}});
}

}  // namespace

const json& hub_schema() {
  static const json schema = json::parse(embedded_hub_schema);
  return schema;
}

json composed_schema(std::span<const PluginSchema> installed) {
  json composed = hub_schema();
  for (const auto& plugin : installed) add_plugin(composed, plugin);
  return composed;
}

}  // namespace leadhub::config
