#include "deliver/hand_off_mail.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "deliver/opt_in_mail.hpp"
#include "lead/deed.hpp"
#include "lead/words.hpp"
#include "mail/value_text.hpp"
#include "ops/limits.hpp"

namespace leadhub::deliver {
namespace {

using nlohmann::ordered_json;

std::string with_company(const lead::Lead& lead) {
  const auto& company = lead.field(lead::Field::company);
  return company.empty() ? lead::name_in_words(lead) : lead::name_in_words(lead) + " (" + company + ")";
}

ordered_json contacts(const lead::Lead& lead) {
  auto out = ordered_json::array();
  for (const auto& point : lead.contact_points)
    if (point.kind == lead::ContactKind::email || point.kind == lead::ContactKind::phone)
      out.push_back({{"kind", point.kind == lead::ContactKind::email ? "E-mail" : "Phone"},
                     {"value", point.canonical},
                     {"confirmed", point.verified_at.has_value()}});
  return out;
}

/// The last ones: lists in mails are bounded.
ordered_json scores(const lead::LeadRecord& record) {
  auto out = ordered_json::array();
  const auto& entries = record.scores;
  const auto skipped = entries.size() - std::min(entries.size(), limits::mail_list_max);
  for (auto entry = entries.begin() + static_cast<std::ptrdiff_t>(skipped); entry != entries.end(); ++entry)
    out.push_back({{"points", (entry->points < 0 ? "" : "+") + std::to_string(entry->points)},
                   {"rule", mail::cut(entry->rule, limits::hand_off_line_bytes_max)},
                   {"at", format_rfc3339(entry->at)}});
  return out;
}

void add_timeline(ordered_json& values, const lead::LeadRecord& record) {
  const auto& timeline = record.timeline;
  const auto skipped = timeline.size() - std::min(timeline.size(), limits::hand_off_events_max);
  if (skipped > 0) values["events_before"] = skipped;
  auto& out = values["timeline"] = ordered_json::array();
  for (auto line = timeline.begin() + static_cast<std::ptrdiff_t>(skipped); line != timeline.end(); ++line) {
    const auto event = lead::parse_event(line->document);
    out.push_back({{"type", line->type},
                   {"channel", line->channel == lead::hub_channel ? "" : line->channel},
                   {"occurred_at", format_rfc3339(line->occurred_at)},
                   {"message", event ? mail::cut(event->message, limits::hand_off_line_bytes_max) : ""}});
  }
}

}  // namespace

ordered_json hand_off_values(const lead::LeadRecord& record, TimePoint now, bool missed) {
  auto values = lead::lead_summary(record.lead, now);
  values["lead"] = mail::cut(with_company(record.lead), limits::hand_off_line_bytes_max);
  values["missed"] = missed;
  values["contacts"] = contacts(record.lead);
  values["scores"] = scores(record);
  add_timeline(values, record);
  if (const auto& assignment = record.lead.routing.assignment) {
    values["reason"] = assignment->rule;
    values["owner_name"] = assignment->owner;
    if (assignment->answer_by) values["answer_by"] = format_rfc3339(*assignment->answer_by);
  }
  return values;
}

Result<OutgoingMail> hand_off_mail(const lead::Message& message, const lead::LeadRecord& record,
                                   const std::string& answer_link, const mail::TemplateSet& templates,
                                   const mail::Template& telling, const ordered_json& values) {
  auto all = hand_off_values(record, message.created_at, message.text == "missed");
  all.update(values);
  all["answer_url"] = answer_link;
  auto rendered = templates.render(telling, mail::MailKind::hand_off, all);
  if (!rendered) return std::unexpected(std::move(rendered.error()));
  auto mail = outgoing(message, *std::move(rendered), values.value("site", ""));
  mail.to_name = message.author == message.address ? "" : message.author;
  return mail;
}

}  // namespace leadhub::deliver
