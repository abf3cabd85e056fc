#include "dkim_canonical.hpp"

#include <gmock/gmock.h>

namespace leadhub::email {
namespace {

using ::testing::ElementsAre;

/// The example of RFC 6376 section 3.4.5.
constexpr std::string_view example = "A: X\r\nB : Y\t\r\n\tZ  \r\n\r\n C \r\nD \t E\r\n\r\n\r\n";

TEST(DkimCanonical, IsThatOfTheRfcsExample) {
  const auto parts = parts_of(example);
  ASSERT_THAT(parts.fields, ElementsAre("A: X", "B : Y\t\r\n\tZ  "));
  EXPECT_EQ(relaxed_header(parts.fields[0]), "a:X");
  EXPECT_EQ(relaxed_header(parts.fields[1]), "b:Y Z");
  EXPECT_EQ(relaxed_body(parts.body), " C\r\nD E\r\n");
}

TEST(DkimCanonical, OfABodyWithoutAnythingIsNothing) {
  EXPECT_EQ(relaxed_body(""), "");
  EXPECT_EQ(relaxed_body("\r\n\r\n"), "");
  EXPECT_EQ(relaxed_body(" \t \r\n\r\n"), "");
}

TEST(DkimCanonical, OfABodyEndsItsLastLine) {
  EXPECT_EQ(relaxed_body("a\r\n\r\nb"), "a\r\n\r\nb\r\n");
}

TEST(DkimCanonical, TakesTheLowestFieldOfANameFirstAndNothingWhereThereIsNone) {
  const auto parts = parts_of("To: one\r\nTO: two\r\nSubject:\r\n\r\n");
  EXPECT_EQ(relaxed_headers(parts, std::vector<std::string>{"To", "Cc", "to", "To", "Subject"}),
            "to:two\r\nto:one\r\nsubject:\r\n");
}

}  // namespace
}  // namespace leadhub::email
