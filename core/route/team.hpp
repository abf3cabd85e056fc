#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "lead/condition.hpp"

namespace leadhub::route {

/// Days of the calendar, both ends included.
struct Days {
  std::chrono::sys_days from;
  std::chrono::sys_days to;
};

/// When the team works. Without it, it works always.
struct WorkingHours {
  std::array<bool, 7> days{true, true, true, true, true, false, false};  ///< from Monday
  std::chrono::minutes from{9 * 60};                                     ///< since midnight, local
  std::chrono::minutes to{18 * 60};
  std::string time_zone = "UTC";  ///< IANA
  std::vector<Days> holidays;
};

/// How many new leads in any span of that length.
struct Capacity {
  std::uint64_t leads = 0;
  std::chrono::milliseconds per{};
};

struct Member {
  std::string name;  ///< unique; what `owner` says
  std::string email;
  std::vector<std::string> territory;  ///< ISO 3166 alpha-2; empty: the leads of nobody's territory
  std::optional<Capacity> capacity;
  std::vector<Days> away;  ///< in the days of the team's time zone
  std::int64_t weight = 1;
};

enum class Method {
  territory = 1,  ///< whoever has the lead's country, in turn; where nobody of them can, whoever has none
  round_robin,    ///< everybody in turn, by weight
  least_busy,     ///< whoever has the fewest leads waiting for an answer, by weight
  sticky,         ///< who has other leads of the company; where nobody has, by territory
  named,          ///< one of the team
};
[[nodiscard]] std::string_view to_string(Method method);

enum class WhenMissed {
  nothing = 1,
  reassign,  ///< somebody else gets the lead
  escalate,  ///< the manager, or everybody, is told
};

struct Rule {
  std::string name;  ///< in words, for explanations
  std::string mark;  ///< lead::mark_of what it says
  lead::Condition when;
  Method method = Method::territory;
  std::string member;                                      ///< of `named`
  std::optional<std::chrono::milliseconds> answer_within;  ///< in working hours
  WhenMissed then = WhenMissed::nothing;
  bool on_event = false;
};

/// The section `route` of hub.yaml.
struct Routes {
  std::vector<Member> team;
  std::string time_zone = "UTC";  ///< in which days are counted
  std::optional<WorkingHours> working_hours;
  std::vector<Rule> rules;  ///< the first that holds decides
  std::string notify_via;   ///< the channel that hands leads over; empty: nobody is written to
  std::string manager;      ///< who is told of missed answers; empty: the whole team
};

}  // namespace leadhub::route
