#include "transfer/csv_reader.hpp"

#include <gmock/gmock.h>
#include <sys/resource.h>

#include <sstream>

#include "endless_input.hpp"
#include "ops/limits.hpp"
#include "transfer/csv_text.hpp"

namespace leadhub::transfer {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

struct ReadTable {
  std::vector<std::vector<std::string>> rows;
  std::vector<std::int64_t> numbers;
  std::string error;
};

ReadTable read(std::istream& input, char delimiter = 0) {
  CsvReader reader{input, delimiter};
  ReadTable table;
  while (true) {
    auto row = reader.next();
    if (!row) {
      table.error = row.error().message;
      return table;
    }
    if (!*row) return table;
    table.numbers.push_back((*row)->number);
    table.rows.push_back(std::move((*row)->cells));
  }
}

ReadTable read(const std::string& text, char delimiter = 0) {
  std::istringstream input{text};
  return read(input, delimiter);
}

TEST(CsvReader, TakesRowsWithAnyLineEndEvenMixed) {
  const auto table = read("a,b\r\n1,2\n3,4\r5,6\r\n\r\n\n7,8");
  EXPECT_THAT(table.rows, ElementsAre(ElementsAre("a", "b"), ElementsAre("1", "2"), ElementsAre("3", "4"),
                                      ElementsAre("5", "6"), ElementsAre("7", "8")));
  EXPECT_THAT(table.numbers, ElementsAre(1, 2, 3, 4, 7)) << "blank rows count";
  EXPECT_EQ(table.error, "");
}

TEST(CsvReader, KeepsWhatStandsInQuotes) {
  const auto table = read("name,note\n\"Lovelace, Ada\",\"one\r\ntwo\nthree \"\"3\"\"\"\n \" x \" , y \n");
  EXPECT_THAT(table.rows,
              ElementsAre(ElementsAre("name", "note"),
                          ElementsAre("Lovelace, Ada", "one\r\ntwo\nthree \"3\""), ElementsAre(" x ", "y")));
  EXPECT_THAT(table.numbers, ElementsAre(1, 2, 3));
}

TEST(CsvReader, SkipsAByteOrderMark) {
  EXPECT_THAT(read("\xEF\xBB\xBF"
                   "email\nada@example.com")
                  .rows,
              ElementsAre(ElementsAre("email"), ElementsAre("ada@example.com")));
}

TEST(CsvReader, FindsTheDelimiterOfTheFirstLine) {
  EXPECT_THAT(read("e-mail;\"a,b,c\";tel\n1;2,5;3").rows[1], ElementsAre("1", "2,5", "3"));
  EXPECT_THAT(read("e-mail\ttel\n1\t2,5").rows[1], ElementsAre("1", "2,5"));
  EXPECT_THAT(read("a,b;c\n1,2;3", ';').rows[1], ElementsAre("1,2", "3")) << "unless it is told";
}

TEST(CsvReader, PassesBytesThroughThatAreNoText) {
  const std::string nul{"a\nx\0y\n\xFF\n", 8};
  EXPECT_THAT(read(nul).rows,
              ElementsAre(ElementsAre("a"), ElementsAre(std::string{"x\0y", 3}), ElementsAre("\xFF")));
}

TEST(CsvReader, RefusesUtf16) {
  EXPECT_THAT(read(std::string{"\xFF\xFE"
                               "e\0",
                               4})
                  .error,
              AllOf(StartsWith("row 1: "), HasSubstr("UTF-8")));
}

TEST(CsvReader, NamesTheRowWhoseQuoteIsNeverClosed) {
  const auto table = read("a,b\n1,2\n3,\"4\n5,6\n");
  EXPECT_EQ(table.rows.size(), 2U);
  EXPECT_THAT(table.error, AllOf(StartsWith("row 3: "), HasSubstr("close the quote")));
}

TEST(CsvReader, RefusesAGigabyteInOneLineInBoundedMemory) {
  const auto resident_kibibytes = [] {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;
  };
  const auto before = resident_kibibytes();
  constexpr std::int64_t gigabyte = 1 << 30;
  test::EndlessInput one_cell{"email\nada@example.com\n", 'x', gigabyte};
  EXPECT_THAT(read(one_cell).error, AllOf(StartsWith("row 3: "), HasSubstr("a cell is longer")));
  test::EndlessInput quoted{"email\n\"", '\n', gigabyte};
  EXPECT_THAT(read(quoted).error, AllOf(StartsWith("row 2: "), HasSubstr("quote")));
  test::EndlessInput many_cells{"email\n", ',', gigabyte};
  EXPECT_THAT(read(many_cells, ',').error, AllOf(StartsWith("row 2: "), HasSubstr("cells")));
  std::string wide;
  for (int i = 0; i < 5; ++i) wide += std::string(60'000, 'y') + ",";
  EXPECT_THAT(read("email\n" + wide).error, AllOf(StartsWith("row 2: "), HasSubstr("262144 bytes")));
  EXPECT_LT(resident_kibibytes() - before, 16 * 1024);
}

TEST(CsvReader, TakesACellAsLongAsAMessageMayBe) {
  const std::string text(limits::event_text_bytes_max, 'x');
  EXPECT_THAT(read("message\n" + text + "\n").rows, ElementsAre(ElementsAre("message"), ElementsAre(text)));
}

TEST(CsvText, MakesNoCellAFormulaAndTakesThatBack) {
  for (const std::string text :
       {"=1+1", "+442079460958", "-5", "@SUM(A1)", "\tx", "\rx", "'=quoted", "''+twice", "'plain", "plain",
        "", "'", "a=b", "5\" disk, new", " spaced ", "two\nlines"}) {
    std::string row;
    append_csv_row(row, {text, "end"});
    const auto read_back = read(row, ',');
    ASSERT_EQ(read_back.rows.size(), 1U) << text;
    const auto& cell = read_back.rows[0][0];
    EXPECT_EQ(std::string{"=+-@\t\r"}.find(cell.empty() ? 'x' : cell[0]), std::string::npos) << text;
    EXPECT_EQ(unguarded(cell), text);
  }
}

}  // namespace
}  // namespace leadhub::transfer
