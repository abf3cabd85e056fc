#include "config/nurture_section.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "config/units.hpp"

namespace leadhub::config {
namespace {

using nlohmann::json;

const std::string& text(const json& value) {
  return value.get_ref<const std::string&>();
}

std::array<bool, 7> days_of(const json& list) {
  constexpr std::array<std::string_view, 7> names{"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
  std::array<bool, 7> days{};
  for (std::size_t i = 0; i < names.size(); ++i)
    for (const auto& day : list) days.at(i) = days.at(i) || day == names.at(i);
  return days;
}

lead::AttributeValue value_of(const json& given) {
  if (given.is_boolean()) return given.get<bool>();
  if (given.is_number_integer()) return given.get<std::int64_t>();
  if (given.is_number()) return given.get<double>();
  return given.is_string() ? text(given) : given.dump();
}

/// Makes one list of the steps of a journey.
class StepList {
 public:
  StepList(const json& steps, const Segments& segments) : segments_(segments) {
    find_names(steps);
    add(steps);
  }
  [[nodiscard]] std::vector<nurture::Step> take() { return std::move(steps_); }

 private:
  /// Names that are given are nobody else's.
  void find_names(const json& value) {
    if (value.is_object() && value.contains("name") && value.at("name").is_string())
      names_.insert(text(value.at("name")));
    if (value.is_structured())
      for (const auto& part : value) find_names(part);
  }

  std::string name_of(const json& step, const std::string& known_by) {
    if (step.contains("name")) return text(step.at("name"));
    auto name = known_by;
    for (int number = 2; !names_.insert(name).second; ++number)
      name = known_by + " " + std::to_string(number);
    return name;
  }

  template <class What>
  std::size_t push(std::string name, What what) {
    steps_.push_back({std::move(name), std::move(what)});
    return steps_.size() - 1;
  }

  void add(const json& list) {
    for (const auto& step : list) add_step(step);
  }

  void add_step(const json& step) {
    if (step.contains("if")) return add_if(step);
    if (step.contains("split")) return add_split(step);
    if (step.contains("send")) {
      const auto& mail = step.at("send");
      push(name_of(step, text(mail.at("template"))),
           nurture::Send{text(mail.at("template")), text(mail.at("via"))});
    } else if (step.contains("notify")) {
      const auto& mail = step.at("notify");
      push(name_of(step, text(mail.at("template"))),
           nurture::Notify{text(mail.at("template")), text(mail.at("via"))});
    } else if (step.contains("tag")) {
      push(name_of(step, "tag " + text(step.at("tag"))), nurture::Tag{text(step.at("tag"))});
    } else if (step.contains("set")) {
      push(name_of(step, "set"), set_of(step.at("set")));
    } else if (step.contains("call")) {
      push(name_of(step, "call " + text(step.at("call").at("via"))),
           nurture::Call{text(step.at("call").at("via"))});
    } else if (step.contains("wait")) {
      push(name_of(step, "wait"), nurture::Wait{*parse_duration(text(step.at("wait")))});
    } else if (step.contains("wait_until")) {
      push(name_of(step, "wait_until"), wait_until_of(step.at("wait_until")));
    } else {
      push(name_of(step, "end"), nurture::End{});
    }
  }

  static nurture::Set set_of(const json& given) {
    constexpr std::string_view prefix = "attributes.";
    nurture::Set set;
    for (const auto& [path, value] : given.items())
      set.attributes.emplace_back(path.substr(prefix.size()), value_of(value));
    return set;
  }

  static nurture::WaitUntil wait_until_of(const json& given) {
    nurture::WaitUntil until;
    if (given.contains("days")) until.days = days_of(given.at("days"));
    if (given.contains("at")) until.at = *parse_time_of_day(text(given.at("at")));
    return until;
  }

  void add_if(const json& step) {
    const auto branch = push(name_of(step, "if"), nurture::If{condition_of(step.at("if"), segments_), 0});
    add(step.at("then"));
    if (!step.contains("else")) {
      std::get<nurture::If>(steps_[branch].what).otherwise = steps_.size();
      return;
    }
    const auto over = push(name_of(json::object(), "go on"), nurture::GoTo{});
    std::get<nurture::If>(steps_[branch].what).otherwise = steps_.size();
    add(step.at("else"));
    std::get<nurture::GoTo>(steps_[over].what).step = steps_.size();
  }

  void add_split(const json& step) {
    const auto branch = push(name_of(step, "split"), nurture::Split{});
    std::vector<std::size_t> ends;
    for (const auto& way : step.at("split")) {
      std::get<nurture::Split>(steps_[branch].what)
          .ways.push_back({way.at("share").get<int>(), steps_.size()});
      add(way.at("steps"));
      ends.push_back(push(name_of(json::object(), "go on"), nurture::GoTo{}));
    }
    for (const auto at : ends) std::get<nurture::GoTo>(steps_[at].what).step = steps_.size();
  }

  const Segments& segments_;
  std::set<std::string> names_;
  std::vector<nurture::Step> steps_;
};

/// nullopt: `false`.
std::optional<nurture::Brake> brake_of(const json& given) {
  if (given.is_boolean()) return std::nullopt;
  nurture::Brake brake;
  brake.bounces = given.value("bounces", brake.bounces);
  brake.complaints = given.value("complaints", brake.complaints);
  brake.from = given.value("from", brake.from);
  if (given.contains("per")) brake.per = *parse_duration(text(given.at("per")));
  return brake;
}

lead::Tracking tracking_of(const json& given) {
  const auto asks_for = [&](const char* what) { return std::ranges::find(given, what) != given.end(); };
  return {asks_for("clicks"), asks_for("opens")};
}

nurture::Journey journey_of(const std::string& name, const json& given, const Segments& segments) {
  nurture::Journey journey;
  journey.name = name;
  journey.enter = condition_of(given.at("enter"), segments);
  journey.enters_on_event = lead::looks_at_event(journey.enter);
  if (given.contains("leave")) journey.leave = condition_of(given.at("leave"), segments);
  if (given.contains("goal")) journey.goal = condition_of(given.at("goal"), segments);
  if (given.contains("again")) journey.again = *parse_duration(text(given.at("again")));
  journey.purpose = given.value("purpose", "marketing_email");
  if (given.contains("track")) journey.track = tracking_of(given.at("track"));
  journey.steps = StepList{given.at("steps"), segments}.take();
  return journey;
}

}  // namespace

nurture::Rules nurture_of(const json& section, const Segments& segments, const std::string& time_zone) {
  nurture::Rules rules;
  rules.time_zone = time_zone;
  if (!section.is_object()) return rules;
  if (section.contains("quiet_hours")) {
    const auto& hours = section.at("quiet_hours");
    rules.quiet_hours = {*parse_time_of_day(text(hours.at("from"))),
                         *parse_time_of_day(text(hours.at("to")))};
  }
  if (section.contains("cap")) {
    const auto& cap = section.at("cap");
    rules.cap = {cap.at("mails").get<std::size_t>(), *parse_duration(text(cap.at("per")))};
  }
  if (section.contains("brake")) rules.brake = brake_of(section.at("brake"));
  if (section.contains("journeys"))
    for (const auto& [name, journey] : section.at("journeys").items())
      rules.journeys.push_back(journey_of(name, journey, segments));
  return rules;
}

}  // namespace leadhub::config
