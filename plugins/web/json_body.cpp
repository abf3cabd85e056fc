#include "json_body.hpp"

#include <charconv>
#include <nlohmann/json.hpp>
#include <set>
#include <vector>

#include "limits.hpp"
#include "text.hpp"

namespace leadhub::webform {
namespace {

using nlohmann::json;

/// Thrown out of the parser's callback, caught below: the one way to stop it early.
struct Refused {
  std::string reason;
};

/// Watches the parser and stops it at what a document must not have.
class Guard {
 public:
  explicit Guard(std::size_t values_max) : values_max_(values_max) {}
  bool operator()(int depth, json::parse_event_t event, const json& parsed) {
    if (static_cast<std::size_t>(depth) > limits::json_depth_max)
      throw Refused{"the JSON is nested deeper than " + std::to_string(limits::json_depth_max) + " levels"};
    if (++values_ > values_max_)
      throw Refused{"the JSON has more than " + std::to_string(values_max_) + " values"};
    switch (event) {
      case json::parse_event_t::object_start:
        names_.emplace_back();
        break;
      case json::parse_event_t::object_end:
        names_.pop_back();
        break;
      case json::parse_event_t::key:
        see_name(parsed.get_ref<const std::string&>());
        break;
      case json::parse_event_t::value:
        if (parsed.is_string()) see_text(parsed.get_ref<const std::string&>());
        break;
      case json::parse_event_t::array_start:
      case json::parse_event_t::array_end:
        break;
    }
    return true;
  }

 private:
  void see_text(const std::string& text) const {
    if (text.find('\0') != std::string::npos) throw Refused{"the JSON has a NUL character in a text"};
  }
  void see_name(const std::string& name) {
    see_text(name);
    if (!names_.back().insert(name).second) throw Refused{"the JSON has a name twice in one object"};
  }

  std::size_t values_max_;
  std::size_t values_ = 0;
  std::vector<std::set<std::string>> names_;  // of the objects that are open
};

const json* step(const json& value, std::string_view name) {
  if (value.is_object()) {
    const auto found = value.find(name);
    return found == value.end() ? nullptr : &*found;
  }
  if (!value.is_array()) return nullptr;
  std::size_t index = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), index);
  const bool whole = error == std::errc{} && end == name.data() + name.size();
  return whole && index < value.size() ? &value[index] : nullptr;
}

}  // namespace

std::expected<json, std::string> parse_json(std::string_view text, std::size_t values_max) {
  try {
    Guard guard(values_max);
    return json::parse(text, [&guard](int depth, json::parse_event_t event, json& value) {
      return guard(depth, event, value);
    });
  } catch (const Refused& refused) {
    return std::unexpected(refused.reason);
  } catch (const json::parse_error& error) {
    return std::unexpected("the body is not JSON: something is wrong at byte " + std::to_string(error.byte));
  } catch (const json::exception&) {
    return std::unexpected("the JSON has a number that is out of range");
  }
}

std::expected<json, std::string> parse_json_object(std::string_view text) {
  auto parsed = parse_json(text);
  if (parsed && !parsed->is_object())
    return std::unexpected("the JSON is not an object; send {\"field\": \"value\"}");
  return parsed;
}

bool is_json(std::string_view content_type) {
  const std::string_view type = trim(split_once(content_type, ';').before);
  return equal_ignoring_case(type, "application/json") ||
         (type.size() > 5 && equal_ignoring_case(type.substr(type.size() - 5), "+json"));
}

const json* find_json(const json& object, std::string_view path) {
  if (const json* const direct = step(object, path)) return direct;
  const json* value = &object;
  while (value != nullptr && !path.empty()) {
    const Halves halves = split_once(path, '.');
    value = step(*value, halves.before);
    path = halves.after;
  }
  return value;
}

std::string text_at(const json& object, std::string_view path) {
  const json* const value = find_json(object, path);
  if (value == nullptr) return {};
  if (value->is_string()) return value->get<std::string>();
  return value->is_number() || value->is_boolean() ? value->dump() : std::string{};
}

const json& object_at(const json& object, std::string_view path) {
  static const json none = json::object();
  const json* const value = find_json(object, path);
  return value != nullptr && value->is_object() ? *value : none;
}

const json& list_at(const json& object, std::string_view path) {
  static const json none = json::array();
  const json* const value = find_json(object, path);
  return value != nullptr && value->is_array() ? *value : none;
}

}  // namespace leadhub::webform
