#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "ops/limits.hpp"

namespace leadhub::report {

/// The line of a report for whatever has none of its own.
inline constexpr std::string_view other = "(other)";

enum class Order {
  largest_first = 1,
  by_name,  ///< as weeks are: of too many the last ones are kept
};

/// Tallies by the names of their groups, in bounded memory: whoever posts a form chooses the campaign, so
/// there may be as many as leads. Behind limits::report_groups_counted_max names, what has a new one counts
/// as `other`.
///
/// A Tally has `size()`, by which groups are ranked, and `add(Tally&&)`, which takes another's over.
template <class Tally>
class Groups {
 public:
  /// The tally of that name; stays where it is.
  Tally& of(std::string_view name) {
    if (last_ != nullptr && last_->first == name) return last_->second;
    auto found = tallies_.find(name);
    if (found == tallies_.end())
      found = tallies_
                  .try_emplace(tallies_.size() < limits::report_groups_counted_max ? std::string{name}
                                                                                   : std::string{other})
                  .first;
    last_ = &*found;
    return found->second;
  }

  /// At most limits::report_groups_max groups; `other`, where there is one, comes last.
  [[nodiscard]] std::vector<std::pair<std::string, Tally>> take(Order order) {
    last_ = nullptr;
    std::vector<std::pair<std::string, Tally>> groups;
    Tally rest;
    bool has_rest = false;
    const auto add_to_rest = [&](Tally&& tally) {
      rest.add(std::move(tally));
      has_rest = true;
    };
    for (auto& [name, tally] : tallies_)
      if (name == other)
        add_to_rest(std::move(tally));
      else
        groups.emplace_back(name, std::move(tally));
    tallies_.clear();
    std::ranges::sort(groups, [&](const auto& one, const auto& two) {
      if (order == Order::by_name) return one.first > two.first;
      return std::pair{two.second.size(), one.first} < std::pair{one.second.size(), two.first};
    });
    while (groups.size() > limits::report_groups_max) {
      add_to_rest(std::move(groups.back().second));
      groups.pop_back();
    }
    if (order == Order::by_name) std::ranges::reverse(groups);
    if (has_rest) groups.emplace_back(other, std::move(rest));
    return groups;
  }

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view name) const { return std::hash<std::string_view>{}(name); }
  };
  std::unordered_map<std::string, Tally, Hash, std::equal_to<>> tallies_;
  std::pair<const std::string, Tally>* last_ = nullptr;  ///< neighbours are often of one group
};

}  // namespace leadhub::report
