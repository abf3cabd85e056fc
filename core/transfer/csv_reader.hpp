#pragma once

#include <cstdint>
#include <istream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ops/error.hpp"

namespace leadhub::transfer {

/// One row of a table.
struct CsvRow {
  std::int64_t number = 0;  ///< from 1, the header's; blank rows count, so that it is the spreadsheet's
  std::vector<std::string> cells;
};

/// Reads a table as a stream, in bounded memory, by libcsv: RFC 4180, and what is met in practice. Rows end
/// in LF, CR LF or CR, mixed as they come; a quoted cell may hold any of them. A byte order mark is skipped,
/// so are blank rows. Spaces around a cell without quotes are dropped. Bytes that are no UTF-8 pass through:
/// who checks the cells finds them.
///
/// Bounds: limits::import_cell_bytes_max, limits::import_row_bytes_max, limits::import_columns_max. Used by
/// one thread.
class CsvReader {
 public:
  /// `delimiter` 0: of comma, semicolon, tab and bar the one that the first line has most of, since
  /// spreadsheets write whatever their country's decimal comma leaves them. `input` outlives the reader.
  explicit CsvReader(std::istream& input, char delimiter = 0);
  ~CsvReader();

  /// The next row; nullopt at the end. Errors, after which there is no next row because nobody can say where
  /// it would begin, name the row: `invalid` where a cell, a row or their number is beyond its bound, where
  /// the input ends inside quotes, or where it is UTF-16; `io` where it cannot be read.
  [[nodiscard]] Result<std::optional<CsvRow>> next();

  /// Bytes taken from the input so far.
  [[nodiscard]] std::int64_t bytes_read() const;

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace leadhub::transfer
