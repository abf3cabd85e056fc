#include "lead/lead.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <memory>
#include <tuple>

#include "lead/external_id.hpp"
#include "lead/message.hpp"

namespace leadhub::lead {
namespace {

using std::chrono::milliseconds;

constexpr std::array<std::string_view, stage_count> stage_names{
    "captured", "registered", "developing", "converted", "customer", "lost", "recycled"};
constexpr std::array<std::string_view, 3> temperature_names{"cold", "warm", "hot"};
constexpr std::array<std::string_view, 3> trust_names{"human", "scanner", "unknown"};
constexpr std::array<std::string_view, 3> consent_names{"granted", "withdrawn", "requested"};
constexpr std::array<std::string_view, 4> contact_kind_names{"email", "phone", "external", "anonymous"};
constexpr std::array<std::string_view, 4> verdict_names{"unknown", "valid", "risky", "invalid"};

constexpr std::array<std::string_view, 2> score_group_names{"fit", "engagement"};
constexpr std::array<std::string_view, 4> assignment_state_names{"open", "answered", "missed", "superseded"};
constexpr std::array<std::string_view, 7> message_kind_names{"opt_in",  "chat_reply", "hand_off", "delivery",
                                                             "journey", "notice",     "broadcast"};
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
std::optional<SignalTrust> signal_trust_from(std::string_view name) {
  return value_of<SignalTrust>(trust_names, name);
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

std::string_view to_string(ScoreGroup group) {
  return name_of(score_group_names, group);
}
std::optional<ScoreGroup> score_group_from(std::string_view name) {
  return value_of<ScoreGroup>(score_group_names, name);
}
std::string_view to_string(AssignmentState state) {
  return name_of(assignment_state_names, state);
}
std::optional<AssignmentState> assignment_state_from(std::string_view name) {
  return value_of<AssignmentState>(assignment_state_names, name);
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

std::string journey_occurrence(std::string_view lead_id, std::string_view journey) {
  return "journey/" + std::string{lead_id} + "/" + std::string{journey} + "/";
}

bool is_marketing(MessageKind kind) {
  return kind == MessageKind::journey || kind == MessageKind::broadcast;
}

MessageState state_where_unknown(MessageKind kind) {
  return kind == MessageKind::chat_reply || is_marketing(kind) ? MessageState::unknown : MessageState::queued;
}

bool settles_unknown(MessageState to) {
  return to == MessageState::sent || to == MessageState::failed || to == MessageState::queued;
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

std::optional<EventReference> reference_from(std::string_view text) {
  EventReference reference;
  const auto* const begin = std::to_address(text.begin());
  const auto* const end = begin + text.size();
  const auto seq = std::from_chars(begin, end, reference.seq);
  if (seq.ec != std::errc{} || seq.ptr == end || *seq.ptr != '.') return std::nullopt;
  const auto index = std::from_chars(seq.ptr + 1, end, reference.index);
  if (index.ec != std::errc{} || index.ptr != end) return std::nullopt;
  return reference;
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

double faded(double points, TimePoint at, TimePoint now, std::chrono::milliseconds half_life) {
  if (half_life.count() <= 0 || now <= at) return points;
  const auto age = static_cast<double>((now - at).count());
  return points * std::exp2(-age / static_cast<double>(half_life.count()));
}

void Points::add(std::int64_t points, TimePoint at) {
  const auto value = static_cast<double>(points);
  if (at > as_of) {
    sum = faded(sum, as_of, at, half_life) + value;
    as_of = at;
  } else {
    sum += faded(value, at, as_of, half_life);
  }
}

double Lead::points_at(TimePoint now, ScoreGroup group) const {
  return qualification.points[static_cast<std::size_t>(group) - 1].at(now);
}

std::int64_t Lead::score_at(TimePoint now, ScoreGroup group) const {
  return std::llround(points_at(now, group));
}

std::int64_t Lead::score_at(TimePoint now) const {
  return score_at(now, ScoreGroup::fit) + score_at(now, ScoreGroup::engagement);
}

namespace {

/// When points that fade reach a limit, which lies between them and nothing.
std::optional<TimePoint> reaches(double points, double limit, TimePoint now, milliseconds half_life) {
  const bool lies_ahead = points > 0 ? limit > 0 && limit <= points : limit < 0 && limit >= points;
  if (!lies_ahead) return std::nullopt;
  const auto age = std::log2(points / limit) * static_cast<double>(half_life.count());
  // Nobody waits for what happens after the longest duration that hub.yaml can name.
  if (age > static_cast<double>(milliseconds{std::chrono::days{36500}}.count())) return std::nullopt;
  return now + milliseconds{static_cast<std::int64_t>(std::ceil(age)) + 1};
}

}  // namespace

std::optional<TimePoint> Lead::score_reaches(double limit, std::string_view path, TimePoint now) const {
  std::int64_t steady = 0;
  double fading = 0;
  milliseconds half_life{};
  for (const auto group : {ScoreGroup::fit, ScoreGroup::engagement}) {
    if (path != "lead.score" && path.substr(std::string_view{"lead.score."}.size()) != to_string(group))
      continue;
    const auto& points = qualification.points[static_cast<std::size_t>(group) - 1];
    if (points.half_life.count() > 0)
      fading += points.at(now);
    else
      steady += score_at(now, group);
    half_life = std::max(half_life, points.half_life);
  }
  if (half_life.count() == 0) return std::nullopt;
  return reaches(fading, limit - static_cast<double>(steady), now, half_life);
}

std::string_view Lead::grade_at(TimePoint now) const {
  static constexpr std::array<std::string_view, 9> names{"A1", "A2", "A3", "B1", "B2",
                                                         "B3", "C1", "C2", "C3"};
  const auto& limits = qualification.grade_limits;
  const auto fit = static_cast<double>(score_at(now, ScoreGroup::fit));
  const auto engagement = static_cast<double>(score_at(now, ScoreGroup::engagement));
  const std::size_t letter = fit >= limits.a ? 0 : fit >= limits.b ? 1 : 2;
  const std::size_t number = engagement >= limits.one ? 0 : engagement >= limits.two ? 1 : 2;
  return names.at(letter * 3 + number);
}

bool is_transition(Stage from, Stage to) {
  using enum Stage;
  switch (to) {
    case captured:
      return false;
    case registered:
      return from == captured || from == recycled;
    case developing:
      return from == captured || from == registered || from == recycled;
    case converted:
      return from != converted && from != customer;
    case customer:
      return from == converted;
    case lost:
      return from != lost;
    case recycled:
      return from == lost;
  }
  return false;
}

std::string_view attribution_of(const Touch& touch, std::string_view name, std::size_t bytes_max) {
  const auto found = std::ranges::find(touch.attribution, name,
                                       [](const NamedText& text) -> std::string_view { return text.first; });
  if (found == touch.attribution.end()) return {};
  const std::string_view text = found->second;
  auto end = std::min(text.size(), bytes_max);
  while (end < text.size() && end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  return text.substr(0, end);
}

void enter(Lead& lead, Stage stage, TimePoint at, StageReason reason) {
  const auto& left = lead.entered(lead.stage);
  lead.stage_entered[static_cast<std::size_t>(stage) - 1] = left ? std::max(at, *left) : at;
  lead.stage = stage;
  reason.stage = static_cast<std::int32_t>(stage);
  auto& reasons = lead.qualification.stages;
  std::erase_if(reasons, [&](const StageReason& old) { return old.stage == reason.stage; });
  reasons.push_back(std::move(reason));
}

const std::string& Lead::owner() const {
  static const std::string nobody;
  return routing.assignment ? routing.assignment->owner : nobody;
}

}  // namespace leadhub::lead
