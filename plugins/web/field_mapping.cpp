#include "field_mapping.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>

#include "form_token.hpp"
#include "limits.hpp"
#include "text.hpp"
#include "visitor.hpp"

namespace leadhub::webform {
namespace {

/// nullopt: done; else what is wrong, to follow the field's label.
using Complaint = std::optional<std::string>;

Complaint too_long(std::size_t bytes, std::size_t bytes_max) {
  if (bytes <= bytes_max) return std::nullopt;
  return "is too long: " + std::to_string(bytes) + " bytes, at most " + std::to_string(bytes_max);
}

template <class Number>
std::optional<Number> parse_number(std::string_view text) {
  if (text.starts_with('+') && text.size() > 1 && text[1] != '-') text.remove_prefix(1);
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<double> parse_finite(std::string_view text) {
  const std::optional<double> value = parse_number<double>(text);
  return value && std::isfinite(*value) ? value : std::nullopt;
}

/// Whole numbers, "12.0" among them: JSON senders write what their language prints.
std::optional<std::int64_t> parse_integer(std::string_view text) {
  if (const std::optional<std::int64_t> value = parse_number<std::int64_t>(text)) return value;
  const std::optional<double> value = parse_finite(text);
  constexpr double exact_max = 9007199254740992.0;  // 2^53
  if (!value || std::trunc(*value) != *value || std::abs(*value) > exact_max) return std::nullopt;
  return static_cast<std::int64_t>(*value);
}

bool is_one_of(std::string_view text, std::initializer_list<std::string_view> words) {
  return std::any_of(words.begin(), words.end(),
                     [&](std::string_view word) { return equal_ignoring_case(text, word); });
}

std::optional<bool> parse_boolean(std::string_view text) {
  if (is_one_of(text, {"on", "1", "true", "yes", "checked"})) return true;
  if (is_one_of(text, {"off", "0", "false", "no"})) return false;
  return std::nullopt;
}

/// A day that exists, as YYYY-MM-DD.
bool is_date(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return false;
  const auto year = parse_number<unsigned>(text.substr(0, 4));
  const auto month = parse_number<unsigned>(text.substr(5, 2));
  const auto day = parse_number<unsigned>(text.substr(8, 2));
  if (!year || !month || !day || text.find('+') != std::string_view::npos) return false;
  return std::chrono::year_month_day(std::chrono::year(static_cast<int>(*year)), std::chrono::month(*month),
                                     std::chrono::day(*day))
      .ok();
}

bool is_offered(const FieldRule& rule, std::string_view value) {
  return rule.options.empty() ||
         std::find(rule.options.begin(), rule.options.end(), value) != rule.options.end();
}

Complaint set_attribute(const FieldRule& rule, std::string_view value, sdk::LeadEvent& event) {
  const auto set = [&](sdk::AttributeValue given) {
    event.attributes.insert_or_assign(rule.target.name, std::move(given));
    return std::nullopt;
  };
  switch (rule.type) {
    case ValueType::integer:
      if (const auto number = parse_integer(value)) return set(*number);
      return "must be a whole number";
    case ValueType::number:
      if (const auto number = parse_finite(value)) return set(*number);
      return "must be a number";
    case ValueType::boolean:
      if (const auto boolean = parse_boolean(value)) return set(*boolean);
      return "must be yes or no";
    case ValueType::date:
      if (is_date(value)) return set(std::string(value));
      return "must be a date such as 2026-01-31";
    case ValueType::text:
    case ValueType::list:
      break;
  }
  std::string text = multi_line(value);
  if (Complaint complaint = too_long(text.size(), limits::field_bytes_max)) return complaint;
  return set(std::move(text));
}

Complaint set_list(const FieldRule& rule, const Given& given, sdk::LeadEvent& event) {
  if (given.values.size() > limits::list_items_max)
    return "has too many values: at most " + std::to_string(limits::list_items_max);
  std::vector<std::string> list;
  for (const std::string_view value : given.values) {
    if (!is_offered(rule, trim(value))) return "must be one of the choices offered";
    list.push_back(single_line(value));
    if (Complaint complaint = too_long(list.back().size(), limits::field_bytes_max)) return complaint;
  }
  event.attributes.insert_or_assign(rule.target.name, std::move(list));
  return std::nullopt;
}

Complaint set_line(std::string_view value, std::string& member) {
  member = single_line(value);
  return too_long(member.size(), limits::field_bytes_max);
}

Complaint set_currency(std::string_view value, sdk::LeadEvent& event) {
  const bool letters = std::all_of(value.begin(), value.end(),
                                   [](char c) { return ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z'; });
  if (value.size() != 3 || !letters) return "must be a currency code such as EUR";
  event.currency = value;
  for (char& c : event.currency) c = static_cast<char>(c & ~0x20);
  return std::nullopt;
}

Complaint set(const FieldRule& rule, const Given& given, sdk::LeadEvent& event) {
  if (!given.misfit.empty()) return std::string(given.misfit);
  if (rule.type == ValueType::list) return set_list(rule, given, event);
  const std::string_view value = trim(given.value);
  if (!is_offered(rule, value)) return "must be one of the choices offered";
  switch (rule.target.kind) {
    case Target::Kind::person:
      return set_line(value, event.person.*rule.target.person);
    case Target::Kind::attribution:
      return set_line(value, event.attribution.*rule.target.attribution);
    case Target::Kind::external_id:
      return set_line(value, event.person.external_ids[rule.target.name]);
    case Target::Kind::attribute:
      return set_attribute(rule, value, event);
    case Target::Kind::message:
      event.message = multi_line(value);
      return too_long(event.message.size(), limits::message_bytes_max);
    case Target::Kind::value:
      event.value = parse_finite(value);
      return event.value ? Complaint{} : Complaint{"must be a number"};
    case Target::Kind::currency:
      return set_currency(value, event);
  }
  return std::nullopt;
}

/// What a browser's <input type=email> takes (HTML, "valid e-mail address"), and any character beyond ASCII:
/// the host's normalisation decides what is an address, this only catches what the person should mend.
bool is_plausible_email(std::string_view text) {
  const auto is_beyond_ascii = [](char c) { return static_cast<unsigned char>(c) >= 0x80; };
  const auto is_alphanumeric = [](char c) {
    return (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z') || (c >= '0' && c <= '9');
  };
  const auto is_local = [&](char c) {
    return is_alphanumeric(c) || is_beyond_ascii(c) ||
           std::string_view(".!#$%&'*+/=?^_`{|}~-").find(c) != std::string_view::npos;
  };
  const auto is_label = [&](std::string_view label) {
    return !label.empty() && label.size() <= limits::host_label_bytes_max && label.front() != '-' &&
           label.back() != '-' && std::all_of(label.begin(), label.end(), [&](char c) {
             return is_alphanumeric(c) || is_beyond_ascii(c) || c == '-';
           });
  };
  const Halves halves = split_once(text, '@');
  if (halves.before.empty() || !std::all_of(halves.before.begin(), halves.before.end(), is_local))
    return false;
  std::string_view rest = halves.after;
  while (true) {
    const std::size_t dot = rest.find('.');
    if (!is_label(rest.substr(0, dot))) return false;
    if (dot == std::string_view::npos) return true;
    rest.remove_prefix(dot + 1);
  }
}

/// Digits of other scripts count too.
bool has_digit(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return (c >= '0' && c <= '9') || static_cast<unsigned char>(c) >= 0x80; });
}

/// What is wrong with a contact that a person typed, who is still there to mend it. A machine's is taken as
/// it is, and set aside where it names nobody.
Complaint complain_of_contact(const FormSettings& settings, const FieldRule& rule,
                              const sdk::Person& person) {
  if (settings.sender != Sender::person || rule.target.kind != Target::Kind::person) return std::nullopt;
  if (rule.target.person == &sdk::Person::email && !is_plausible_email(person.email))
    return "must be an e-mail address such as name@example.com";
  if (rule.target.person == &sdk::Person::phone && !has_digit(person.phone)) return "must be a phone number";
  return std::nullopt;
}

/// Values that nobody typed: one that is too long is dropped, not complained about.
std::string hidden_line(std::string_view value) {
  const std::string text = sdk::to_utf8(value.substr(0, limits::field_bytes_max + 1));
  return text.size() <= limits::field_bytes_max ? single_line(text) : std::string{};
}

bool is_absent(const Given& given) {
  return given.value.empty() && given.misfit.empty();
}

void add_consent(const ConsentRule& rule, const sdk::HttpRequest& request, std::string_view url,
                 sdk::LeadEvent& event) {
  sdk::Consent consent;
  consent.purpose = rule.purpose;
  consent.channel = rule.channel;
  consent.text = rule.text;
  consent.url = url;
  consent.ip = request.client_address();
  consent.user_agent = hidden_line(request.header("user-agent"));
  event.consent.push_back(std::move(consent));
}

}  // namespace

bool is_checked(const ConsentRule& rule, std::string_view value) {
  value = trim(value);
  return is_one_of(value, {"on", "1", "true", "yes", "checked"}) ||
         (!value.empty() && value == trim(rule.text));
}

bool fits_an_event(const sdk::LeadEvent& event, std::string_view json) {
  std::size_t files = 0;
  for (const sdk::Attachment& file : event.attachments) files += file.content.size() / 3 * 4;
  return json.size() <= limits::event_bytes_max + files;
}

void Submission::take(const FormSettings& settings, std::string_view name, std::string_view value) {
  if (trim(value).empty()) return;
  const std::string_view key = without_brackets(name);
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (settings.fields[i].key != key) continue;
    fields[i].value = value;
    if (settings.fields[i].type == ValueType::list) fields[i].values.push_back(value);
    return;
  }
  for (std::size_t i = 0; i < consents.size(); ++i)
    if (settings.consent[i].name == key) return void(consents[i] = value);
  if (name == token_field) {
    token = value;
  } else if (name == visitor_field) {
    if (is_visitor_id(value)) visitor = value;
  } else if (!settings.honeypot.empty() && name == settings.honeypot) {
    honeypot = value;
  } else {
    for (const auto& [known, member] : sdk::attribution_members)
      if (name == known) return void(attribution.*member = hidden_line(value));
  }
}

Mapped map_fields(const FormSettings& settings, Submission& submission, const sdk::HttpRequest& request,
                  std::string_view consent_url) {
  Mapped mapped;
  mapped.event.type = settings.event;
  mapped.event.anonymous_id = submission.visitor;
  for (const auto& [name, value] : settings.constants) mapped.event.attributes[name] = value;
  mapped.event.attribution = submission.attribution;
  const std::string page = hidden_line(request.header("referer"));
  // The page the form stands on is where the person landed, unless a hidden input knows better.
  if (mapped.event.attribution.landing_page.empty()) mapped.event.attribution.landing_page = page;
  for (std::size_t i = 0; i < settings.fields.size(); ++i) {
    const FieldRule& rule = settings.fields[i];
    const Given& given = submission.fields[i];
    if (is_absent(given)) {
      if (rule.presence == Presence::required)
        mapped.problems.push_back({rule.name, rule.label, "is required"});
      continue;
    }
    Complaint complaint = set(rule, given, mapped.event);
    if (!complaint) complaint = complain_of_contact(settings, rule, mapped.event.person);
    if (complaint) mapped.problems.push_back({rule.name, rule.label, std::move(*complaint)});
  }
  for (std::size_t i = 0; i < settings.consent.size(); ++i) {
    const ConsentRule& rule = settings.consent[i];
    if (is_checked(rule, submission.consents[i]))
      add_consent(rule, request, page.empty() ? consent_url : std::string_view(page), mapped.event);
    else if (rule.presence == Presence::required)
      mapped.problems.push_back({rule.name, rule.text, "must be checked"});
  }
  return mapped;
}

Mapped map_submission(const FormSettings& settings, Submission& submission, const sdk::HttpRequest& request,
                      std::string_view consent_url) {
  Mapped mapped = map_fields(settings, submission, request, consent_url);
  if (submission.attachments.size() > limits::attachments_max)
    mapped.problems.push_back(
        {"", "The form", "has too many files: at most " + std::to_string(limits::attachments_max)});
  const bool is_empty = submission.attachments.empty() &&
                        std::all_of(submission.fields.begin(), submission.fields.end(), is_absent);
  if (is_empty && mapped.problems.empty()) mapped.problems.push_back({"", "The form", "is empty"});
  mapped.event.attachments = std::move(submission.attachments);
  return mapped;
}

}  // namespace leadhub::webform
