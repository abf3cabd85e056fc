#include "lead/pause.hpp"

#include <array>
#include <utility>

namespace leadhub::lead {
namespace {

constexpr std::array<std::pair<std::string_view, PauseScope::Of>, 3> prefixes{
    {{"channel/", PauseScope::Of::channel},
     {"journey/", PauseScope::Of::journey},
     {"broadcast/", PauseScope::Of::broadcast}}};

constexpr std::string_view whole_hub = "hub";

}  // namespace

std::string to_string(const PauseScope& scope) {
  for (const auto& [prefix, of] : prefixes)
    if (of == scope.of) return std::string{prefix} + scope.name;
  return std::string{whole_hub};
}

std::optional<PauseScope> pause_scope_from(std::string_view text) {
  if (text == whole_hub) return PauseScope{};
  for (const auto& [prefix, of] : prefixes)
    if (text.starts_with(prefix) && text.size() > prefix.size())
      return PauseScope{of, std::string{text.substr(prefix.size())}};
  return std::nullopt;
}

bool holds(const PauseScope& scope, const Message& message, std::string_view via) {
  switch (scope.of) {
    case PauseScope::Of::hub:
      return true;
    case PauseScope::Of::channel:
      return scope.name == via;
    case PauseScope::Of::journey:
      return message.kind != MessageKind::broadcast && scope.name == message.journey;
    case PauseScope::Of::broadcast:
      return message.kind == MessageKind::broadcast && scope.name == message.journey;
  }
  return true;
}

}  // namespace leadhub::lead
