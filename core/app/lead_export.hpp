#pragma once

#include <cstdint>
#include <string>

#include "app/transfer_file.hpp"
#include "control/client.hpp"
#include "ops/error.hpp"

namespace leadhub::app {

/// What to export, and where to.
struct ExportOrder {
  std::string reference;  ///< one lead only; empty: all
  std::string file;       ///< empty: standard output
  FileFormat format = FileFormat::jsonl;
  ShowProgress progress = ShowProgress::no;
};

struct ExportSummary {
  std::int64_t leads = 0;
  std::int64_t left_out = 0;  ///< values of attributes that found no column
};

/// Writes leads page by page, oldest first, in memory that does not grow with their number: lead documents,
/// one a line, or a table as of transfer::LeadTable. A file appears under its name when it is whole, readable
/// by its owner only. Errors: as of the API; `io` where the file cannot be written.
[[nodiscard]] Result<ExportSummary> export_leads(control::Client& client, const ExportOrder& order);

}  // namespace leadhub::app
