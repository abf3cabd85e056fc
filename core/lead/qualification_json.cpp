#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <nlohmann/json.hpp>
#include <string>

#include "lead/lead_json.hpp"

/// The column that holds what the rules have made of a lead. Short names: it is written with every event.
namespace leadhub::lead {
namespace {

using nlohmann::json;
using Writer = rapidjson::Writer<rapidjson::StringBuffer>;

void key(Writer& out, std::string_view name) {
  out.Key(name.data(), static_cast<rapidjson::SizeType>(name.size()));
}
void text(Writer& out, std::string_view value) {
  out.String(value.data(), static_cast<rapidjson::SizeType>(value.size()));
}
void time(Writer& out, TimePoint value) {
  out.Int64(to_milliseconds(value));
}
void reference(Writer& out, EventReference value) {
  out.Int64(value.seq);
  out.Int(value.index);
}

void write(Writer& out, std::string_view name, const std::optional<Warmth>& warmth) {
  if (!warmth) return;
  key(out, name);
  out.StartArray();
  time(out, warmth->until);
  text(out, warmth->rule);
  reference(out, warmth->source);
  time(out, warmth->at);
  out.EndArray();
}

void write(Writer& out, const Assignment& assignment) {
  key(out, "assignment");
  out.StartArray();
  out.Int(assignment.round);
  text(out, assignment.owner);
  text(out, assignment.rule);
  text(out, assignment.method);
  reference(out, assignment.source);
  time(out, assignment.assigned_at);
  assignment.answer_by ? time(out, *assignment.answer_by) : void(out.Null());
  assignment.answered_at ? time(out, *assignment.answered_at) : void(out.Null());
  out.Int(static_cast<int>(assignment.state));
  out.EndArray();
}

void write_points(Writer& out, const Qualification& qualification) {
  bool any = false;
  for (const auto& points : qualification.points) any = any || points.as_of != TimePoint{};
  if (!any) return;
  key(out, "points");
  out.StartArray();
  for (const auto& points : qualification.points) {
    out.Double(points.sum);
    time(out, points.as_of);
    out.Int64(points.half_life.count());
  }
  out.EndArray();
}

void write_tallies(Writer& out, const std::vector<Tally>& tallies) {
  if (tallies.empty()) return;
  key(out, "tallies");
  out.StartObject();
  for (const auto& tally : tallies) {
    key(out, tally.rule);
    out.StartArray();
    for (const auto& [at, points] : tally.given) {
      time(out, at);
      out.Int64(points);
    }
    out.EndArray();
  }
  out.EndObject();
}

void write_routing(Writer& out, const Routing& routing) {
  if (routing.assignment) write(out, *routing.assignment);
  if (routing.waiting) {
    key(out, "waiting");
    out.StartArray();
    text(out, routing.waiting->rule);
    reference(out, routing.waiting->source);
    time(out, routing.waiting->since);
    time(out, routing.waiting->again_at);
    out.EndArray();
  }
  if (routing.holding.empty()) return;
  key(out, "holding");
  out.StartArray();
  for (const auto& rule : routing.holding) text(out, rule);
  out.EndArray();
}

void write_delivering(Writer& out, const std::vector<std::string>& delivering) {
  if (delivering.empty()) return;
  key(out, "delivering");
  out.StartArray();
  for (const auto& rule : delivering) text(out, rule);
  out.EndArray();
}

void write_development(Writer& out, const Development& development) {
  if (!development.enrolments.empty()) {
    key(out, "journeys");
    out.StartArray();
    for (const auto& enrolment : development.enrolments) {
      out.StartArray();
      text(out, enrolment.journey);
      text(out, enrolment.occurrence);
      out.Int(static_cast<int>(enrolment.state));
      text(out, enrolment.step);
      time(out, enrolment.entered_at);
      time(out, enrolment.reached_at);
      enrolment.due_at ? time(out, *enrolment.due_at) : void(out.Null());
      text(out, enrolment.why);
      enrolment.ended_at ? time(out, *enrolment.ended_at) : void(out.Null());
      out.Bool(enrolment.would_enter);
      out.EndArray();
    }
    out.EndArray();
  }
  if (development.mails.empty()) return;
  key(out, "mails");
  out.StartArray();
  for (const auto at : development.mails) time(out, at);
  out.EndArray();
}

void write_account(Writer& out, const Lead& lead) {
  const auto& account = lead.account;
  if (!account.owner.empty() || account.renews_at || account.follow_up_at) {
    key(out, "account");
    out.StartArray();
    text(out, account.owner);
    account.renews_at ? time(out, *account.renews_at) : void(out.Null());
    account.follow_up_at ? time(out, *account.follow_up_at) : void(out.Null());
    out.EndArray();
  }
  if (lead.value.empty()) return;
  key(out, "value");
  out.StartObject();
  for (const auto& [currency, sum] : lead.value) {
    key(out, currency);
    out.Double(sum);
  }
  out.EndObject();
}

TimePoint time_from(const json& value) {
  return from_milliseconds(value.get<std::int64_t>());
}
std::optional<TimePoint> optional_time_from(const json& value) {
  return value.is_null() ? std::nullopt : std::optional{time_from(value)};
}
EventReference reference_at(const json& list, std::size_t place) {
  return {list.at(place).get<std::int64_t>(), list.at(place + 1).get<std::int32_t>()};
}

void read_development(const json& document, Development& development) {
  if (const auto found = document.find("journeys"); found != document.end())
    for (const auto& list : *found)
      development.enrolments.push_back(
          {list.at(0).get<std::string>(), list.at(1).get<std::string>(),
           static_cast<EnrolmentState>(list.at(2).get<int>()), list.at(3).get<std::string>(),
           time_from(list.at(4)), time_from(list.at(5)), optional_time_from(list.at(6)),
           list.at(7).get<std::string>(), optional_time_from(list.at(8)), list.at(9).get<bool>()});
  if (const auto found = document.find("mails"); found != document.end())
    for (const auto& at : *found) development.mails.push_back(time_from(at));
}

std::optional<Warmth> warmth_from(const json& document, const char* name) {
  const auto found = document.find(name);
  if (found == document.end()) return std::nullopt;
  return Warmth{time_from(found->at(0)), found->at(1).get<std::string>(), reference_at(*found, 2),
                time_from(found->at(4))};
}

Assignment assignment_from(const json& list) {
  return {list.at(0).get<std::int32_t>(),
          list.at(1).get<std::string>(),
          list.at(2).get<std::string>(),
          list.at(3).get<std::string>(),
          reference_at(list, 4),
          time_from(list.at(6)),
          optional_time_from(list.at(7)),
          optional_time_from(list.at(8)),
          static_cast<AssignmentState>(list.at(9).get<int>())};
}

void read_points(const json& list, Qualification& qualification) {
  std::size_t place = 0;
  for (auto& points : qualification.points) {
    points = {list.at(place).get<double>(), time_from(list.at(place + 1)),
              std::chrono::milliseconds{list.at(place + 2).get<std::int64_t>()}};
    place += 3;
  }
}

void read_tallies(const json& object, Qualification& qualification) {
  for (const auto& [rule, given] : object.items()) {
    auto& tally = qualification.tallies.emplace_back(Tally{rule, {}});
    for (std::size_t i = 0; i + 1 < given.size(); i += 2)
      tally.given.emplace_back(time_from(given.at(i)), given.at(i + 1).get<std::int64_t>());
  }
}

void read_routing(const json& document, Routing& routing) {
  if (const auto found = document.find("assignment"); found != document.end())
    routing.assignment = assignment_from(*found);
  // Rules were known by their numbers once; who waited for one is offered to the rules anew by the next
  // event.
  if (const auto found = document.find("waiting"); found != document.end() && found->at(0).is_string())
    routing.waiting = {found->at(0).get<std::string>(), reference_at(*found, 1), time_from(found->at(3)),
                       time_from(found->at(4))};
  if (const auto found = document.find("holding"); found != document.end())
    for (const auto& rule : *found)
      if (rule.is_string()) routing.holding.push_back(rule.get<std::string>());
}

void read_account(const json& document, Lead& lead) {
  if (const auto found = document.find("account"); found != document.end())
    lead.account = {found->at(0).get<std::string>(), optional_time_from(found->at(1)),
                    optional_time_from(found->at(2))};
  if (const auto found = document.find("value"); found != document.end())
    for (const auto& [currency, sum] : found->items()) lead.value.emplace_back(currency, sum.get<double>());
}

}  // namespace

std::string qualification_to_json(const Lead& lead) {
  rapidjson::StringBuffer buffer;
  Writer out{buffer};
  const auto& qualification = lead.qualification;
  out.StartObject();
  write_points(out, qualification);
  write_tallies(out, qualification.tallies);
  write(out, "warm", qualification.warm_event);
  write(out, "hot", qualification.hot_event);
  for (const auto& [name, rule] :
       {std::pair{"warm_rule", &qualification.warm_rule}, {"hot_rule", &qualification.hot_rule}}) {
    if (rule->empty()) continue;
    key(out, name);
    text(out, *rule);
  }
  if (!qualification.stages.empty()) {
    key(out, "stages");
    out.StartArray();
    for (const auto& reason : qualification.stages) {
      out.Int(reason.stage);
      text(out, reason.rule);
      reference(out, reason.source);
    }
    out.EndArray();
  }
  if (const auto& grade = qualification.grade_limits; grade != GradeLimits{}) {
    key(out, "grade");
    out.StartArray();
    for (const auto limit : {grade.a, grade.b, grade.one, grade.two}) out.Double(limit);
    out.EndArray();
  }
  write_routing(out, lead.routing);
  write_delivering(out, lead.delivering);
  write_development(out, lead.development);
  write_account(out, lead);
  out.EndObject();
  return {buffer.GetString(), buffer.GetSize()};
}

void qualification_from_json(std::string_view column, Lead& lead) {
  auto& qualification = lead.qualification;
  if (column.empty()) {
    // Written before there were rules but the built-in ones: what they said counts on.
    if (lead.warm_until) qualification.warm_event = Warmth{*lead.warm_until, "", {}, {}};
    if (lead.hot_until) qualification.hot_event = Warmth{*lead.hot_until, "", {}, {}};
    return;
  }
  const auto document = json::parse(column);
  if (const auto found = document.find("points"); found != document.end()) read_points(*found, qualification);
  if (const auto found = document.find("tallies"); found != document.end())
    read_tallies(*found, qualification);
  qualification.warm_event = warmth_from(document, "warm");
  qualification.hot_event = warmth_from(document, "hot");
  qualification.warm_rule = document.value("warm_rule", "");
  qualification.hot_rule = document.value("hot_rule", "");
  if (const auto found = document.find("stages"); found != document.end())
    for (std::size_t i = 0; i + 3 < found->size(); i += 4)
      qualification.stages.push_back({found->at(i).get<std::int32_t>(), found->at(i + 1).get<std::string>(),
                                      reference_at(*found, i + 2)});
  if (const auto found = document.find("grade"); found != document.end())
    qualification.grade_limits = {found->at(0).get<double>(), found->at(1).get<double>(),
                                  found->at(2).get<double>(), found->at(3).get<double>()};
  read_routing(document, lead.routing);
  if (const auto found = document.find("delivering"); found != document.end())
    lead.delivering = found->get<std::vector<std::string>>();
  read_development(document, lead.development);
  read_account(document, lead);
}

}  // namespace leadhub::lead
