#pragma once

#include <string>
#include <utility>
#include <vector>

#include "lead/event.hpp"

namespace leadhub::transfer {

/// A lead event on its way into its document, as one row of a file gives it. Values stand as they were given;
/// lead::parse_event judges them.
struct EventDraft {
  std::vector<lead::NamedText> members;       ///< type, key, occurred_at, anonymous_id, currency, message
  std::vector<lead::NamedText> person;        ///< by the names of the event document
  std::vector<lead::NamedText> external_ids;  ///< system, id
  std::vector<lead::NamedText> attribution;
  std::vector<std::pair<std::string, lead::AttributeValue>> attributes;
  std::vector<lead::ConsentStatement> consent;
  bool has_key = false;
};

/// The event document. Where the draft has no key it gets one made from its content ("row-" and a hash), so
/// that equal rows are one event wherever they stand: a file that is imported again, under another name, with
/// rows put in or taken out, brings only what is new. Whoever has rows that are equal and yet two events maps
/// a column to `key`.
[[nodiscard]] std::string to_document(const EventDraft& draft);

/// The key made from a content.
[[nodiscard]] std::string content_key(std::string_view content);

}  // namespace leadhub::transfer
