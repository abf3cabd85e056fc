#pragma once

#include <chrono>
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "lead/tracking.hpp"
#include "ops/clock.hpp"
#include "ops/error.hpp"

namespace leadhub::lead {

/// Whose clock says when a broadcast leaves.
enum class BroadcastClock {
  one = 1,  ///< one moment for all
  each_own  ///< that time on each lead's own clock
};

/// What tells which subject is the better one.
enum class SubjectMeasure { opens = 1, clicks };
[[nodiscard]] std::string_view to_string(SubjectMeasure measure);
[[nodiscard]] std::optional<SubjectMeasure> subject_measure_from(std::string_view name);

/// Several subjects are tried on a part of the leads; the rest gets the one that did best.
struct SubjectTest {
  std::vector<std::string> subjects;  ///< Mustache, as a template's
  int sample = 20;                    ///< per cent of the leads, all subjects together
  std::chrono::milliseconds decide_after{};
  SubjectMeasure by = SubjectMeasure::opens;
};

/// One mail to many leads, once.
struct Broadcast {
  std::string name;  ///< there is never another of that name
  std::string template_name;
  std::string via;      ///< the channel by which it leaves
  std::string segment;  ///< of hub.yaml; empty: everybody
  std::string purpose;  ///< the consent that it needs
  TimePoint at{};       ///< `each_own`: the time on the clocks, as if they showed UTC
  BroadcastClock clock = BroadcastClock::one;
  Tracking track{};
  std::optional<SubjectTest> test{};
};

/// How far a broadcast is.
enum class BroadcastState {
  reaching = 1,  ///< it waits for its time, or leads are still asked whether it is for them
  reached,       ///< all have been asked; mails leave, or have left
  cancelled,
};
[[nodiscard]] std::string_view to_string(BroadcastState state);
[[nodiscard]] std::optional<BroadcastState> broadcast_state_from(std::string_view name);

struct BroadcastProgress {
  BroadcastState state = BroadcastState::reaching;
  std::string up_to{};                  ///< the id of the last lead that was asked
  std::int64_t asked = 0;               ///< leads
  std::optional<std::size_t> winner{};  ///< of `test.subjects`
  TimePoint created_at{};
  std::optional<TimePoint> reached_at{};
};

struct StoredBroadcast {
  Broadcast broadcast;
  BroadcastProgress progress;
};

// What happens to broadcasts, as actions of the log.

struct StartBroadcast {
  Broadcast broadcast;
};
/// All leads up to `up_to` have been asked; it is for these of them. is_last: there are no more.
struct ReachLeads {
  std::string name;
  std::vector<std::string> lead_ids;
  std::string up_to;
  std::int64_t asked = 0;  ///< leads since the action before
  bool is_last = false;
};
/// This subject has done best.
struct DecideBroadcast {
  std::string name;
  std::size_t winner = 0;
};
/// What has not left does not leave.
struct CancelBroadcast {
  std::string name;
};
using BroadcastAction = std::variant<StartBroadcast, ReachLeads, DecideBroadcast, CancelBroadcast>;

/// The document of a broadcast in the log and in the store.
[[nodiscard]] nlohmann::json broadcast_document(const Broadcast& broadcast);
/// Error: `invalid` where it is no such document.
[[nodiscard]] Result<Broadcast> broadcast_from(const nlohmann::json& document);

/// From when on leads are asked: before the first of them has that time on their clock.
[[nodiscard]] TimePoint begins_at(const Broadcast& broadcast);
/// When a lead with that clock gets it, or would have.
[[nodiscard]] TimePoint leaves_at(const Broadcast& broadcast, const std::string& time_zone);
/// When the best subject is told, where there are several. One that leaves at each lead's own time has one.
[[nodiscard]] std::optional<TimePoint> decided_at(const Broadcast& broadcast);

/// Which subject a lead gets: its number from 0; nullopt: none of its own, or the one that turns out to be
/// the best. Always the same for one lead, and evenly spread over all.
[[nodiscard]] std::optional<std::size_t> subject_of(const Broadcast& broadcast, std::string_view lead_id);

/// How a message names its subject: "a", "b", ...; `best_subject`: the one that turns out to be the best.
inline constexpr std::string_view best_subject = "best";
[[nodiscard]] std::string subject_name(std::size_t subject);
/// nullopt: no such name, `best_subject` among them.
[[nodiscard]] std::optional<std::size_t> subject_from(std::string_view name);

/// What came of the mails with one subject.
struct SubjectResult {
  std::int64_t sent = 0;
  std::int64_t opened = 0;   ///< by people, as far as can be told
  std::int64_t clicked = 0;  ///< likewise
};
/// The subject with the greatest share of what is measured; of equal ones the first.
[[nodiscard]] std::size_t best_of(const SubjectTest& test, const std::vector<SubjectResult>& results);

}  // namespace leadhub::lead
