#include "mail_event.hpp"

#include <leadhub/sdk/crypto.hpp>
#include <leadhub/sdk/time.hpp>
#include <leadhub/sdk/utf8.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>

#include "bounds.hpp"
#include "json_body.hpp"
#include "text.hpp"
#include "vendor_words.hpp"

namespace leadhub::newsletter {
namespace {

using nlohmann::json;

std::string type_of(What what, std::string_view vendor, std::string_view name) {
  switch (what) {
    case What::subscribed:
      return "newsletter.subscribed";
    case What::unsubscribed:
      return "newsletter.unsubscribed";
    case What::mail_declined:
      return "email.unsubscribed";
    case What::delivered:
      return "email.delivered";
    case What::opened:
      return "email.opened";
    case What::clicked:
      return "email.clicked";
    case What::bounced:
      return "email.bounced";
    case What::complained:
      return "email.complained";
    case What::profile_changed:
      name = "profile";
      break;
    case What::other:
      break;
  }
  return webform::vendor_event(vendor, name);
}

/// One line that fits the schema.
std::string fitting(std::string_view text) {
  return webform::single_line(sdk::cut_utf8(sdk::to_utf8(text), bounds::field_bytes_max));
}

void fit(std::string& text) {
  if (!text.empty()) text = fitting(text);
}

void fit(sdk::LeadEvent& event) {
  // A key is the provider's and is compared, not read: one too long must not become another's by being cut.
  if (event.key.size() > bounds::key_bytes_max || event.key != sdk::to_utf8(event.key))
    event.key = key_of_content(event.key);
  for (const auto& member : sdk::person_members) fit(event.person.*member.member);
  for (auto& [system, id] : event.person.external_ids) fit(id);
  for (std::string sdk::Signal::*member :
       {&sdk::Signal::reason, &sdk::Signal::message_id, &sdk::Signal::user_agent, &sdk::Signal::url})
    fit(event.signal.*member);
  for (sdk::Consent& consent : event.consent) fit(consent.ip);
}

std::string time_of(const json& object, std::string_view path, double unit_ms) {
  const json* const value = webform::find_json(object, path);
  if (value == nullptr) return {};
  double number = 0;
  if (value->is_number()) {
    number = value->get<double>();
  } else if (value->is_string()) {
    const auto& text = value->get_ref<const std::string&>();
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size()) return {};
  } else {
    return {};
  }
  constexpr double time_ms_max = 253'402'300'799'999.0;  // the end of the year 9999
  const double time_ms = std::floor(number * unit_ms);
  if (!(time_ms > 0) || time_ms > time_ms_max) return {};
  return sdk::format_rfc3339(static_cast<std::int64_t>(time_ms));
}

/// Letters, digits, "_" and "-", as hub.yaml names attributes.
std::string attribute_name(std::string_view name) {
  std::string out;
  for (const char c : name) {
    const char lower = webform::ascii_lower(c);
    const bool known = (lower >= 'a' && lower <= 'z') || (lower >= '0' && lower <= '9') || c == '-';
    out += known ? lower : '_';
  }
  return out.substr(0, bounds::attribute_name_bytes_max);
}

std::optional<sdk::AttributeValue> attribute_of(const json& value) {
  if (value.is_boolean()) return value.get<bool>();
  if (value.is_number_unsigned() && value.get<std::uint64_t>() > std::uint64_t{INT64_MAX})
    return value.dump();
  if (value.is_number_integer()) return value.get<std::int64_t>();
  if (value.is_number()) return value.get<double>();
  if (value.is_string() && !value.get_ref<const std::string&>().empty())
    return fitting(value.get_ref<const std::string&>());
  if (!value.is_array() || value.empty() || value.size() > bounds::attributes_max) return std::nullopt;
  std::vector<std::string> list;
  for (const json& item : value) {
    if (!item.is_string()) return std::nullopt;
    list.push_back(fitting(item.get_ref<const std::string&>()));
  }
  return list;
}

/// "5.1.1" at the start of `text`; empty for anything else.
std::string_view status_at_start(std::string_view text) {
  if (text.size() < 5 || std::string_view("245").find(text[0]) == std::string_view::npos || text[1] != '.')
    return {};
  std::size_t at = 2;
  for (int part = 0; part < 2; ++part) {
    const std::size_t begin = at;
    while (at < text.size() && text[at] >= '0' && text[at] <= '9') ++at;
    if (at == begin || at - begin > 3) return {};
    if (part == 1) break;
    if (at == text.size() || text[at] != '.') return {};
    ++at;
  }
  const bool goes_on = at + 1 < text.size() && text[at] == '.' && text[at + 1] >= '0' && text[at + 1] <= '9';
  return goes_on ? std::string_view{} : text.substr(0, at);
}

}  // namespace

sdk::LeadEvent make_event(What what, const NewsletterSettings& settings, std::string_view vendor,
                          std::string_view name) {
  sdk::LeadEvent event;
  event.type = type_of(what, vendor, name);
  const bool grants = what == What::subscribed;
  const bool withdraws = what == What::unsubscribed || what == What::mail_declined;
  if (grants || withdraws) {
    sdk::Consent consent;
    consent.purpose = settings.purpose;
    consent.channel = "email";
    consent.state = grants ? sdk::Consent::State::granted : sdk::Consent::State::withdrawn;
    if (grants) consent.text = settings.text;
    event.consent.push_back(std::move(consent));
  }
  if (!settings.list.empty() && (what == What::subscribed || what == What::unsubscribed))
    event.attributes["list"] = settings.list;
  return event;
}

std::string enhanced_status_in(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool begins = i == 0 || text[i - 1] == ' ' || text[i - 1] == '(' || text[i - 1] == '-' ||
                        text[i - 1] == '#' || text[i - 1] == ';' || text[i - 1] == '\n';
    if (!begins) continue;
    if (const std::string_view status = status_at_start(text.substr(i)); !status.empty())
      return std::string(status);
  }
  return {};
}

sdk::Signal::Bounce bounce_of_status(std::string_view status) {
  if (status.empty()) return sdk::Signal::Bounce::none;
  if (status.size() > 3 && status.substr(1, 3) == ".7.") return sdk::Signal::Bounce::block;
  return status[0] == '4' ? sdk::Signal::Bounce::soft : sdk::Signal::Bounce::hard;
}

std::string text_at(const json& object, std::string_view path) {
  const json* const value = webform::find_json(object, path);
  if (value == nullptr) return {};
  if (value->is_string()) return value->get<std::string>();
  return value->is_number() || value->is_boolean() ? value->dump() : std::string{};
}

std::string time_of_seconds(const json& object, std::string_view path) {
  return time_of(object, path, 1000);
}

std::string time_of_milliseconds(const json& object, std::string_view path) {
  return time_of(object, path, 1);
}

std::string key_of_content(std::string_view content) {
  return sdk::hex_encode(sdk::sha256(content)).substr(0, 32);
}

void keep_attribute(sdk::LeadEvent& event, std::string_view name, const json& value) {
  if (name.empty() || event.attributes.size() >= bounds::attributes_max) return;
  if (std::optional<sdk::AttributeValue> attribute = attribute_of(value))
    event.attributes.emplace(attribute_name(name), std::move(*attribute));
}

void keep_attributes(sdk::LeadEvent& event, const json& object, std::string_view prefix,
                     std::initializer_list<std::string_view> told) {
  if (!object.is_object()) return;
  for (const auto& [name, value] : object.items())
    if (std::find(told.begin(), told.end(), name) == told.end())
      keep_attribute(event, std::string(prefix) + name, value);
}

void Events::add(sdk::LeadEvent event) {
  if (documents_.size() >= bounds::events_max)
    throw sdk::ChannelError("there are more than " + std::to_string(bounds::events_max) +
                            " events in one request; let the provider send smaller batches");
  fit(event);
  documents_.push_back(event.to_json());
}

void Events::add_for_each(const sdk::LeadEvent& event, const std::vector<std::string>& emails) {
  if (emails.empty()) return add(event);
  for (std::size_t i = 0; i < emails.size(); ++i) {
    sdk::LeadEvent one = event;
    one.person.email = emails[i];
    if (i > 0 && !one.key.empty()) one.key += ":" + std::to_string(i + 1);
    add(std::move(one));
  }
}

std::vector<std::string> addresses_at(const json& object, std::string_view path) {
  const json* const value = webform::find_json(object, path);
  std::vector<std::string> addresses;
  if (value == nullptr) return addresses;
  const auto add = [&](const json& item) {
    if (!item.is_string()) return;
    std::string_view text = item.get_ref<const std::string&>();
    const std::size_t open = text.rfind('<');
    const std::size_t close = text.rfind('>');
    if (open != std::string_view::npos && close != std::string_view::npos && open < close)
      text = text.substr(open + 1, close - open - 1);
    if (!webform::trim(text).empty()) addresses.emplace_back(webform::trim(text));
  };
  if (value->is_array())
    for (const json& item : *value) add(item);
  else
    add(*value);
  return addresses;
}

}  // namespace leadhub::newsletter
