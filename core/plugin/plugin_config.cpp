#include "plugin/plugin_config.hpp"

#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <set>

#include "ops/limits.hpp"

namespace leadhub::plugin {
namespace {

using Json = nlohmann::ordered_json;
using Pointer = Json::json_pointer;

const Json& member(const Json& object, const char* key) {
  static const Json absent;
  if (!object.is_object()) return absent;
  const auto found = object.find(key);
  return found == object.end() ? absent : *found;
}

/// Deeper than any configuration with its references; a schema that refers to itself goes there at once.
constexpr std::size_t schema_depth_max = 4 * limits::config_depth_max;

/// Whether the pattern fits the key. One that RE2 does not know fits every key: better a reference too many
/// than a value in a log.
bool pattern_fits(const std::string& pattern, const std::string& key) {
  const RE2 expression{pattern, RE2::Quiet};
  return !expression.ok() || RE2::PartialMatch(key, expression);
}

/// Walks a schema beside an instance. Each schema it looks at is a step; a schema that refers to itself
/// without end runs out of them, or of depth.
class SchemaWalk {
 public:
  explicit SchemaWalk(const Json& root) : root_(root) {}

  [[nodiscard]] bool exhausted() const { return exhausted_; }

  void fill_defaults(const Json& schema, Json& instance) {
    const Step step{*this, schema};
    if (!step.taken) return;
    fill_defaults(referred(schema), instance);
    fill_properties(member(schema, "properties"), instance);
    for (const auto& part : member(schema, "allOf")) fill_defaults(part, instance);
    if (const Json& condition = member(schema, "if"); condition.is_object())
      fill_defaults(member(schema, fits(condition, instance) ? "then" : "else"), instance);
    for (const char* choice : {"oneOf", "anyOf"}) fill_branch(member(schema, choice), instance);
    const Json& items = member(schema, "items");
    if (instance.is_array() && items.is_object())
      for (auto& element : instance) fill_defaults(items, element);
    fill_others(schema, instance);
  }

  /// Notes where a schema's `x-secret`, `x-path` and `x-egress` are.
  void find_marks(const Json& schema, const Json& instance, const Pointer& at) {
    const Step step{*this, schema};
    if (!step.taken) return;
    if (is_marked(schema, "x-secret") && !instance.is_null()) secrets_.insert(at.to_string());
    if (is_marked(schema, "x-egress") && instance.is_string()) egress_.insert(instance.get<std::string>());
    if (is_marked(schema, "x-path") && instance.is_string()) paths_.insert(at.to_string());
    find_marks(referred(schema), instance, at);
    for (const char* side : {"if", "then", "else"}) find_marks(member(schema, side), instance, at);
    for (const char* choice : {"allOf", "oneOf", "anyOf"})
      for (const auto& branch : member(schema, choice)) find_marks(branch, instance, at);
    if (instance.is_object()) find_in_object(schema, instance, at);
    if (instance.is_array()) find_in_array(schema, instance, at);
  }

  [[nodiscard]] const std::set<std::string>& secrets() const { return secrets_; }
  [[nodiscard]] const std::set<std::string>& paths() const { return paths_; }
  [[nodiscard]] const std::set<std::string>& egress() const { return egress_; }

 private:
  struct Step {
    Step(SchemaWalk& owner, const Json& schema) : walk(owner) {
      const bool room = walk.steps_left_ > 0 && walk.depth_ < schema_depth_max;
      taken = schema.is_object() && room;
      walk.exhausted_ |= !room;
      walk.steps_left_ -= taken ? 1 : 0;
      ++walk.depth_;
    }
    Step(const Step&) = delete;
    Step& operator=(const Step&) = delete;
    ~Step() { --walk.depth_; }
    SchemaWalk& walk;
    bool taken;
  };

  static bool is_marked(const Json& schema, const char* key) {
    const Json& mark = member(schema, key);
    return mark.is_boolean() && mark.get<bool>();
  }

  const Json& referred(const Json& schema) const {
    static const Json absent;
    const Json& reference = member(schema, "$ref");
    if (!reference.is_string()) return absent;
    const auto& text = reference.get_ref<const std::string&>();
    if (!text.starts_with("#")) return absent;
    try {
      const Pointer pointer{text.substr(1)};
      return root_.contains(pointer) ? root_.at(pointer) : absent;
    } catch (const Json::exception&) {
      return absent;
    }
  }

  void fill_properties(const Json& properties, Json& instance) {
    if (!instance.is_object() || !properties.is_object()) return;
    for (const auto& [key, schema] : properties.items()) {
      const Json& standard = default_of(schema);
      if (!standard.is_null() && !instance.contains(key)) instance[key] = standard;
      if (instance.contains(key)) fill_defaults(schema, instance[key]);
    }
  }

  const Json& default_of(const Json& schema) const {
    const Json& own = member(schema, "default");
    return own.is_null() ? member(referred(schema), "default") : own;
  }

  /// Members that `properties` does not name, by additionalProperties.
  void fill_others(const Json& schema, Json& instance) {
    const Json& others = member(schema, "additionalProperties");
    if (!instance.is_object() || !others.is_object()) return;
    const Json& properties = member(schema, "properties");
    for (auto& [key, value] : instance.items())
      if (!properties.contains(key)) fill_defaults(others, value);
  }

  void fill_branch(const Json& branches, Json& instance) {
    const Json* chosen = nullptr;
    for (const auto& branch : branches) {
      if (!fits(branch, instance)) continue;
      if (chosen != nullptr) return;
      chosen = &branch;
    }
    if (chosen != nullptr) fill_defaults(*chosen, instance);
  }

  /// Whether every property that the branch fixes by const or enum is there with such a value.
  bool fits(const Json& branch, const Json& instance) const {
    const Json& resolved = referred(branch);
    const Json& properties = member(resolved.is_null() ? branch : resolved, "properties");
    if (!properties.is_object() || !instance.is_object()) return false;
    bool discriminates = false;
    for (const auto& [key, schema] : properties.items()) {
      const Json& fixed = member(schema, "const");
      const Json& choices = member(schema, "enum");
      if (fixed.is_null() && choices.is_null()) continue;
      const auto given = instance.find(key);
      if (given == instance.end()) continue;
      if (!fixed.is_null() && *given != fixed) return false;
      if (choices.is_array() && std::ranges::find(choices, *given) == choices.end()) return false;
      discriminates = true;
    }
    return discriminates;
  }

  void find_in_object(const Json& schema, const Json& instance, const Pointer& at) {
    const Json& properties = member(schema, "properties");
    const Json& patterns = member(schema, "patternProperties");
    for (const auto& [key, value] : instance.items()) {
      bool named = properties.is_object() && properties.contains(key);
      if (named) find_marks(properties[key], value, at / key);
      if (patterns.is_object())
        for (const auto& [pattern, part] : patterns.items()) {
          if (!pattern_fits(pattern, key)) continue;
          named = true;
          find_marks(part, value, at / key);
        }
      if (!named) find_marks(member(schema, "additionalProperties"), value, at / key);
    }
  }

  void find_in_array(const Json& schema, const Json& instance, const Pointer& at) {
    const Json& items = member(schema, "items");
    for (std::size_t i = 0; i < instance.size(); ++i) {
      find_marks(items.is_array() && i < items.size() ? items[i] : items, instance[i], at / i);
      find_marks(member(schema, "additionalItems"), instance[i], at / i);
    }
  }

  const Json& root_;
  std::size_t steps_left_ = limits::config_nodes_max;
  std::size_t depth_ = 0;
  bool exhausted_ = false;
  std::set<std::string> secrets_;
  std::set<std::string> paths_;
  std::set<std::string> egress_;
};

void make_absolute(Json& config, const std::string& pointer, const std::filesystem::path& folder) {
  Json& place = config.at(Pointer{pointer});
  place = (folder / place.get<std::string>()).lexically_normal().string();
}

void take_out(Json& config, const std::string& pointer, PluginConfig& prepared) {
  const Pointer at{pointer};
  if (!config.contains(at)) return;  // it went with a secret around it
  Json& place = config.at(at);
  prepared.secrets[pointer] = place.is_string() ? place.get<std::string>() : place.dump();
  place = Json::object({{"$secret", pointer}});
}

}  // namespace

Result<PluginConfig> prepare_config(std::string_view schema_text, std::string_view config_text,
                                    const std::filesystem::path& folder) {
  const Json schema = Json::parse(schema_text, nullptr, false);
  Json config = Json::parse(config_text, nullptr, false);
  if (!schema.is_object()) return fail(ErrorCode::invalid, "the plugin's config_schema is no JSON object");
  if (!config.is_object())
    return fail(ErrorCode::invalid, "the channel's config is no JSON object; write config: {...}");

  SchemaWalk walk{schema};
  walk.fill_defaults(schema, config);
  walk.find_marks(schema, config, Pointer{});
  if (walk.exhausted())
    return fail(ErrorCode::invalid,
                "the plugin's config_schema refers to itself without end; tell its maker");

  PluginConfig prepared;
  prepared.egress.assign(walk.egress().begin(), walk.egress().end());
  for (const auto& pointer : walk.paths()) make_absolute(config, pointer, folder);
  for (const auto& pointer : walk.secrets()) take_out(config, pointer, prepared);
  prepared.document = config.dump(-1, ' ', false, Json::error_handler_t::replace);
  return prepared;
}

}  // namespace leadhub::plugin
