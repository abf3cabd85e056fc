#include "config/source_map.hpp"

#include <charconv>

#include "config/suggestion.hpp"

namespace leadhub::config {
namespace {

const SourceNode* step_into(const SourceNode& node, const std::string& step) {
  if (const auto member = node.members.find(step); member != node.members.end()) return &member->second;
  std::size_t index = 0;
  const auto [end, failure] = std::from_chars(step.data(), step.data() + step.size(), index);
  const bool is_index = failure == std::errc{} && end == step.data() + step.size();
  return is_index && index < node.elements.size() ? &node.elements[index] : nullptr;
}

}  // namespace

const SourceNode& SourceMap::at(std::string_view pointer) const {
  const SourceNode* node = &root_;
  for (const auto& step : steps(pointer)) {
    const auto* next = step_into(*node, step);
    if (next == nullptr) break;
    node = next;
  }
  return *node;
}

Diagnostic SourceMap::error(std::string_view pointer, Place place, std::string message) const {
  const auto& node = at(pointer);
  return {file_, place == Place::key ? node.key : node.value, Severity::error, std::move(message)};
}

Diagnostic SourceMap::notice(std::string_view pointer, Place place, std::string message) const {
  auto diagnostic = error(pointer, place, std::move(message));
  diagnostic.severity = Severity::notice;
  return diagnostic;
}

std::string child(std::string_view pointer, std::string_view key) {
  std::string result{pointer};
  result += '/';
  for (const char c : key) {
    if (c == '~')
      result += "~0";
    else if (c == '/')
      result += "~1";
    else
      result += c;
  }
  return result;
}

std::string child(std::string_view pointer, std::size_t index) {
  return std::string{pointer} + '/' + std::to_string(index);
}

std::vector<std::string> steps(std::string_view pointer) {
  std::vector<std::string> result;
  for (std::size_t i = 0; i < pointer.size(); ++i) {
    if (pointer[i] == '/')
      result.emplace_back();
    else if (result.empty())
      return result;
    else if (pointer[i] == '~' && i + 1 < pointer.size())
      result.back() += pointer[++i] == '0' ? '~' : '/';
    else
      result.back() += pointer[i];
  }
  return result;
}

std::string dotted(std::string_view pointer) {
  constexpr std::size_t shown_steps_max = 8;
  const auto all = steps(pointer);
  const std::size_t first = all.size() > shown_steps_max ? all.size() - shown_steps_max : 0;
  std::string result = first > 0 ? "..." : "";
  for (std::size_t i = first; i < all.size(); ++i) result += (i == first ? "" : ".") + printable(all[i]);
  return result;
}

}  // namespace leadhub::config
