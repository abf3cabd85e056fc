#include "config/judge.hpp"

#include <nlohmann/json.hpp>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

#include <set>

#include "config/source_map.hpp"

namespace leadhub::config {
namespace {

using nlohmann::json;

/// A copy without `pattern` and `format`. Keys that name properties or hold values are no keywords and stay.
json without_text_keywords(const json& schema) {
  static const std::set<std::string, std::less<>> maps_of_schemas{"properties", "patternProperties",
                                                                  "definitions", "dependencies"};
  static const std::set<std::string, std::less<>> values{"const", "enum", "default", "examples"};
  if (schema.is_array()) {
    json copy = json::array();
    for (const auto& element : schema) copy.push_back(without_text_keywords(element));
    return copy;
  }
  if (!schema.is_object()) return schema;
  json copy = json::object();
  for (const auto& [key, value] : schema.items()) {
    if (key == "pattern" || key == "format") continue;
    if (values.contains(key) || !maps_of_schemas.contains(key) || !value.is_object()) {
      copy[key] = values.contains(key) ? value : without_text_keywords(value);
      continue;
    }
    copy[key] = json::object();
    for (const auto& [name, inner] : value.items()) copy[key][name] = without_text_keywords(inner);
  }
  return copy;
}

/// valijson writes a place as `<root>`, `["edge"]`, `[0]`.
std::string pointer_of(const std::vector<std::string>& context) {
  std::string pointer;
  for (const auto& part : context) {
    if (part.size() < 2 || part.front() != '[') continue;
    const bool is_key = part.size() >= 4 && part[1] == '"';
    pointer = child(pointer, is_key ? part.substr(2, part.size() - 4) : part.substr(1, part.size() - 2));
  }
  return pointer;
}

}  // namespace

Result<std::vector<std::string>> judge(const json& instance, const json& schema) {
  try {
    const json reduced = without_text_keywords(schema);
    valijson::Schema parsed;
    valijson::SchemaParser parser{valijson::SchemaParser::kDraft7};
    parser.populateSchema(valijson::adapters::NlohmannJsonAdapter{reduced}, parsed);
    valijson::Validator validator{valijson::Validator::kStrongTypes};
    valijson::ValidationResults results;
    std::vector<std::string> places;
    if (validator.validate(parsed, valijson::adapters::NlohmannJsonAdapter{instance}, &results))
      return places;
    for (const auto& error : results) places.push_back(pointer_of(error.context));
    if (places.empty()) places.emplace_back();
    return places;
  } catch (const std::exception& exception) {
    return fail(ErrorCode::invalid, exception.what());
  }
}

}  // namespace leadhub::config
