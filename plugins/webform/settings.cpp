#include "settings.hpp"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "form_token.hpp"
#include "origin.hpp"
#include "provider.hpp"
#include "provider_channel.hpp"
#include "text.hpp"
#include "visitor.hpp"

namespace leadhub::webform {
namespace {

using Json = nlohmann::ordered_json;  // the fields' order is the form's

constexpr std::string_view event_types[] = {"form.submitted",
                                            "demo.requested",
                                            "account.registered",
                                            "content.downloaded",
                                            "questionnaire.completed",
                                            "page.viewed",
                                            "product.liked",
                                            "cart.updated",
                                            "purchase.completed",
                                            "newsletter.requested",
                                            "newsletter.subscribed",
                                            "newsletter.unsubscribed",
                                            "chat.started",
                                            "chat.message"};

constexpr std::pair<std::string_view, std::string_view> person_labels[] = {
    {"email", "E-mail"},          {"phone", "Phone"},         {"name", "Name"},
    {"first_name", "First name"}, {"last_name", "Last name"}, {"company", "Company"},
    {"job_title", "Job title"},   {"country", "Country"},     {"city", "City"},
    {"language", "Language"},     {"timezone", "Time zone"}};

constexpr std::pair<std::string_view, ValueType> value_types[] = {
    {"text", ValueType::text},       {"integer", ValueType::integer}, {"number", ValueType::number},
    {"boolean", ValueType::boolean}, {"date", ValueType::date},       {"list", ValueType::list}};

std::string pointer_token(std::string_view name) {
  std::string out;
  for (const char c : name) {
    if (c == '~')
      out += "~0";
    else if (c == '/')
      out += "~1";
    else
      out += c;
  }
  return out;
}

std::string text_of(const Json& object, const char* key, std::string_view fallback = {}) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string(fallback);
}

Presence presence_of(const Json& object) {
  const auto found = object.find("required");
  const bool required = found != object.end() && found->is_boolean() && found->get<bool>();
  return required ? Presence::required : Presence::optional;
}

std::vector<std::string> texts_of(const Json& object, const char* key) {
  std::vector<std::string> out;
  const auto found = object.find(key);
  if (found == object.end() || !found->is_array()) return out;
  for (const Json& item : *found)
    if (item.is_string()) out.push_back(item.get<std::string>());
  return out;
}

/// "your-e_mail" -> "Your e mail".
std::string label_from(std::string_view name) {
  std::string out(without_brackets(name));
  std::replace_if(
      out.begin(), out.end(), [](char c) { return c == '-' || c == '_' || c == '.'; }, ' ');
  if (!out.empty() && out[0] >= 'a' && out[0] <= 'z') out[0] = static_cast<char>(out[0] - 32);
  return out;
}

std::string default_label(const FieldRule& field) {
  if (field.target.kind == Target::Kind::person)
    for (const auto& [name, label] : person_labels)
      if (name == field.target.name) return std::string(label);
  return field.target.kind == Target::Kind::message ? "Message" : label_from(field.name);
}

bool is_attribute_name(std::string_view name) {
  return !name.empty() && name.size() <= 64 && std::all_of(name.begin(), name.end(), [](char c) {
    return (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
}

std::optional<Target> find_target(std::string_view to) {
  Target target;
  target.name = to;
  const auto is = [&](Target::Kind kind) {
    target.kind = kind;
    return target;
  };
  if (to == "message") return is(Target::Kind::message);
  if (to == "value") return is(Target::Kind::value);
  if (to == "currency") return is(Target::Kind::currency);
  for (const auto& [name, member] : sdk::person_members) {
    if (name != to) continue;
    target.person = member;
    return is(Target::Kind::person);
  }
  const Halves halves = split_once(to, '.');
  target.name = halves.after;
  if (halves.before == "attribution") {
    for (const auto& [name, member] : sdk::attribution_members) {
      if (name != halves.after) continue;
      target.attribution = member;
      return is(Target::Kind::attribution);
    }
  }
  if (!is_attribute_name(halves.after)) return std::nullopt;
  if (halves.before == "attributes") return is(Target::Kind::attribute);
  if (halves.before == "external_ids") return is(Target::Kind::external_id);
  return std::nullopt;
}

std::string unknown_target(std::string_view to) {
  std::vector<std::string_view> known{"message", "value", "currency"};
  for (const auto& member : sdk::person_members) known.push_back(member.name);
  std::vector<std::string> attribution;
  attribution.reserve(sdk::attribution_members.size());
  for (const auto& member : sdk::attribution_members)
    attribution.push_back("attribution." + std::string(member.name));
  known.insert(known.end(), attribution.begin(), attribution.end());
  const std::string message = "\"" + std::string(to) + "\" is no part of a lead; ";
  if (const std::string_view suggestion = nearest(to, known); !suggestion.empty())
    return message + "did you mean \"" + std::string(suggestion) + "\"?";
  const Halves halves = split_once(to, '.');
  for (const std::string_view group : {"attributes", "external_ids", "attribution"})
    if (!halves.after.empty() && nearest(halves.before, {group}) == group && halves.before != group)
      return message + "did you mean \"" + std::string(group) + "." + std::string(halves.after) + "\"?";
  if (halves.before == "attributes" || halves.before == "external_ids")
    return message + "a name has letters, digits, - and _, at most 64";
  return message + "to keep a value of your own write \"attributes." +
         (is_attribute_name(to) ? std::string(to) : std::string("<name>")) + "\"";
}

class Reader {
 public:
  SettingsReading read(std::string_view config) {
    const Json json = Json::parse(config, nullptr, false);
    if (!json.is_object()) {
      report("", "the configuration is not an object; write provider, event and fields");
      return std::move(reading_);
    }
    settings().config = config;
    read_provider(json);
    if (settings().provider == nullptr) return std::move(reading_);
    read_event(json);
    read_secrets(json);
    read_fields(json);
    read_consent(json);
    read_spam(json);
    read_places(json);
    read_texts(json);
    return std::move(reading_);
  }

 private:
  Settings& settings() { return reading_.settings; }
  void report(std::string pointer, std::string message) {
    reading_.problems.push_back({std::move(pointer), std::move(message)});
  }

  void read_provider(const Json& json) {
    settings().provider_name = text_of(json, "provider");
    settings().provider = find_provider(settings().provider_name);
    if (settings().provider == nullptr)
      report("/provider", unknown_provider(settings().provider_name));
    else
      settings().sender = settings().provider->sender;
  }

  void read_event(const Json& json) {
    settings().event = text_of(json, "event", "form.submitted");
    check_event_type(settings().event, "/event");
    const auto events = json.find("events");
    if (events == json.end() || !events->is_object()) return;
    for (const auto& [name, type] : events->items()) {
      settings().events.emplace_back(name, type.is_string() ? type.get<std::string>() : std::string());
      check_event_type(settings().events.back().second, "/events/" + pointer_token(name));
    }
  }

  void check_event_type(const std::string& event, const std::string& pointer) {
    if (is_event_type(event)) return;
    const std::string_view suggestion = nearest(event, {std::begin(event_types), std::end(event_types)});
    report(pointer, "\"" + event + "\" is no event type; " +
                        (suggestion.empty() ? "write form.submitted, demo.requested, ... or x.<vendor>.<name>"
                                            : "did you mean \"" + std::string(suggestion) + "\"?"));
  }

  /// "key" is what Google Ads calls it.
  void read_secrets(const Json& json) {
    const auto add = [&](const Json& reference) {
      if (reference.is_object()) settings().secrets.push_back(text_of(reference, "$secret"));
    };
    for (const char* const name : {"secret", "key"}) {
      const auto found = json.find(name);
      if (found == json.end()) continue;
      if (!found->is_array()) add(*found);
      if (found->is_array())
        for (const Json& reference : *found) add(reference);
    }
    for (const char* const name : {"verify_token", "access_token"})
      if (const auto found = json.find(name); found != json.end() && found->is_object())
        settings().tokens.emplace_back(name, text_of(*found, "$secret"));
  }

  /// A name of the form, taken once.
  void claim(const std::string& name, const std::string& pointer) {
    const std::string key(without_brackets(name));
    if (name.empty()) return report(pointer, "the name is empty; write the name of the form's input");
    if (name == token_field || name == visitor_field || name == "_charset_")
      return report(pointer, "\"" + name + "\" is the hub's own; choose another name");
    const auto [at, fresh] = names_.emplace(key, pointer);
    if (!fresh)
      report(pointer,
             "the form's \"" + name + "\" is used already at " + at->second + "; use each name once");
  }

  void read_fields(const Json& json) {
    const auto found = json.find("fields");
    const bool none = found == json.end() || !found->is_object() || found->empty();
    if (none && settings().provider->fields == FieldsNeed::optional) return;
    if (none)
      return report("/fields",
                    "no field is mapped; write for example \"email: {to: email, required: true}\"");
    for (const auto& [name, json_rule] : found->items()) read_field(name, json_rule);
  }

  void read_field(const std::string& name, const Json& json) {
    const std::string pointer = "/fields/" + pointer_token(name);
    claim(name, pointer);
    const std::string to = text_of(json, "to");
    std::optional<Target> target = find_target(to);
    if (!target) return report(pointer + "/to", unknown_target(to));
    const auto [at, fresh] = targets_.emplace(to, name);
    if (!fresh)
      report(pointer + "/to", "\"" + to + "\" is already filled by the field \"" + at->second +
                                  "\"; map each part of a lead once");
    FieldRule field;
    field.name = name;
    field.key = without_brackets(name);
    field.target = std::move(*target);
    field.type = type_of(json, field.target, pointer);
    field.presence = presence_of(json);
    field.options = texts_of(json, "options");
    field.label = text_of(json, "label", default_label(field));
    settings().fields.push_back(std::move(field));
  }

  ValueType type_of(const Json& json, const Target& target, const std::string& pointer) {
    const std::string name = text_of(json, "type", target.kind == Target::Kind::value ? "number" : "text");
    ValueType type = ValueType::text;
    for (const auto& [known, value] : value_types)
      if (known == name) type = value;
    if (target.kind == Target::Kind::value) {
      if (type != ValueType::number && type != ValueType::integer)
        report(pointer + "/type", "the lead's value is a number; leave the type out");
      return ValueType::number;
    }
    if (target.kind != Target::Kind::attribute && type != ValueType::text)
      report(pointer + "/type",
             "only attributes have types; leave it out, or map to \"attributes." + target.name + "\"");
    return type;
  }

  void read_consent(const Json& json) {
    const auto found = json.find("consent");
    if (found == json.end() || !found->is_array()) return;
    for (std::size_t i = 0; i < found->size(); ++i) {
      const Json& entry = (*found)[i];
      ConsentRule rule{text_of(entry, "field"), text_of(entry, "purpose"), text_of(entry, "channel", "email"),
                       text_of(entry, "text"), presence_of(entry)};
      claim(rule.name, "/consent/" + std::to_string(i) + "/field");
      settings().consent.push_back(std::move(rule));
    }
  }

  void read_spam(const Json& json) {
    const auto found = json.find("spam");
    if (found == json.end() || !found->is_object()) return;
    settings().honeypot = text_of(*found, "honeypot");
    if (!settings().honeypot.empty()) claim(settings().honeypot, "/spam/honeypot");
    if (const auto seconds = found->find("min_seconds"); seconds != found->end() && seconds->is_number())
      settings().fill_ms_min = static_cast<std::int64_t>(seconds->get<double>() * 1000);
    const std::string rate = text_of(*found, "per_address");
    if (rate.empty()) return;
    settings().per_address = parse_rate(rate);
    if (!settings().per_address)
      report("/spam/per_address", "\"" + rate + "\" is no rate; write for example \"10 per 1m\"");
  }

  void read_places(const Json& json) {
    const std::vector<std::string> origins = texts_of(json, "origins");
    for (std::size_t i = 0; i < origins.size(); ++i) {
      if (const std::optional<std::string> origin = parse_origin(origins[i]))
        settings().origins.push_back(*origin);
      else
        report("/origins/" + std::to_string(i),
               "\"" + origins[i] +
                   "\" is no origin; write scheme and host alone, for example "
                   "\"https://www.example.com\"");
    }
    settings().thank_you = text_of(json, "thank_you");
    if (!settings().thank_you.empty() && !is_page_url(settings().thank_you))
      report("/thank_you", "the address of the thank-you page must be a whole http or https URL in ASCII");
  }

  void read_texts(const Json& json) {
    FormTexts& texts = settings().texts;
    texts.title = text_of(json, "title", "Contact us");
    texts.intro = text_of(json, "intro");
    texts.button = text_of(json, "button", "Send");
    texts.thanks = text_of(json, "thanks", "Thank you. We have received your message.");
    texts.language = text_of(json, "language", "en");
  }

  SettingsReading reading_;
  std::map<std::string, std::string> names_;    // a form's name -> pointer to where it is used
  std::map<std::string, std::string> targets_;  // a part of the lead -> the form's name that fills it
};

}  // namespace

bool is_event_type(std::string_view type) {
  if (type.starts_with("x.") && type.find('.', 2) != std::string_view::npos) return true;
  return std::find(std::begin(event_types), std::end(event_types), type) != std::end(event_types);
}

SettingsReading read_settings(std::string_view config) {
  return Reader().read(config);
}

}  // namespace leadhub::webform
