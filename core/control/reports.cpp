#include "control/reports.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <nlohmann/json.hpp>
#include <span>
#include <utility>

#include "config/suggestion.hpp"
#include "config/units.hpp"
#include "control/report_documents.hpp"
#include "report/groups.hpp"
#include "report/week.hpp"

namespace leadhub::control {
namespace {

using lead::Grouping;
using nlohmann::ordered_json;

constexpr std::array<std::pair<std::string_view, ReportKind>, 3> kinds{
    {{"funnel", ReportKind::funnel}, {"lead-time", ReportKind::lead_time}, {"sources", ReportKind::sources}}};
constexpr std::array of_leads{Grouping::channel, Grouping::campaign, Grouping::owner, Grouping::week};
constexpr std::array of_touches{Grouping::channel, Grouping::source, Grouping::campaign};

std::span<const Grouping> groupings_of(ReportKind kind) {
  if (kind == ReportKind::sources) return of_touches;
  return of_leads;
}

std::string listed(std::span<const Grouping> groupings) {
  std::vector<std::string> names;
  for (const auto grouping : groupings) names.emplace_back(to_string(grouping));
  return config::listed(names);
}

/// The line for leads of which nothing is known; no text of a lead looks like it but by its own choice.
std::string_view name_or_none(std::string_view name) {
  return name.empty() ? std::string_view{"(none)"} : name;
}

report::Order order_of(std::optional<Grouping> by) {
  return by == Grouping::week ? report::Order::by_name : report::Order::largest_first;
}

/// The name of the group that a row belongs to.
class GroupNames {
 public:
  GroupNames(std::optional<Grouping> by, const std::string& time_zone) : by_(by), weeks_(time_zone) {}
  std::string_view of(const std::string& given, const std::optional<TimePoint>& captured_at) {
    if (by_ == Grouping::week) return captured_at ? weeks_.of(*captured_at) : std::string_view{};
    return by_ ? name_or_none(given) : std::string_view{};
  }

 private:
  std::optional<Grouping> by_;
  report::Weeks weeks_;
};

}  // namespace

Result<ReportQuery> report_query(std::string_view kind, const std::optional<std::string>& by,
                                 const std::optional<std::string>& since) {
  ReportQuery query;
  const auto* found = std::ranges::find(kinds, kind, [](const auto& known) { return known.first; });
  if (found == kinds.end())
    return fail(ErrorCode::not_found, "there are the reports funnel, lead-time and sources");
  query.kind = found->second;
  const auto groupings = groupings_of(query.kind);
  if (query.kind == ReportKind::sources) query.by = Grouping::source;
  if (by) {
    query.by = lead::grouping_from(*by);
    if (!query.by || std::ranges::find(groupings, *query.by) == groupings.end())
      return fail(ErrorCode::invalid,
                  "the report " + std::string{kind} + " can be grouped by " + listed(groupings));
  }
  if (since) {
    const auto time = config::parse_duration(*since);
    if (!time || time->count() == 0)
      return fail(ErrorCode::invalid, "since is how far to look back; write it as in 30d or 48h");
    query.since = *time;
  }
  return query;
}

/// What one report is made of.
struct Reports::Asked {
  std::optional<Grouping> by;
  TimePoint now{};
  report::Window window;
  report::Rules rules;
};

Result<std::unique_ptr<Reports>> Reports::open(const std::filesystem::path& leads, std::int64_t workspace,
                                               const Clock& clock, std::function<report::Rules()> rules) {
  auto reader = store::ReportReader::open(leads, workspace);
  if (!reader) return std::unexpected(reader.error());
  return std::unique_ptr<Reports>{new Reports{*std::move(reader), clock, std::move(rules)}};
}

Result<ordered_json> Reports::make(const ReportQuery& query) {
  const std::scoped_lock lock{mutex_};
  const auto now = clock_.now();
  // Captured in this very millisecond is captured, too.
  const Asked asked{query.by, now, {now - query.since, now + std::chrono::milliseconds{1}}, rules_()};
  const auto* kind = std::ranges::find(kinds, query.kind, [](const auto& known) { return known.second; });
  ordered_json document{{"report", kind->first},
                        {"by", query.by ? ordered_json(to_string(*query.by)) : ordered_json(nullptr)},
                        {"since", format_rfc3339(asked.window.since)},
                        {"until", format_rfc3339(now)},
                        {"time_zone", asked.rules.time_zone}};
  const auto add = query.kind == ReportKind::funnel      ? &Reports::add_funnel
                   : query.kind == ReportKind::lead_time ? &Reports::add_lead_time
                                                         : &Reports::add_sources;
  if (const auto added = (this->*add)(asked, document); !added) return std::unexpected(added.error());
  return document;
}

Result<void> Reports::add_funnel(const Asked& asked, ordered_json& document) {
  report::Groups<report::FunnelTally> groups;
  GroupNames names{asked.by, asked.rules.time_zone};
  const auto read = reader_->leads(
      asked.window.since, asked.window.until, asked.by, lead::Stage::recycled,
      [&](const auto& lead) { groups.of(names.of(lead.group, lead.entered[0])).add(lead.entered); });
  if (!read) return read;
  report::FunnelTally total;
  auto lines = ordered_json::array();
  for (const auto& [name, tally] : groups.take(order_of(asked.by))) {
    total.add(tally);
    if (asked.by) lines.push_back(funnel_line(name, tally));
  }
  document["total"] = funnel_line({}, total);
  document["groups"] = std::move(lines);
  return {};
}

Result<void> Reports::add_lead_time(const Asked& asked, ordered_json& document) {
  report::Groups<report::LeadTimeTally> groups;
  GroupNames names{asked.by, asked.rules.time_zone};
  std::size_t times_at_most = 0;
  const auto has_room = [&](std::size_t more) { return (times_at_most += more) <= limits::report_spans_max; };
  auto read = reader_->leads(asked.window.since, asked.window.until, asked.by, lead::Stage::customer,
                             [&](const auto& lead) {
                               if (has_room(report::span_names.size() - 1))
                                 groups.of(names.of(lead.group, lead.entered[0])).add(lead.entered);
                             });
  if (read)
    read = reader_->hand_offs(asked.window.since, asked.window.until, asked.by, [&](const auto& given) {
      if (has_room(1))
        groups.of(names.of(given.group, given.captured_at))
            .add({given.assigned_at, given.answer_by, given.answered_at, given.state}, asked.now);
    });
  if (!read) return read;
  if (times_at_most > limits::report_spans_max)
    return fail(ErrorCode::invalid,
                "the window holds more leads than a report of lead times can keep; "
                "write a shorter --since");
  report::LeadTimeTally total;
  auto lines = ordered_json::array();
  for (auto& [name, tally] : groups.take(order_of(asked.by))) {
    if (asked.by) lines.push_back(lead_time_line(name, tally));
    total.add(std::move(tally));
  }
  document["total"] = lead_time_line({}, total);
  document["groups"] = std::move(lines);
  const auto standings = this->standings(asked.rules, asked.now);
  if (!standings) return std::unexpected(standings.error());
  document["objectives"] = ordered_json::array();
  for (const auto& standing : *standings) document["objectives"].push_back(standing_document(standing));
  return {};
}

Result<void> Reports::add_sources(const Asked& asked, ordered_json& document) {
  report::Groups<report::AttributionTally> groups;
  const auto& window = asked.window;
  auto read = reader_->touches(window.since, window.until, *asked.by, [&](const auto& touches) {
    const auto count = [&](report::Yield& yield) {
      ++yield.leads;
      if (touches.is_converted) ++yield.converted;
    };
    count(groups.of(name_or_none(touches.first)).first);
    count(groups.of(name_or_none(touches.last)).last);
  });
  if (read)
    read = reader_->sales(window.since, window.until, *asked.by, [&](const auto& sale) {
      groups.of(name_or_none(sale.first)).first.value[sale.currency] += sale.value;
      groups.of(name_or_none(sale.last)).last.value[sale.currency] += sale.value;
    });
  if (!read) return read;
  report::Money unassigned;
  report::AttributionTally total;
  for (const auto& cost : asked.rules.costs) {
    const auto amount = cost_within(cost, window, asked.rules.time_zone);
    if (amount <= 0) continue;
    const auto name = cost.name(*asked.by);
    if (name.empty()) total.cost[cost.currency] += amount;
    auto& sums = name.empty() ? unassigned : groups.of(name).cost;
    sums[cost.currency] += amount;
  }
  auto lines = ordered_json::array();
  for (const auto& [name, tally] : groups.take(report::Order::largest_first)) {
    total.add(tally);
    lines.push_back(sources_line(name, tally));
  }
  document["total"] = sources_line({}, total);
  document["groups"] = std::move(lines);
  document["unassigned_cost"] = money_document(unassigned);
  return {};
}

Result<std::vector<report::Standing>> Reports::standings() {
  const std::scoped_lock lock{mutex_};
  return standings(rules_(), clock_.now());
}

Result<std::vector<report::Standing>> Reports::standings(const report::Rules& rules, TimePoint now) {
  std::vector<report::Standing> standings;
  if (rules.objectives.empty()) return standings;
  std::map<std::string, std::pair<const report::Objective*, report::ChannelLeads>, std::less<>> channels;
  std::chrono::milliseconds longest{};
  for (const auto& objective : rules.objectives) {
    channels[objective.channel].first = &objective;
    longest = std::max(longest, objective.lead_time);
  }
  // A conversion before this is past the window, and before any lead was captured that is still waited for.
  const auto since = now - limits::objective_window - longest;
  const auto read =
      reader_->leads_in_motion(since, now + std::chrono::milliseconds{1}, [&](const auto& lead) {
        const auto found = channels.find(lead.group);
        if (found != channels.end()) found->second.second.add(lead.entered, *found->second.first, now);
      });
  if (!read) return std::unexpected(read.error());
  for (const auto& objective : rules.objectives)
    standings.push_back(standing(objective, std::move(channels[objective.channel].second), now));
  return standings;
}

}  // namespace leadhub::control
