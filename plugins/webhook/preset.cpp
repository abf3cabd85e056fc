#include "preset.hpp"

#include <yaml-cpp/yaml.h>
#include <leadhub/sdk/channel.hpp>

#include <charconv>
#include <map>

#include "preset_texts.hpp"

namespace leadhub::webhook {
namespace {

using Json = nlohmann::ordered_json;

/// Plain scalars by the core schema as far as presets need it: whole numbers, true and false.
Json scalar_of(const YAML::Node& node) {
  const std::string& text = node.Scalar();
  if (node.Tag() == "!") return text;  // quoted
  if (text == "true" || text == "false") return text == "true";
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} && end == text.data() + text.size() ? Json(number) : Json(text);
}

Json json_of(const YAML::Node& node) {
  if (node.IsMap()) {
    Json out = Json::object();
    for (const auto& member : node) out[member.first.Scalar()] = json_of(member.second);
    return out;
  }
  if (node.IsSequence()) {
    Json out = Json::array();
    for (const auto& element : node) out.push_back(json_of(element));
    return out;
  }
  return node.IsScalar() ? scalar_of(node) : Json();
}

RequestShape request_of(const Json& json) {
  return {json.at("method").get<std::string>(), json.value("path", ""), json.value("body", Json()),
          json.value("id", "")};
}

FindShape find_of(const Json& json) {
  return {request_of(json), json.at("list").get<std::string>(), json.at("id").get<std::string>()};
}

Preset preset_of(std::string_view name, const Json& json) {
  Preset preset;
  preset.name = name;
  preset.service = json.at("service").get<std::string>();
  preset.base = json.value("base", "");
  preset.headers = json.value("headers", Json::object());
  preset.takes_token = preset.headers.dump().find("{{token}}") != std::string::npos;
  preset.fields = json.value("fields", Json::object());
  preset.takes_fields = json.contains("fields");
  preset.escape = json.value("escape", "none") == "chat" ? Escape::chat : Escape::none;
  preset.repetition =
      json.value("repetition", "harmless") == "twice" ? Repetition::twice : Repetition::harmless;
  for (const Json& need : json.value("needs", Json::array()))
    preset.needs.push_back({need.at("value").get<std::string>(), need.at("words").get<std::string>()});
  preset.words = json.value("words", std::vector<std::string>{});
  preset.send = request_of(json.at("send"));
  if (json.contains("find")) preset.find = find_of(json.at("find"));
  if (json.contains("update")) preset.update = request_of(json.at("update"));
  return preset;
}

}  // namespace

Preset read_preset(std::string_view name, std::string_view yaml) try {
  return preset_of(name, json_of(YAML::Load(std::string(yaml))));
} catch (const std::exception& error) {  // yaml-cpp's and nlohmann's
  throw sdk::ChannelError("the preset " + std::string(name) + " cannot be read: " + error.what(),
                          LEADHUB_ERROR_INTERNAL, sdk::RetryClass::permanent);
}

const Preset* find_preset(std::string_view name) {
  static const auto presets = [] {
    std::map<std::string, Preset, std::less<>> all;
    for (const PresetText& preset : preset_texts())
      all.emplace(preset.name, read_preset(preset.name, preset.yaml));
    return all;
  }();
  const auto found = presets.find(name);
  return found == presets.end() ? nullptr : &found->second;
}

}  // namespace leadhub::webhook
