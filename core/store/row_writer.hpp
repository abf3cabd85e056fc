#pragma once

#include <soci/soci.h>

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace leadhub::store {

enum class ColumnType { text = 1, integer };

/// Collects rows and writes them with multi-row INSERT statements, prepared once: 24,000 rows a second one a
/// statement, several times that at 64 a statement, on both databases (docs/adr/0004-sql-and-two-files.md).
///
///   writer.text("ada").integer(1815).end_row(); ... writer.flush();
///
/// Throws soci::soci_error, like everything below Database::guarded. Used by one thread.
class RowWriter {
 public:
  /// `head`: "INSERT INTO t (a, b) VALUES"; `tail`: what follows the rows, for example an ON CONFLICT clause.
  RowWriter(soci::session& session, std::string head, std::vector<ColumnType> columns, std::string tail = "");

  RowWriter& text(std::string_view value);
  RowWriter& integer(std::int64_t value);
  RowWriter& null();
  RowWriter& end_row() {
    ++pending_rows_;
    return *this;
  }

  /// Writes all rows collected so far, in order.
  void flush();
  /// Forgets them, after a failed transaction.
  void discard();

 private:
  struct Cell {
    std::string text;
    long long integer = 0;
    soci::indicator indicator = soci::i_ok;
  };
  /// A prepared statement of some rows, bound to cells of its own.
  struct Batch {
    std::size_t rows = 0;
    std::vector<Cell> cells;
    std::unique_ptr<soci::statement> statement;
  };

  Cell& next_cell();
  void write(Batch& batch, std::size_t first_row);
  void prepare(Batch& batch);

  soci::session& session_;
  std::string head_;
  std::vector<ColumnType> columns_;
  std::string tail_;
  std::vector<Cell> pending_;  ///< reused, so that texts keep their memory
  std::size_t used_cells_ = 0;
  std::size_t pending_rows_ = 0;
  std::array<Batch, 3> batches_;
};

}  // namespace leadhub::store
