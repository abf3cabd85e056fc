#include "normalise/normalise.hpp"

#include <algorithm>
#include <utility>

#include "lead/external_id.hpp"
#include "normalise/attribution.hpp"
#include "normalise/country.hpp"
#include "normalise/email.hpp"
#include "normalise/locale.hpp"
#include "normalise/name.hpp"
#include "normalise/phone.hpp"
#include "normalise/text.hpp"

namespace leadhub::normalise {
namespace {

void clean_person(lead::Person& person) {
  for (auto* text : {&person.name, &person.first_name, &person.last_name, &person.job_title, &person.city,
                     &person.time_zone})
    *text = clean_line(*text);
  // Both parts are a whole name. One alone says nothing of the other: lead/profile.cpp joins what it knows.
  if (person.name.empty() && !person.first_name.empty() && !person.last_name.empty())
    person.name = clean_line(person.first_name + " " + person.last_name);
  // A country that is no country is worse than none: territories and time zones would be decided by it. So
  // are languages and time zones that nobody knows; what was typed stays in the document.
  person.country = country_code(person.country).value_or("");
  person.language = language_tag(person.language).value_or("");
  if (!is_time_zone(person.time_zone)) person.time_zone.clear();
  person.company = company_name(person.company);
}

/// The parts of a name that was given whole, as far as they were not given themselves.
void derive_name_parts(lead::NormalisedEvent& out) {
  const auto& person = out.event.person;
  if (person.name.empty() || (!person.first_name.empty() && !person.last_name.empty())) return;
  auto parts = split_name(person.name);
  if (person.first_name.empty()) out.derived.first_name = std::move(parts.given);
  if (person.last_name.empty()) out.derived.last_name = std::move(parts.family);
}

void derive_time_zone(lead::NormalisedEvent& out) {
  const auto& given = out.event.person.country;
  const auto& country = given.empty() ? out.derived.country : given;
  if (!country.empty()) out.derived.time_zone = time_zone_of_country(country).value_or("");
}

/// Why a contact point is missing, kept for the message where none is left.
using Problems = std::string;

void note(Problems& problems, std::string_view sentence) {
  if (!problems.empty()) problems += "; ";
  problems += sentence;
}

void add_email(lead::NormalisedEvent& out, Problems& problems) {
  const auto& given = out.event.person.email;
  if (given.empty()) return;
  auto address = read_email(given);
  if (address.canonical.empty()) return note(problems, sentence_of(address.reason));
  out.contacts.push_back({lead::ContactKind::email, std::move(address.canonical), clean_line(given),
                          address.verdict(), std::string{code_of(address.reason)}});
}

void add_phone(lead::NormalisedEvent& out, const Options& options, Problems& problems) {
  auto& person = out.event.person;
  if (person.phone.empty()) return;
  auto phone =
      read_phone(person.phone, person.country.empty() ? options.country_of(out.channel) : person.country);
  if (phone.e164.empty()) return note(problems, sentence_of(phone.reason));
  out.contacts.push_back({lead::ContactKind::phone, std::move(phone.e164), clean_line(person.phone),
                          phone.verdict(), std::string{code_of(phone.reason)}});
  if (person.country.empty()) out.derived.country = std::move(phone.region);
}

void add_other_contacts(lead::NormalisedEvent& out) {
  for (const auto& [system, id] : out.event.person.external_ids)
    if (auto canonical = clean_line(id); !system.empty() && !canonical.empty())
      out.contacts.push_back({lead::ContactKind::external, lead::external_contact(system, canonical),
                              canonical, lead::Verdict::unknown});
  if (auto visitor = clean_line(out.event.anonymous_id); !visitor.empty())
    out.contacts.push_back({lead::ContactKind::anonymous, visitor, visitor, lead::Verdict::unknown});
}

}  // namespace

Result<lead::NormalisedEvent> normalise(const LoggedEvent& logged, const Options& options) {
  auto event = lead::parse_event(logged.json);
  if (!event) return std::unexpected(event.error());

  lead::NormalisedEvent out;
  out.reference = logged.reference;
  out.channel = logged.channel;
  out.received_at = logged.received_at;
  out.occurred_at = std::min(event->occurred_at.value_or(logged.received_at), logged.received_at);
  out.event = std::move(*event);
  out.document = out.event.attachments.empty() ? std::string{logged.json}
                                               : lead::without_attachment_contents(logged.json);

  clean_person(out.event.person);
  out.event.message = clean_text(out.event.message);
  for (auto& [name, value] : out.event.attributes) {
    if (auto* text = std::get_if<std::string>(&value)) *text = clean_line(*text);
    if (auto* list = std::get_if<std::vector<std::string>>(&value))
      for (auto& text : *list) text = clean_line(text);
  }
  complete_attribution(out.event);

  Problems problems;
  add_email(out, problems);
  add_phone(out, options, problems);
  derive_name_parts(out);
  derive_time_zone(out);
  add_other_contacts(out);
  if (out.contacts.empty())
    return fail(ErrorCode::invalid,
                "the event names nobody: it has no usable e-mail address, phone number, external "
                "id or visitor id" +
                    (problems.empty() ? "" : " (" + problems + ")") +
                    "; map such a field in the channel's configuration and redrive it");
  return out;
}

}  // namespace leadhub::normalise
