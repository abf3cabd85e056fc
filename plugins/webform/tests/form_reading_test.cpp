#include <gmock/gmock.h>
#include <leadhub/sdk/form.hpp>

namespace leadhub::sdk {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

TEST(UrlencodedForm, KeepsOrderRepetitionsAndEmptyValues) {
  const auto form = UrlencodedForm::parse("a=1&b=&a=2&c&=d&&e=f=g", 10);
  ASSERT_TRUE(form);
  EXPECT_THAT(form->fields(), ElementsAre(Pair("a", "1"), Pair("b", ""), Pair("a", "2"), Pair("c", ""),
                                          Pair("", "d"), Pair("e", "f=g")));
  EXPECT_EQ(form->value("a"), "1");
  EXPECT_EQ(form->value("missing"), "");
}

TEST(UrlencodedForm, DecodesNamesAndValues) {
  const auto form = UrlencodedForm::parse("your%2Dname=Ada+Lovelace%21&%61=%E2%82%AC", 10);
  ASSERT_TRUE(form);
  EXPECT_THAT(form->fields(), ElementsAre(Pair("your-name", "Ada Lovelace!"), Pair("a", "\xE2\x82\xAC")));
}

TEST(UrlencodedForm, LeavesBrokenEscapesAsTheyAre) {
  const auto form = UrlencodedForm::parse("a=100%&b=%4&c=%zz&d=%%41", 10);
  ASSERT_TRUE(form);
  EXPECT_THAT(form->fields(),
              ElementsAre(Pair("a", "100%"), Pair("b", "%4"), Pair("c", "%zz"), Pair("d", "%A")));
}

TEST(UrlencodedForm, KeepsNul) {
  const auto form = UrlencodedForm::parse("a=%00b", 10);
  ASSERT_TRUE(form);
  EXPECT_EQ(form->value("a"), std::string_view("\0b", 2));
}

TEST(UrlencodedForm, IsBounded) {
  EXPECT_TRUE(UrlencodedForm::parse("a&b&c", 3));
  EXPECT_FALSE(UrlencodedForm::parse("a&b&c&d", 3));
}

TEST(UrlencodedForm, KeepsItsViewsWhenMoved) {
  auto form = UrlencodedForm::parse("a=b", 3);
  const UrlencodedForm moved = std::move(*form);
  EXPECT_EQ(moved.value("a"), "b");
}

TEST(UrlencodedForm, OfNothingIsEmpty) {
  EXPECT_TRUE(UrlencodedForm::parse("", 0)->fields().empty());
}

TEST(PercentEncoding, GoesThereAndBack) {
  std::string all;
  for (int c = 0; c < 256; ++c) all += static_cast<char>(c);
  EXPECT_EQ(percent_decode(percent_encode(all)), all);
  EXPECT_EQ(percent_decode("a+b"), "a b");
  EXPECT_EQ(percent_decode("a+b", Plus::plus), "a+b");
  EXPECT_EQ(percent_encode("a b/c"), "a%20b%2Fc");
}

}  // namespace
}  // namespace leadhub::sdk
