#include "store/report_reader.hpp"

#include <soci/soci.h>

#include <string_view>
#include <utility>

#include "store/database.hpp"
#include "store/lead_rows.hpp"

namespace leadhub::store {
namespace {

using lead::Grouping;

/// What a lead is grouped by, as SQL over `l`.
std::string group_of_lead(std::optional<Grouping> by) {
  if (by == Grouping::channel) return "l.channel";
  if (by == Grouping::source) return "l.first_source";
  if (by == Grouping::campaign) return "l.first_campaign";
  if (by == Grouping::owner) return "l.owner";
  return "''";
}

/// The same of a touch; `which`: first or last. A lead without attribution came by the channel that captured
/// it.
std::string group_of_touch(Grouping by, const std::string& which) {
  const auto column = "l." + which + "_" + std::string{to_string(by)};
  return by == Grouping::channel ? "CASE WHEN " + column + " = '' THEN l.channel ELSE " + column + " END"
                                 : column;
}

/// Begins every query; binds the workspace and the two ends.
constexpr std::string_view in_window =
    " WHERE l.workspace_id = :w AND l.captured_at >= :s AND l.captured_at < :u AND l.merged_into = ''";
/// Walks through the leads and looks for their rows, never the other way round.
std::string joined(std::string_view table) {
  return " FROM leads l CROSS JOIN " + std::string{table} + " o" + std::string{in_window} +
         " AND o.workspace_id = l.workspace_id AND o.lead_id = l.id";
}

}  // namespace

struct ReportReader::Implementation {
  std::unique_ptr<Database> database;
  long long workspace = 0;

  /// Runs a query whose columns `row` binds, and calls `take` for each row.
  template <class Row, class Take>
  [[nodiscard]] Result<void> each(const std::string& sql, TimePoint since, TimePoint until, Row& row,
                                  const Take& take) {
    return database->guarded([&]() -> Result<void> {
      const long long from = to_milliseconds(since);
      const long long to = to_milliseconds(until);
      soci::statement statement{database->session()};
      row.bind(statement);
      statement.exchange(soci::use(workspace));
      statement.exchange(soci::use(from));
      statement.exchange(soci::use(to));
      statement.alloc();
      statement.prepare(sql);
      statement.define_and_bind();
      statement.execute();
      while (statement.fetch()) take();
      return {};
    });
  }

  [[nodiscard]] Result<void> leads(const std::string& group, lead::Stage last, const std::string& condition,
                                   TimePoint since, TimePoint until,
                                   const std::function<void(const ReportedLead&)>& take) {
    struct Row {
      ReportedLead lead;
      std::size_t stages = 0;
      std::array<OptionalInteger, lead::stage_count> entered;
      void bind(soci::statement& statement) {
        statement.exchange(soci::into(lead.group));
        for (std::size_t i = 0; i < stages; ++i)
          statement.exchange(soci::into(entered.at(i).value, entered.at(i).indicator));
      }
    } row;
    row.stages = static_cast<std::size_t>(last);
    std::string columns = group;
    for (std::size_t i = 1; i <= row.stages; ++i)
      columns.append(", l.").append(to_string(static_cast<lead::Stage>(i))).append("_at");
    return each("SELECT " + columns + " FROM leads l" + std::string{in_window} + condition, since, until, row,
                [&] {
                  for (std::size_t i = 0; i < row.stages; ++i)
                    row.lead.entered.at(i) = row.entered.at(i).time();
                  take(row.lead);
                });
  }
};

ReportReader::ReportReader(std::unique_ptr<Implementation> implementation)
    : implementation_(std::move(implementation)) {}
ReportReader::~ReportReader() = default;

Result<std::unique_ptr<ReportReader>> ReportReader::open(const std::filesystem::path& file,
                                                         std::int64_t workspace) {
  auto database = Database::open(file, Access::read_only);
  if (!database) return std::unexpected(database.error());
  auto implementation = std::make_unique<Implementation>();
  implementation->database = *std::move(database);
  implementation->workspace = workspace;
  return std::unique_ptr<ReportReader>{new ReportReader{std::move(implementation)}};
}

Result<void> ReportReader::leads(TimePoint since, TimePoint until, std::optional<Grouping> by,
                                 lead::Stage last, const std::function<void(const ReportedLead&)>& take) {
  return implementation_->leads(group_of_lead(by), last, "", since, until, take);
}

Result<void> ReportReader::leads_in_motion(TimePoint since, TimePoint until,
                                           const std::function<void(const ReportedLead&)>& take) {
  const auto from = std::to_string(to_milliseconds(since));
  return implementation_->leads(
      "l.channel", lead::Stage::recycled,
      " AND (l.converted_at >= " + from + " OR (l.converted_at IS NULL AND l.captured_at >= " + from + "))",
      TimePoint{}, until, take);
}

Result<void> ReportReader::hand_offs(TimePoint since, TimePoint until, std::optional<Grouping> by,
                                     const std::function<void(const ReportedHandOff&)>& take) {
  struct Row {
    ReportedHandOff hand_off;
    long long captured_at = 0, assigned_at = 0;
    OptionalInteger answer_by, answered_at;
    std::string state;
    void bind(soci::statement& statement) {
      statement.exchange(soci::into(hand_off.group));
      statement.exchange(soci::into(captured_at));
      statement.exchange(soci::into(assigned_at));
      for (auto* time : {&answer_by, &answered_at})
        statement.exchange(soci::into(time->value, time->indicator));
      statement.exchange(soci::into(state));
    }
  } row;
  const auto group = by == Grouping::owner ? "o.owner" : group_of_lead(by);
  return implementation_->each(
      "SELECT " + group + ", l.captured_at, o.assigned_at, o.answer_by, o.answered_at, o.state" +
          joined("assignments") + " AND l.assigned_at IS NOT NULL",
      since, until, row, [&] {
        row.hand_off.captured_at = from_milliseconds(row.captured_at);
        row.hand_off.assigned_at = from_milliseconds(row.assigned_at);
        row.hand_off.answer_by = row.answer_by.time();
        row.hand_off.answered_at = row.answered_at.time();
        row.hand_off.state =
            lead::assignment_state_from(row.state).value_or(lead::AssignmentState::superseded);
        take(row.hand_off);
      });
}

Result<void> ReportReader::touches(TimePoint since, TimePoint until, Grouping by,
                                   const std::function<void(const ReportedTouches&)>& take) {
  struct Row {
    ReportedTouches touches;
    OptionalInteger converted_at;
    void bind(soci::statement& statement) {
      statement.exchange(soci::into(touches.first));
      statement.exchange(soci::into(touches.last));
      statement.exchange(soci::into(converted_at.value, converted_at.indicator));
    }
  } row;
  return implementation_->each("SELECT " + group_of_touch(by, "first") + ", " + group_of_touch(by, "last") +
                                   ", l.converted_at FROM leads l" + std::string{in_window},
                               since, until, row, [&] {
                                 row.touches.is_converted = row.converted_at.time().has_value();
                                 take(row.touches);
                               });
}

Result<void> ReportReader::sales(TimePoint since, TimePoint until, Grouping by,
                                 const std::function<void(const ReportedSale&)>& take) {
  struct Row {
    ReportedSale sale;
    void bind(soci::statement& statement) {
      for (auto* text : {&sale.first, &sale.last, &sale.currency}) statement.exchange(soci::into(*text));
      statement.exchange(soci::into(sale.value));
    }
  } row;
  return implementation_->each("SELECT " + group_of_touch(by, "first") + ", " + group_of_touch(by, "last") +
                                   ", o.currency, o.value" + joined("conversions") +
                                   " AND l.converted_at IS NOT NULL AND o.value IS NOT NULL",
                               since, until, row, [&] { take(row.sale); });
}

}  // namespace leadhub::store
