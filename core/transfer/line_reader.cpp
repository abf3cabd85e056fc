#include "transfer/line_reader.hpp"

#include <string_view>

#include "ops/limits.hpp"

namespace leadhub::transfer {
namespace {

constexpr std::size_t chunk_bytes = 64 * limits::kibibyte;

}  // namespace

LineReader::LineReader(std::istream& input) : input_(input), chunk_(chunk_bytes, '\0') {}

Result<bool> LineReader::fill() {
  input_.read(chunk_.data(), static_cast<std::streamsize>(chunk_.size()));
  if (input_.bad())
    return fail(ErrorCode::io, "row " + std::to_string(number_) + ": the input cannot be read on");
  begin_ = 0;
  end_ = static_cast<std::size_t>(input_.gcount());
  if (bytes_read_ == 0) {
    const std::string_view text{chunk_.data(), end_};
    if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF"))
      return fail(ErrorCode::invalid, "row 1: the text is UTF-16; save it as UTF-8");
    if (text.starts_with("\xEF\xBB\xBF")) begin_ = 3;
  }
  bytes_read_ += static_cast<std::int64_t>(end_);
  return begin_ < end_;
}

/// Takes what the chunk holds of the line; whether the line has ended.
bool LineReader::take_until_end(Line& line) {
  const std::string_view rest{chunk_.data() + begin_, end_ - begin_};
  const auto line_feed = rest.find('\n');
  const auto carriage_return = rest.substr(0, line_feed).find('\r');
  const auto stop = carriage_return == rest.npos ? line_feed : carriage_return;
  const auto piece = rest.substr(0, stop);
  if (line.text.size() + piece.size() > limits::import_line_bytes_max) {
    line.too_long = true;
    line.text = {};
  } else if (!line.too_long) {
    line.text += piece;
  }
  if (stop == rest.npos) {
    begin_ = end_;
    return false;
  }
  after_cr_ = rest[stop] == '\r';
  begin_ += stop + 1;
  return true;
}

Result<std::optional<Line>> LineReader::next() {
  Line line;
  while (true) {
    if (begin_ == end_) {
      const auto filled = fill();
      if (!filled) return std::unexpected(filled.error());
      if (!*filled) break;
    }
    if (after_cr_ && chunk_[begin_] == '\n') ++begin_;
    after_cr_ = false;
    if (begin_ == end_ || !take_until_end(line)) continue;
    line.number = number_++;
    if (line.too_long || line.text.find_first_not_of(" \t") != std::string::npos) return line;
    line.text.clear();
  }
  line.number = number_;
  if (line.too_long || line.text.find_first_not_of(" \t") != std::string::npos) return line;
  return std::nullopt;
}

}  // namespace leadhub::transfer
