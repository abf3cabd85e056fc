#include "control/report_documents.hpp"

#include <nlohmann/json.hpp>

namespace leadhub::control {
namespace {

using nlohmann::ordered_json;

ordered_json line_of(const std::string& group) {
  return {{"group", group.empty() ? ordered_json(nullptr) : ordered_json(group)}};
}

template <class Number>
ordered_json number_or_null(const std::optional<Number>& number) {
  return number ? ordered_json(*number) : ordered_json(nullptr);
}

ordered_json seconds_or_null(const std::optional<std::chrono::seconds>& time) {
  return time ? ordered_json(time->count()) : ordered_json(nullptr);
}

ordered_json yield_document(const report::Yield& yield, const report::Money& cost) {
  ordered_json document{
      {"leads", yield.leads}, {"converted", yield.converted}, {"value", money_document(yield.value)}};
  document["efficiency"] = ordered_json::array();
  for (const auto& [currency, amount] : cost) {
    const auto efficiency = report::efficiency(amount, currency, yield);
    document["efficiency"].push_back({{"currency", currency},
                                      {"cost_per_lead", number_or_null(efficiency.per_lead)},
                                      {"cost_per_conversion", number_or_null(efficiency.per_conversion)},
                                      {"return", number_or_null(efficiency.returned)}});
  }
  return document;
}

}  // namespace

ordered_json money_document(const report::Money& money) {
  auto document = ordered_json::array();
  for (const auto& [currency, amount] : money)
    document.push_back({{"currency", currency}, {"amount", amount}});
  return document;
}

ordered_json funnel_line(const std::string& group, const report::FunnelTally& tally) {
  auto line = line_of(group);
  for (std::size_t i = 0; i < tally.entered.size(); ++i) {
    const auto stage = static_cast<lead::Stage>(i + 1);
    ordered_json entered{{"leads", tally.entered.at(i)}};
    if (i > 0 && i < report::funnel_stage_count)
      entered["of_previous"] = number_or_null(tally.share_of_previous(stage));
    if (i > 0) entered["of_captured"] = number_or_null(tally.share_of_captured(stage));
    line[std::string{to_string(stage)}] = std::move(entered);
  }
  return line;
}

ordered_json lead_time_line(const std::string& group, report::LeadTimeTally& tally) {
  auto line = line_of(group);
  line["leads"] = tally.size();
  for (std::size_t i = 0; i < report::span_names.size(); ++i) {
    auto& times = tally.of(static_cast<report::Span>(i + 1));
    line[report::span_names.at(i)] = {{"count", times.size()},
                                      {"p50_s", seconds_or_null(times.percentile(0.5))},
                                      {"p90_s", seconds_or_null(times.percentile(0.9))},
                                      {"p99_s", seconds_or_null(times.percentile(0.99))}};
  }
  const auto& answers = tally.answers();
  line["answers"] = {{"kept", answers.kept}, {"missed", answers.missed}, {"open", answers.open}};
  return line;
}

ordered_json sources_line(const std::string& group, const report::AttributionTally& tally) {
  auto line = line_of(group);
  line["cost"] = money_document(tally.cost);
  line["first"] = yield_document(tally.first, tally.cost);
  line["last"] = yield_document(tally.last, tally.cost);
  return line;
}

ordered_json standing_document(const report::Standing& standing) {
  using std::chrono::duration_cast;
  using std::chrono::seconds;
  std::optional<seconds> stalled;
  if (standing.stalled_for) stalled = duration_cast<seconds>(*standing.stalled_for);
  return {{"channel", standing.objective.channel},
          {"objective_s", duration_cast<seconds>(standing.objective.lead_time).count()},
          {"share", standing.objective.share},
          {"conversions", standing.conversions},
          {"lead_time_s", seconds_or_null(standing.lead_time)},
          {"stalled_s", seconds_or_null(stalled)},
          {"missed", standing.is_missed}};
}

}  // namespace leadhub::control
