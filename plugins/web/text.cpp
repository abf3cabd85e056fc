#include "text.hpp"

#include <algorithm>
#include <array>
#include <numeric>

namespace leadhub::webform {
namespace {

constexpr std::size_t compared_max = 64;

/// Levenshtein's distance between the beginnings.
std::size_t distance(std::string_view a, std::string_view b) {
  a = a.substr(0, compared_max);
  b = b.substr(0, compared_max);
  std::array<std::size_t, compared_max + 1> row{};
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t substituted = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({substituted, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row[b.size()];
}

}  // namespace

std::string_view nearest(std::string_view given, const std::vector<std::string_view>& known) {
  std::string_view best;
  const std::size_t mistakes_max = std::max<std::size_t>(given.size() / 3, given.size() < 4 ? 1 : 2);
  std::size_t best_distance = mistakes_max + 1;
  for (const std::string_view candidate : known) {
    const std::size_t candidate_distance = distance(given, candidate);
    if (candidate_distance < best_distance) {
      best = candidate;
      best_distance = candidate_distance;
    }
  }
  return best;
}

}  // namespace leadhub::webform
