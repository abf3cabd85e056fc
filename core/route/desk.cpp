#include "route/desk.hpp"

#include <algorithm>
#include <limits>

#include "ops/local_time.hpp"
#include "route/working_time.hpp"

namespace leadhub::route {
namespace {

bool has(const std::vector<std::string>& list, std::string_view name) {
  return std::find(list.begin(), list.end(), name) != list.end();
}

/// Whose territory the lead is in; nobody's: those who have none.
std::vector<const Member*> of_territory(const std::vector<const Member*>& free, const std::string& country) {
  std::vector<const Member*> found;
  for (const auto* member : free)
    if (!country.empty() && has(member->territory, country)) found.push_back(member);
  if (!found.empty()) return found;
  for (const auto* member : free)
    if (member->territory.empty()) found.push_back(member);
  return found;
}

std::size_t taken_since(const Workload& workload, TimePoint since) {
  return static_cast<std::size_t>(
      std::count_if(workload.taken.begin(), workload.taken.end(), [&](TimePoint at) { return at > since; }));
}

const Days* absence(const Routes& routes, const Member& member, TimePoint now) {
  if (member.away.empty()) return nullptr;
  const auto today = local_day(now, routes.time_zone);
  const auto found = std::find_if(member.away.begin(), member.away.end(),
                                  [&](const Days& days) { return days.from <= today && today <= days.to; });
  return found == member.away.end() ? nullptr : &*found;
}

}  // namespace

std::string_view to_string(Method method) {
  switch (method) {
    case Method::territory:
      return "territory";
    case Method::round_robin:
      return "round_robin";
    case Method::least_busy:
      return "least_busy";
    case Method::sticky:
      return "sticky";
    case Method::named:
      return "named";
  }
  return "";
}

const Member* find_member(const Routes& routes, std::string_view name) {
  const auto found = std::find_if(routes.team.begin(), routes.team.end(),
                                  [&](const Member& member) { return member.name == name; });
  return found == routes.team.end() ? nullptr : &*found;
}

const Workload& Desk::workload_of(std::string_view name) const {
  static const Workload none;
  const auto found = workloads_.find(name);
  return found == workloads_.end() ? none : found->second;
}

bool Desk::is_free(const Routes& routes, const Member& member, TimePoint now) const {
  if (absence(routes, member, now) != nullptr) return false;
  if (!member.capacity) return true;
  return taken_since(workload_of(member.name), now - member.capacity->per) < member.capacity->leads;
}

std::optional<TimePoint> Desk::next_free(const Routes& routes, TimePoint now) const {
  std::optional<TimePoint> next;
  for (const auto& member : routes.team) {
    auto free_at = now;
    if (const auto* away = absence(routes, member, now); away != nullptr)
      free_at = local_moment(away->to + std::chrono::days{1}, {}, routes.time_zone);
    if (member.capacity) {
      const auto& taken = workload_of(member.name).taken;
      const auto in_window = taken_since(workload_of(member.name), now - member.capacity->per);
      // With the capacity used up, the lead that used it first makes room.
      if (in_window >= member.capacity->leads)
        free_at = std::max(free_at, taken[taken.size() - member.capacity->leads] + member.capacity->per);
    }
    if (free_at > now && (!next || free_at < *next)) next = free_at;
  }
  return next;
}

const Member* Desk::in_turn(const std::vector<const Member*>& candidates) {
  const Member* best = nullptr;
  std::int64_t total = 0;
  for (const auto* member : candidates) {
    auto& turn = workloads_[member->name].turn;
    turn += member->weight;
    total += member->weight;
    if (best == nullptr || turn > workloads_[best->name].turn) best = member;
  }
  if (best != nullptr) workloads_[best->name].turn -= total;
  return best;
}

const Member* Desk::choose(const Routes& routes, const Rule& rule, const lead::Lead& lead,
                           std::string_view knows_company, std::span<const std::string> except,
                           TimePoint now) {
  std::vector<const Member*> free;
  for (const auto& member : routes.team)
    if (std::find(except.begin(), except.end(), member.name) == except.end() && is_free(routes, member, now))
      free.push_back(&member);
  const auto named = [&](std::string_view name) -> const Member* {
    const auto found =
        std::find_if(free.begin(), free.end(), [&](const Member* member) { return member->name == name; });
    return found == free.end() ? nullptr : *found;
  };
  switch (rule.method) {
    case Method::named:
      return named(rule.member);
    case Method::round_robin:
      return in_turn(free);
    case Method::least_busy: {
      const auto busy = [&](const Member* member) {
        return static_cast<double>(workload_of(member->name).open) / static_cast<double>(member->weight);
      };
      auto least = std::numeric_limits<double>::max();
      for (const auto* member : free) least = std::min(least, busy(member));
      std::erase_if(free, [&](const Member* member) { return busy(member) > least; });
      return in_turn(free);
    }
    case Method::sticky:
      if (const auto* known = named(knows_company); known != nullptr) return known;
      [[fallthrough]];
    case Method::territory:
      return in_turn(of_territory(free, lead.field(lead::Field::country)));
  }
  return nullptr;
}

void Desk::take(const Member& member, TimePoint now) {
  auto& workload = workloads_[member.name];
  ++workload.open;
  if (!member.capacity) return;
  workload.taken.push_back(now);
  while (workload.taken.size() > member.capacity->leads) workload.taken.pop_front();
}

void Desk::settle(std::string_view name) {
  const auto found = workloads_.find(name);
  if (found != workloads_.end() && found->second.open > 0) --found->second.open;
}

}  // namespace leadhub::route
