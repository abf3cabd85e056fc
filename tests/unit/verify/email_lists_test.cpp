#include "verify/email_lists.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <fstream>
#include <iostream>

#include "ops/limits.hpp"
#include "support/temporary_folder.hpp"
#include "verify/built_in_lists.hpp"

namespace leadhub::verify {
namespace {

using testing::HasSubstr;

constexpr lead::ContactMarks none{};
constexpr lead::ContactMarks role{true, false, false};
constexpr lead::ContactMarks free_mailbox{false, true, false};

class Lists : public testing::Test {
 protected:
  std::filesystem::path file(const std::string& name, const std::string& text) {
    std::ofstream{folder_ / name, std::ios::binary} << text;
    return folder_ / name;
  }
  test::TemporaryFolder folder_;
};

TEST_F(Lists, AreSortedSoThatTheyCanBeSearched) {
  for (const auto& [list, least] :
       {std::pair{built_in::disposable, 100'000L}, std::pair{built_in::free, 10'000L},
        std::pair{built_in::role, 900L}, std::pair{built_in::top_levels, 500L}}) {
    ASSERT_EQ(list.back(), '\n');
    EXPECT_GE(std::count(list.begin(), list.end(), '\n'), least);
    std::string_view previous;
    for (auto rest = list; !rest.empty();) {
      const auto line = rest.substr(0, rest.find('\n'));
      rest.remove_prefix(line.size() + 1);
      ASSERT_LT(previous, line);
      ASSERT_TRUE(SortedLines{list}.contains(line)) << line;
      previous = line;
    }
  }
  std::cout << "built with " << built_in::version << '\n';
}

TEST_F(Lists, FindsNothingWhereNothingIs) {
  EXPECT_FALSE(SortedLines{}.contains("a"));
  EXPECT_FALSE(SortedLines{"b\n"}.contains(""));
  for (const auto* word : {"", "a", "aa", "ab", "b", "bc", "d", "\n"})
    EXPECT_FALSE(SortedLines{"aaa\nbb\nc\n"}.contains(word)) << word;
}

TEST_F(Lists, KnowThrowAwayFreeAndRoleMailboxes) {
  const EmailLists lists;
  EXPECT_EQ(lists.marks_of("ada", "example.com"), none);
  EXPECT_EQ(lists.marks_of("ada", "gmail.com"), free_mailbox);
  EXPECT_EQ(lists.marks_of("info", "example.com"), role);
  EXPECT_EQ(lists.marks_of("sales+fair", "example.com"), role);
  EXPECT_EQ(lists.marks_of("Info", "example.com"), role);
  EXPECT_TRUE(lists.marks_of("ada", "mailinator.com").disposable);
  EXPECT_TRUE(lists.marks_of("ada", "33mail.com").disposable) << "of the wildcards";
  EXPECT_EQ(lists.marks_of("", ""), none);
}

TEST_F(Lists, CountWhatLiesBelowADomainAndNotWhatOnlyEndsLikeIt) {
  const EmailLists lists;
  EXPECT_TRUE(lists.marks_of("ada", "a.b.mailinator.com").disposable);
  EXPECT_TRUE(lists.marks_of("ada", "somebody.33mail.com").disposable);
  EXPECT_TRUE(lists.marks_of("ada", "a.gmail.com").free);
  EXPECT_FALSE(lists.marks_of("ada", "notgmail.com").free);
  EXPECT_FALSE(lists.marks_of("ada", "gmail.com.example").free);
}

TEST_F(Lists, TakeAFileOfTheOperatorsOwn) {
  const auto lists = EmailLists::load(
      {file("throw-away.txt",
            "\xEF\xBB\xBF# ours\r\nBad.Example  # seen in June\r\nB\u00fccher.example\n!mailinator.com\n"
            "*\n"),
       {},
       {}});
  ASSERT_FALSE(lists);
  EXPECT_THAT(lists.error().message, HasSubstr("throw-away.txt:5: this is no domain"));

  const auto mended = EmailLists::load(
      {file("throw-away.txt",
            "\xEF\xBB\xBF# ours\r\nBad.Example  # seen in June\r\nB\u00fccher.example\n!mailinator.com\n"),
       file("free.txt", "!gmail.com\nacademy.example\n!staff.academy.example"),
       file("role.txt", "!info\nBureau\n")});
  ASSERT_TRUE(mended) << mended.error().message;
  EXPECT_TRUE(mended->marks_of("ada", "bad.example").disposable);
  EXPECT_TRUE(mended->marks_of("ada", "x.bad.example").disposable);
  EXPECT_TRUE(mended->marks_of("ada", "xn--bcher-kva.example").disposable);
  EXPECT_FALSE(mended->marks_of("ada", "mailinator.com").disposable);
  EXPECT_TRUE(mended->marks_of("ada", "33mail.com").disposable) << "the built-in list still counts";
  EXPECT_FALSE(mended->marks_of("ada", "gmail.com").free);
  EXPECT_TRUE(mended->marks_of("ada", "academy.example").free);
  EXPECT_FALSE(mended->marks_of("ada", "staff.academy.example").free) << "the nearest entry decides";
  EXPECT_FALSE(mended->marks_of("info", "a.example").role);
  EXPECT_TRUE(mended->marks_of("bureau", "a.example").role);
  EXPECT_THAT(mended->version(), testing::MatchesRegex("disposable-email-domains [0-9.]+, .*"
                                                       ", disposable throw-away.txt [0-9a-f]{12}, free .*"));
}

TEST_F(Lists, RefuseAFileThatIsNone) {
  const auto missing = EmailLists::load({folder_ / "none.txt", {}, {}});
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, ErrorCode::not_found);
  EXPECT_THAT(missing.error().message, HasSubstr("none.txt"));
  const auto wrong = EmailLists::load({{}, {}, file("role.txt", "info\nada@example.com\n")});
  ASSERT_FALSE(wrong);
  EXPECT_THAT(wrong.error().message, HasSubstr("role.txt:2: this is no local part"));
  const auto huge = file("huge.txt", "");
  std::filesystem::resize_file(huge, limits::email_list_bytes_max + 1);
  const auto large = EmailLists::load({{}, huge, {}});
  ASSERT_FALSE(large);
  EXPECT_EQ(large.error().code, ErrorCode::invalid);
  EXPECT_FALSE(EmailLists::load({folder_.path(), {}, {}})) << "a folder is no list";
}

}  // namespace
}  // namespace leadhub::verify
