#include "app/report_tables.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "app/output.hpp"
#include "lead/lead.hpp"
#include "report/lead_time.hpp"
#include "transfer/csv_text.hpp"

namespace leadhub::app {
namespace {

using nlohmann::ordered_json;

std::string heading_of(std::string_view name) {
  std::string heading{name};
  std::ranges::transform(heading, heading.begin(), [](char c) {
    return c == '_' ? ' ' : c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  return heading;
}

std::string name_of(const ordered_json& line) {
  return line["group"].is_null() ? "total" : printable(line["group"].get<std::string>());
}

/// The total, then the groups.
std::vector<const ordered_json*> lines_of(const ordered_json& report) {
  std::vector<const ordered_json*> lines{&report["total"]};
  for (const auto& line : report["groups"]) lines.push_back(&line);
  return lines;
}

std::string group_heading(const ordered_json& report) {
  return report["by"].is_null() ? "" : heading_of(report["by"].get<std::string>());
}

std::string percent(const ordered_json& share) {
  return share.is_null() ? "-" : fmt::format("{:.1f}%", share.get<double>() * 100);
}

std::string span(const ordered_json& seconds) {
  return seconds.is_null() ? "-" : span_in_words(seconds.get<std::int64_t>());
}

// --- Funnel

/// "420  70.0%  42.0%": leads, of the stage before, of all.
std::string stage_cell(const ordered_json& stage) {
  auto text = stage["leads"].dump();
  if (stage.contains("of_previous")) text += "  " + percent(stage["of_previous"]);
  if (stage.contains("of_captured")) text += "  " + percent(stage["of_captured"]);
  return text;
}

std::vector<ReportTable> funnel_tables(const ordered_json& report) {
  ReportTable table{{group_heading(report)}, {}};
  for (std::size_t i = 1; i <= lead::stage_count; ++i)
    table.headings.push_back(heading_of(to_string(static_cast<lead::Stage>(i))));
  for (const auto* line : lines_of(report)) {
    auto& row = table.rows.emplace_back();
    row.push_back(name_of(*line));
    for (std::size_t i = 1; i <= lead::stage_count; ++i)
      row.push_back(stage_cell((*line)[std::string{to_string(static_cast<lead::Stage>(i))}]));
  }
  return {std::move(table)};
}

// --- Lead time

ReportTable objectives_table(const ordered_json& report) {
  ReportTable table{{"CHANNEL", "OBJECTIVE", "MEASURED", "CONVERSIONS", "STALLED FOR", "IS"}, {}};
  for (const auto& line : report["objectives"])
    table.rows.push_back({printable(line["channel"].get<std::string>()),
                          percent(line["share"]) + " in " + span(line["objective_s"]),
                          span(line["lead_time_s"]), line["conversions"].dump(), span(line["stalled_s"]),
                          line["missed"] == true ? "missed" : "met"});
  return table;
}

std::vector<ReportTable> lead_time_tables(const ordered_json& report) {
  ReportTable spans{{group_heading(report), "SPAN", "COUNT", "P50", "P90", "P99"}, {}};
  ReportTable answers{{group_heading(report), "ANSWERED IN TIME", "TOO LATE", "STILL OPEN"}, {}};
  for (const auto* line : lines_of(report)) {
    for (const auto* name : report::span_names) {
      const auto& times = (*line)[name];
      std::string words{name};
      std::ranges::replace(words, '_', ' ');
      const bool is_first = name == report::span_names.front();
      spans.rows.push_back({is_first ? name_of(*line) : "", words, times["count"].dump(),
                            span(times["p50_s"]), span(times["p90_s"]), span(times["p99_s"])});
    }
    const auto& counts = (*line)["answers"];
    answers.rows.push_back(
        {name_of(*line), counts["kept"].dump(), counts["missed"].dump(), counts["open"].dump()});
  }
  std::vector<ReportTable> tables{std::move(spans), std::move(answers)};
  if (!report["objectives"].empty()) tables.push_back(objectives_table(report));
  return tables;
}

// --- Sources

std::string amount(double number) {
  return fmt::format("{:.2f}", number);
}

/// "1200.00 EUR, 30.00 USD"
std::string money(const ordered_json& sums) {
  std::string text;
  for (const auto& sum : sums) {
    const auto currency = sum["currency"].get<std::string>();
    text += (text.empty() ? "" : ", ") + amount(sum["amount"].get<double>()) + " " +
            (currency.empty() ? "?" : printable(currency));
  }
  return text.empty() ? "-" : text;
}

std::string efficiency_cell(const ordered_json& yield, const char* member) {
  std::string text;
  for (const auto& line : yield["efficiency"]) {
    if (line[member].is_null()) continue;
    text += (text.empty() ? "" : ", ") + amount(line[member].get<double>());
    if (std::string_view{member} != "return") text += " " + line["currency"].get<std::string>();
  }
  return text.empty() ? "-" : text;
}

std::vector<ReportTable> sources_tables(const ordered_json& report) {
  ReportTable table{{group_heading(report), "TOUCH", "LEADS", "CONVERTED", "VALUE", "COST", "COST PER LEAD",
                     "COST PER CONVERSION", "RETURN"},
                    {}};
  for (const auto* line : lines_of(report))
    for (const auto* touch : {"first", "last"}) {
      const auto& yield = (*line)[touch];
      const bool is_first = std::string_view{touch} == "first";
      table.rows.push_back({is_first ? name_of(*line) : "", touch, yield["leads"].dump(),
                            yield["converted"].dump(), money(yield["value"]),
                            is_first ? money((*line)["cost"]) : "", efficiency_cell(yield, "cost_per_lead"),
                            efficiency_cell(yield, "cost_per_conversion"), efficiency_cell(yield, "return")});
    }
  return {std::move(table)};
}

// --- CSV

/// Adds a row for each number below a value: the group, where it stands, and the number.
void append_numbers(std::string& csv, const std::string& group, const std::string& path,
                    const ordered_json& value) {
  const auto inside = [&](const std::string& name) {
    return path.empty() ? name : fmt::format("{}.{}", path, name);
  };
  if (value.is_array()) {
    for (const auto& entry : value) {
      const auto currency = entry["currency"].get<std::string>();
      for (const auto& [name, number] : entry.items())
        if (name != "currency")
          append_numbers(csv, group,
                         inside(name == "amount" ? currency : fmt::format("{}.{}", name, currency)), number);
    }
  } else if (value.is_object()) {
    for (const auto& [name, inner] : value.items())
      if (name != "group") append_numbers(csv, group, inside(name), inner);
  } else {
    transfer::append_csv_row(csv, {group, path, value.is_null() ? "" : value.dump()});
  }
}

}  // namespace

std::string span_in_words(std::int64_t seconds) {
  constexpr std::array<std::pair<std::int64_t, char>, 4> units{
      {{86'400, 'd'}, {3'600, 'h'}, {60, 'm'}, {1, 's'}}};
  const auto* unit = std::ranges::find_if(units, [&](const auto& one) { return seconds >= one.first; });
  if (unit == units.end()) return "0s";
  auto words = fmt::format("{}{}", seconds / unit->first, unit->second);
  const auto rest = seconds % unit->first;
  if (const auto* next = unit + 1; next != units.end() && rest >= next->first)
    words += fmt::format(" {}{}", rest / next->first, next->second);
  return words;
}

std::vector<ReportTable> tables_of(const ordered_json& report) {
  if (report["report"] == "funnel") return funnel_tables(report);
  if (report["report"] == "lead-time") return lead_time_tables(report);
  return sources_tables(report);
}

std::string note_of(const ordered_json& report) {
  const auto window = "Leads captured from " + report["since"].get<std::string>() + " to " +
                      report["until"].get<std::string>() + ".";
  if (report["report"] == "funnel")
    return window + " Each stage: leads, their share of the stage before, of all captured.";
  if (report["report"] == "lead-time")
    return window + " Percentiles by the nearest rank: half of the times are at most p50.";
  auto note = window + " Value: all that they have bought so far.";
  if (!report["unassigned_cost"].empty())
    note += " Of the costs, " + money(report["unassigned_cost"]) + " name no " +
            report["by"].get<std::string>() + " and stand in the total alone.";
  return note;
}

std::string csv_of(const ordered_json& report) {
  std::string csv;
  transfer::append_csv_row(
      csv, {report["by"].is_null() ? "group" : report["by"].get<std::string>(), "measure", "number"});
  for (const auto* line : lines_of(report))
    append_numbers(csv, (*line)["group"].is_null() ? "total" : (*line)["group"].get<std::string>(), "",
                   *line);
  return csv;
}

}  // namespace leadhub::app
