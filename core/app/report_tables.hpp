#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace leadhub::app {

/// Rows under headings.
struct ReportTable {
  std::vector<std::string> headings;
  std::vector<std::vector<std::string>> rows;
};

/// A report document of the control API for people: the total first, then its groups. A report with parts of
/// its own (objectives, answers) has a table for each; the first is the report itself.
[[nodiscard]] std::vector<ReportTable> tables_of(const nlohmann::ordered_json& report);

/// What stands below the tables: how to read them, what is left out.
[[nodiscard]] std::string note_of(const nlohmann::ordered_json& report);

/// The same document for spreadsheets: one number a row, plain and with a point, so that every report fits
/// into a pivot table. RFC 4180.
[[nodiscard]] std::string csv_of(const nlohmann::ordered_json& report);

/// "3d 4h", "12m 5s": two units at most.
[[nodiscard]] std::string span_in_words(std::int64_t seconds);

}  // namespace leadhub::app
