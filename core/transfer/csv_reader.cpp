#include "transfer/csv_reader.hpp"

#include <csv.h>

#include <algorithm>
#include <cstdlib>
#include <deque>
#include <string_view>

#include "ops/limits.hpp"

namespace leadhub::transfer {
namespace {

constexpr std::size_t chunk_bytes = 64 * limits::kibibyte;
constexpr std::size_t cell_growth_bytes = 4 * limits::kibibyte;

/// libcsv gathers a cell in one buffer and knows no bound of its own.
void* grow_cell(void* memory, std::size_t bytes) {
  return bytes > limits::import_cell_bytes_max ? nullptr : std::realloc(memory, bytes);
}

int is_space(unsigned char c) {
  return c == ' ' ? 1 : 0;
}

char most_used_delimiter(std::string_view text) {
  constexpr std::string_view candidates = ",;\t|";
  std::size_t best_count = 0;
  char best = ',';
  for (const char candidate : candidates) {
    std::size_t count = 0;
    bool quoted = false;
    for (const char c : text) {
      if (c == '"') quoted = !quoted;
      if (!quoted && (c == '\n' || c == '\r')) break;
      if (!quoted && c == candidate) ++count;
    }
    if (count > best_count) {
      best_count = count;
      best = candidate;
    }
  }
  return best;
}

}  // namespace

struct CsvReader::Implementation {
  Implementation(std::istream& stream, char wanted) : input(stream), delimiter(wanted) {
    // It allocates nothing yet, so it cannot fail.
    csv_init(&parser, CSV_REPALL_NL);
    csv_set_realloc_func(&parser, grow_cell);
    csv_set_blk_size(&parser, cell_growth_bytes);
    csv_set_space_func(&parser, is_space);
    chunk.resize(chunk_bytes);
  }
  ~Implementation() { csv_free(&parser); }

  std::istream& input;
  char delimiter;
  csv_parser parser{};
  std::string chunk;
  std::int64_t bytes_read = 0;
  bool begun = false;
  bool ended = false;

  std::deque<CsvRow> rows;  ///< read, not yet asked for: of one chunk
  std::vector<std::string> cells;
  std::size_t row_bytes = 0;
  std::int64_t row_number = 1;  ///< of the row under way
  int last_end = 0;
  std::optional<Error> error;

  void refuse(std::string what) {
    if (!error)
      error = Error{ErrorCode::invalid, "row " + std::to_string(row_number) + ": " + std::move(what)};
  }

  static void take_cell(void* text, std::size_t bytes, void* self) {
    static_cast<Implementation*>(self)->cell({static_cast<const char*>(text), bytes});
  }
  static void take_row(int end, void* self) { static_cast<Implementation*>(self)->row(end); }

  void cell(std::string_view text) {
    if (error) return;
    row_bytes += text.size() + 1;
    if (cells.size() == limits::import_columns_max)
      return refuse("it has more than " + std::to_string(limits::import_columns_max) +
                    " cells; is this a table with one person a row?");
    if (row_bytes > limits::import_row_bytes_max)
      return refuse("it is longer than " + std::to_string(limits::import_row_bytes_max) +
                    " bytes; is a closing quote or the end of a line missing?");
    cells.emplace_back(text);
  }

  void row(int end) {
    const bool second_half = cells.empty() && end == CSV_LF && last_end == CSV_CR;
    last_end = second_half ? 0 : end;
    if (error || second_half) return;
    if (!cells.empty()) rows.push_back({row_number, std::move(cells)});
    cells.clear();
    row_bytes = 0;
    ++row_number;
  }

  /// What stands before the first row.
  std::string_view begin(std::string_view text) {
    begun = true;
    if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF")) {
      refuse("the text is UTF-16; save it as UTF-8 (\"CSV UTF-8\" in spreadsheets)");
      return {};
    }
    if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
    if (delimiter == 0) delimiter = most_used_delimiter(text);
    csv_set_delim(&parser, static_cast<unsigned char>(delimiter));
    return text;
  }

  void read_chunk() {
    input.read(chunk.data(), static_cast<std::streamsize>(chunk.size()));
    const auto count = static_cast<std::size_t>(input.gcount());
    bytes_read += static_cast<std::int64_t>(count);
    if (input.bad()) {
      error = Error{ErrorCode::io, "row " + std::to_string(row_number) + ": the input cannot be read on"};
      return;
    }
    std::string_view text{chunk.data(), count};
    if (!begun) text = begin(text);
    if (csv_parse(&parser, text.data(), text.size(), take_cell, take_row, this) != text.size())
      refuse("a cell is longer than " + std::to_string(limits::import_cell_bytes_max) +
             " bytes; is its closing quote, a delimiter or the end of a line missing?");
    if (count == chunk.size() || error) return;
    ended = true;
    // Strict at the end only: a quote inside a plain cell (a 5" disk) is common and harmless.
    csv_set_opts(&parser, CSV_REPALL_NL | CSV_STRICT | CSV_STRICT_FINI);
    if (csv_fini(&parser, take_cell, take_row, this) != 0)
      refuse("the input ends inside a quoted cell that begins in this row; close the quote");
  }
};

CsvReader::CsvReader(std::istream& input, char delimiter)
    : implementation_(std::make_unique<Implementation>(input, delimiter)) {}
CsvReader::~CsvReader() = default;

Result<std::optional<CsvRow>> CsvReader::next() {
  auto& self = *implementation_;
  while (self.rows.empty()) {
    if (self.error) return std::unexpected(*self.error);
    if (self.ended) return std::nullopt;
    self.read_chunk();
  }
  std::optional<CsvRow> row{std::move(self.rows.front())};
  self.rows.pop_front();
  return row;
}

std::int64_t CsvReader::bytes_read() const {
  return implementation_->bytes_read;
}

}  // namespace leadhub::transfer
