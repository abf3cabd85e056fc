#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "lead/assignment.hpp"
#include "lead/grouping.hpp"
#include "lead/lead.hpp"
#include "ops/clock.hpp"
#include "ops/error.hpp"

namespace leadhub::store {

/// Reads what reports are made of: leads by when they were captured, from the index leads_for_reports alone,
/// in no order that is promised. Leads that became part of another are left out; their events are the
/// other's.
///
/// Nothing is kept: each row goes to the caller's function, which must not throw, and whose texts are valid
/// for that call. One read-only connection. Used by one thread at a time.
class ReportReader {
 public:
  [[nodiscard]] static Result<std::unique_ptr<ReportReader>> open(const std::filesystem::path& file,
                                                                  std::int64_t workspace);
  ~ReportReader();

  /// What a lead is grouped by (owner: who has it now; a week, or nothing: empty), and when it entered each
  /// stage.
  struct ReportedLead {
    std::string group;
    std::array<std::optional<TimePoint>, lead::stage_count> entered;
  };
  /// Leads captured from `since`, included, to `until`, excluded. Their channel is that by which they were
  /// captured, their source and campaign those of their first touch. `last`: of the stages in the order of
  /// their numbers; when they entered later ones is left out, since each column costs a twelfth of the time.
  [[nodiscard]] Result<void> leads(TimePoint since, TimePoint until, std::optional<lead::Grouping> by,
                                   lead::Stage last, const std::function<void(const ReportedLead&)>& take);

  /// Those leads, by the channel that captured them, that have converted since, or have been captured since
  /// and not converted.
  [[nodiscard]] Result<void> leads_in_motion(TimePoint since, TimePoint until,
                                             const std::function<void(const ReportedLead&)>& take);

  /// Of a hand-off; owner: whoever was to answer it.
  struct ReportedHandOff {
    std::string group;
    TimePoint captured_at{};
    TimePoint assigned_at{};
    std::optional<TimePoint> answer_by;
    std::optional<TimePoint> answered_at;
    lead::AssignmentState state = lead::AssignmentState::open;
  };
  /// All hand-offs of those leads.
  [[nodiscard]] Result<void> hand_offs(TimePoint since, TimePoint until, std::optional<lead::Grouping> by,
                                       const std::function<void(const ReportedHandOff&)>& take);

  /// The two touches that a lead is attributed to. `by`: channel, source or campaign. Of a lead that no touch
  /// has attribution for, both channels are that by which it was captured.
  struct ReportedTouches {
    std::string first;
    std::string last;
    bool is_converted = false;
  };
  [[nodiscard]] Result<void> touches(TimePoint since, TimePoint until, lead::Grouping by,
                                     const std::function<void(const ReportedTouches&)>& take);

  /// A sale of one of those leads that converted.
  struct ReportedSale {
    std::string first;
    std::string last;
    double value = 0;
    std::string currency;  ///< empty: not told
  };
  [[nodiscard]] Result<void> sales(TimePoint since, TimePoint until, lead::Grouping by,
                                   const std::function<void(const ReportedSale&)>& take);

 private:
  struct Implementation;
  explicit ReportReader(std::unique_ptr<Implementation> implementation);
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace leadhub::store
