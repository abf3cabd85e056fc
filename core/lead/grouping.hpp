#pragma once

#include <array>
#include <optional>
#include <string_view>
#include <utility>

namespace leadhub::lead {

/// By what reports tell leads apart. week: the ISO week in which they were captured.
enum class Grouping { channel = 1, source, campaign, owner, week };

inline constexpr std::array<std::pair<std::string_view, Grouping>, 5> grouping_names{
    {{"channel", Grouping::channel},
     {"source", Grouping::source},
     {"campaign", Grouping::campaign},
     {"owner", Grouping::owner},
     {"week", Grouping::week}}};

[[nodiscard]] constexpr std::string_view to_string(Grouping grouping) {
  return grouping_names.at(static_cast<std::size_t>(grouping) - 1).first;
}

[[nodiscard]] constexpr std::optional<Grouping> grouping_from(std::string_view name) {
  for (const auto& [known, grouping] : grouping_names)
    if (known == name) return grouping;
  return std::nullopt;
}

}  // namespace leadhub::lead
