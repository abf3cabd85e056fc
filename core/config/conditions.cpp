#include "config/conditions.hpp"

#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>
#include <utility>

#include "config/condition_paths.hpp"
#include "config/units.hpp"

namespace leadhub::config {
namespace {

using lead::Comparison;
using nlohmann::json;

lead::Operand operand_of(const json& value, PathType type) {
  if (value.is_boolean()) return value.get<bool>();
  if (value.is_number()) return value.get<double>();
  auto text = value.get<std::string>();
  if (type == PathType::time)
    if (const auto time = parse_rfc3339(text)) return *time;
  return text;
}

/// Of an attribute nobody knows the type: a time is what is written like one.
lead::Operand limit_of(const json& value) {
  if (value.is_number()) return value.get<double>();
  const auto time = parse_rfc3339(value.get<std::string>());
  return time ? lead::Operand{*time} : lead::Operand{value.get<std::string>()};
}

Comparison one_of(const json& values, PathType type) {
  Comparison comparison;
  if (values.is_array())
    for (const auto& value : values) comparison.operands.push_back(operand_of(value, type));
  else
    comparison.operands.push_back(operand_of(values, type));
  return comparison;
}

Comparison comparison_of(const std::string& name, const json& value, PathType type) {
  using enum Comparison::Operator;
  if (name == "gt") return {greater, {limit_of(value)}};
  if (name == "gte") return {at_least, {limit_of(value)}};
  if (name == "lt") return {less, {limit_of(value)}};
  if (name == "lte") return {at_most, {limit_of(value)}};
  if (name == "present") return {present, {value.get<bool>()}};
  if (name == "contains") return {contains, {operand_of(value, type)}};
  if (name == "within") return {within, {*parse_duration(value.get<std::string>())}};
  return {matches, {*lead::Pattern::compile(value.get<std::string>())}};
}

lead::Test test_of(const std::string& path, const json& matcher) {
  const auto* line = find_condition_path(path);
  auto resolved = lead::Path::resolve(path);
  // Only a path that is in one table and not in the other leads here; a test compares them.
  if (line == nullptr || !resolved) throw std::logic_error{"no way to read " + path};
  lead::Test test{*std::move(resolved), {}};
  if (!matcher.is_object())
    test.comparisons.push_back(one_of(matcher, line->type));
  else
    for (const auto& [name, value] : matcher.items())
      test.comparisons.push_back(comparison_of(name, value, line->type));
  return test;
}

lead::Condition segment_of(const std::string& name, const Segments& segments) {
  auto condition = segments.find(name)->second;
  condition.segment = name;
  return condition;
}

std::vector<lead::Condition> list_of(const json& list, const Segments& segments) {
  std::vector<lead::Condition> conditions;
  for (const auto& part : list) conditions.push_back(condition_of(part, segments));
  return conditions;
}

/// The first segment that a condition names and that is not compiled yet.
std::optional<std::string> missing(const json& condition, const Segments& segments) {
  const auto unknown = [&](const json& name) {
    return name.is_string() && !segments.contains(name.get_ref<const std::string&>());
  };
  if (!condition.is_object()) return std::nullopt;
  for (const auto& [key, value] : condition.items()) {
    if (key == "segment") {
      if (unknown(value)) return value.get<std::string>();
      if (value.is_array())
        for (const auto& name : value)
          if (unknown(name)) return name.get<std::string>();
    } else if (key == "not") {
      if (auto name = missing(value, segments)) return name;
    } else if (key == "any" || key == "all") {
      for (const auto& part : value)
        if (auto name = missing(part, segments)) return name;
    }
  }
  return std::nullopt;
}

}  // namespace

lead::Condition condition_of(const json& given, const Segments& segments) {
  lead::Condition condition;
  for (const auto& [key, value] : given.items()) {
    if (key == "any") {
      condition.any.push_back(list_of(value, segments));
    } else if (key == "all") {
      for (auto& part : list_of(value, segments)) condition.all.push_back(std::move(part));
    } else if (key == "not") {
      condition.none.push_back(condition_of(value, segments));
    } else if (key == "segment" && value.is_string()) {
      condition.all.push_back(segment_of(value.get<std::string>(), segments));
    } else if (key == "segment") {
      auto& group = condition.any.emplace_back();
      for (const auto& name : value) group.push_back(segment_of(name.get<std::string>(), segments));
    } else {
      condition.tests.push_back(test_of(key, value));
    }
  }
  return condition;
}

Segments segments_of(const json& section) {
  Segments segments;
  if (!section.is_object()) return segments;
  while (segments.size() < section.size())
    for (const auto& [name, condition] : section.items())
      if (!segments.contains(name) && !missing(condition, segments))
        segments.emplace(name, condition_of(condition, segments));
  return segments;
}

}  // namespace leadhub::config
