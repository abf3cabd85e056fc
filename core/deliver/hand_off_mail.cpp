#include "deliver/hand_off_mail.hpp"

#include <algorithm>
#include <string_view>

#include "lead/deed.hpp"
#include "lead/words.hpp"
#include "ops/http_text.hpp"
#include "ops/limits.hpp"

namespace leadhub::deliver {
namespace {

std::string with_company(const lead::Lead& lead) {
  const auto& company = lead.field(lead::Field::company);
  return company.empty() ? lead::name_in_words(lead) : lead::name_in_words(lead) + " (" + company + ")";
}

/// One line of a mail: what people wrote can have any number.
std::string one_line(std::string text, std::size_t bytes_max) {
  std::ranges::replace_if(
      text, [](char c) { return static_cast<unsigned char>(c) < ' '; }, ' ');
  if (text.size() <= bytes_max) return text;
  auto end = bytes_max;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  return text.substr(0, end) + "...";
}

void add(std::string& text, std::string_view label, const std::string& value) {
  if (!value.empty())
    text.append("  ")
        .append(label)
        .append(": ")
        .append(one_line(value, limits::hand_off_line_bytes_max))
        .append("\n");
}

std::string person(const lead::Lead& lead) {
  std::string text;
  add(text, "Name", lead.field(lead::Field::name));
  add(text, "Company", lead.field(lead::Field::company));
  add(text, "Job title", lead.field(lead::Field::job_title));
  add(text, "Country", lead.field(lead::Field::country));
  for (const auto& point : lead.contact_points)
    if (point.kind == lead::ContactKind::email || point.kind == lead::ContactKind::phone)
      add(text, point.kind == lead::ContactKind::email ? "E-mail" : "Phone",
          point.canonical + (point.verified_at ? " (confirmed)" : ""));
  return text;
}

std::string why(const lead::LeadRecord& record, TimePoint now) {
  const auto& lead = record.lead;
  std::string text = "  " + std::string{to_string(lead.temperature_at(now))} + ", score " +
                     std::to_string(lead.score_at(now)) + ", grade " + std::string{lead.grade_at(now)} +
                     ", stage " + std::string{to_string(lead.stage)} + "\n";
  for (const auto& entry : record.scores)
    text += "  " + std::string{entry.points < 0 ? "" : "+"} + std::to_string(entry.points) + "  " +
            one_line(entry.rule, limits::hand_off_line_bytes_max) + ", " + lead::minute_in_words(entry.at) +
            "\n";
  return text;
}

std::string story(const lead::LeadRecord& record) {
  const auto& timeline = record.timeline;
  const auto skipped =
      timeline.size() > limits::hand_off_events_max ? timeline.size() - limits::hand_off_events_max : 0;
  std::string text;
  if (skipped > 0) text += "  ... and " + std::to_string(skipped) + " events before\n";
  for (auto line = timeline.begin() + static_cast<std::ptrdiff_t>(skipped); line != timeline.end(); ++line) {
    text += "  " + lead::minute_in_words(line->occurred_at) + "  " + line->type;
    if (line->channel != lead::hub_channel) text += " by " + line->channel;
    const auto event = lead::parse_event(line->document);
    if (event && !event->message.empty())
      text += ": \"" + one_line(event->message, limits::hand_off_line_bytes_max) + "\"";
    text += "\n";
  }
  return text;
}

std::string request(const lead::LeadRecord& record, bool is_missed) {
  const auto& assignment = record.lead.routing.assignment;
  if (!assignment) return {};
  if (is_missed)
    return assignment->owner + " has not answered " + with_company(record.lead) +
           " in time. Please see to it that somebody does.\n";
  std::string text = with_company(record.lead) + " is yours: " + assignment->rule + ".\n";
  if (assignment->answer_by)
    text += "Please answer by " + lead::minute_in_words(*assignment->answer_by) + ".\n";
  return text;
}

}  // namespace

OutgoingMail hand_off_mail(const lead::Message& message, const lead::LeadRecord& record,
                           const std::string& site, const std::string& answer_link) {
  const bool is_missed = message.text == "missed";
  OutgoingMail mail;
  mail.message_id = message.id + "@" + ops::host_of_url(site);
  mail.to = message.address;
  mail.to_name = message.author == message.address ? "" : message.author;
  mail.subject = one_line((is_missed ? "Not answered yet: " : "A lead for you: ") + with_company(record.lead),
                          limits::hand_off_line_bytes_max);
  mail.text =
      request(record, is_missed) + "\nWho\n" + person(record.lead) + "\nWhy\n" +
      why(record, message.created_at) + "\nSo far\n" + story(record) +
      (is_missed
           ? "\nGive it to somebody of the team:\n\n  leadhub leads assign " + record.lead.id + " NAME\n"
           : "\nSay here that you take it, so that nobody else gets it:\n\n  " + answer_link + "\n");
  mail.date = message.created_at;
  return mail;
}

}  // namespace leadhub::deliver
