#pragma once

#include <leadhub/sdk/event.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rate.hpp"

/// A form's configuration, compiled: no name is looked up and no text parsed while requests come in.
namespace leadhub::webform {

/// Who reads what the hub answers, and can mend a field that is wrong.
enum class Sender { person = 1, machine };

enum class Presence { optional = 1, required };
enum class ValueType { text = 1, integer, number, boolean, date, list };

/// Where a value goes in the lead event.
struct Target {
  enum class Kind { person = 1, attribution, external_id, attribute, message, value, currency };
  Kind kind = Kind::attribute;
  std::string sdk::Person::*person = nullptr;            ///< for Kind::person
  std::string sdk::Attribution::*attribution = nullptr;  ///< for Kind::attribution
  std::string name;                                      ///< last part: "email", "company_size", "utm_source"
};

struct FieldRule {
  std::string name;   ///< the form's own, or a dotted path into a JSON body
  std::string key;    ///< `name` without a trailing "[]", which is how names are compared
  std::string label;  ///< what people read
  Target target;
  ValueType type = ValueType::text;
  Presence presence = Presence::optional;
  std::vector<std::string> options;  ///< the only values allowed; empty: any
};

/// A checkbox by which somebody agrees to something.
struct ConsentRule {
  std::string name;
  std::string purpose;
  std::string channel;
  std::string text;
  Presence presence = Presence::optional;
};

/// What stands on the hosted form and in the embedded one.
struct FormTexts {
  std::string title, intro, button, thanks, language;
};

/// A form: what it asks, what it means, how it is guarded and shown.
struct FormSettings {
  Sender sender = Sender::person;
  std::string event;
  std::vector<FieldRule> fields;  ///< in the configuration's order, which is the form's
  std::vector<ConsentRule> consent;
  std::vector<std::pair<std::string, std::string>> constants;  ///< attributes that every event has
  std::string honeypot;                                        ///< empty: none
  std::int64_t fill_ms_min = 0;
  std::optional<Rate> per_address;
  std::vector<std::string> origins;
  std::string thank_you;  ///< empty: our own page
  FormTexts texts;
};

/// `name` without a trailing "[]": PHP's way of naming inputs that repeat.
constexpr std::string_view without_brackets(std::string_view name) {
  return name.ends_with("[]") ? name.substr(0, name.size() - 2) : name;
}

}  // namespace leadhub::webform
