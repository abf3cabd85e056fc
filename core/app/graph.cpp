#include "app/graph.hpp"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "app/mermaid.hpp"

namespace leadhub::app {
namespace {

using Json = nlohmann::ordered_json;
using Shape = Flowchart::Shape;
using Line = Flowchart::Line;

/// A node that the path has reached, and what to write at the line from there: "yes", "50 %".
struct Loose {
  std::string node;
  std::string label;
};

class Graph {
 public:
  explicit Graph(const LoadedConfig& loaded) : loaded_(loaded), config_(*loaded.config) {}

  std::string draw() {
    draw_sources();
    draw_pipeline();
    draw_segments();
    draw_qualify();
    draw_route();
    draw_deliveries();
    draw_deliver_rules();
    draw_journeys();
    return chart_.text();
  }

 private:
  [[nodiscard]] Json section(const std::string& name) const {
    const auto found = config_.sections.find(name);
    return found == config_.sections.end() ? Json{} : Json::parse(found->second, nullptr, false);
  }

  [[nodiscard]] std::string words_of(const Json& condition) const {
    return lead::describe(config::condition_of(nlohmann::json(condition), config_.segments));
  }

  [[nodiscard]] static std::string label_of(const config::Channel& channel) {
    const auto config = Json::parse(channel.config, nullptr, false);
    auto label = channel.name + "\n" + channel.plugin;
    for (const auto* key : {"provider", "transport"})
      if (config.is_object() && config.contains(key) && config.at(key).is_string())
        label += ": " + config.at(key).get<std::string>();
    if (channel.double_opt_in) label += "\nasks to confirm";
    return label;
  }

  [[nodiscard]] bool delivers(const config::Channel& channel) const {
    const auto* plugin = loaded_.registry->find(channel.plugin);
    return plugin != nullptr && !plugin->descriptor->delivers.empty();
  }

  [[nodiscard]] bool captures(const config::Channel& channel) const {
    const auto* plugin = loaded_.registry->find(channel.plugin);
    return plugin != nullptr && std::ranges::any_of(plugin->descriptor->roles, [](const std::string& role) {
             return role.starts_with("capture.");
           });
  }

  void draw_sources() {
    chart_.begin_group("channels");
    for (const auto* channel : loaded_.active)
      if (captures(*channel)) sources_.push_back(chart_.node(label_of(*channel), Shape::rounded));
    for (const auto& channel : loaded_.inactive)
      chart_.resting_node(channel.name + "\nnot active: " + channel.reason);
    chart_.end_group();
  }

  void draw_pipeline() {
    const auto inbox = chart_.node("inbox", Shape::cylinder);
    for (const auto& source : sources_) chart_.edge(source, inbox);
    chart_.begin_group("pipeline");
    auto before = inbox;
    for (const auto* stage : {"normalise", "verify", "identify", "qualify"}) {
      const auto node = chart_.node(stage);
      chart_.edge(before, node);
      before = node;
    }
    chart_.end_group();
    qualified_ = before;
  }

  void draw_segments() {
    const auto segments = section("segments");
    if (!segments.is_object() || segments.empty()) return;
    chart_.begin_group("segments");
    for (const auto& [name, condition] : segments.items())
      segments_.emplace(name, chart_.node(name + "\n" + words_of(condition), Shape::hexagon));
    chart_.end_group();
    for (const auto& [name, condition] : segments.items()) link_segments(condition, segments_.at(name));
  }

  /// Lines from the segments that a condition names, at any depth, to what it decides.
  void link_segments(const Json& condition, const std::string& node) {
    if (!condition.is_structured()) return;
    for (const auto& [key, value] : condition.items()) {
      if (key != "segment") {
        link_segments(value, node);
        continue;
      }
      for (const auto& name : value.is_array() ? value : Json::array({value}))
        if (const auto found = segments_.find(name.get<std::string>()); found != segments_.end())
          chart_.edge(found->second, node, {}, Line::dotted);
    }
  }

  /// A node of a rule: its name, what it asks for, what it does.
  std::string rule(const std::string& name, const Json& condition, const std::string& effect) {
    auto label = name;
    for (const auto& line : {words_of(condition), effect})
      if (!line.empty()) label += (label.empty() ? "" : "\n") + line;
    auto node = chart_.node(label);
    link_segments(condition, node);
    return node;
  }

  void draw_qualify() {
    const auto scores = section("qualify.score");
    const auto temperatures = section("qualify.temperature");
    const auto stages = section("qualify.stages");
    if (!scores.empty()) {
      const auto group = chart_.begin_group("score");
      for (const auto& score : scores) draw_score(score);
      if (const auto decay = section("qualify.decay"); decay.is_object())
        chart_.node(decay.value("group", "") + " halves every " + decay.value("half_life", ""));
      chart_.end_group();
      chart_.edge(qualified_, group);
      qualified_ = group;
    }
    const auto group = chart_.begin_group("temperature");
    if (section("qualify.builtin") != false)
      chart_.node("the domain's own rules:\na demo request is hot, a form warm");
    for (const auto& temperature : temperatures)
      rule("", temperature.at("when"), "then " + temperature.value("is", "") + holds_for(temperature));
    chart_.end_group();
    chart_.edge(qualified_, group);
    qualified_ = group;
    if (!stages.empty()) draw_stages(stages);
  }

  [[nodiscard]] static std::string holds_for(const Json& temperature) {
    return temperature.contains("for") ? " for " + temperature.value("for", "") : std::string{};
  }

  void draw_score(const Json& score) {
    const auto points = score.value("add", 0);
    auto effect = (points < 0 ? "" : "+") + std::to_string(points) + " " + score.value("group", "engagement");
    if (score.contains("at_most")) effect += ", at most " + score.value("at_most", "");
    if (score.value("once", false)) effect += ", once";
    rule(score.value("name", ""), score.at("when"), effect);
  }

  void draw_stages(const Json& stages) {
    const auto group = chart_.begin_group("stages");
    auto before = chart_.node("captured", Shape::stadium);
    for (const auto* name : {"registered", "developing", "converted", "customer", "lost", "recycled"}) {
      if (!stages.contains(name)) continue;
      const auto& condition = stages.at(name).at("when");
      const auto node = chart_.node(name, Shape::stadium);
      const bool is_aside = std::string_view{name} == "lost" || std::string_view{name} == "recycled";
      chart_.edge(before, node, words_of(condition), is_aside ? Line::dotted : Line::solid);
      link_segments(condition, node);
      if (!is_aside) before = node;
    }
    chart_.end_group();
    chart_.edge(qualified_, group);
    qualified_ = group;
  }

  void draw_route() {
    const auto route = section("route");
    if (!route.is_object() || !route.contains("rules")) return;
    std::map<std::string, std::string> team;
    std::vector<std::pair<std::string, Json>> rules;
    chart_.begin_group("route");
    for (const auto& given : route.at("rules")) {
      std::string effect = "assign: " + given.value("assign", "");
      if (given.contains("answer_within")) effect += "\nanswer within " + given.value("answer_within", "");
      if (given.contains("then")) effect += ", then " + given.value("then", "");
      rules.emplace_back(rule("", given.at("when"), effect), given);
    }
    chart_.end_group();
    for (const auto& [node, given] : rules) chart_.edge(qualified_, node);
    if (!route.contains("team")) return;
    const auto group = chart_.begin_group("team");
    for (const auto& member : route.at("team"))
      team.emplace(member.value("name", ""), chart_.node(label_of_member(member), Shape::rounded));
    chart_.end_group();
    for (const auto& [node, given] : rules) {
      const auto chosen = team.find(given.value("assign", ""));
      chart_.edge(node, chosen == team.end() ? group : chosen->second);
    }
  }

  [[nodiscard]] static std::string label_of_member(const Json& member) {
    auto label = member.value("name", "");
    std::string countries;
    for (const auto& country : member.value("territory", Json::array()))
      countries += (countries.empty() ? "" : ", ") + country.get<std::string>();
    if (!countries.empty()) label += "\n" + countries;
    if (member.contains("capacity")) label += "\n" + member.value("capacity", "");
    if (member.contains("weight")) label += "\nweight " + std::to_string(member.value("weight", 1));
    return label;
  }

  void draw_deliveries() {
    std::vector<const config::Channel*> channels;
    std::ranges::copy_if(loaded_.active, std::back_inserter(channels),
                         [this](const auto* channel) { return delivers(*channel); });
    if (channels.empty()) return;
    chart_.begin_group("deliver");
    for (const auto* channel : channels)
      deliveries_.emplace(channel->name, chart_.node(label_of(*channel), Shape::rounded));
    chart_.end_group();
  }

  void draw_deliver_rules() {
    const auto section_of_rules = section("deliver");
    if (!section_of_rules.is_object() || !section_of_rules.contains("rules")) return;
    for (const auto& given : section_of_rules.at("rules")) {
      const auto node = rule(given.value("name", ""), given.at("when"),
                             given.value("keep_current", false) ? "and after each later event" : "");
      chart_.edge(qualified_, node);
      if (const auto to = deliveries_.find(given.value("via", "")); to != deliveries_.end())
        chart_.edge(node, to->second);
    }
  }

  void draw_journeys() {
    const auto nurture = section("nurture");
    if (!nurture.is_object() || !nurture.contains("journeys")) return;
    for (const auto& [name, journey] : nurture.at("journeys").items()) {
      chart_.begin_group("journey " + name);
      const auto enter = chart_.node("enter\n" + words_of(journey.at("enter")), Shape::stadium);
      link_segments(journey.at("enter"), enter);
      const auto ends = draw_steps(journey.at("steps"), {{enter, ""}});
      join(ends, chart_.node("end", Shape::stadium));
      for (const auto* way_out : {"goal", "leave"})
        if (journey.contains(way_out))
          chart_.edge(
              enter, chart_.node(std::string{way_out} + "\n" + words_of(journey.at(way_out)), Shape::stadium),
              "at any time", Line::dotted);
      chart_.end_group();
      chart_.edge(qualified_, enter);
    }
  }

  void join(const std::vector<Loose>& ends, const std::string& node) {
    for (const auto& end : ends) chart_.edge(end.node, node, end.label);
  }

  /// Draws the steps behind these ends; the ends that they leave.
  std::vector<Loose> draw_steps(const Json& steps, std::vector<Loose> ends) {
    for (const auto& step : steps) {
      if (ends.empty()) break;  // behind an `end`
      ends = draw_step(step, ends);
    }
    return ends;
  }

  std::vector<Loose> draw_step(const Json& step, const std::vector<Loose>& ends) {
    if (step.contains("if")) return draw_if(step, ends);
    if (step.contains("split")) return draw_split(step, ends);
    const auto node = chart_.node(label_of_step(step), step.contains("end") ? Shape::stadium : Shape::box);
    join(ends, node);
    for (const auto* kind : {"send", "notify", "call"})
      if (step.contains(kind))
        if (const auto via = deliveries_.find(step.at(kind).value("via", "")); via != deliveries_.end())
          chart_.edge(node, via->second, {}, Line::dotted);
    if (step.contains("end")) return {};
    return {{node, ""}};
  }

  std::vector<Loose> draw_if(const Json& step, const std::vector<Loose>& ends) {
    const auto node = chart_.node(words_of(step.at("if")) + "?", Shape::diamond);
    link_segments(step.at("if"), node);
    join(ends, node);
    auto after = draw_steps(step.at("then"), {{node, "yes"}});
    std::ranges::copy(draw_steps(step.value("else", Json::array()), {{node, "no"}}),
                      std::back_inserter(after));
    return after;
  }

  std::vector<Loose> draw_split(const Json& step, const std::vector<Loose>& ends) {
    const auto node = chart_.node("split", Shape::diamond);
    join(ends, node);
    std::vector<Loose> after;
    for (const auto& [name, way] : step.at("split").items())
      std::ranges::copy(
          draw_steps(way.at("steps"), {{node, name + " " + std::to_string(way.value("share", 0)) + " %"}}),
          std::back_inserter(after));
    return after;
  }

  [[nodiscard]] static std::string label_of_step(const Json& step) {
    for (const auto* kind : {"send", "notify"})
      if (step.contains(kind)) return std::string{kind} + " " + step.at(kind).value("template", "");
    if (step.contains("wait")) return "wait " + step.value("wait", "");
    if (step.contains("wait_until")) return "wait until " + moment(step.at("wait_until"));
    if (step.contains("tag")) return "tag " + step.value("tag", "");
    if (step.contains("call")) return "call " + step.at("call").value("via", "");
    if (step.contains("end")) return "end";
    std::string label = "set";
    for (const auto& [attribute, value] : step.value("set", Json::object()).items())
      label += "\n" + attribute + " = " + (value.is_string() ? value.get<std::string>() : value.dump());
    return label;
  }

  [[nodiscard]] static std::string moment(const Json& wait) {
    std::string text;
    for (const auto& day : wait.value("days", Json::array()))
      text += (text.empty() ? "" : ", ") + day.get<std::string>();
    if (wait.contains("at")) text += (text.empty() ? "" : " ") + wait.value("at", "");
    return text;
  }

  const LoadedConfig& loaded_;
  const config::Config& config_;
  Flowchart chart_;
  std::vector<std::string> sources_;
  std::string qualified_;  ///< the last node of what every event passes
  std::map<std::string, std::string> segments_;
  std::map<std::string, std::string> deliveries_;
};

}  // namespace

std::string to_mermaid(const LoadedConfig& loaded) {
  return Graph{loaded}.draw();
}

}  // namespace leadhub::app
