#include "provider_event.hpp"

#include <leadhub/sdk/channel.hpp>
#include <leadhub/sdk/crypto.hpp>
#include <leadhub/sdk/utf8.hpp>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

#include "limits.hpp"
#include "text.hpp"

namespace leadhub::webform {
namespace {

using nlohmann::json;

/// One line that fits the schema.
std::string fitting_line(std::string_view text) {
  return single_line(sdk::cut_utf8(sdk::to_utf8(text), limits::field_bytes_max));
}

std::string fitting_text(std::string_view text) {
  return multi_line(sdk::cut_utf8(sdk::to_utf8(text), limits::message_bytes_max));
}

void fit_line(std::string& text) {
  if (!text.empty()) text = fitting_line(text);
}

/// Letters, digits, "_" and "-", as hub.yaml names attributes.
std::string attribute_name(std::string_view name) {
  std::string out(name.substr(0, limits::attribute_name_bytes_max));
  for (char& c : out) {
    const char lower = ascii_lower(c);
    const bool known = (lower >= 'a' && lower <= 'z') || (lower >= '0' && lower <= '9') || lower == '-';
    c = known ? lower : '_';
  }
  return out;
}

std::optional<sdk::AttributeValue> list_of(const json& value) {
  if (value.empty() || value.size() > limits::list_items_max) return std::nullopt;
  std::vector<std::string> list;
  for (const json& item : value) {
    if (!item.is_string()) return std::nullopt;
    list.push_back(fitting_line(item.get_ref<const std::string&>()));
  }
  return list;
}

std::optional<sdk::AttributeValue> attribute_of(const json& value) {
  if (value.is_boolean()) return value.get<bool>();
  if (value.is_number_unsigned() && value.get<std::uint64_t>() > std::uint64_t{INT64_MAX})
    return value.dump();
  if (value.is_number_integer()) return value.get<std::int64_t>();
  if (value.is_number()) return value.get<double>();
  if (value.is_string() && !value.get_ref<const std::string&>().empty())
    return fitting_line(value.get_ref<const std::string&>());
  return value.is_array() ? list_of(value) : std::nullopt;
}

}  // namespace

std::string key_of_content(std::string_view content) {
  return sdk::hex_encode(sdk::sha256(content)).substr(0, 32);
}

void keep_attribute(sdk::LeadEvent& event, std::string_view name, const json& value) {
  if (name.empty() || event.attributes.size() >= limits::kept_attributes_max) return;
  if (std::optional<sdk::AttributeValue> attribute = attribute_of(value))
    event.attributes.emplace(attribute_name(name), std::move(*attribute));
}

void keep_attributes(sdk::LeadEvent& event, const json& object, std::string_view prefix,
                     std::initializer_list<std::string_view> told) {
  if (!object.is_object()) return;
  for (const auto& [name, value] : object.items())
    if (!name.empty() && std::find(told.begin(), told.end(), name) == told.end())
      keep_attribute(event, std::string(prefix) + name, value);
}

void keep_text(sdk::LeadEvent& event, std::string_view name, std::string_view text) {
  if (!text.empty()) event.attributes.emplace(name, fitting_line(text));
}

void fit(sdk::LeadEvent& event) {
  if (event.key.size() > limits::key_bytes_max || event.key != sdk::to_utf8(event.key))
    event.key = key_of_content(event.key);
  for (const auto& member : sdk::person_members) fit_line(event.person.*member.member);
  for (auto& [system, id] : event.person.external_ids) fit_line(id);
  for (const auto& member : sdk::attribution_members) fit_line(event.attribution.*member.member);
  for (std::string sdk::Signal::*member :
       {&sdk::Signal::reason, &sdk::Signal::message_id, &sdk::Signal::user_agent, &sdk::Signal::url})
    fit_line(event.signal.*member);
  for (sdk::Consent& consent : event.consent) {
    fit_line(consent.ip);
    consent.text = fitting_text(consent.text);
  }
  for (sdk::Item& item : event.items) {
    fit_line(item.id);
    fit_line(item.name);
  }
  event.message = fitting_text(event.message);
}

void Events::add(sdk::LeadEvent event) {
  if (documents_.size() >= limits::events_max)
    throw sdk::ChannelError("there are more than " + std::to_string(limits::events_max) +
                            " events in one request; let the provider send smaller batches");
  fit(event);
  if (finish_ != nullptr) finish_(event);
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

}  // namespace leadhub::webform
