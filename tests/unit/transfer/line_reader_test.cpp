#include "transfer/line_reader.hpp"

#include <gmock/gmock.h>

#include <sstream>

#include "endless_input.hpp"
#include "ops/limits.hpp"

namespace leadhub::transfer {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

std::vector<std::pair<std::int64_t, std::string>> read(std::istream& input) {
  LineReader reader{input};
  std::vector<std::pair<std::int64_t, std::string>> lines;
  while (true) {
    auto line = reader.next();
    if (!line) {
      lines.emplace_back(-1, line.error().message);
      return lines;
    }
    if (!*line) return lines;
    lines.emplace_back((*line)->number, (*line)->too_long ? "too long" : (*line)->text);
  }
}

std::vector<std::pair<std::int64_t, std::string>> read(const std::string& text) {
  std::istringstream input{text};
  return read(input);
}

TEST(LineReader, TakesAnyLineEndAndSkipsBlankLines) {
  EXPECT_THAT(read("\xEF\xBB\xBF"
                   "{1}\r\n\r\n{2}\r{3}\n \n{4}"),
              ElementsAre(Pair(1, "{1}"), Pair(3, "{2}"), Pair(4, "{3}"), Pair(6, "{4}")));
  EXPECT_THAT(read(""), ElementsAre());
  EXPECT_THAT(read("\n\r\n"), ElementsAre());
}

TEST(LineReader, TakesALineEndThatTwoReadsPart) {
  const std::string first(64 * limits::kibibyte - 1, 'x');
  EXPECT_THAT(read(first + "\r\ny\n"), ElementsAre(Pair(1, first), Pair(2, "y")));
}

TEST(LineReader, GoesOnBehindAnEndlessLine) {
  test::EndlessInput input{"{1}\n", 'x', 1 << 30};
  EXPECT_THAT(read(input), ElementsAre(Pair(1, "{1}"), Pair(2, "too long")));
  EXPECT_THAT(read(std::string(limits::import_line_bytes_max + 1, 'x') + "\n{2}\n"),
              ElementsAre(Pair(1, "too long"), Pair(2, "{2}")));
}

TEST(LineReader, RefusesUtf16) {
  EXPECT_THAT(read(std::string{"\xFE\xFF\0{", 4}), ElementsAre(Pair(-1, HasSubstr("UTF-8"))));
}

}  // namespace
}  // namespace leadhub::transfer
