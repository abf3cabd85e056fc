#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

/// What the fields of a mail template may name: one closed table, which `docs/mails.md` shows.
namespace leadhub::mail {

/// What a mail is for. It decides which fields it has, and what the hub adds by itself.
enum class MailKind {
  marketing = 1,  ///< steps of journeys and broadcasts; leaves with postal address and unsubscribe link
  confirmation,   ///< asks to confirm a subscription. Has no field that a stranger can fill: sign-up forms
                  ///< must not carry anybody's words into anybody's mailbox
  hand_off,       ///< tells the team about a lead
};

enum class FieldType {
  text = 1,  ///< what people may have written
  word,      ///< of the hub itself or its configuration
  address,   ///< an e-mail address or phone number of a lead, which the hub has brought to its canonical form
  url,       ///< made by the hub; the only type that may begin the target of a link
  time,      ///< RFC 3339; shown as "2026-11-23 10:00 UTC"
  number,
  truth,    ///< for sections only
  list,     ///< of texts: {{#tags}}{{.}}{{/tags}}, or joined: {{tags}}
  records,  ///< for sections only; their own fields stand in the table as "timeline[].type"
};

struct Field {
  std::string_view name;  ///< "attributes.*" is every attribute
  FieldType type;
  std::string_view kinds;  ///< of mails that have it: a letter each, m, c, h
  std::string_view meaning;
  std::string_view sample;  ///< for previews; of a list: entries with commas between
};

/// The whole table, records' own fields among it.
[[nodiscard]] std::span<const Field> fields();

[[nodiscard]] bool has(const Field& field, MailKind kind);

/// The field that `name` means within a section over `records` ("" outside of any): the record's own first.
/// nullptr: there is none.
[[nodiscard]] const Field* find_field(std::string_view name, std::string_view records);

/// What could be meant there, for suggestions.
[[nodiscard]] std::vector<std::string> field_names(std::string_view records);

/// "marketing", "confirmation", "hand-off"
[[nodiscard]] std::string_view to_string(MailKind kind);

}  // namespace leadhub::mail
