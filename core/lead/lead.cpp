#include "lead/lead.hpp"

#include <algorithm>
#include <tuple>

#include "lead/external_id.hpp"
#include "lead/message.hpp"

namespace leadhub::lead {
namespace {

constexpr std::array<std::string_view, stage_count> stage_names{
    "captured", "registered", "developing", "converted", "customer", "lost", "recycled"};
constexpr std::array<std::string_view, 3> temperature_names{"cold", "warm", "hot"};
constexpr std::array<std::string_view, 3> trust_names{"human", "scanner", "unknown"};
constexpr std::array<std::string_view, 3> consent_names{"granted", "withdrawn", "requested"};
constexpr std::array<std::string_view, 4> contact_kind_names{"email", "phone", "external", "anonymous"};
constexpr std::array<std::string_view, 4> verdict_names{"unknown", "valid", "risky", "invalid"};

constexpr std::array<std::string_view, 2> message_kind_names{"opt_in", "chat_reply"};
constexpr std::array<std::string_view, 6> message_state_names{"queued", "attempting", "sent",
                                                              "failed", "withheld",   "unknown"};

/// Enumerations of the domain start at 1; their names stand in the same order.
template <class Enum, std::size_t Count>
std::string_view name_of(const std::array<std::string_view, Count>& names, Enum value) {
  return names.at(static_cast<std::size_t>(value) - 1);
}

template <class Enum, std::size_t Count>
std::optional<Enum> value_of(const std::array<std::string_view, Count>& names, std::string_view name) {
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) return std::nullopt;
  return static_cast<Enum>(found - names.begin() + 1);
}

}  // namespace

std::string_view to_string(Stage stage) {
  return name_of(stage_names, stage);
}
std::optional<Stage> stage_from(std::string_view name) {
  return value_of<Stage>(stage_names, name);
}
std::string_view to_string(Temperature temperature) {
  return name_of(temperature_names, temperature);
}
std::string_view to_string(SignalTrust trust) {
  return name_of(trust_names, trust);
}
std::string_view to_string(ConsentState state) {
  return name_of(consent_names, state);
}
std::optional<ConsentState> consent_state_from(std::string_view name) {
  return value_of<ConsentState>(consent_names, name);
}
std::string_view to_string(ContactKind kind) {
  return name_of(contact_kind_names, kind);
}
std::optional<ContactKind> contact_kind_from(std::string_view name) {
  return value_of<ContactKind>(contact_kind_names, name);
}
std::string_view to_string(Verdict verdict) {
  return name_of(verdict_names, verdict);
}
std::optional<Verdict> verdict_from(std::string_view name) {
  return value_of<Verdict>(verdict_names, name);
}

std::string_view to_string(MessageKind kind) {
  return name_of(message_kind_names, kind);
}
std::optional<MessageKind> message_kind_from(std::string_view name) {
  return value_of<MessageKind>(message_kind_names, name);
}
std::string_view to_string(MessageState state) {
  return name_of(message_state_names, state);
}
std::optional<MessageState> message_state_from(std::string_view name) {
  return value_of<MessageState>(message_state_names, name);
}

MessageState state_where_unknown(MessageKind kind) {
  return kind == MessageKind::chat_reply ? MessageState::unknown : MessageState::queued;
}

std::string reply_occurrence(std::string_view key) {
  return std::string{"reply/"}.append(key);
}

std::string to_string(ContactMarks marks) {
  std::string text;
  for (const auto& [set, name] :
       {std::pair{marks.role, "role"}, {marks.free, "free"}, {marks.disposable, "disposable"}})
    if (set) text.append(text.empty() ? "" : " ").append(name);
  return text;
}
ContactMarks contact_marks_from(std::string_view text) {
  const auto has = [&](std::string_view name) { return text.find(name) != text.npos; };
  return {has("role"), has("free"), has("disposable")};
}

std::string external_contact(std::string_view system, std::string_view id) {
  const bool is_plain = system.find(':') == system.npos;
  std::string canonical = is_plain ? std::string{} : ":" + std::to_string(system.size()) + ":";
  return canonical.append(system).append(":").append(id);
}

std::string to_string(EventReference reference) {
  return std::to_string(reference.seq) + "." + std::to_string(reference.index);
}

const ContactPoint* Lead::primary(ContactKind kind) const {
  const ContactPoint* best = nullptr;
  for (const auto& point : contact_points) {
    if (point.kind != kind) continue;
    const auto better = [&] {
      if (best == nullptr) return true;
      if (point.verified_at.has_value() != best->verified_at.has_value())
        return point.verified_at.has_value();
      return std::tie(point.at, point.source) > std::tie(best->at, best->source);
    };
    if (better()) best = &point;
  }
  return best;
}

}  // namespace leadhub::lead
