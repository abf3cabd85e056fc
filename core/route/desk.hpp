#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lead/lead.hpp"
#include "ops/clock.hpp"
#include "route/team.hpp"

namespace leadhub::route {

/// What is known of how busy somebody is.
struct Workload {
  std::int64_t turn = 0;        ///< smooth weighted round robin: who has the most is next
  std::int64_t open = 0;        ///< leads that wait for their answer
  std::deque<TimePoint> taken;  ///< when they got leads, the oldest first; as far back as their capacity asks
};

/// Hands out leads: who of the team is free, whose turn it is. Pure state, copied by whoever may have to take
/// decisions back; the same questions in the same order give the same answers.
class Desk {
 public:
  /// By name. Whoever is of no team any more is kept, so that a change of hub.yaml forgets nobody's turn.
  explicit Desk(std::map<std::string, Workload, std::less<>> workloads = {})
      : workloads_(std::move(workloads)) {}

  /// Who of the team gets the lead; null: nobody who may is free. `knows_company`: who has other leads of the
  /// same company, for `sticky`; may be empty. `except`: who had the lead and did not answer. Takes the turn
  /// of whoever is chosen, and nothing else: see take().
  [[nodiscard]] const Member* choose(const Routes& routes, const Rule& rule, const lead::Lead& lead,
                                     std::string_view knows_company, std::span<const std::string> except,
                                     TimePoint now);

  /// Whether somebody is neither away nor has as many leads as they can take.
  [[nodiscard]] bool is_free(const Routes& routes, const Member& member, TimePoint now) const;

  /// The first moment after `now` at which somebody who is not free may be; nullopt: nobody is, ever.
  [[nodiscard]] std::optional<TimePoint> next_free(const Routes& routes, TimePoint now) const;

  /// Somebody gets a lead.
  void take(const Member& member, TimePoint now);
  /// A lead of theirs needs no answer any more.
  void settle(std::string_view name);

  [[nodiscard]] const std::map<std::string, Workload, std::less<>>& workloads() const { return workloads_; }

 private:
  [[nodiscard]] const Member* in_turn(const std::vector<const Member*>& candidates);
  [[nodiscard]] const Workload& workload_of(std::string_view name) const;

  std::map<std::string, Workload, std::less<>> workloads_;
};

/// Null: nobody has that name.
[[nodiscard]] const Member* find_member(const Routes& routes, std::string_view name);

}  // namespace leadhub::route
