#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "app/transfer_file.hpp"
#include "capture/importer.hpp"
#include "control/client.hpp"
#include "ops/error.hpp"
#include "transfer/mapping.hpp"

namespace leadhub::app {

/// What to import, and how.
struct ImportOrder {
  std::string file;  ///< "-": standard input
  FileFormat format = FileFormat::csv;
  char delimiter = 0;  ///< as CsvReader takes it
  transfer::ImportOptions mapping;
  capture::ImportMode mode = capture::ImportMode::commit;
  std::string rejects;        ///< a file for the rows that are refused; empty: none
  std::int64_t from_row = 0;  ///< rows before it are passed over
  ShowProgress progress = ShowProgress::no;
};

struct RowError {
  std::int64_t row = 0;
  std::string reason;
};

/// What came of it. A row is one event; a lead document has one for each line of its timeline.
struct ImportSummary {
  std::int64_t rows = 0;        ///< read, without the header
  std::int64_t accepted = 0;    ///< events on disk; in a check: sound
  std::int64_t duplicates = 0;  ///< known already
  std::int64_t conflicts = 0;   ///< set aside
  std::int64_t refused = 0;
  std::vector<RowError> errors;       ///< the first of them, by row
  std::vector<std::string> left_out;  ///< columns that nobody mapped
  std::string example;                ///< what the first sound row becomes
  std::optional<Error> stopped{};     ///< why the rest of the file was not read
  double seconds = 0;
};

/// Reads the file as a stream and hands it to the hub, batch by batch, in its order; while one batch is on
/// its way the next is read. Memory does not grow with the file. A hub that is busy or starts again is waited
/// for (limits::import_tries_max). What a killed import has sent is safe, and the hub knows it by its keys:
/// the same command, given again, goes on.
///
/// Errors, with nothing read: `io` where a file cannot be opened, `invalid` where the mapping makes no sense.
[[nodiscard]] Result<ImportSummary> import_leads(control::Client& client, const ImportOrder& order);

}  // namespace leadhub::app
