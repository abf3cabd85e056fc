#pragma once

#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <leadhub/sdk/utf8.hpp>

/// A lead event as C++ values, and its JSON as sdk/lead-event.schema.json wants it. Header-only, C++17.
namespace leadhub::sdk {

/// Who did it, as given: the host normalises. Empty members are left out of the JSON.
struct Person {
  std::string email, phone, name, first_name, last_name, company, job_title, country, city, language,
      timezone;
  std::map<std::string, std::string> external_ids;  ///< system -> id
};

/// Something the person allowed or took back.
struct Consent {
  enum class State { granted = 1, withdrawn };
  std::string purpose;
  std::string channel;  ///< email, phone, sms, chat, any; empty means email
  State state = State::granted;
  std::string text;  ///< exactly what the person agreed to
  std::string url, ip, user_agent;
};

/// Where the person came from. Empty members are left out; the host reads missing ones from landing_page's
/// query.
struct Attribution {
  std::string utm_source, utm_medium, utm_campaign, utm_term, utm_content, utm_id;
  std::string gclid, gbraid, wbraid, fbclid, msclkid, ttclid, li_fat_id;
  std::string referrer, landing_page;
};

struct Item {
  std::string id, name;
  std::optional<double> quantity, price;
};

/// A file that came with the event.
struct Attachment {
  std::string field;
  std::string name;  ///< file name without any path
  std::string content_type;
  std::string content;  ///< the bytes themselves; the JSON holds them as base64
};

struct Signal {
  enum class Trust { none = 0, human, scanner, unknown };
  enum class Bounce { none = 0, hard, soft, block };
  Trust trust = Trust::none;  ///< none: left out
  std::string reason, message_id, user_agent, url;
  Bounce bounce = Bounce::none;  ///< of email.bounced: for good, for now, or refused whoever it is for
  std::string status;            ///< enhanced status code (RFC 3463): "5.1.1"
};

using AttributeValue = std::variant<bool, std::int64_t, double, std::string, std::vector<std::string>>;

/// One thing that a person did. The bounds are the schema's and are the caller's to keep; the host checks
/// them.
struct LeadEvent {
  std::string type;          ///< required: "form.submitted", ...
  std::string key;           ///< the provider's own id of the event; empty: the host makes a fresh one
  std::string occurred_at;   ///< RFC 3339; empty: when it was received
  std::string anonymous_id;  ///< a visitor's cookie id, before the person is known
  std::optional<double> value;
  std::string currency;  ///< ISO 4217
  std::vector<Item> items;
  Person person;
  std::vector<Consent> consent;
  Attribution attribution;
  std::string message;
  std::map<std::string, AttributeValue> attributes;
  std::vector<Attachment> attachments;
  Signal signal;

  /// Compact JSON, members in the schema's order, always the same for the same event. Text is taken as UTF-8:
  /// invalid bytes become U+FFFD, NUL is dropped. Numbers that JSON cannot hold (NaN, infinity) are left out.
  [[nodiscard]] std::string to_json() const;
};

/// Members that are plain text, by their names in the schema: for the writer below and for code that fills a
/// member whose name it reads from a configuration.
template <class Owner>
struct TextMember {
  std::string_view name;
  std::string Owner::*member;
};

inline constexpr std::array<TextMember<Person>, 11> person_members{{{"email", &Person::email},
                                                                    {"phone", &Person::phone},
                                                                    {"name", &Person::name},
                                                                    {"first_name", &Person::first_name},
                                                                    {"last_name", &Person::last_name},
                                                                    {"company", &Person::company},
                                                                    {"job_title", &Person::job_title},
                                                                    {"country", &Person::country},
                                                                    {"city", &Person::city},
                                                                    {"language", &Person::language},
                                                                    {"timezone", &Person::timezone}}};

inline constexpr std::array<TextMember<Attribution>, 15> attribution_members{
    {{"utm_source", &Attribution::utm_source},
     {"utm_medium", &Attribution::utm_medium},
     {"utm_campaign", &Attribution::utm_campaign},
     {"utm_term", &Attribution::utm_term},
     {"utm_content", &Attribution::utm_content},
     {"utm_id", &Attribution::utm_id},
     {"gclid", &Attribution::gclid},
     {"gbraid", &Attribution::gbraid},
     {"wbraid", &Attribution::wbraid},
     {"fbclid", &Attribution::fbclid},
     {"msclkid", &Attribution::msclkid},
     {"ttclid", &Attribution::ttclid},
     {"li_fat_id", &Attribution::li_fat_id},
     {"referrer", &Attribution::referrer},
     {"landing_page", &Attribution::landing_page}}};

namespace detail {

/// Writes JSON straight into one string. Why not a JSON library: plugins would need one for this alone, and
/// building a document only to print it costs more than the rest of reading a form.
class JsonWriter {
 public:
  explicit JsonWriter(std::size_t bytes_expected) { out_.reserve(bytes_expected); }

  void open(char bracket) {
    separate();
    out_ += bracket;
    fresh_ = true;
  }
  void close(char bracket) {
    out_ += bracket;
    fresh_ = false;
  }
  void name(std::string_view text) {
    string(text);
    out_ += ':';
    fresh_ = true;
  }
  void string(std::string_view text) {
    separate();
    out_ += '"';
    escape(text);
    out_ += '"';
  }
  void boolean(bool value) {
    separate();
    out_ += value ? "true" : "false";
  }
  template <class Number>
  void number(Number value) {
    separate();
    std::array<char, 32> buffer{};  // the longest shortest double has 24 characters
    const auto [end, error] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
    if (error == std::errc{}) out_.append(buffer.data(), end);
  }
  void base64(std::string_view bytes);

  /// A member that is left out where its text is empty.
  void text_member(std::string_view member, std::string_view text) {
    if (text.empty()) return;
    name(member);
    string(text);
  }
  void number_member(std::string_view member, const std::optional<double>& value) {
    if (!value || !std::isfinite(*value)) return;
    name(member);
    number(*value);
  }
  template <class Owner, std::size_t count>
  void text_members(const Owner& owner, const std::array<TextMember<Owner>, count>& members) {
    for (const auto& [text_name, member] : members) text_member(text_name, owner.*member);
  }

  [[nodiscard]] std::size_t size() const { return out_.size(); }
  [[nodiscard]] std::string take() { return std::move(out_); }

 private:
  void separate() {
    if (!fresh_) out_ += ',';
    fresh_ = false;
  }
  void escape(std::string_view text);
  void escape_ascii(char c);

  std::string out_;
  bool fresh_ = true;  // nothing stands before the next value, so it needs no comma
};

inline void JsonWriter::escape_ascii(char c) {
  constexpr std::string_view digits = "0123456789abcdef";
  switch (c) {
    case '\0':
      return;
    case '"':
      out_ += "\\\"";
      return;
    case '\\':
      out_ += "\\\\";
      return;
    case '\n':
      out_ += "\\n";
      return;
    case '\r':
      out_ += "\\r";
      return;
    case '\t':
      out_ += "\\t";
      return;
    default:
      out_ += "\\u00";
      out_ += digits[static_cast<unsigned char>(c) >> 4u];
      out_ += digits[static_cast<unsigned char>(c) & 15u];
  }
}

inline void JsonWriter::escape(std::string_view text) {
  std::size_t plain = 0;  // start of the run not yet copied
  std::size_t at = 0;
  const auto flush = [&] { out_.append(text.data() + plain, at - plain); };
  while (at < text.size()) {
    const auto c = static_cast<unsigned char>(text[at]);
    if (c < 0x80) {
      if (c < 0x20 || c == '"' || c == '\\') {
        flush();
        escape_ascii(text[at]);
        plain = at + 1;
      }
      ++at;
      continue;
    }
    const Utf8Sequence sequence = first_sequence(text.substr(at));
    if (!sequence.valid) {
      flush();
      out_ += replacement_character;
      plain = at + sequence.size;
    }
    at += sequence.size;
  }
  flush();
}

inline void JsonWriter::base64(std::string_view bytes) {
  constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  separate();
  out_.reserve(out_.size() + (bytes.size() + 2) / 3 * 4 + 64);
  out_ += '"';
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t left = bytes.size() - i;
    const auto byte = [&](std::size_t k) { return k < left ? static_cast<unsigned char>(bytes[i + k]) : 0u; };
    const std::uint32_t group = byte(0) << 16u | byte(1) << 8u | byte(2);
    out_ += alphabet[group >> 18u & 63u];
    out_ += alphabet[group >> 12u & 63u];
    out_ += left > 1 ? alphabet[group >> 6u & 63u] : '=';
    out_ += left > 2 ? alphabet[group & 63u] : '=';
  }
  out_ += '"';
}

inline void write(JsonWriter& json, const Person& person) {
  json.name("person");
  json.open('{');
  json.text_members(person, person_members);
  if (!person.external_ids.empty()) {
    json.name("external_ids");
    json.open('{');
    for (const auto& [system, id] : person.external_ids) {
      json.name(system);
      json.string(id);
    }
    json.close('}');
  }
  json.close('}');
}

inline void write(JsonWriter& json, const Consent& consent) {
  json.open('{');
  json.name("purpose");
  json.string(consent.purpose);
  json.text_member("channel", consent.channel);
  json.name("state");
  json.string(consent.state == Consent::State::granted ? "granted" : "withdrawn");
  json.text_member("text", consent.text);
  json.text_member("url", consent.url);
  json.text_member("ip", consent.ip);
  json.text_member("user_agent", consent.user_agent);
  json.close('}');
}

inline void write(JsonWriter& json, const Item& item) {
  json.open('{');
  json.text_member("id", item.id);
  json.text_member("name", item.name);
  json.number_member("quantity", item.quantity);
  json.number_member("price", item.price);
  json.close('}');
}

inline void write(JsonWriter& json, const Attachment& attachment) {
  json.open('{');
  json.text_member("field", attachment.field);
  json.name("name");
  json.string(attachment.name);
  json.text_member("content_type", attachment.content_type);
  json.name("content");
  json.base64(attachment.content);
  json.close('}');
}

inline void write(JsonWriter& json, const Signal& signal) {
  json.name("signal");
  json.open('{');
  if (signal.trust != Signal::Trust::none) {
    json.name("trust");
    json.string(signal.trust == Signal::Trust::human     ? "human"
                : signal.trust == Signal::Trust::scanner ? "scanner"
                                                         : "unknown");
  }
  json.text_member("reason", signal.reason);
  json.text_member("message_id", signal.message_id);
  json.text_member("user_agent", signal.user_agent);
  json.text_member("url", signal.url);
  if (signal.bounce != Signal::Bounce::none) {
    json.name("bounce");
    json.string(signal.bounce == Signal::Bounce::hard   ? "hard"
                : signal.bounce == Signal::Bounce::soft ? "soft"
                                                        : "block");
  }
  json.text_member("status", signal.status);
  json.close('}');
}

inline void write(JsonWriter& json, const AttributeValue& value) {
  struct Visitor {
    JsonWriter& json;
    void operator()(bool given) const { json.boolean(given); }
    void operator()(std::int64_t given) const { json.number(given); }
    void operator()(double given) const { json.number(given); }
    void operator()(const std::string& given) const { json.string(given); }
    void operator()(const std::vector<std::string>& given) const {
      json.open('[');
      for (const auto& text : given) json.string(text);
      json.close(']');
    }
  };
  std::visit(Visitor{json}, value);
}

inline bool is_storable(const AttributeValue& value) {
  const double* number = std::get_if<double>(&value);
  return number == nullptr || std::isfinite(*number);
}

template <class Values>
void write_list(JsonWriter& json, std::string_view name, const Values& values) {
  if (values.empty()) return;
  json.name(name);
  json.open('[');
  for (const auto& value : values) write(json, value);
  json.close(']');
}

template <class Owner, std::size_t count>
bool any_text(const Owner& owner, const std::array<TextMember<Owner>, count>& members) {
  for (const auto& text : members)
    if (!(owner.*(text.member)).empty()) return true;
  return false;
}

}  // namespace detail

inline std::string LeadEvent::to_json() const {
  std::size_t expected = 512 + message.size();
  for (const auto& attachment : attachments) expected += attachment.content.size() / 3 * 4 + 256;
  detail::JsonWriter json(expected);
  json.open('{');
  json.name("type");
  json.string(type);
  json.text_member("key", key);
  json.text_member("occurred_at", occurred_at);
  json.text_member("anonymous_id", anonymous_id);
  json.number_member("value", value);
  json.text_member("currency", currency);
  detail::write_list(json, "items", items);
  if (detail::any_text(person, person_members) || !person.external_ids.empty()) detail::write(json, person);
  detail::write_list(json, "consent", consent);
  if (detail::any_text(attribution, attribution_members)) {
    json.name("attribution");
    json.open('{');
    json.text_members(attribution, attribution_members);
    json.close('}');
  }
  json.text_member("message", message);
  if (!attributes.empty()) {
    json.name("attributes");
    json.open('{');
    for (const auto& [name, attribute] : attributes) {
      if (!detail::is_storable(attribute)) continue;
      json.name(name);
      detail::write(json, attribute);
    }
    json.close('}');
  }
  detail::write_list(json, "attachments", attachments);
  if (signal.trust != Signal::Trust::none || !signal.reason.empty() || !signal.message_id.empty() ||
      !signal.user_agent.empty() || !signal.url.empty() || signal.bounce != Signal::Bounce::none ||
      !signal.status.empty())
    detail::write(json, signal);
  json.close('}');
  return json.take();
}

}  // namespace leadhub::sdk
