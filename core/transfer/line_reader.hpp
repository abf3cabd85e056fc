#pragma once

#include <cstdint>
#include <istream>
#include <optional>
#include <string>

#include "ops/error.hpp"

namespace leadhub::transfer {

/// One line that is not blank.
struct Line {
  std::int64_t number = 0;  ///< from 1; blank lines count
  std::string text;         ///< without its end
  bool too_long =
      false;  ///< beyond limits::import_line_bytes_max: `text` is empty, and the next line is sound
};

/// Reads lines as a stream, in bounded memory: ends are LF, CR LF or CR, which JSON has only between its
/// tokens; a byte order mark and blank lines are skipped. Used by one thread.
class LineReader {
 public:
  /// `input` outlives the reader.
  explicit LineReader(std::istream& input);

  /// The next line; nullopt at the end. Error: `io` where the input cannot be read, `invalid` where it is
  /// UTF-16.
  [[nodiscard]] Result<std::optional<Line>> next();

  /// Bytes taken from the input so far.
  [[nodiscard]] std::int64_t bytes_read() const { return bytes_read_; }

 private:
  [[nodiscard]] Result<bool> fill();
  [[nodiscard]] bool take_until_end(Line& line);

  std::istream& input_;
  std::string chunk_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::int64_t bytes_read_ = 0;
  std::int64_t number_ = 1;
  bool after_cr_ = false;
};

}  // namespace leadhub::transfer
