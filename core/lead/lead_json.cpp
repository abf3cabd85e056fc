#include "lead/lead_json.hpp"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "lead/consent.hpp"

namespace leadhub::lead {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

ordered_json to_json(const AttributeValue& value) {
  return std::visit([](const auto& held) { return ordered_json(held); }, value);
}

AttributeValue attribute_from(const json& value) {
  if (value.is_boolean()) return value.get<bool>();
  if (value.is_number_integer()) return value.get<std::int64_t>();
  if (value.is_number()) return value.get<double>();
  if (value.is_array()) return value.get<std::vector<std::string>>();
  return value.get<std::string>();
}

ordered_json optional_time(const std::optional<TimePoint>& time) {
  return time ? ordered_json(format_rfc3339(*time)) : ordered_json(nullptr);
}

ordered_json text_or_null(const std::string& text) {
  return text.empty() ? ordered_json(nullptr) : ordered_json(text);
}

ordered_json canonical_or_null(const ContactPoint* point) {
  return point == nullptr ? ordered_json(nullptr) : ordered_json(point->canonical);
}

ordered_json touch_document(const std::optional<Touch>& touch) {
  if (!touch) return nullptr;
  ordered_json out = ordered_json::object();
  for (const auto& [name, value] : touch->attribution) out[name] = value;
  out["channel"] = touch->channel;
  out["at"] = format_rfc3339(touch->at);
  return out;
}

ordered_json marks_document(ContactMarks marks) {
  auto out = ordered_json::array();
  if (marks.role) out.push_back("role");
  if (marks.free) out.push_back("free");
  if (marks.disposable) out.push_back("disposable");
  return out;
}

ordered_json contact_document(const ContactPoint& point) {
  return {{"kind", to_string(point.kind)},
          {"canonical", point.canonical},
          {"as_given", point.as_given},
          {"verdict", to_string(point.verdict)},
          {"reason", text_or_null(point.reason)},
          {"marks", marks_document(point.marks)},
          {"verified_at", optional_time(point.verified_at)},
          {"source", to_string(point.source)}};
}

ordered_json consent_document(const ConsentEntry& entry) {
  const auto& statement = entry.statement;
  return {{"purpose", statement.purpose},
          {"channel", statement.channel},
          {"state", to_string(statement.state)},
          {"text", statement.text},
          {"text_sha256", text_or_null(entry.text_hash)},
          {"url", text_or_null(statement.url)},
          {"ip", text_or_null(statement.ip)},
          {"user_agent", text_or_null(statement.user_agent)},
          {"confirms", text_or_null(statement.confirms)},
          {"occurred_at", format_rfc3339(entry.occurred_at)},
          {"source", to_string(entry.reference)}};
}

/// What may be sent, by each purpose and channel that the ledger names.
ordered_json permissions_document(const std::vector<ConsentEntry>& ledger) {
  auto out = ordered_json::array();
  std::set<std::pair<std::string, std::string>> asked;
  for (const auto& entry : ledger) asked.emplace(entry.statement.purpose, entry.statement.channel);
  for (const auto& [purpose, channel] : asked) {
    const auto found = permission(ledger, purpose, channel);
    out.push_back(
        {{"purpose", purpose},
         {"channel", channel},
         {"verdict", to_string(found.verdict)},
         {"because", found.because == nullptr ? ordered_json(nullptr)
                                              : ordered_json(to_string(found.because->reference))}});
  }
  return out;
}

ordered_json timeline_document(const TimelineEntry& entry) {
  return {{"type", entry.type},
          {"channel", entry.channel},
          {"key", entry.key},
          {"occurred_at", format_rfc3339(entry.occurred_at)},
          {"received_at", format_rfc3339(entry.received_at)},
          {"trust", to_string(entry.trust)},
          {"source", to_string(entry.reference)},
          {"event", ordered_json::parse(entry.document, nullptr, false)}};
}

ordered_json attachment_document(const StoredAttachment& attachment) {
  return {{"name", attachment.name},
          {"field", text_or_null(attachment.field)},
          {"content_type", text_or_null(attachment.content_type)},
          {"bytes", attachment.bytes},
          {"sha256", attachment.sha256},
          {"source", to_string(attachment.reference)}};
}

ordered_json stages_document(const Lead& lead) {
  ordered_json out = ordered_json::object();
  for (std::size_t i = 0; i < stage_count; ++i)
    if (lead.stage_entered[i])
      out[std::string{to_string(static_cast<Stage>(i + 1))}] = format_rfc3339(*lead.stage_entered[i]);
  return out;
}

ordered_json value_document(const Lead& lead) {
  auto out = ordered_json::object();
  for (const auto& [currency, value] : lead.value) out[currency] = value;
  return out;
}

ordered_json score_document(const Lead& lead, const ScoreEntry& entry, TimePoint now) {
  const auto half_life = lead.qualification.points[static_cast<std::size_t>(entry.group) - 1].half_life;
  return {{"rule", entry.rule},
          {"group", to_string(entry.group)},
          {"points", entry.points},
          {"now", std::llround(faded(static_cast<double>(entry.points), entry.at, now, half_life))},
          {"at", format_rfc3339(entry.at)},
          {"source", to_string(entry.reference)}};
}

ordered_json warmth_document(std::string_view temperature, const Warmth& warmth) {
  return {{"temperature", temperature},
          {"rule", warmth.rule},
          {"until", format_rfc3339(warmth.until)},
          {"source", warmth.source == EventReference{} ? ordered_json(nullptr)
                                                       : ordered_json(to_string(warmth.source))}};
}

ordered_json standing_document(std::string_view temperature, const std::string& rule,
                               const std::optional<TimePoint>& until) {
  const bool ends = until && *until < forever;
  return {{"temperature", temperature},
          {"rule", rule},
          {"until", ends ? ordered_json(format_rfc3339(*until)) : ordered_json(nullptr)},
          {"source", nullptr}};
}

/// Why it is hot or warm, now: the rules on events that still hold, and those on what the lead is.
ordered_json reasons_document(const Lead& lead, TimePoint now) {
  const auto& qualification = lead.qualification;
  auto out = ordered_json::array();
  if (qualification.hot_event && now < qualification.hot_event->until)
    out.push_back(warmth_document("hot", *qualification.hot_event));
  if (!qualification.hot_rule.empty() && lead.hot_until && now < *lead.hot_until)
    out.push_back(standing_document("hot", qualification.hot_rule, lead.hot_until));
  if (qualification.warm_event && now < qualification.warm_event->until)
    out.push_back(warmth_document("warm", *qualification.warm_event));
  if (!qualification.warm_rule.empty() && lead.warm_until && now < *lead.warm_until)
    out.push_back(standing_document("warm", qualification.warm_rule, lead.warm_until));
  return out;
}

ordered_json stage_reasons_document(const Lead& lead) {
  auto out = ordered_json::array();
  for (const auto& reason : lead.qualification.stages) {
    const auto stage = static_cast<Stage>(reason.stage);
    out.push_back({{"stage", to_string(stage)},
                   {"at", optional_time(lead.entered(stage))},
                   {"rule", reason.rule},
                   {"source", to_string(reason.source)}});
  }
  return out;
}

ordered_json assignment_document(const Assignment& assignment) {
  return {{"round", assignment.round},
          {"owner", assignment.owner},
          {"state", to_string(assignment.state)},
          {"rule", assignment.rule},
          {"method", assignment.method},
          {"assigned_at", format_rfc3339(assignment.assigned_at)},
          {"answer_by", optional_time(assignment.answer_by)},
          {"answered_at", optional_time(assignment.answered_at)},
          {"source", to_string(assignment.source)}};
}

ordered_json account_document(const Account& account) {
  return {{"owner", text_or_null(account.owner)},
          {"renews_at", optional_time(account.renews_at)},
          {"follow_up_at", optional_time(account.follow_up_at)}};
}

ordered_json provenance_document(const Lead& lead) {
  ordered_json out = ordered_json::object();
  for (std::size_t i = 0; i < field_names.size(); ++i)
    if (!lead.fields[i].value.empty()) out[std::string{field_names[i]}] = to_string(lead.fields[i].source);
  for (const auto& [name, attribute] : lead.attributes)
    out["attributes." + name] = to_string(attribute.source);
  return out;
}

/// Writes the columns: a lead has five of them, and building documents for them took a sixth of the
/// pipeline's time.
class ColumnWriter {
 public:
  void text(std::string_view value) {
    writer_.String(value.data(), static_cast<rapidjson::SizeType>(value.size()));
  }
  void number(std::int64_t value) { writer_.Int64(value); }
  template <class Members>
  void object(Members&& write_members) {
    writer_.StartObject();
    write_members();
    writer_.EndObject();
  }
  void texts(const std::vector<std::string>& list) {
    writer_.StartArray();
    for (const auto& entry : list) text(entry);
    writer_.EndArray();
  }
  void value(bool held) { writer_.Bool(held); }
  void value(std::int64_t held) { number(held); }
  void value(double held) { writer_.Double(held); }
  void value(const std::string& held) { text(held); }
  void value(const std::vector<std::string>& held) { texts(held); }
  void sourced(EventReference source, TimePoint at) {
    writer_.StartArray();
    number(source.seq);
    number(source.index);
    number(to_milliseconds(at));
    writer_.EndArray();
  }
  [[nodiscard]] std::string take() const { return {buffer_.GetString(), buffer_.GetSize()}; }

 private:
  rapidjson::StringBuffer buffer_;
  rapidjson::Writer<rapidjson::StringBuffer> writer_{buffer_};
};

void read_sourced(const json& value, EventReference& source, TimePoint& at) {
  source = {value.at(0).get<std::int64_t>(), value.at(1).get<std::int32_t>()};
  at = from_milliseconds(value.at(2).get<std::int64_t>());
}

}  // namespace

ordered_json message_document(const Message& message) {
  ordered_json out{
      {"id", message.id},
      {"kind", to_string(message.kind)},
      {"channel", message.channel},
      {"address", message.address},
      {"state", to_string(message.state)},
      {"attempts", message.attempts},
      {"created_at", format_rfc3339(message.created_at)},
      {"sent_at", message.sent_at ? ordered_json(format_rfc3339(*message.sent_at)) : ordered_json(nullptr)},
      {"detail", text_or_null(message.detail)},
      {"source", to_string(message.source)}};
  if (message.kind == MessageKind::broadcast) {
    out["broadcast"] = message.journey;
    if (!message.step.empty()) out["subject"] = message.step;
  } else if (!message.journey.empty()) {
    out["journey"] = message.journey;
    out["step"] = message.step;
  }
  if (!message.template_name.empty()) out["template"] = message.template_name;
  for (const auto& [name, at] : {std::pair{"opened_at", &message.opened_at},
                                 {"clicked_at", &message.clicked_at},
                                 {"bounced_at", &message.bounced_at},
                                 {"complained_at", &message.complained_at}})
    if (*at) out[name] = format_rfc3339(**at);
  if (message.state == MessageState::queued) out["due_at"] = format_rfc3339(message.due_at);
  if (message.kind != MessageKind::chat_reply) return out;
  out["system"] = message.system;
  out["text"] = message.text;
  out["author"] = text_or_null(message.author);
  return out;
}

ordered_json enrolment_document(const Enrolment& enrolment) {
  const auto time_or_null = [](const std::optional<TimePoint>& time) {
    return time ? ordered_json(format_rfc3339(*time)) : ordered_json(nullptr);
  };
  return {{"journey", enrolment.journey},
          {"state", to_string(enrolment.state)},
          {"step", enrolment.step},
          {"entered_at", format_rfc3339(enrolment.entered_at)},
          {"step_since", format_rfc3339(enrolment.reached_at)},
          {"due_at", time_or_null(enrolment.due_at)},
          {"ended_at", time_or_null(enrolment.ended_at)},
          {"why", text_or_null(enrolment.why)}};
}

ordered_json suppression_document(const Suppression& suppression) {
  return {{"address", text_or_null(suppression.address)},
          {"reason", to_string(suppression.reason)},
          {"source", to_string(suppression.source)},
          {"at", format_rfc3339(suppression.at)}};
}

ordered_json lead_summary(const Lead& lead, TimePoint now) {
  ordered_json out{{"id", lead.id},
                   {"email", canonical_or_null(lead.primary(ContactKind::email))},
                   {"phone", canonical_or_null(lead.primary(ContactKind::phone))}};
  for (std::size_t i = 0; i < field_names.size(); ++i)
    out[std::string{field_names[i]}] = text_or_null(lead.fields[i].value);
  out["stage"] = to_string(lead.stage);
  out["temperature"] = to_string(lead.temperature_at(now));
  out["score"] = lead.score_at(now);
  out["grade"] = lead.grade_at(now);
  out["owner"] = text_or_null(lead.owner());
  out["value"] = value_document(lead);
  out["tags"] = lead.tags;
  out["attributes"] = ordered_json::object();
  for (const auto& [name, attribute] : lead.attributes) out["attributes"][name] = to_json(attribute.value);
  out["created_at"] = format_rfc3339(lead.created_at);
  out["updated_at"] = format_rfc3339(lead.updated_at);
  return out;
}

ordered_json lead_document(const LeadRecord& record, TimePoint now) {
  auto out = lead_summary(record.lead, now);
  const auto list = [](const auto& entries, auto&& convert) {
    auto array = ordered_json::array();
    for (const auto& entry : entries) array.push_back(convert(entry));
    return array;
  };
  out["aliases"] = record.aliases;
  out["contact_points"] = list(record.lead.contact_points, contact_document);
  out["consents"] = list(record.consents, consent_document);
  out["permissions"] = permissions_document(record.consents);
  out["suppressions"] = list(record.suppressions, suppression_document);
  out["attribution"] = {{"first", touch_document(record.lead.first_touch)},
                        {"last", touch_document(record.lead.last_touch)}};
  out["timeline"] = list(record.timeline, timeline_document);
  out["attachments"] = list(record.attachments, attachment_document);
  out["messages"] = list(record.messages, message_document);
  out["scores"] =
      list(record.scores, [&](const ScoreEntry& entry) { return score_document(record.lead, entry, now); });
  out["score_groups"] = {{"fit", record.lead.score_at(now, ScoreGroup::fit)},
                         {"engagement", record.lead.score_at(now, ScoreGroup::engagement)}};
  out["warmth"] = reasons_document(record.lead, now);
  out["stages"] = stages_document(record.lead);
  out["stage_reasons"] = stage_reasons_document(record.lead);
  out["assignments"] = list(record.assignments, assignment_document);
  out["journeys"] = list(record.lead.development.enrolments, enrolment_document);
  out["account"] = account_document(record.lead.account);
  out["provenance"] = provenance_document(record.lead);
  return out;
}

std::string attributes_to_json(const Lead& lead) {
  ColumnWriter column;
  column.object([&] {
    for (const auto& [name, attribute] : lead.attributes) {
      column.text(name);
      std::visit([&](const auto& held) { column.value(held); }, attribute.value);
    }
  });
  return column.take();
}

void attributes_from_json(std::string_view text, Lead& lead) {
  const auto document = json::parse(text);
  for (const auto& [name, value] : document.items())
    lead.attributes.emplace_back(name, Sourced<AttributeValue>{attribute_from(value), {}, {}});
}

std::string touch_to_json(const std::optional<Touch>& touch) {
  if (!touch) return {};
  ColumnWriter column;
  column.object([&] {
    column.text("attribution");
    column.object([&] {
      for (const auto& [name, value] : touch->attribution) {
        column.text(name);
        column.text(value);
      }
    });
    column.text("channel");
    column.text(touch->channel);
    column.text("at");
    column.number(to_milliseconds(touch->at));
  });
  return column.take();
}

std::optional<Touch> touch_from_json(std::string_view text) {
  if (text.empty()) return std::nullopt;
  const auto document = json::parse(text);
  Touch touch;
  for (const auto name : attribution_names())
    if (const auto found = document.at("attribution").find(std::string{name});
        found != document.at("attribution").end())
      touch.attribution.emplace_back(std::string{name}, found->get<std::string>());
  touch.channel = document.at("channel").get<std::string>();
  touch.at = from_milliseconds(document.at("at").get<std::int64_t>());
  return touch;
}

std::string provenance_to_json(const Lead& lead) {
  ColumnWriter column;
  column.object([&] {
    column.text("fields");
    column.object([&] {
      for (std::size_t i = 0; i < field_names.size(); ++i) {
        if (lead.fields[i].value.empty()) continue;
        column.text(field_names[i]);
        column.sourced(lead.fields[i].source, lead.fields[i].at);
      }
    });
    column.text("attributes");
    column.object([&] {
      for (const auto& [name, attribute] : lead.attributes) {
        column.text(name);
        column.sourced(attribute.source, attribute.at);
      }
    });
  });
  return column.take();
}

void provenance_from_json(std::string_view text, Lead& lead) {
  const auto document = json::parse(text);
  for (std::size_t i = 0; i < field_names.size(); ++i)
    if (const auto found = document.at("fields").find(std::string{field_names[i]});
        found != document.at("fields").end())
      read_sourced(*found, lead.fields[i].source, lead.fields[i].at);
  for (auto& [name, attribute] : lead.attributes)
    if (const auto found = document.at("attributes").find(name); found != document.at("attributes").end())
      read_sourced(*found, attribute.source, attribute.at);
}

std::string strings_to_json(const std::vector<std::string>& list) {
  ColumnWriter column;
  column.texts(list);
  return column.take();
}

std::vector<std::string> strings_from_json(std::string_view text) {
  return json::parse(text).get<std::vector<std::string>>();
}

}  // namespace leadhub::lead
