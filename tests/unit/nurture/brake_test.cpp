#include "nurture/brake.hpp"

#include <gmock/gmock.h>

namespace leadhub::nurture {
namespace {

using testing::HasSubstr;

TEST(Brake, HoldsWhereMoreBounceOrComplainThanItAllows) {
  const Brake brake;
  EXPECT_FALSE(why_to_brake(brake, {1000, 50, 3})) << "just what it allows";
  EXPECT_THAT(why_to_brake(brake, {1000, 51, 0}).value_or(""),
              HasSubstr("51 of the last 1000 mails bounced, which is more than 5 %"));
  EXPECT_THAT(why_to_brake(brake, {1000, 0, 4}).value_or(""), HasSubstr("complained about"));
}

TEST(Brake, KnowsNothingOfAFewMails) {
  EXPECT_FALSE(why_to_brake(Brake{}, {499, 499, 499}));
  EXPECT_TRUE(why_to_brake(Brake{}, {500, 500, 0}));
  EXPECT_FALSE(why_to_brake(Brake{5, 0.3, {}, 1}, {0, 0, 0})) << "nor of none";
}

}  // namespace
}  // namespace leadhub::nurture
