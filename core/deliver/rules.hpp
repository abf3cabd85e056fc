#pragma once

#include <string>
#include <vector>

#include "lead/condition.hpp"

namespace leadhub::deliver {

/// How often a lead goes to a destination while a rule holds.
enum class Repeat {
  once = 1,  ///< when it begins to hold; of a rule on events: at each such event
  current,   ///< after every later event, too, so that the other side has what we have
};

/// Which leads go where.
struct Rule {
  std::string name;  ///< in words, for explanations and for the other side
  std::string mark;  ///< lead::mark_of what it says
  lead::Condition when;
  std::string via;  ///< a channel that delivers leads
  Repeat repeat = Repeat::once;
  bool on_event = false;
};

/// The section `deliver` of hub.yaml.
struct Rules {
  std::vector<Rule> rules;  ///< every one that holds counts
};

}  // namespace leadhub::deliver
