#include "lead/event.hpp"

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>

#include "lead/event_types.hpp"
#include "ops/crypto.hpp"
#include "ops/limits.hpp"

namespace leadhub::lead {
namespace {

using simdjson::dom::element;
using simdjson::dom::element_type;

constexpr std::size_t vendor_bytes_max = 40;
constexpr std::size_t vendor_type_bytes_max = 80;

/// Thrown inside this file only; parse_event turns it into an Error.
struct Refusal {
  std::string where;
  std::string what;
};

[[noreturn]] void refuse(std::string_view where, std::string_view what) {
  throw Refusal{std::string{where}, std::string{what}};
}

std::string_view text_of(element value, std::string_view where, std::size_t bytes_max) {
  std::string_view text;
  if (value.get(text) != simdjson::SUCCESS) refuse(where, "must be a string");
  if (text.size() > bytes_max) refuse(where, "is longer than " + std::to_string(bytes_max) + " bytes");
  if (text.find('\0') != text.npos) refuse(where, "holds a NUL character");
  return text;
}

std::string field_of(element value, std::string_view where) {
  return std::string{text_of(value, where, limits::event_field_bytes_max)};
}

double number_of(element value, std::string_view where) {
  double number = 0;
  if (value.get(number) != simdjson::SUCCESS) refuse(where, "must be a number");
  if (!std::isfinite(number)) refuse(where, "must be a finite number");
  return number;
}

/// Calls `member(name, value)` for each member, each name at most once.
template <class Member>
void each_member(element value, std::string_view where, std::size_t members_max, Member&& member) {
  simdjson::dom::object object;
  if (value.get(object) != simdjson::SUCCESS) refuse(where, "must be an object");
  if (object.size() > members_max) refuse(where, "has more than " + std::to_string(members_max) + " members");
  std::vector<std::string_view> seen;
  seen.reserve(object.size());
  for (const auto [name, child] : object) {
    if (std::find(seen.begin(), seen.end(), name) != seen.end()) refuse(where, "names a member twice");
    seen.push_back(name);
    member(name, child);
  }
}

template <class Entry>
void each_element(element value, std::string_view where, std::size_t elements_max, Entry&& entry) {
  simdjson::dom::array array;
  if (value.get(array) != simdjson::SUCCESS) refuse(where, "must be an array");
  if (array.size() > elements_max)
    refuse(where, "has more than " + std::to_string(elements_max) + " elements");
  for (const auto child : array) entry(child);
}

[[noreturn]] void refuse_unknown(std::string_view where, std::string_view name) {
  const auto printable = name.size() <= 64 && std::all_of(name.begin(), name.end(), [](char c) {
                           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
                         });
  refuse(where, printable ? "has an unknown member \"" + std::string{name} + "\"" : "has an unknown member");
}

struct PersonMember {
  std::string_view name;
  std::string Person::*member;
};
constexpr std::array<PersonMember, 11> person_members{{{"email", &Person::email},
                                                       {"phone", &Person::phone},
                                                       {"name", &Person::name},
                                                       {"first_name", &Person::first_name},
                                                       {"last_name", &Person::last_name},
                                                       {"company", &Person::company},
                                                       {"job_title", &Person::job_title},
                                                       {"country", &Person::country},
                                                       {"city", &Person::city},
                                                       {"language", &Person::language},
                                                       {"timezone", &Person::time_zone}}};

Person read_person(element value) {
  Person person;
  each_member(value, "/person", person_members.size() + 1, [&](std::string_view name, element child) {
    if (name == "external_ids") {
      each_member(child, "/person/external_ids", limits::event_attributes_max,
                  [&](std::string_view id, element text) {
                    person.external_ids.emplace_back(std::string{id}, field_of(text, "/person/external_ids"));
                  });
      return;
    }
    const auto known = std::find_if(person_members.begin(), person_members.end(),
                                    [&](const PersonMember& member) { return member.name == name; });
    if (known == person_members.end()) refuse_unknown("/person", name);
    person.*(known->member) = field_of(child, "/person/" + std::string{name});
  });
  return person;
}

ConsentStatement read_consent(element value) {
  ConsentStatement consent;
  bool has_state = false;
  each_member(value, "/consent", 8, [&](std::string_view name, element child) {
    if (name == "purpose") {
      consent.purpose = field_of(child, "/consent/purpose");
    } else if (name == "channel") {
      consent.channel = field_of(child, "/consent/channel");
      constexpr std::array<std::string_view, 5> channels{"email", "phone", "sms", "chat", "any"};
      if (std::find(channels.begin(), channels.end(), consent.channel) == channels.end())
        refuse("/consent/channel", "must be email, phone, sms, chat or any");
    } else if (name == "state") {
      const auto state = text_of(child, "/consent/state", 16);
      if (state != "granted" && state != "withdrawn")
        refuse("/consent/state", "must be granted or withdrawn");
      consent.state = state == "granted" ? ConsentState::granted : ConsentState::withdrawn;
      has_state = true;
    } else if (name == "text") {
      consent.text = std::string{text_of(child, "/consent/text", limits::event_text_bytes_max)};
    } else if (name == "url") {
      consent.url = field_of(child, "/consent/url");
    } else if (name == "ip") {
      consent.ip = field_of(child, "/consent/ip");
    } else if (name == "user_agent") {
      consent.user_agent = field_of(child, "/consent/user_agent");
    } else if (name == "confirms") {
      consent.confirms = field_of(child, "/consent/confirms");
    } else {
      refuse_unknown("/consent", name);
    }
  });
  if (consent.purpose.empty()) refuse("/consent/purpose", "is missing");
  if (!has_state) refuse("/consent/state", "is missing");
  return consent;
}

Item read_item(element value) {
  Item item;
  each_member(value, "/items", 4, [&](std::string_view name, element child) {
    if (name == "id")
      item.id = field_of(child, "/items/id");
    else if (name == "name")
      item.name = field_of(child, "/items/name");
    else if (name == "quantity")
      item.quantity = number_of(child, "/items/quantity");
    else if (name == "price")
      item.price = number_of(child, "/items/price");
    else
      refuse_unknown("/items", name);
  });
  return item;
}

AttributeValue read_attribute(element value) {
  constexpr std::string_view where = "/attributes";
  switch (value.type()) {
    case element_type::BOOL:
      return bool{value};
    case element_type::INT64:
      return std::int64_t{value};
    case element_type::UINT64:
      refuse(where, "has a number beyond 64 bits with sign");
    case element_type::DOUBLE:
      return number_of(value, where);
    case element_type::STRING:
      return field_of(value, where);
    case element_type::ARRAY: {
      std::vector<std::string> list;
      each_element(value, where, 100, [&](element entry) { list.push_back(field_of(entry, where)); });
      return list;
    }
    default:
      refuse(where, "may hold booleans, numbers, strings and lists of strings");
  }
}

Attachment read_attachment(element value) {
  Attachment attachment;
  bool has_content = false;
  each_member(value, "/attachments", 4, [&](std::string_view name, element child) {
    if (name == "field")
      attachment.field = field_of(child, "/attachments/field");
    else if (name == "name")
      attachment.name = field_of(child, "/attachments/name");
    else if (name == "content_type")
      attachment.content_type = field_of(child, "/attachments/content_type");
    else if (name == "content") {
      attachment.content =
          std::string{text_of(child, "/attachments/content", 2 * limits::body_bytes_ceiling)};
      has_content = true;
    } else
      refuse_unknown("/attachments", name);
  });
  const auto& name = attachment.name;
  if (name.empty() || name == "." || name == ".." || name.find_first_of("/\\") != std::string::npos)
    refuse("/attachments/name", "must be a file name without a path");
  if (!has_content) refuse("/attachments/content", "is missing");
  if (!ops::base64_decode(attachment.content)) refuse("/attachments/content", "must be base64 with padding");
  return attachment;
}

/// RFC 3463: class "." subject "." detail, the class one of 2, 4 and 5, the others of one to three digits.
bool is_enhanced_status(std::string_view text) {
  if (text.size() < 2 || std::string_view{"245"}.find(text[0]) == text.npos || text[1] != '.') return false;
  const auto is_number = [](std::string_view part) {
    return !part.empty() && part.size() <= 3 &&
           std::all_of(part.begin(), part.end(), [](char c) { return c >= '0' && c <= '9'; });
  };
  const auto rest = text.substr(2);
  const auto dot = rest.find('.');
  return dot != rest.npos && is_number(rest.substr(0, dot)) && is_number(rest.substr(dot + 1));
}

void read_signal(LeadEvent& event, element value) {
  each_member(value, "/signal", 7, [&](std::string_view name, element child) {
    constexpr std::array<std::string_view, 7> known{"trust", "reason", "message_id", "user_agent",
                                                    "url",   "bounce", "status"};
    if (std::find(known.begin(), known.end(), name) == known.end()) refuse_unknown("/signal", name);
    const auto text = field_of(child, "/signal/" + std::string{name});
    if (name == "trust") {
      if (text != "human" && text != "scanner" && text != "unknown")
        refuse("/signal/trust", "must be human, scanner or unknown");
      event.trust = text == "human"     ? SignalTrust::human
                    : text == "scanner" ? SignalTrust::scanner
                                        : SignalTrust::unknown;
    } else if (name == "message_id") {
      event.message_id = text;
    } else if (name == "bounce") {
      if (text != "hard" && text != "soft" && text != "block")
        refuse("/signal/bounce", "must be hard, soft or block");
      event.bounce = text == "hard"   ? BounceKind::hard
                     : text == "soft" ? BounceKind::soft
                                      : BounceKind::block;
    } else if (name == "status") {
      if (!is_enhanced_status(text))
        refuse("/signal/status", "must be an enhanced status code such as 5.1.1");
      event.bounce_status = text;
    }
  });
}

std::string read_currency(element value) {
  const auto code = text_of(value, "/currency", 3);
  if (code.size() != 3 || !std::all_of(code.begin(), code.end(), [](char c) { return c >= 'A' && c <= 'Z'; }))
    refuse("/currency", "must be an ISO 4217 code such as EUR");
  return std::string{code};
}

void read_member(LeadEvent& event, std::string_view name, element value) {
  if (name == "type") {
    event.type = std::string{text_of(value, "/type", 128)};
    if (!is_event_type(event.type))
      refuse("/type", "is no known event type; a vendor's own is x.<vendor>.<name>");
  } else if (name == "key") {
    event.key = std::string{text_of(value, "/key", limits::event_key_bytes_max)};
    if (event.key.empty()) refuse("/key", "is empty; leave it out where there is none");
  } else if (name == "person") {
    event.person = read_person(value);
  } else if (name == "occurred_at") {
    event.occurred_at = parse_rfc3339(text_of(value, "/occurred_at", 64));
    if (!event.occurred_at)
      refuse("/occurred_at", "must be an RFC 3339 date-time such as 2026-01-05T12:00:00Z");
  } else if (name == "consent") {
    each_element(value, "/consent", limits::event_consents_max,
                 [&](element entry) { event.consent.push_back(read_consent(entry)); });
  } else if (name == "attribution") {
    const auto& names = attribution_names();
    each_member(value, "/attribution", names.size(), [&](std::string_view field, element text) {
      if (std::find(names.begin(), names.end(), field) == names.end()) refuse_unknown("/attribution", field);
      event.attribution.emplace_back(std::string{field},
                                     field_of(text, "/attribution/" + std::string{field}));
    });
  } else if (name == "attributes") {
    each_member(value, "/attributes", limits::event_attributes_max,
                [&](std::string_view field, element entry) {
                  if (field.empty() || field.size() > 128)
                    refuse("/attributes", "has a name that is empty or beyond 128 bytes");
                  event.attributes.emplace_back(std::string{field}, read_attribute(entry));
                });
  } else if (name == "message") {
    event.message = std::string{text_of(value, "/message", limits::event_text_bytes_max)};
  } else if (name == "anonymous_id") {
    event.anonymous_id = field_of(value, "/anonymous_id");
  } else if (name == "value") {
    event.value = number_of(value, "/value");
  } else if (name == "currency") {
    event.currency = read_currency(value);
  } else if (name == "items") {
    each_element(value, "/items", limits::event_items_max,
                 [&](element entry) { event.items.push_back(read_item(entry)); });
  } else if (name == "attachments") {
    each_element(value, "/attachments", limits::event_attachments_max,
                 [&](element entry) { event.attachments.push_back(read_attachment(entry)); });
  } else if (name == "signal") {
    read_signal(event, value);
  } else if (name == "version") {
    if (value.type() != element_type::INT64 || std::int64_t{value} != 1)
      refuse("/version", "must be 1: this leadhub knows no other");
  } else {
    refuse_unknown("", name);
  }
}

/// What does not count towards the size of an event: the contents of its attachments, which are bounded by
/// the request, and its key with quotes, name and comma, which the host may have had to add.
std::size_t uncounted_bytes(const LeadEvent& event) {
  std::size_t bytes = event.key.empty() ? 0 : event.key.size() + std::string_view{"\"key\":\"\","}.size();
  for (const auto& attachment : event.attachments) bytes += attachment.content.size();
  return bytes;
}

/// simdjson's parser keeps its buffers; one a thread serves all events of that thread but the few that
/// carry attachments, whose buffers would be kept for ever.
simdjson::dom::parser& thread_parser() {
  thread_local simdjson::dom::parser parser{limits::event_bytes_max};
  return parser;
}

}  // namespace

const std::vector<std::string_view>& attribution_names() {
  static const std::vector<std::string_view> names{"utm_source",  "utm_medium", "utm_campaign", "utm_term",
                                                   "utm_content", "utm_id",     "gclid",        "gbraid",
                                                   "wbraid",      "fbclid",     "msclkid",      "ttclid",
                                                   "li_fat_id",   "referrer",   "landing_page"};
  return names;
}

bool is_event_type(std::string_view type) {
  if (std::find(shared_event_types.begin(), shared_event_types.end(), type) != shared_event_types.end())
    return true;
  if (!type.starts_with("x.")) return false;
  const auto vendor_end = type.find('.', 2);
  if (vendor_end == type.npos || vendor_end == 2 || vendor_end > 2 + vendor_bytes_max) return false;
  const auto name_bytes = type.size() - vendor_end - 1;
  if (name_bytes == 0 || name_bytes > vendor_type_bytes_max) return false;
  return std::all_of(type.begin(), type.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
  });
}

Result<LeadEvent> parse_event(std::string_view json) {
  element document;
  simdjson::dom::parser own_parser{limits::body_bytes_ceiling * 2};  // allocates nothing until it is used
  auto& parser = json.size() > limits::event_bytes_max ? own_parser : thread_parser();
  if (const auto error = parser.parse(json.data(), json.size()).get(document); error != simdjson::SUCCESS)
    return fail(ErrorCode::invalid,
                std::string{"the lead event is no valid JSON: "} + simdjson::error_message(error));
  try {
    LeadEvent event;
    each_member(document, "", 32,
                [&](std::string_view name, element value) { read_member(event, name, value); });
    if (event.type.empty()) refuse("/type", "is missing");
    if (json.size() - uncounted_bytes(event) > limits::event_bytes_max)
      refuse("", "is larger than " + std::to_string(limits::event_bytes_max) + " bytes");
    return event;
  } catch (const Refusal& refusal) {
    return fail(ErrorCode::invalid,
                "the lead event" + (refusal.where.empty() ? "" : "'s " + refusal.where) + " " + refusal.what);
  } catch (const simdjson::simdjson_error& error) {
    return fail(ErrorCode::invalid, std::string{"the lead event is no valid JSON: "} + error.what());
  }
}

std::string without_attachment_contents(std::string_view json) {
  if (json.find("\"attachments\"") == json.npos) return std::string{json};
  auto document = nlohmann::json::parse(json, nullptr, false);
  if (document.is_discarded() || !document.contains("attachments")) return std::string{json};
  for (auto& attachment : document["attachments"]) attachment["content"] = "";
  return document.dump();
}

std::vector<std::string_view> event_documents(std::string_view array) {
  std::vector<std::string_view> documents;
  int depth = 0;
  bool in_string = false;
  std::size_t start = 0;
  for (std::size_t i = 0; i < array.size(); ++i) {
    const char c = array[i];
    if (in_string) {
      if (c == '\\')
        ++i;
      else if (c == '"')
        in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      if (++depth == 2) start = i;
    } else if (c == '}' || c == ']') {
      if (depth-- == 2) documents.push_back(array.substr(start, i + 1 - start));
    }
  }
  return documents;
}

}  // namespace leadhub::lead
