#include "config/suggestion.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdio>

namespace leadhub::config {
namespace {

constexpr std::size_t word_bytes_max = 64;    // a typo of a key is about as long as the key; bounds the table
constexpr std::size_t listed_words_max = 40;  // the longest list of ours is the table of condition paths
constexpr std::size_t shown_bytes_max = 60;   // enough to recognise a value in its line

std::string lower(std::string_view text) {
  std::string result{text};
  std::ranges::transform(result, result.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return result;
}

/// Optimal string alignment: insertions, deletions, substitutions and swaps of neighbours cost one each.
std::size_t distance(const std::string& left, const std::string& right) {
  std::array<std::array<std::size_t, word_bytes_max + 1>, word_bytes_max + 1> cost{};
  for (std::size_t i = 0; i <= left.size(); ++i) cost[i][0] = i;
  for (std::size_t j = 0; j <= right.size(); ++j) cost[0][j] = j;
  for (std::size_t i = 1; i <= left.size(); ++i) {
    for (std::size_t j = 1; j <= right.size(); ++j) {
      const std::size_t changed = left[i - 1] == right[j - 1] ? 0 : 1;
      cost[i][j] = std::min({cost[i - 1][j] + 1, cost[i][j - 1] + 1, cost[i - 1][j - 1] + changed});
      if (i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1])
        cost[i][j] = std::min(cost[i][j], cost[i - 2][j - 2] + 1);
    }
  }
  return cost[left.size()][right.size()];
}

}  // namespace

std::optional<std::string> nearest(std::string_view word, const std::vector<std::string>& candidates) {
  if (word.empty() || word.size() > word_bytes_max) return std::nullopt;
  const std::string meant = lower(word);
  const std::string* best = nullptr;
  std::size_t best_distance = std::max<std::size_t>(1, word.size() / 3) + 1;
  for (const auto& candidate : candidates) {
    if (candidate.size() > word_bytes_max) continue;
    const std::size_t found = distance(meant, lower(candidate));
    if (found < best_distance && found < candidate.size()) {
      best_distance = found;
      best = &candidate;
    }
  }
  return best == nullptr ? std::nullopt : std::optional{*best};
}

std::string suggestion(std::string_view word, const std::vector<std::string>& candidates,
                       std::string_view kind) {
  if (const auto near = nearest(word, candidates)) return "did you mean " + in_quotes(*near) + "?";
  return std::string{kind} + ": " + listed(candidates);
}

std::string listed(const std::vector<std::string>& words) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i == listed_words_max) return text + ", ...";
    if (i > 0) text += ", ";
    text += words[i];
  }
  return text.empty() ? "none" : text;
}

std::string printable(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const bool begins_character = (byte & 0xC0U) != 0x80U;
    if (i >= shown_bytes_max && begins_character) return result + "...";
    if (byte >= 0x20U && byte != 0x7FU) {
      result += text[i];
      continue;
    }
    std::array<char, 8> escape{};
    std::snprintf(escape.data(), escape.size(), "\\x%02x", static_cast<unsigned>(byte));
    result += escape.data();
  }
  return result;
}

std::string in_quotes(std::string_view text) {
  return '"' + printable(text) + '"';
}

}  // namespace leadhub::config
