#include "pipeline/attempt_file.hpp"

#include <gmock/gmock.h>

#include <fstream>

#include "support/temporary_folder.hpp"

namespace leadhub::pipeline {
namespace {

TEST(AttemptFile, RemembersWhatWasUnderWay) {
  const test::TemporaryFolder folder;
  AttemptFile::open(folder / "attempt")->begin({7, 9, 1, true});
  auto file = AttemptFile::open(folder / "attempt");
  ASSERT_TRUE(file);
  EXPECT_EQ(file->found().first_seq, 7);
  EXPECT_EQ(file->found().last_seq, 9);
  EXPECT_EQ(file->found().deaths, 1);
  EXPECT_TRUE(file->found().alone);
  file->end();
  EXPECT_EQ(file->found().first_seq, 7) << "what was found stays what was found";
  EXPECT_EQ(AttemptFile::open(folder / "attempt")->found().first_seq, 0);
}

TEST(AttemptFile, TakesRubbishForNothing) {
  const test::TemporaryFolder folder;
  for (const auto& rubbish : {std::string{}, std::string{"LHATT"}, std::string(4'096, 'x')}) {
    std::ofstream{folder / "attempt", std::ios::trunc} << rubbish;
    const auto file = AttemptFile::open(folder / "attempt");
    ASSERT_TRUE(file);
    EXPECT_EQ(file->found().first_seq, 0);
    EXPECT_EQ(file->found().deaths, 0);
  }
}

TEST(AttemptFile, SaysThatItCannotBeMade) {
  const test::TemporaryFolder folder;
  const auto file = AttemptFile::open(folder / "missing/attempt");
  ASSERT_FALSE(file);
  EXPECT_EQ(file.error().code, ErrorCode::io);
  EXPECT_THAT(file.error().message, testing::HasSubstr("missing/attempt"));
}

}  // namespace
}  // namespace leadhub::pipeline
