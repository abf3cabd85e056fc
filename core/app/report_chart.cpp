#include "app/report_chart.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

#include "lead/lead.hpp"
#include "report/funnel.hpp"

namespace leadhub::app {
namespace {

using nlohmann::ordered_json;

constexpr std::size_t series_max = 8;       // colours that are told apart
constexpr std::size_t categories_max = 10;  // whose names fit below the axis

/// The groups, or the total where there are none.
std::vector<const ordered_json*> lines_of(const ordered_json& report, std::size_t most) {
  std::vector<const ordered_json*> lines;
  const auto& groups = report["groups"];
  // Of weeks the last ones, which tell more.
  const auto first = report["by"] == "week" && groups.size() > most ? groups.size() - most : 0;
  for (auto i = first; i < groups.size() && lines.size() < most; ++i) lines.push_back(&groups[i]);
  if (lines.empty()) lines.push_back(&report["total"]);
  return lines;
}

std::string name_of(const ordered_json& line) {
  return line["group"].is_null() ? "all leads" : line["group"].get<std::string>();
}

std::string title_of(const ordered_json& report, const std::string& what, std::size_t shown) {
  auto title = what + " of the leads captured from " + report["since"].get<std::string>().substr(0, 10) +
               " to " + report["until"].get<std::string>().substr(0, 10);
  if (const auto groups = report["groups"].size(); groups > shown)
    title += " (" + std::to_string(shown) + " of " + std::to_string(groups) + " groups)";
  return title;
}

BarChart funnel_chart(const ordered_json& report) {
  const auto lines = lines_of(report, series_max);
  BarChart chart{title_of(report, "Funnel", lines.size()), "leads", {}, {}};
  for (std::size_t i = 1; i <= report::funnel_stage_count; ++i)
    chart.categories.emplace_back(to_string(static_cast<lead::Stage>(i)));
  for (const auto* line : lines) {
    auto& series = chart.series.emplace_back(BarChart::Series{name_of(*line), {}});
    for (const auto& stage : chart.categories) series.values.push_back((*line)[stage]["leads"].get<double>());
  }
  return chart;
}

BarChart lead_time_chart(const ordered_json& report) {
  const auto lines = lines_of(report, categories_max);
  double longest = 0;
  for (const auto* line : lines)
    if (const auto& p99 = (*line)["lead_time"]["p99_s"]; !p99.is_null())
      longest = std::max(longest, p99.get<double>());
  constexpr std::array<std::pair<double, const char*>, 4> units{
      {{86'400, "days"}, {3'600, "hours"}, {60, "minutes"}, {1, "seconds"}}};
  const auto* unit = std::ranges::find_if(units, [&](const auto& one) { return longest >= one.first; });
  if (unit == units.end()) unit = &units.back();
  BarChart chart{title_of(report, "Lead time", lines.size()), unit->second, {}, {}};
  for (const auto* line : lines) chart.categories.push_back(name_of(*line));
  for (const auto* percentile : {"p50", "p90", "p99"}) {
    auto& series = chart.series.emplace_back(BarChart::Series{percentile, {}});
    for (const auto* line : lines) {
      const auto& seconds = (*line)["lead_time"][std::string{percentile} + "_s"];
      series.values.push_back(seconds.is_null() ? 0 : seconds.get<double>() / unit->first);
    }
  }
  return chart;
}

BarChart sources_chart(const ordered_json& report) {
  const auto lines = lines_of(report, categories_max);
  BarChart chart{title_of(report, "Sources", lines.size()), "leads", {}, {}};
  for (const auto* line : lines) chart.categories.push_back(name_of(*line));
  constexpr std::array<std::array<const char*, 3>, 4> all{{{"first touch", "first", "leads"},
                                                           {"last touch", "last", "leads"},
                                                           {"first, converted", "first", "converted"},
                                                           {"last, converted", "last", "converted"}}};
  for (const auto& [name, touch, member] : all) {
    auto& series = chart.series.emplace_back(BarChart::Series{name, {}});
    for (const auto* line : lines) series.values.push_back((*line)[touch][member].get<double>());
  }
  return chart;
}

}  // namespace

BarChart chart_of(const ordered_json& report) {
  if (report["report"] == "funnel") return funnel_chart(report);
  if (report["report"] == "lead-time") return lead_time_chart(report);
  return sources_chart(report);
}

}  // namespace leadhub::app
