#include "app/condition_words.hpp"

#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>
#include <vector>

namespace leadhub::app {
namespace {

using Json = nlohmann::ordered_json;

std::string text_of(const Json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

std::string joined(const std::vector<std::string>& parts, std::string_view between) {
  std::string text;
  for (const auto& part : parts) {
    if (!text.empty()) text += between;
    text += part;
  }
  return text;
}

std::string listed(const Json& values) {
  std::vector<std::string> texts;
  for (const auto& value : values) texts.push_back(text_of(value));
  return joined(texts, " or ");
}

std::string comparison(const std::string& path, const std::string& matcher, const Json& value) {
  if (matcher == "present") return path + (value == false ? " is missing" : " is there");
  constexpr std::pair<std::string_view, std::string_view> words[]{{"gt", ">"},
                                                                  {"gte", ">="},
                                                                  {"lt", "<"},
                                                                  {"lte", "<="},
                                                                  {"contains", "contains"},
                                                                  {"matches", "matches"},
                                                                  {"within", "within the last"}};
  for (const auto& [name, word] : words)
    if (name == matcher) return path + " " + std::string{word} + " " + text_of(value);
  return path + " " + matcher + " " + text_of(value);
}

std::string matched(const std::string& path, const Json& matcher) {
  if (matcher.is_array()) return path + " is " + listed(matcher);
  if (!matcher.is_object()) return path + " is " + text_of(matcher);
  std::vector<std::string> parts;
  for (const auto& [name, value] : matcher.items()) parts.push_back(comparison(path, name, value));
  return joined(parts, " and ");
}

std::string combined(const Json& conditions, std::string_view between) {
  std::vector<std::string> parts;
  for (const auto& condition : conditions) parts.push_back("(" + words_of(condition) + ")");
  return joined(parts, between);
}

}  // namespace

std::string words_of(const Json& condition) {
  std::vector<std::string> parts;
  for (const auto& [path, value] : condition.items()) {
    if (path == "any")
      parts.push_back(value.size() == 1 ? combined(value, "") : "(" + combined(value, " or ") + ")");
    else if (path == "all")
      parts.push_back(combined(value, " and "));
    else if (path == "not")
      parts.push_back("not (" + words_of(value) + ")");
    else if (path == "segment")
      parts.push_back("in the segment " + (value.is_array() ? listed(value) : text_of(value)));
    else
      parts.push_back(matched(path, value));
  }
  return joined(parts, " and ");
}

}  // namespace leadhub::app
