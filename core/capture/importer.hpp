#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "capture/event_check.hpp"
#include "capture/inbox_writer.hpp"
#include "lead/event.hpp"
#include "ops/clock.hpp"
#include "ops/error.hpp"
#include "ops/key_ring.hpp"

namespace leadhub::capture {

/// The channel of everything that is imported. Its keys are a namespace of their own: see event_check.hpp.
inline constexpr std::string_view import_channel = "import";

enum class ImportMode {
  commit = 1,
  check,  ///< say what is wrong, and store nothing
};

struct RefusedLine {
  std::int64_t line = 0;  ///< from 1
  std::string reason;
};

/// What became of the lines of one import.
struct ImportReport {
  std::int64_t accepted = 0;    ///< on disk, on their way to the pipeline; while checking: sound
  std::int64_t duplicates = 0;  ///< known already, or twice among these lines; while checking: always 0
  std::int64_t conflicts = 0;   ///< set aside: their key came before with another content
  std::vector<RefusedLine> refused{};
};

/// Takes lead events from whoever runs the hub, many at a time: one entry of the inbox for all lines of one
/// call. Thread-safe.
class Importer {
 public:
  /// Why an event says nobody's name, so that the pipeline could only set it aside.
  using NamesSomebody = std::function<Result<void>(const lead::LeadEvent& event)>;

  /// All references outlive the importer.
  Importer(InboxWriter& inbox, EventRules rules, const Clock& clock, NamesSomebody names_somebody)
      : inbox_(inbox), rules_(std::move(rules)), clock_(clock), names_somebody_(std::move(names_somebody)) {}

  /// `lines`: one event document a line. Each is checked as every other event is; those that are refused do
  /// not hold up the others. Returns when what is accepted is on disk. Errors, with nothing stored: `invalid`
  /// for more lines than limits::import_batch_events_max, `unavailable` where the inbox takes nothing now.
  /// Where a line has a key, giving it again is harmless.
  [[nodiscard]] Result<ImportReport> import(std::string_view lines, ImportMode mode);

 private:
  [[nodiscard]] Result<store::DraftEvent> check(std::string line, TimePoint now) const;

  InboxWriter& inbox_;
  EventRules rules_;
  const Clock& clock_;
  NamesSomebody names_somebody_;
};

}  // namespace leadhub::capture
