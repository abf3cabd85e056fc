#include "config/condition_paths.hpp"

#include <algorithm>
#include <array>

#include "lead/event_types.hpp"

namespace leadhub::config {
namespace {

/// The shared types and the vendors' own.
constexpr auto event_types = [] {
  std::array<std::string_view, lead::shared_event_types.size() + 1> types{};
  std::ranges::copy(lead::shared_event_types, types.begin());
  types.back() = "x.*";
  return types;
}();
constexpr std::array<std::string_view, 3> trusts{"human", "scanner", "unknown"};
constexpr std::array<std::string_view, 7> stages{"captured", "registered", "developing", "converted",
                                                 "customer", "lost",       "recycled"};
constexpr std::array<std::string_view, 3> temperatures{"cold", "warm", "hot"};
constexpr std::array<std::string_view, 9> grades{"A1", "A2", "A3", "B1", "B2", "B3", "C1", "C2", "C3"};
constexpr std::array<std::string_view, 4> verdicts{"valid", "risky", "invalid", "unknown"};

using enum PathType;

constexpr std::array table{
    ConditionPath{"event.type", text, event_types, "what happened; `x.<vendor>.<name>` is a provider's own"},
    ConditionPath{"event.channel", text, {}, "the channel's name in this file"},
    ConditionPath{"event.key", text, {}, "the provider's own id of the event"},
    ConditionPath{"event.trust", text, trusts, "who caused an open or a click"},
    ConditionPath{"event.occurred_at", time, {}, "when it happened, as the provider says"},
    ConditionPath{"event.received_at", time, {}, "when it arrived here"},
    ConditionPath{"event.anonymous_id", text, {}, "the visitor, before a name is known"},
    ConditionPath{"event.value", number, {}, "what a purchase or cart is worth"},
    ConditionPath{"event.currency", text, {}, "ISO 4217"},
    ConditionPath{"event.message", text, {}, "what the person wrote"},
    ConditionPath{"event.person.email", text, {}, "as this event gives it"},
    ConditionPath{"event.person.phone", text, {}, "as this event gives it"},
    ConditionPath{"event.person.name", text, {}, "as this event gives it"},
    ConditionPath{"event.person.company", text, {}, "as this event gives it"},
    ConditionPath{"event.person.job_title", text, {}, "as this event gives it"},
    ConditionPath{"event.person.country", text, {}, "as this event gives it"},
    ConditionPath{"event.person.city", text, {}, "as this event gives it"},
    ConditionPath{"event.person.language", text, {}, "as this event gives it"},
    ConditionPath{
        "event.attribution.*", text, {}, "utm_source, utm_medium, gclid, referrer, landing_page, ..."},
    ConditionPath{"event.attributes.*", any, {}, "what the form or provider gave besides"},
    ConditionPath{"lead.id", text, {}, ""},
    ConditionPath{"lead.email", text, {}, "canonical"},
    ConditionPath{"lead.phone", text, {}, "E.164"},
    ConditionPath{"lead.name", text, {}, ""},
    ConditionPath{"lead.first_name", text, {}, ""},
    ConditionPath{"lead.last_name", text, {}, ""},
    ConditionPath{"lead.company", text, {}, ""},
    ConditionPath{"lead.job_title", text, {}, ""},
    ConditionPath{"lead.country", text, {}, "ISO 3166-1, two capitals; the given one, else the phone's"},
    ConditionPath{"lead.city", text, {}, ""},
    ConditionPath{"lead.language", text, {}, "BCP 47"},
    ConditionPath{"lead.time_zone", text, {}, "IANA"},
    ConditionPath{"lead.stage", text, stages, "how far the lead has come; before the event, in stage rules"},
    ConditionPath{"lead.stages.*", time, {}, "when the lead entered that stage"},
    ConditionPath{"lead.temperature", text, temperatures, ""},
    ConditionPath{"lead.score", number, {}, "the sum of both groups"},
    ConditionPath{"lead.score.fit", number, {}, ""},
    ConditionPath{"lead.score.engagement", number, {}, ""},
    ConditionPath{"lead.grade", text, grades, "fit gives the letter, engagement the number"},
    ConditionPath{"lead.value", number, {}, "what they bought, in whatever currency"},
    ConditionPath{"lead.owner", text, {}, "the name of one of the team"},
    ConditionPath{"lead.tags", list, {}, ""},
    ConditionPath{"lead.attributes.*", any, {}, "what forms and steps have set"},
    ConditionPath{"lead.created_at", time, {}, ""},
    ConditionPath{"lead.updated_at", time, {}, ""},
    ConditionPath{"lead.verified", truth, {}, "a contact point is confirmed"},
    ConditionPath{"lead.email.free", truth, {}, "a mailbox of a free provider"},
    ConditionPath{"lead.email.role", truth, {}, "info@, sales@ and the like"},
    ConditionPath{"lead.email.disposable", truth, {}, "a throw-away mailbox"},
    ConditionPath{"lead.email.verdict", text, verdicts, "what verification found"},
    ConditionPath{
        "lead.attribution.first.*", text, {}, "of the first touch: utm_source, gclid, referrer, ..."},
    ConditionPath{"lead.attribution.last.*", text, {}, "of the last touch"},
};

bool is_name(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '.';
  });
}

bool matches(const ConditionPath& line, std::string_view path) {
  if (!line.path.ends_with('*')) return line.path == path;
  const auto prefix = line.path.substr(0, line.path.size() - 1);
  return path.starts_with(prefix) && is_name(path.substr(prefix.size()));
}

}  // namespace

std::span<const ConditionPath> condition_paths() {
  return table;
}

const ConditionPath* find_condition_path(std::string_view path) {
  const auto* found =
      std::ranges::find_if(table, [&](const ConditionPath& line) { return matches(line, path); });
  return found == table.end() ? nullptr : found;
}

std::vector<std::string> condition_path_names() {
  std::vector<std::string> names;
  for (const auto& line : table) {
    std::string name{line.path};
    if (name.ends_with('*')) name.replace(name.size() - 1, 1, "NAME");
    names.push_back(std::move(name));
  }
  return names;
}

}  // namespace leadhub::config
