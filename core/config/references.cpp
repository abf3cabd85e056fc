#include "config/references.hpp"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "config/condition_paths.hpp"
#include "config/json_access.hpp"
#include "config/suggestion.hpp"
#include "config/units.hpp"
#include "config/validator.hpp"
#include "ops/clock.hpp"

namespace leadhub::config {
namespace {

using nlohmann::json;

std::vector<std::string> keys_of(const json& value) {
  std::vector<std::string> keys;
  if (value.is_object())
    for (const auto& [key, unused] : value.items()) keys.push_back(key);
  return keys;
}

template <class Visit>
void each_element(const json& list, const std::string& pointer, Visit visit) {
  if (!list.is_array()) return;
  for (std::size_t i = 0; i < list.size(); ++i) visit(list[i], child(pointer, i));
}

template <class Visit>
void each_member(const json& mapping, const std::string& pointer, Visit visit) {
  if (!mapping.is_object()) return;
  for (const auto& [key, member] : mapping.items()) visit(key, member, child(pointer, key));
}

/// What a value may name, and those of it that a message may show.
struct Names {
  std::set<std::string> known;
  std::vector<std::string> shown;
};

Names names_of(const json& mapping) {
  const auto keys = keys_of(mapping);
  return {{keys.begin(), keys.end()}, keys};
}

class ReferenceChecker {
 public:
  ReferenceChecker(const json& hub, const SourceMap& source, std::span<const PluginSchema> installed)
      : hub_(hub),
        source_(source),
        channels_(names_of(get(hub, "channels"))),
        segments_(names_of(get(hub, "segments"))) {
    each_element(get(get(hub, "route"), "team"), "/route/team",
                 [&](const json& member, const std::string& at) {
                   const auto& name = get(member, "name");
                   if (!name.is_string()) return;
                   team_.known.insert(name.get<std::string>());
                   if (source_.at(child(at, "name")).origin == Origin::file)
                     team_.shown.push_back(name.get<std::string>());
                 });
    each_member(get(hub, "channels"), "/channels",
                [&](const std::string& name, const json& channel, const std::string&) {
                  const auto& id = get(channel, "plugin");
                  const auto plugin = std::ranges::find_if(installed, [&](const PluginSchema& candidate) {
                    return id.is_string() && candidate.id == id.get_ref<const std::string&>();
                  });
                  if (plugin == installed.end()) return;
                  delivers_[name] = {plugin->delivers.begin(), plugin->delivers.end()};
                });
  }

  [[nodiscard]] std::vector<Diagnostic> run() {
    check_segments();
    check_qualify();
    check_route();
    check_deliver();
    check_nurture();
    check_report();
    check_tests();
    return std::move(diagnostics_);
  }

 private:
  void say(const std::string& pointer, Place place, std::string message) {
    diagnostics_.push_back(source_.error(pointer, place, std::move(message)));
  }

  /// A value that must be one of some names. Nothing is said of a value that must not be shown, except that
  /// it is wrong.
  void check_name(const json& value, const std::string& pointer, const Names& names, const std::string& what,
                  const std::string& kind) {
    if (!value.is_string()) return;
    const auto& name = value.get_ref<const std::string&>();
    const auto origin = source_.at(pointer).origin;
    if (origin == Origin::unresolved || names.known.contains(name)) return;
    if (origin == Origin::secret)
      return say(pointer, Place::value,
                 "what ${...} stands for is no " + what + "; " + kind + ": " + listed(names.shown));
    say(pointer, Place::value,
        "there is no " + what + " " + in_quotes(name) + "; " + suggestion(name, names.shown, kind));
  }

  void check_channel(const json& value, const std::string& pointer) {
    check_name(value, pointer, channels_, "channel", "known channels");
  }

  /// Where mails of ours leave.
  void check_via(const json& value, const std::string& pointer) {
    check_channel(value, pointer);
    check_delivers(value, pointer, {"mail"});
  }

  /// Whether the channel brings what is to go: mails, leads. Nothing is said of a plugin that is not known.
  void check_delivers(const json& value, const std::string& pointer,
                      const std::vector<std::string_view>& wanted) {
    if (!value.is_string()) return;
    const auto& name = value.get_ref<const std::string&>();
    const auto known = delivers_.find(name);
    if (known == delivers_.end()) return;
    for (const auto what : wanted)
      if (known->second.contains(std::string{what})) return;
    const auto* plugin = wanted.front() == "mail" ? "email" : "webhook";
    say(pointer, Place::value,
        "the channel " + in_quotes(name) + " " + what_it_does(known->second) + " and sends no " +
            (wanted.front() == "mail" ? "mails" : "leads") + "; name a channel that does, of the plugin \"" +
            plugin + "\" say");
  }

  static std::string what_it_does(const std::set<std::string>& delivers) {
    if (delivers.contains("chat")) return "answers chats";
    if (delivers.contains("lead")) return "tells other programs of leads";
    return delivers.contains("mail") ? "sends mails" : "only captures";
  }

  void check_unique_names(const json& list, const std::string& pointer, const std::string& what) {
    std::set<std::string> seen;
    each_element(list, pointer, [&](const json& element, const std::string& at) {
      const auto& name = get(element, "name");
      const auto name_at = child(at, "name");
      if (!name.is_string() || source_.at(name_at).origin != Origin::file) return;
      if (!seen.insert(name.get<std::string>()).second)
        say(name_at, Place::value,
            "a second " + what + " is called " + in_quotes(name.get<std::string>()) +
                "; give each its own name");
    });
  }

  // --- Conditions
  // ----------------------------------------------------------------------------------------------------

  void check_condition(const json& condition, const std::string& pointer) {
    each_member(condition, pointer, [&](const std::string& key, const json& value, const std::string& at) {
      if (key == "any" || key == "all")
        each_element(value, at, [&](const json& inner, const std::string& inner_at) {
          check_condition(inner, inner_at);
        });
      else if (key == "not")
        check_condition(value, at);
      else if (key == "segment")
        check_segment_names(value, at);
      else
        check_path(key, value, at);
    });
  }

  void check_segment_names(const json& value, const std::string& pointer) {
    const auto one = [&](const json& name, const std::string& at) {
      check_name(name, at, segments_, "segment", "known segments");
    };
    one(value, pointer);
    each_element(value, pointer, one);
  }

  void check_path(const std::string& path, const json& matcher, const std::string& pointer) {
    const auto* line = find_condition_path(path);
    if (line == nullptr) {
      auto known = condition_path_names();
      known.insert(known.end(), {"any", "all", "not", "segment"});
      const auto near = nearest(path, known);
      return say(pointer, Place::key,
                 "a condition cannot look at " + in_quotes(path) + "; " +
                     (near ? "did you mean " + in_quotes(*near) + "?"
                           : std::string{"docs/configuration.md lists the paths"}));
    }
    if (matcher.is_object()) return check_comparisons(*line, matcher, pointer);
    if (!matcher.is_array()) check_value(*line, matcher, pointer);
    each_element(matcher, pointer,
                 [&](const json& value, const std::string& at) { check_value(*line, value, at); });
  }

  void check_comparisons(const ConditionPath& line, const json& matcher, const std::string& pointer) {
    each_member(
        matcher, pointer, [&](const std::string& comparison, const json& value, const std::string& at) {
          const bool is_order =
              comparison == "gt" || comparison == "gte" || comparison == "lt" || comparison == "lte";
          const bool is_textual = comparison == "contains" || comparison == "matches";
          const bool fits = line.type == PathType::any || comparison == "present" ||
                            (is_order && (line.type == PathType::number || line.type == PathType::time)) ||
                            (is_textual && line.type == PathType::text) ||
                            (comparison == "contains" && line.type == PathType::list) ||
                            (comparison == "within" && line.type == PathType::time);
          const bool is_comparison =
              is_order || is_textual || comparison == "present" || comparison == "within";
          if (is_comparison && !fits)
            say(at, Place::key,
                in_quotes(comparison) + " cannot be used here: " + std::string{line.path} + " is " +
                    in_words(line.type) + "; " + mend(line.type));
          else if (is_order)
            check_value(line, value, at);
        });
  }

  static std::string in_words(PathType type) {
    switch (type) {
      case PathType::text:
        return "a text";
      case PathType::number:
        return "a number";
      case PathType::truth:
        return "true or false";
      case PathType::time:
        return "a point in time";
      case PathType::list:
        return "a list";
      case PathType::any:
        return "an attribute";
    }
    return "";
  }

  static std::string mend(PathType type) {
    switch (type) {
      case PathType::text:
        return "write a value, a list of values, contains, matches or present";
      case PathType::number:
        return "write a number, a list of numbers, gt, gte, lt, lte or present";
      case PathType::truth:
        return "write true or false";
      case PathType::time:
        return "write gt, gte, lt or lte with a time as 2026-01-05T12:00:00Z, within or present";
      case PathType::list:
        return "write a value, contains or present";
      case PathType::any:
        return "write a value";
    }
    return "";
  }

  void check_value(const ConditionPath& line, const json& value, const std::string& pointer) {
    const auto& node = source_.at(pointer);
    if (node.origin == Origin::unresolved || value.is_structured() || value.is_null()) return;
    const bool is_time = value.is_string() && parse_rfc3339(value.get_ref<const std::string&>());
    const bool fits = line.type == PathType::any || (line.type == PathType::number && value.is_number()) ||
                      (line.type == PathType::truth && value.is_boolean()) ||
                      (line.type == PathType::time && is_time) ||
                      ((line.type == PathType::text || line.type == PathType::list) && value.is_string());
    if (!fits)
      return say(pointer, Place::value,
                 std::string{line.path} + " is " + in_words(line.type) + ", not " + shown(value, node) +
                     "; " + mend_value(line.type, node));
    if (value.is_string() && !line.values.empty()) check_known_value(line, value, node, pointer);
  }

  static std::string mend_value(PathType type, const SourceNode& node) {
    const bool is_textual = type == PathType::text || type == PathType::list;
    return is_textual && !node.spelling.empty() ? "put it in quotes: \"" + node.spelling + "\"" : mend(type);
  }

  void check_known_value(const ConditionPath& line, const json& value, const SourceNode& node,
                         const std::string& pointer) {
    const auto& text = value.get_ref<const std::string&>();
    std::vector<std::string> known;
    for (const auto known_value : line.values) {
      if (known_value == text || (known_value == "x.*" && text.starts_with("x."))) return;
      known.emplace_back(known_value);
    }
    if (node.origin == Origin::secret)
      return say(pointer, Place::value,
                 "what ${...} stands for is none of the values of " + std::string{line.path} +
                     "; write one of: " + listed(known));
    say(pointer, Place::value,
        in_quotes(text) + " is none of the values of " + std::string{line.path} + "; " +
            suggestion(text, known, "write one of"));
  }

  // --- Sections
  // ------------------------------------------------------------------------------------------------------

  void check_report() {
    const auto& report = get(hub_, "report");
    each_element(get(report, "costs"), "/report/costs",
                 [&](const json& cost, const std::string& at) { check_cost(cost, at); });
    std::set<std::string> seen;
    each_element(get(report, "objectives"), "/report/objectives",
                 [&](const json& objective, const std::string& at) {
                   const auto& channel = get(objective, "channel");
                   check_channel(channel, child(at, "channel"));
                   if (channel.is_string() && !seen.insert(channel.get<std::string>()).second)
                     say(child(at, "channel"), Place::value,
                         "the channel has an objective already; leave one of them");
                 });
  }

  void check_cost(const json& cost, const std::string& pointer) {
    if (!cost.is_object()) return;
    check_channel(get(cost, "channel"), child(pointer, "channel"));
    if (!cost.contains("channel") && !cost.contains("source") && !cost.contains("campaign"))
      say(pointer, Place::value,
          "the cost is of nothing; name the channel, source or campaign that it was paid for");
    const auto day = [&](const char* name) {
      const auto& value = get(cost, name);
      return value.is_string() ? parse_date(value.get_ref<const std::string&>())
                               : fail(ErrorCode::invalid, "");
    };
    const auto from = day("from");
    const auto to = day("to");
    if (from && to && *to < *from)
      say(child(pointer, "to"), Place::value,
          "the cost ends before it begins; write the earlier day as from");
  }

  void check_segments() {
    Graph named;
    each_member(get(hub_, "segments"), "/segments",
                [&](const std::string& name, const json& condition, const std::string& at) {
                  check_condition(condition, at);
                  collect_named(condition, named[name]);
                });
    drop_ends(named);
    named = turned_round(named);
    drop_ends(named);
    for (const auto& [name, unused] : named)
      say(child("/segments", name), Place::key,
          "the segment " + in_quotes(name) + " names itself, in the end; write its condition without it");
  }

  /// The segments that a condition names itself.
  static void collect_named(const json& condition, std::set<std::string>& names) {
    if (condition.is_array())
      for (const auto& inner : condition) collect_named(inner, names);
    for (const auto* part : {"any", "all", "not"})
      if (const auto& inner = get(condition, part); !inner.is_null()) collect_named(inner, names);
    const auto& segment = get(condition, "segment");
    if (segment.is_string()) names.insert(segment.get<std::string>());
    each_element(segment, "", [&](const json& name, const std::string&) {
      if (name.is_string()) names.insert(name.get<std::string>());
    });
  }

  using Graph = std::map<std::string, std::set<std::string>>;

  static Graph turned_round(const Graph& graph) {
    Graph result;
    for (const auto& [from, targets] : graph)
      for (const auto& to : targets) result[to].insert(from);
    return result;
  }

  /// Takes off, until there are none, the nodes from which nothing in the graph is reached. Done both ways
  /// round it leaves what lies on circles, or between two.
  static void drop_ends(Graph& graph) {
    const Graph sources = turned_round(graph);
    std::vector<std::string> ends;
    for (const auto& [name, unused] : sources)
      if (!graph.contains(name)) ends.push_back(name);
    for (const auto& [name, targets] : graph)
      if (targets.empty()) ends.push_back(name);
    while (!ends.empty()) {
      const auto end = std::move(ends.back());
      ends.pop_back();
      graph.erase(end);
      const auto found = sources.find(end);
      if (found == sources.end()) continue;
      for (const auto& from : found->second) {
        const auto node = graph.find(from);
        if (node != graph.end() && node->second.erase(end) > 0 && node->second.empty()) ends.push_back(from);
      }
    }
  }

  void check_whens(const json& list, const std::string& pointer) {
    each_element(list, pointer, [&](const json& rule, const std::string& at) {
      check_condition(get(rule, "when"), child(at, "when"));
    });
  }

  void check_qualify() {
    const auto& qualify = get(hub_, "qualify");
    check_whens(get(qualify, "score"), "/qualify/score");
    check_unique_names(get(qualify, "score"), "/qualify/score", "score rule");
    check_whens(get(qualify, "temperature"), "/qualify/temperature");
    each_member(get(qualify, "stages"), "/qualify/stages",
                [&](const std::string&, const json& rule, const std::string& at) {
                  check_condition(get(rule, "when"), child(at, "when"));
                });
  }

  void check_route() {
    const auto& route = get(hub_, "route");
    check_unique_names(get(route, "team"), "/route/team", "member of the team");
    check_whens(get(route, "rules"), "/route/rules");
    auto known = team_;
    for (const auto* method : {"territory", "round_robin", "least_busy", "sticky"}) {
      known.known.insert(method);
      known.shown.emplace_back(method);
    }
    each_element(get(route, "rules"), "/route/rules", [&](const json& rule, const std::string& at) {
      check_name(get(rule, "assign"), child(at, "assign"), known, "way to assign or member of the team",
                 "write one of");
    });
    check_channel(get(get(route, "notify"), "via"), "/route/notify/via");
    check_delivers(get(get(route, "notify"), "via"), "/route/notify/via", {"mail", "lead"});
  }

  void check_deliver() {
    const auto& deliver = get(hub_, "deliver");
    check_whens(get(deliver, "rules"), "/deliver/rules");
    check_unique_names(get(deliver, "rules"), "/deliver/rules", "rule of deliver");
    each_element(get(deliver, "rules"), "/deliver/rules", [&](const json& rule, const std::string& at) {
      check_channel(get(rule, "via"), child(at, "via"));
      check_delivers(get(rule, "via"), child(at, "via"), {"lead"});
    });
  }

  void check_nurture() {
    each_member(get(get(hub_, "nurture"), "journeys"), "/nurture/journeys",
                [&](const std::string&, const json& journey, const std::string& at) {
                  for (const auto* part : {"enter", "leave", "goal"})
                    check_condition(get(journey, part), child(at, part));
                  step_names_.clear();
                  check_steps(get(journey, "steps"), child(at, "steps"));
                });
  }

  void check_steps(const json& list, const std::string& pointer) {
    each_element(list, pointer, [&](const json& step, const std::string& at) {
      for (const auto* kind : {"send", "notify", "call"})
        check_via(get(get(step, kind), "via"), child(child(at, kind), "via"));
      check_condition(get(step, "if"), child(at, "if"));
      check_steps(get(step, "then"), child(at, "then"));
      check_steps(get(step, "else"), child(at, "else"));
      if (const auto& split = get(step, "split"); split.is_object()) check_split(split, child(at, "split"));
      if (const auto& name = get(step, "name");
          name.is_string() && !step_names_.insert(name.get<std::string>()).second)
        say(child(at, "name"), Place::value,
            "a second step of this journey has this name; give each its own");
    });
  }

  void check_split(const json& split, const std::string& pointer) {
    double sum = 0;
    bool is_complete = true;
    each_member(split, pointer, [&](const std::string&, const json& way, const std::string& at) {
      const auto& share = get(way, "share");
      is_complete = is_complete && share.is_number();
      if (share.is_number()) sum += share.get<double>();
      check_steps(get(way, "steps"), child(at, "steps"));
    });
    if (is_complete && sum != 100)
      say(pointer, Place::key,
          "the shares of this split add up to " +
              json(static_cast<std::int64_t>(std::clamp(sum, -1e9, 1e9))).dump() + "; make it 100");
  }

  void check_tests() {
    const auto& tests = get(hub_, "tests");
    check_unique_names(tests, "/tests", "test");
    each_element(tests, "/tests", [&](const json& test, const std::string& at) {
      each_element(get(test, "given"), child(at, "given"), [&](const json& line, const std::string& line_at) {
        check_channel(get(line, "channel"), child(line_at, "channel"));
      });
      each_member(get(get(test, "expect"), "lead"), child(child(at, "expect"), "lead"),
                  [&](const std::string& field, const json& value, const std::string& field_at) {
                    check_expected(field, value, field_at);
                  });
    });
  }

  void check_expected(const std::string& field, const json& value, const std::string& pointer) {
    const auto* line = find_condition_path("lead." + field);
    if (line == nullptr) {
      std::vector<std::string> known;
      for (const auto& name : condition_path_names())
        if (name.starts_with("lead.")) known.push_back(name.substr(5));
      return say(pointer, Place::key,
                 "a lead has no field " + in_quotes(field) + "; " + suggestion(field, known, "known fields"));
    }
    if (value.is_structured()) return;
    check_value(*line, value, pointer);
    if (field == "owner") check_name(value, pointer, team_, "member of the team", "the team");
  }

  const json& hub_;
  const SourceMap& source_;
  Names channels_;
  std::map<std::string, std::set<std::string>> delivers_;  ///< what the channels of installed plugins bring
  Names segments_;
  Names team_;
  std::set<std::string> step_names_;
  std::vector<Diagnostic> diagnostics_;
};

}  // namespace

std::vector<Diagnostic> check_references(const json& hub, const SourceMap& source,
                                         std::span<const PluginSchema> installed) {
  return ReferenceChecker{hub, source, installed}.run();
}

}  // namespace leadhub::config
