#include "mail_event.hpp"

#include <nlohmann/json.hpp>

#include "text.hpp"

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
  return vendor_event(vendor, name);
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
