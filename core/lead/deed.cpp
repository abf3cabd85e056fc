#include "lead/deed.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

namespace leadhub::lead {
namespace {

const AttributeValue* attribute(const NormalisedEvent& event, std::string_view name) {
  for (const auto& [key, value] : event.event.attributes)
    if (key == name) return &value;
  return nullptr;
}

std::vector<std::string> texts(const NormalisedEvent& event, std::string_view name) {
  const auto* value = attribute(event, name);
  if (value == nullptr) return {};
  if (const auto* list = std::get_if<std::vector<std::string>>(value)) return *list;
  if (const auto* text = std::get_if<std::string>(value)) return {*text};
  return {};
}

void tag(Lead& lead, const NormalisedEvent& event) {
  for (auto& name : texts(event, "add"))
    if (std::find(lead.tags.begin(), lead.tags.end(), name) == lead.tags.end())
      lead.tags.push_back(std::move(name));
  for (const auto& name : texts(event, "remove")) std::erase(lead.tags, name);
}

/// An empty text takes the date away; what is not named stays.
void set_date(std::optional<TimePoint>& date, const NormalisedEvent& event, std::string_view name) {
  if (const auto given = texts(event, name); !given.empty()) date = parse_rfc3339(given.front());
}

void set_account(Lead& lead, const NormalisedEvent& event) {
  if (auto owner = texts(event, "owner"); !owner.empty()) lead.account.owner = std::move(owner.front());
  set_date(lead.account.renews_at, event, "renews_at");
  set_date(lead.account.follow_up_at, event, "follow_up_at");
}

}  // namespace

bool is_deed(const NormalisedEvent& event) {
  return event.channel == hub_channel;
}

bool is_of_time(const NormalisedEvent& event) {
  const auto& type = event.event.type;
  return is_deed(event) &&
         (type == deed::time_passed || type == deed::renewal_due || type == deed::follow_up_due);
}

bool is_about_itself(const NormalisedEvent& event) {
  const std::string_view type = event.event.type;
  // Not every type of ours: x.leadhub.imported is a lead's own data.
  constexpr std::array deeds{deed::tagged,      deed::noted,        deed::lost,    deed::recycled,
                             deed::assigned,    deed::answered,     deed::account, deed::time_passed,
                             deed::renewal_due, deed::follow_up_due};
  return std::find(deeds.begin(), deeds.end(), type) != deeds.end() ||
         (type.starts_with("x.") && type.ends_with(".auto_reply"));
}

Result<NormalisedEvent> deed_event(EventReference reference, TimePoint at, std::string_view document) {
  auto event = parse_event(document);
  if (!event) return std::unexpected(event.error());
  NormalisedEvent out;
  out.reference = reference;
  out.channel = hub_channel;
  out.received_at = at;
  out.occurred_at = std::min(event->occurred_at.value_or(at), at);
  out.event = *std::move(event);
  out.document = document;
  return out;
}

void apply_deed(Lead& lead, const NormalisedEvent& event) {
  const auto& type = event.event.type;
  if (type == deed::tagged) tag(lead, event);
  if (type == deed::account) set_account(lead, event);
  if (type == deed::renewal_due) lead.account.renews_at.reset();
  if (type == deed::follow_up_due) lead.account.follow_up_at.reset();
}

std::optional<Stage> stage_of_deed(const NormalisedEvent& event) {
  if (!is_deed(event)) return std::nullopt;
  if (event.event.type == deed::lost) return Stage::lost;
  if (event.event.type == deed::recycled) return Stage::recycled;
  return std::nullopt;
}

}  // namespace leadhub::lead
