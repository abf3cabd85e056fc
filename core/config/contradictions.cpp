#include "config/contradictions.hpp"

#include <chrono>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>

#include "config/json_access.hpp"
#include "config/units.hpp"

namespace leadhub::config {
namespace {

using nlohmann::json;

/// The number at either end of a comparison, and whether it itself meets it.
struct Bound {
  double number = 0;
  bool is_met = false;
};

std::optional<Bound> bound(const json& matcher, const char* inclusive, const char* exclusive) {
  if (matcher.contains(inclusive) && matcher.at(inclusive).is_number())
    return Bound{matcher.at(inclusive).get<double>(), true};
  if (matcher.contains(exclusive) && matcher.at(exclusive).is_number())
    return Bound{matcher.at(exclusive).get<double>(), false};
  return std::nullopt;
}

bool is_impossible(const json& matcher) {
  const auto low = bound(matcher, "gte", "gt");
  const auto high = bound(matcher, "lte", "lt");
  if (!low || !high) return false;
  return low->number > high->number || (low->number == high->number && !(low->is_met && high->is_met));
}

class Contradictions {
 public:
  Contradictions(const json& hub, const SourceMap& source) : hub_(hub), source_(source) {}

  std::vector<Diagnostic> find() {
    for (const auto* section : {"qualify", "segments", "route", "deliver", "nurture"})
      find_impossible(get(hub_, section), child("", section));
    find_shadowed_rules();
    find_empty_team();
    find_backward_hours();
    return std::move(found_);
  }

 private:
  void say(const std::string& pointer, Place place, std::string message) {
    found_.push_back(source_.error(pointer, place, std::move(message)));
  }

  void find_impossible(const json& value, const std::string& pointer) {
    if (value.is_object()) {
      if (is_impossible(value))
        return say(pointer, Place::key, "no number meets both ends of this comparison; turn them round");
      for (const auto& [key, member] : value.items()) find_impossible(member, child(pointer, key));
    }
    if (value.is_array())
      for (std::size_t i = 0; i < value.size(); ++i) find_impossible(value[i], child(pointer, i));
  }

  void find_shadowed_rules() {
    const auto& rules = get(get(hub_, "route"), "rules");
    if (!rules.is_array()) return;
    for (std::size_t i = 0; i < rules.size(); ++i)
      for (std::size_t before = 0; before < i; ++before)
        if (!get(rules[i], "when").is_null() && get(rules[i], "when") == get(rules[before], "when")) {
          say(child(child("/route/rules", i), "when"), Place::key,
              "an earlier rule has the same condition, and the first that holds decides; take one of them "
              "out");
          break;
        }
  }

  void find_empty_team() {
    const auto& route = get(hub_, "route");
    const auto& rules = get(route, "rules");
    const auto& team = get(route, "team");
    if (rules.is_array() && !rules.empty() && (team.is_null() || (team.is_array() && team.empty())))
      say("/route/rules", Place::key,
          "the rules hand leads over, and there is nobody in route.team; add somebody");
  }

  void find_backward_hours() {
    const auto& hours = get(get(hub_, "route"), "working_hours");
    const auto time = [&](const char* name) -> std::optional<std::chrono::minutes> {
      const auto& given = get(hours, name);
      if (!given.is_string()) return std::nullopt;
      const auto parsed = parse_time_of_day(given.get<std::string>());
      return parsed ? std::optional<std::chrono::minutes>{*parsed} : std::nullopt;
    };
    const auto from = time("from");
    const auto to = time("to");
    if (from && to && *from >= *to)
      say("/route/working_hours/to", Place::value,
          "the working day ends before it begins; write a time after `from`");
  }

  const json& hub_;
  const SourceMap& source_;
  std::vector<Diagnostic> found_;
};

}  // namespace

std::vector<Diagnostic> check_contradictions(const json& hub, const SourceMap& source) {
  return Contradictions{hub, source}.find();
}

}  // namespace leadhub::config
