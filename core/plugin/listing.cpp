#include "plugin/listing.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "ops/limits.hpp"
#include "plugin/text.hpp"

namespace leadhub::plugin {
namespace {

using Json = nlohmann::ordered_json;

std::string joined(const std::vector<std::string>& words) {
  std::string all;
  for (const auto& word : words) all += (all.empty() ? "" : ", ") + word;
  return all.empty() ? "-" : all;
}

std::string padded(std::string text, std::size_t width) {
  if (text.size() < width) text.append(width - text.size(), ' ');
  return text;
}

std::string_view state_name(PluginFile::State state) {
  switch (state) {
    case PluginFile::State::usable:
      return "usable";
    case PluginFile::State::refused:
      return "refused";
    case PluginFile::State::shadowed:
      return "shadowed";
  }
  return "refused";
}

/// A string of the descriptor, fit for a terminal whatever the plugin's maker put into it.
std::string shown(std::string_view text) {
  return plain_text(text, limits::plugin_text_bytes_max);
}

std::string line(std::string_view label, std::string_view text) {
  return text.empty() ? std::string{} : padded(std::string{label} + ":", 14) + shown(text) + "\n";
}

std::string text_of(const Json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end()) return {};
  return found->is_string() ? found->get<std::string>() : found->dump();
}

/// The options of a schema: its properties, and those of its branches that it does not have itself.
void add_options(const Json& schema, std::set<std::string>& seen, std::string& out) {
  if (!schema.is_object()) return;
  if (const auto properties = schema.find("properties");
      properties != schema.end() && properties->is_object())
    for (const auto& [key, option] : properties->items()) {
      if (!option.is_object() || !seen.insert(key).second) continue;
      out += "  " + padded(shown(key), 20) + " " + shown(text_of(option, "description"));
      if (option.value("x-secret", Json(false)) == true) out += " (secret)";
      if (option.contains("default")) out += " [" + shown(text_of(option, "default")) + "]";
      out += "\n";
    }
  for (const char* choice : {"allOf", "oneOf", "anyOf"})
    if (const auto branches = schema.find(choice); branches != schema.end() && branches->is_array())
      for (const auto& branch : *branches) add_options(branch, seen, out);
  for (const char* side : {"then", "else"})
    if (const auto branch = schema.find(side); branch != schema.end()) add_options(*branch, seen, out);
}

}  // namespace

std::string list_as_text(const Registry& registry) {
  std::size_t id_width = 2;
  for (const auto& file : registry.files())
    if (file.state == PluginFile::State::usable) id_width = std::max(id_width, file.descriptor->id.size());
  std::string text;
  for (const auto& file : registry.files())
    if (file.state == PluginFile::State::usable)
      text += padded(file.descriptor->id, id_width) + "  " + padded(file.descriptor->version, 8) + "  " +
              joined(file.descriptor->roles) + "  " + shown(file.path.string()) + "\n";
  if (text.empty()) text = "no plugin is installed\n";
  for (const auto& file : registry.files())
    if (file.state != PluginFile::State::usable)
      text += std::string{state_name(file.state)} + ": " + shown(file.message) + "\n";
  return text;
}

nlohmann::ordered_json list_as_json(const Registry& registry) {
  Json all = Json::array();
  for (const auto& file : registry.files()) {
    Json entry{{"path", file.path.string()}, {"state", state_name(file.state)}};
    if (file.descriptor) {
      entry["id"] = file.descriptor->id;
      entry["version"] = file.descriptor->version;
      entry["roles"] = file.descriptor->roles;
    }
    if (!file.message.empty()) entry["message"] = file.message;
    all.push_back(std::move(entry));
  }
  return all;
}

std::string inspect_as_text(const Descriptor& descriptor) {
  std::string text = line("id", descriptor.id) + line("name", descriptor.name) +
                     line("version", descriptor.version) + line("vendor", descriptor.vendor) +
                     line("description", descriptor.description);
  text +=
      line("plugin ABI", std::to_string(descriptor.abi_major) + "." + std::to_string(descriptor.abi_minor));
  text += line("roles", joined(descriptor.roles));
  text += line("event types", joined(descriptor.event_types));
  text += line("sends to", joined(descriptor.hosts));
  text += line("secrets", joined(descriptor.secrets));
  text += line("paths", joined(descriptor.paths));
  if (!descriptor.announced_providers.empty())
    text += line("to come", joined(descriptor.announced_providers));
  std::string options;
  std::set<std::string> seen;
  add_options(Json::parse(descriptor.config_schema, nullptr, false), seen, options);
  return text + (options.empty() ? "options:      -\n" : "options:\n" + options);
}

nlohmann::ordered_json inspect_as_json(const Descriptor& descriptor) {
  return Json::parse(descriptor.document, nullptr, false);
}

}  // namespace leadhub::plugin
