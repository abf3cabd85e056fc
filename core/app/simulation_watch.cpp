#include "app/simulation_watch.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <set>
#include <utility>

#include "ops/local_time.hpp"

namespace leadhub::app {
namespace {

using Json = nlohmann::ordered_json;

std::string shown(const Json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

std::string quoted(const std::string& name) {
  return '"' + name + '"';
}

/// The entry of a list that is the same one; null: it was not there.
template <class Entry, class Key>
const Entry* same_in(const std::vector<Entry>& list, const Entry& entry, Key key) {
  const auto found = std::ranges::find(list, std::invoke(key, entry), key);
  return found == list.end() ? nullptr : &*found;
}

/// What is in `now` and not in `before`, each once.
std::vector<std::string> added(const Json& before, const Json& now) {
  std::vector<std::string> names;
  for (const auto& name : now)
    if (std::ranges::find(before, name) == before.end()) names.push_back(name.get<std::string>());
  return names;
}

/// What a kind of message is called among the steps.
std::string kind_of(const lead::Message& message) {
  switch (message.kind) {
    case lead::MessageKind::opt_in:
    case lead::MessageKind::journey:
    case lead::MessageKind::broadcast:
      return "mail";
    case lead::MessageKind::hand_off:
    case lead::MessageKind::notice:
      return "notice";
    case lead::MessageKind::delivery:
      return "call";
    case lead::MessageKind::chat_reply:
      return "reply";
  }
  return "message";
}

/// What a message is called.
std::string name_of(const lead::Message& message) {
  if (!message.template_name.empty()) return message.template_name;
  switch (message.kind) {
    case lead::MessageKind::opt_in:
      return "the mail that asks to confirm";
    case lead::MessageKind::hand_off:
      return message.text == "missed" ? "word of a missed answer" : "the hand-off";
    case lead::MessageKind::delivery:
      return "the lead";
    default:
      return "the " + std::string{lead::to_string(message.kind)};
  }
}

std::vector<std::pair<std::string, std::string>> facts_of(const lead::Message& message) {
  std::vector<std::pair<std::string, std::string>> facts{{"message", std::string{to_string(message.kind)}}};
  const auto add = [&](const char* name, const std::string& value) {
    if (!value.empty()) facts.emplace_back(name, value);
  };
  add("template", message.template_name);
  add(message.kind == lead::MessageKind::broadcast ? "broadcast" : "journey", message.journey);
  add("step", message.step);
  add("to", message.address);
  add("channel", message.channel);
  return facts;
}

/// The rule by which the lead came to its stage.
std::string rule_of_stage(const lead::Lead& lead) {
  const auto& reasons = lead.qualification.stages;
  const auto found =
      std::ranges::find(reasons, static_cast<std::int32_t>(lead.stage), &lead::StageReason::stage);
  return found == reasons.end() ? std::string{} : found->rule;
}

}  // namespace

std::string local_words(TimePoint time, const std::string& time_zone) {
  static constexpr std::array<const char*, 7> weekdays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  const auto day = local_day(time, time_zone);
  const std::chrono::year_month_day date{day};
  const auto minutes = local_time_of_day(time, time_zone).count();
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%s %04d-%02u-%02u %02d:%02d",
                weekdays[std::chrono::weekday{day}.c_encoding()], static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                static_cast<int>(minutes / 60), static_cast<int>(minutes % 60));
  return text.data();
}

LeadWatch::LeadWatch(lead::LeadRecord before, TimePoint now, std::string time_zone, std::string held)
    : before_(std::move(before)),
      summary_(lead::lead_summary(before_.lead, now)),
      now_(now),
      time_zone_(std::move(time_zone)),
      held_(std::move(held)) {}

std::vector<SimulatedStep> LeadWatch::look(lead::LeadRecord record, TimePoint now,
                                           std::span<const RecordedMail> mails) {
  now_ = now;
  auto summary = lead::lead_summary(record.lead, now);
  look_at_qualification(record, summary);
  look_at_owner(record);
  look_at_beginnings(record);
  look_at_messages(record, mails);
  look_at_tags(summary);
  look_at_attributes(summary);
  look_at_journeys(record);
  before_ = std::move(record);
  summary_ = std::move(summary);
  return std::exchange(steps_, {});
}

Standing LeadWatch::standing() const {
  Standing standing{now_,
                    summary_.at("stage").get<std::string>(),
                    summary_.at("temperature").get<std::string>(),
                    summary_.at("score").get<std::int64_t>(),
                    before_.lead.owner(),
                    {}};
  for (const auto& enrolment : before_.lead.development.enrolments)
    if (enrolment.state == lead::EnrolmentState::running)
      standing.journeys.push_back(enrolment.journey + " " + at_step(enrolment));
  return standing;
}

void LeadWatch::add(std::string kind, std::string words, std::string why,
                    std::vector<std::pair<std::string, std::string>> facts) {
  steps_.push_back({now_, std::move(kind), std::move(words), std::move(why), std::move(facts)});
}

void LeadWatch::look_at_qualification(const lead::LeadRecord& record, const Json& summary) {
  for (const auto* name : {"stage", "temperature", "score"}) {
    const auto from = shown(summary_.at(name));
    const auto to = shown(summary.at(name));
    if (from == to) continue;
    const bool is_stage = name == std::string_view{"stage"};
    auto words = from;
    words.append(" -> ").append(to);
    add(name, std::move(words), is_stage ? rule_of_stage(record.lead) : std::string{},
        {{"before", from}, {"after", to}});
  }
}

void LeadWatch::look_at_owner(const lead::LeadRecord& record) {
  for (const auto& assignment : record.assignments) {
    const auto* known = same_in(before_.assignments, assignment, &lead::Assignment::round);
    const auto state = std::string{to_string(assignment.state)};
    if (known != nullptr && known->state != assignment.state)
      add("owner",
          assignment.state == lead::AssignmentState::missed ? assignment.owner + " has not answered"
                                                            : assignment.owner + ": " + state,
          {}, {{"owner", assignment.owner}, {"state", state}});
    if (known != nullptr) continue;
    auto words = "given to " + assignment.owner;
    if (assignment.answer_by) words += ", to answer by " + when(*assignment.answer_by);
    add("owner", std::move(words), assignment.method + ": " + assignment.rule,
        {{"owner", assignment.owner}, {"state", state}});
  }
}

void LeadWatch::look_at_tags(const Json& summary) {
  for (const auto& tag : added(summary_.at("tags"), summary.at("tags"))) add("tag", tag, {}, {{"tag", tag}});
  for (const auto& tag : added(summary.at("tags"), summary_.at("tags")))
    add("tag", "without " + tag, {}, {{"without", tag}});
}

void LeadWatch::look_at_attributes(const Json& summary) {
  const auto& before = summary_.at("attributes");
  for (const auto& [name, value] : summary.at("attributes").items())
    if (!before.contains(name) || before.at(name) != value)
      add("attribute", name + " = " + shown(value), {}, {{"attribute", name}, {"value", shown(value)}});
}

void LeadWatch::look_at_beginnings(const lead::LeadRecord& record) {
  for (const auto& enrolment : record.lead.development.enrolments) {
    const auto* known = before_.lead.development.find(enrolment.journey);
    if (known != nullptr && known->entered_at == enrolment.entered_at) continue;
    add("journey", enrolment.journey + " begins", {}, {{"journey", enrolment.journey}, {"state", "begins"}});
  }
}

void LeadWatch::look_at_messages(const lead::LeadRecord& record, std::span<const RecordedMail> mails) {
  auto messages = record.messages;
  std::ranges::stable_sort(messages, {}, &lead::Message::created_at);
  for (const auto& message : messages) look_at(message, mails);
}

void LeadWatch::look_at(const lead::Message& message, std::span<const RecordedMail> mails) {
  using enum lead::MessageState;
  const auto* known = same_in(before_.messages, message, &lead::Message::id);
  const bool is_same = known != nullptr && known->state == message.state;
  if (is_same && (message.state != queued || known->due_at == message.due_at)) return;
  if (message.state == sent) return tell_gone(message, mails);
  if (message.state == queued) return tell_waiting(message);
  if (message.state == attempting) return;
  auto facts = facts_of(message);
  facts.emplace_back("state", std::string{to_string(message.state)});
  add("no_" + kind_of(message), name_of(message), message.detail, std::move(facts));
}

void LeadWatch::tell_gone(const lead::Message& message, std::span<const RecordedMail> mails) {
  auto facts = facts_of(message);
  auto words = name_of(message);
  std::string text;
  const auto mail =
      std::ranges::find(mails, message.id, [](const RecordedMail& recorded) { return recorded.message.id; });
  if (mail != mails.end() && !mail->subject.empty()) {
    words += " " + quoted(mail->subject);
    facts.emplace_back("subject", mail->subject);
    text = mail->text;
  }
  const bool is_call = message.kind == lead::MessageKind::delivery;
  words += is_call ? " to " + message.channel : " to " + message.address;
  add(kind_of(message), std::move(words), {}, std::move(facts));
  steps_.back().text = std::move(text);
}

void LeadWatch::tell_waiting(const lead::Message& message) {
  auto facts = facts_of(message);
  if (message.due_at > now_) {
    facts.emplace_back("until", format_rfc3339(message.due_at));
    return add("wait", name_of(message) + " until " + when(message.due_at), message.detail, std::move(facts));
  }
  add("wait", name_of(message) + " does not leave",
      held_.empty() ? "nothing sends by " + quoted(message.channel) + " here" : held_, std::move(facts));
}

std::string LeadWatch::at_step(const lead::Enrolment& enrolment) const {
  auto words = "at " + quoted(enrolment.step);
  if (enrolment.due_at) words += " until " + when(*enrolment.due_at);
  return words;
}

void LeadWatch::look_at_journeys(const lead::LeadRecord& record) {
  for (const auto& enrolment : record.lead.development.enrolments) {
    const auto* known = before_.lead.development.find(enrolment.journey);
    if (known != nullptr && *known == enrolment) continue;
    const auto state = std::string{to_string(enrolment.state)};
    std::vector<std::pair<std::string, std::string>> facts{
        {"journey", enrolment.journey}, {"step", enrolment.step}, {"state", state}};
    if (enrolment.state != lead::EnrolmentState::running) {
      if (known != nullptr && known->state == enrolment.state && known->ended_at == enrolment.ended_at)
        continue;
      add("journey", enrolment.journey + " " + state, enrolment.why, std::move(facts));
      continue;
    }
    const bool is_there = known != nullptr && known->step == enrolment.step &&
                          known->reached_at == enrolment.reached_at && known->due_at == enrolment.due_at;
    if (is_there || !enrolment.due_at || *enrolment.due_at <= now_) continue;
    facts.emplace_back("until", format_rfc3339(*enrolment.due_at));
    add("wait", enrolment.journey + " " + at_step(enrolment), enrolment.why, std::move(facts));
  }
}

}  // namespace leadhub::app
