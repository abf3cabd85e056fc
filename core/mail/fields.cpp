#include "mail/fields.hpp"

#include <algorithm>
#include <array>

namespace leadhub::mail {
namespace {

using enum FieldType;

constexpr std::array table{
    Field{"public_url", url, "mch", "the hub's public_url", "http://localhost:8080"},
    Field{"site", word, "mch", "the host of public_url", "localhost"},
    Field{"postal_address", word, "mch", "the sender's, from the channel that sends",
          "12 St James's Square, London"},
    Field{"unsubscribe_url", url, "m", "ends the subscription; the hub puts it below each marketing mail",
          "http://localhost:8080/u/sample"},
    Field{"preferences_url", url, "m", "where people choose what they get", "http://localhost:8080/p/sample"},
    Field{"confirm_url", url, "c", "the page that confirms", "http://localhost:8080/c/sample"},
    Field{"expires", time, "c", "until when confirm_url works", "2026-01-07T12:00:00Z"},
    Field{"consent_text", text, "c", "what the person agreed to",
          "Send me Engine News, about one mail a week."},
    Field{"id", text, "mh", "the lead's", "0195d3b0-1f00-7000-8000-000000000001"},
    Field{"email", address, "mh", "canonical", "ada@example.com"},
    Field{"phone", address, "mh", "E.164", "+442079460958"},
    Field{"name", text, "mh", "", "Ada Lovelace"},
    Field{"first_name", text, "mh", "", "Ada"},
    Field{"last_name", text, "mh", "", "Lovelace"},
    Field{"company", text, "mh", "", "Analytical Engines"},
    Field{"job_title", text, "mh", "", "Mathematician"},
    Field{"country", text, "mh", "ISO 3166-1, two capitals", "GB"},
    Field{"city", text, "mh", "", "London"},
    Field{"language", text, "mh", "BCP 47", "en"},
    Field{"time_zone", text, "mh", "IANA", "Europe/London"},
    Field{"stage", word, "mh", "how far the lead has come", "developing"},
    Field{"temperature", word, "mh", "cold, warm or hot", "warm"},
    Field{"score", number, "mh", "", "70"},
    Field{"grade", word, "mh", "", "B2"},
    Field{"owner", word, "mh", "who of the team has the lead", "Charles"},
    Field{"tags", list, "mh", "", "engines, mathematics"},
    Field{"attributes.*", text, "mh", "what forms and steps have set; may be a list", "sample"},
    Field{"created_at", time, "mh", "", "2026-01-05T12:00:00Z"},
    Field{"updated_at", time, "mh", "", "2026-01-06T10:00:00Z"},
    Field{"lead", text, "h", "name and company, or how else the lead is known",
          "Ada Lovelace (Analytical Engines)"},
    Field{"missed", truth, "h", "the owner has not answered in time", "false"},
    Field{"reason", word, "h", "the rule that chose the owner", "territory GB"},
    Field{"owner_name", word, "h", "the owner of this hand-off", "Charles"},
    Field{"answer_by", time, "h", "until when the owner is to answer", "2026-01-06T11:00:00Z"},
    Field{"answer_url", url, "h", "where the owner says that they take it", "http://localhost:8080/h/sample"},
    Field{"contacts", records, "h", "e-mail addresses and phone numbers", ""},
    Field{"contacts[].kind", word, "h", "E-mail or Phone", "E-mail"},
    Field{"contacts[].value", address, "h", "", "ada@example.com"},
    Field{"contacts[].confirmed", truth, "h", "the owner of the mailbox has confirmed it", "true"},
    Field{"scores", records, "h", "why the score is what it is", ""},
    Field{"scores[].points", word, "h", "with its sign", "+50"},
    Field{"scores[].rule", word, "h", "", "asked for a demo"},
    Field{"scores[].at", time, "h", "", "2026-01-06T10:00:00Z"},
    Field{"events_before", number, "h", "how many came before those of the timeline", ""},
    Field{"timeline", records, "h", "the latest events, oldest first", ""},
    Field{"timeline[].type", word, "h", "", "demo.requested"},
    Field{"timeline[].channel", word, "h", "empty where the hub itself did it", "demo"},
    Field{"timeline[].occurred_at", time, "h", "", "2026-01-06T10:00:00Z"},
    Field{"timeline[].message", text, "h", "what the person wrote", "Can it compose music?"},
};

constexpr std::string_view attribute_prefix = "attributes.";

bool is_attribute(std::string_view name) {
  return name.starts_with(attribute_prefix) && name.size() > attribute_prefix.size();
}

const Field* entry(std::string_view name) {
  const auto* found = std::ranges::find(table, name, &Field::name);
  return found == table.end() ? nullptr : found;
}

}  // namespace

std::span<const Field> fields() {
  return table;
}

bool has(const Field& field, MailKind kind) {
  return field.kinds.find(to_string(kind).front()) != std::string_view::npos;
}

const Field* find_field(std::string_view name, std::string_view records) {
  if (!records.empty())
    if (const auto* own = entry(std::string{records} + "[]." + std::string{name})) return own;
  if (is_attribute(name)) return entry("attributes.*");
  const auto* found = entry(name);
  const bool is_whole = found != nullptr && found->name.find_first_of("[*") == std::string_view::npos;
  return is_whole ? found : nullptr;
}

std::vector<std::string> field_names(std::string_view records) {
  std::vector<std::string> names;
  const auto prefix = std::string{records} + "[].";
  for (const auto& field : table) {
    if (!records.empty() && field.name.starts_with(prefix))
      names.emplace_back(field.name.substr(prefix.size()));
    else if (field.name.find('[') == std::string_view::npos)
      names.emplace_back(field.name);
  }
  return names;
}

std::string_view to_string(MailKind kind) {
  switch (kind) {
    case MailKind::confirmation:
      return "confirmation";
    case MailKind::hand_off:
      return "hand-off";
    case MailKind::marketing:
      break;
  }
  return "marketing";
}

}  // namespace leadhub::mail
