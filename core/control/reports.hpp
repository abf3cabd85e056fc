#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lead/grouping.hpp"
#include "ops/clock.hpp"
#include "ops/error.hpp"
#include "ops/limits.hpp"
#include "report/cost.hpp"
#include "report/rules.hpp"
#include "store/report_reader.hpp"

namespace leadhub::control {

enum class ReportKind { funnel = 1, lead_time, sources };

/// What somebody wants to know.
struct ReportQuery {
  ReportKind kind = ReportKind::funnel;
  std::optional<lead::Grouping> by;                                ///< none: in total only
  std::chrono::milliseconds since = limits::report_since_default;  ///< leads captured at most so long ago
};

/// Reads a query as the API and the command line write it. `kind`: funnel, lead-time or sources. `by` and
/// `since` may be missing; sources are by source where nothing is said. Error: `invalid`.
[[nodiscard]] Result<ReportQuery> report_query(std::string_view kind, const std::optional<std::string>& by,
                                               const std::optional<std::string>& since);

/// Makes the reports of docs/reports.md out of the store, as JSON documents. Thread-safe, one report at a
/// time; has a read-only connection of its own, so that nobody else waits for a report.
class Reports {
 public:
  /// `rules`: those in force; asked once a report.
  [[nodiscard]] static Result<std::unique_ptr<Reports>> open(const std::filesystem::path& leads,
                                                             std::int64_t workspace, const Clock& clock,
                                                             std::function<report::Rules()> rules);

  /// Error: `invalid` where the window holds more leads than a report can keep the times of.
  [[nodiscard]] Result<nlohmann::ordered_json> make(const ReportQuery& query);

  /// How each channel with an objective stands with it, in the order of hub.yaml.
  [[nodiscard]] Result<std::vector<report::Standing>> standings();

 private:
  Reports(std::unique_ptr<store::ReportReader> reader, const Clock& clock,
          std::function<report::Rules()> rules)
      : reader_(std::move(reader)), clock_(clock), rules_(std::move(rules)) {}
  struct Asked;
  [[nodiscard]] Result<void> add_funnel(const Asked& asked, nlohmann::ordered_json& document);
  [[nodiscard]] Result<void> add_lead_time(const Asked& asked, nlohmann::ordered_json& document);
  [[nodiscard]] Result<void> add_sources(const Asked& asked, nlohmann::ordered_json& document);
  [[nodiscard]] Result<std::vector<report::Standing>> standings(const report::Rules& rules, TimePoint now);

  std::mutex mutex_;
  std::unique_ptr<store::ReportReader> reader_;
  const Clock& clock_;
  std::function<report::Rules()> rules_;
};

}  // namespace leadhub::control
