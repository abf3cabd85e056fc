#include "store/row_writer.hpp"

#include <utility>

#include "ops/limits.hpp"

namespace leadhub::store {

RowWriter::RowWriter(soci::session& session, std::string head, std::vector<ColumnType> columns,
                     std::string tail)
    : session_(session), head_(std::move(head)), columns_(std::move(columns)), tail_(std::move(tail)) {
  batches_[0].rows = 64;
  batches_[1].rows = 8;
  batches_[2].rows = 1;
}

RowWriter::Cell& RowWriter::next_cell() {
  if (used_cells_ == pending_.size()) pending_.emplace_back();
  return pending_[used_cells_++];
}

RowWriter& RowWriter::text(std::string_view value) {
  auto& cell = next_cell();
  cell.text.assign(value);
  cell.indicator = soci::i_ok;
  return *this;
}

RowWriter& RowWriter::integer(std::int64_t value) {
  auto& cell = next_cell();
  cell.integer = value;
  cell.indicator = soci::i_ok;
  return *this;
}

RowWriter& RowWriter::null() {
  next_cell().indicator = soci::i_null;
  return *this;
}

void RowWriter::discard() {
  for (std::size_t i = 0; i < used_cells_; ++i)
    if (pending_[i].text.capacity() > limits::row_text_bytes_kept) std::string{}.swap(pending_[i].text);
  used_cells_ = 0;
  pending_rows_ = 0;
}

void RowWriter::flush() {
  std::size_t row = 0;
  for (auto& batch : batches_)
    for (; pending_rows_ - row >= batch.rows; row += batch.rows) write(batch, row);
  discard();
}

void RowWriter::write(Batch& batch, std::size_t first_row) {
  if (!batch.statement) prepare(batch);
  const auto first_cell = first_row * columns_.size();
  for (std::size_t i = 0; i < batch.cells.size(); ++i) {
    auto& bound = batch.cells[i];
    auto& pending = pending_[first_cell + i];
    bound.text.swap(pending.text);
    bound.integer = pending.integer;
    bound.indicator = pending.indicator;
  }
  batch.statement->execute(true);
  for (auto& bound : batch.cells)
    if (bound.text.capacity() > limits::row_text_bytes_kept) std::string{}.swap(bound.text);
}

void RowWriter::prepare(Batch& batch) {
  std::string sql = head_;
  for (std::size_t row = 0, cell = 0; row < batch.rows; ++row) {
    sql += row == 0 ? " (" : ", (";
    for (std::size_t column = 0; column < columns_.size(); ++column, ++cell)
      sql += (column == 0 ? ":c" : ", :c") + std::to_string(cell);
    sql += ')';
  }
  if (!tail_.empty()) sql += ' ' + tail_;

  batch.cells.resize(batch.rows * columns_.size());
  batch.statement = std::make_unique<soci::statement>(session_);
  for (std::size_t i = 0; i < batch.cells.size(); ++i) {
    auto& cell = batch.cells[i];
    if (columns_[i % columns_.size()] == ColumnType::text)
      batch.statement->exchange(soci::use(cell.text, cell.indicator));
    else
      batch.statement->exchange(soci::use(cell.integer, cell.indicator));
  }
  batch.statement->alloc();
  batch.statement->prepare(sql);
  batch.statement->define_and_bind();
}

}  // namespace leadhub::store
