#include "chat_event.hpp"

#include <leadhub/sdk/channel.hpp>
#include <leadhub/sdk/crypto.hpp>
#include <leadhub/sdk/signature.hpp>
#include <leadhub/sdk/time.hpp>
#include <leadhub/sdk/utf8.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "bounds.hpp"
#include "json_body.hpp"
#include "mentions.hpp"
#include "text.hpp"

namespace leadhub::chat {
namespace {

using nlohmann::json;

/// Small letters and digits and what is in `besides`; anything else becomes "_".
std::string in_letters(std::string_view text, std::string_view besides, std::size_t bytes_max) {
  std::string out;
  for (const char c : text.substr(0, bytes_max)) {
    const char lower = webform::ascii_lower(c);
    const bool known = (lower >= 'a' && lower <= 'z') || (lower >= '0' && lower <= '9') ||
                       besides.find(c) != std::string_view::npos;
    out += known ? lower : '_';
  }
  return out;
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
  for (const auto& member : sdk::attribution_members) fit(event.attribution.*member.member);
  for (auto& [system, id] : event.person.external_ids) fit(id);
  fit(event.signal.message_id);
  fit(event.signal.reason);
  for (sdk::Consent& consent : event.consent) fit(consent.text);
  event.message = webform::multi_line(sdk::cut_utf8(sdk::to_utf8(event.message), bounds::message_bytes_max));
}

void keep_mentions(sdk::LeadEvent& event) {
  if (event.message.empty()) return;
  const std::string email = mentioned_email(event.message);
  if (!webform::equal_ignoring_case(email, event.person.email)) keep_text(event, "mentioned_email", email);
  const std::string phone = mentioned_phone(event.message);
  if (phone != event.person.phone) keep_text(event, "mentioned_phone", phone);
}

std::optional<sdk::AttributeValue> attribute_of(const json& value) {
  if (value.is_boolean()) return value.get<bool>();
  if (value.is_number_unsigned() && value.get<std::uint64_t>() > std::uint64_t{INT64_MAX})
    return value.dump();
  if (value.is_number_integer()) return value.get<std::int64_t>();
  if (value.is_number()) return value.get<double>();
  if (value.is_string() && !value.get_ref<const std::string&>().empty())
    return fitting(value.get_ref<const std::string&>());
  return std::nullopt;
}

const json& of_kind(const json* found, const json& none) {
  return found != nullptr && found->type() == none.type() ? *found : none;
}

/// "p" of "</p>", "br" of "<br/>".
std::string tag_name(std::string_view inside) {
  if (!inside.empty() && inside.front() == '/') inside.remove_prefix(1);
  return webform::ascii_lower(inside.substr(0, inside.find_first_of(" \t\r\n/")));
}

constexpr std::pair<std::string_view, char> entities[] = {{"&amp;", '&'},  {"&lt;", '<'},   {"&gt;", '>'},
                                                          {"&quot;", '"'}, {"&#39;", '\''}, {"&nbsp;", ' '}};

}  // namespace

std::string vendor_type(std::string_view vendor, std::string_view name) {
  const std::string known = in_letters(name, ".", bounds::vendor_event_bytes_max);
  return "x." + std::string(vendor) + "." + (known.empty() ? "unnamed" : known);
}

std::string text_at(const json& object, std::string_view path) {
  const json* const value = webform::find_json(object, path);
  if (value == nullptr) return {};
  if (value->is_string()) return value->get<std::string>();
  return value->is_number() || value->is_boolean() ? value->dump() : std::string{};
}

const json& object_at(const json& object, std::string_view path) {
  static const json none = json::object();
  return of_kind(webform::find_json(object, path), none);
}

const json& list_at(const json& object, std::string_view path) {
  static const json none = json::array();
  return of_kind(webform::find_json(object, path), none);
}

std::string time_at(const json& object, std::string_view path) {
  const std::string text = text_at(object, path);
  if (const std::optional<std::int64_t> time_ms = sdk::parse_rfc3339(text))
    return sdk::format_rfc3339(*time_ms);
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return {};
  const auto ms_min = static_cast<double>(sdk::signature_limits::by_magnitude_ms_min);
  constexpr double time_ms_max = 253'402'300'799'999.0;  // the end of the year 9999
  const double time_ms = std::floor(number < ms_min ? number * 1000 : number);
  if (!(time_ms > 0) || time_ms > time_ms_max) return {};
  return sdk::format_rfc3339(static_cast<std::int64_t>(time_ms));
}

std::string key_of_content(std::string_view content) {
  return sdk::hex_encode(sdk::sha256(content)).substr(0, 32);
}

std::string international(std::string_view digits) {
  return digits.empty() || digits.front() == '+' ? std::string(digits) : "+" + std::string(digits);
}

std::string text_of_html(std::string_view html) {
  std::string out;
  while (!html.empty()) {
    const char c = html.front();
    if (c == '<') {
      const std::size_t end = html.find('>');
      const std::string name = tag_name(html.substr(1, end == std::string_view::npos ? end : end - 1));
      const bool breaks =
          name == "br" || (html.substr(0, 2) == "</" && (name == "p" || name == "div" || name == "li"));
      if (breaks) out += '\n';
      html = end == std::string_view::npos ? std::string_view{} : html.substr(end + 1);
      continue;
    }
    const auto* const entity = std::find_if(std::begin(entities), std::end(entities),
                                            [&](const auto& known) { return html.starts_with(known.first); });
    const bool is_entity = entity != std::end(entities);
    out += is_entity ? entity->second : c;
    html.remove_prefix(is_entity ? entity->first.size() : 1);
  }
  return std::string(webform::trim(out));
}

void keep_attributes(sdk::LeadEvent& event, const json& object, std::string_view prefix,
                     std::initializer_list<std::string_view> told) {
  if (!object.is_object()) return;
  for (const auto& [name, value] : object.items()) {
    if (std::find(told.begin(), told.end(), name) != told.end()) continue;
    if (name.empty() || event.attributes.size() >= bounds::attributes_max) continue;
    if (std::optional<sdk::AttributeValue> attribute = attribute_of(value))
      event.attributes.emplace(in_letters(std::string(prefix) + name, "_-", bounds::attribute_name_bytes_max),
                               std::move(*attribute));
  }
}

void keep_text(sdk::LeadEvent& event, std::string_view name, const std::string& text) {
  if (!text.empty()) event.attributes.emplace(name, fitting(text));
}

void Events::add(sdk::LeadEvent event) {
  if (documents_.size() >= bounds::events_max)
    throw sdk::ChannelError("there are more than " + std::to_string(bounds::events_max) +
                            " events in one request; let the provider send smaller batches");
  fit(event);
  keep_mentions(event);
  documents_.push_back(event.to_json());
}

}  // namespace leadhub::chat
