#include "plugin/module.hpp"

#include <gmock/gmock.h>

#include <thread>

#include "plugin/test_plugins.hpp"

namespace leadhub::plugin {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

const std::filesystem::path good = std::filesystem::path{TEST_PLUGINS} / "good.so";

TEST(Module, IsLoadedOnce) {
  const auto first = Module::load(good);
  ASSERT_TRUE(first) << first.error().message;
  const auto again = Module::load(good.parent_path() / "." / "good.so");
  ASSERT_TRUE(again);
  EXPECT_EQ(*first, *again);
  EXPECT_EQ((*first)->descriptor().id, "good");
  EXPECT_TRUE((*first)->file().is_absolute());
}

TEST(Module, IsLoadedOnceByManyThreads) {
  const test::TemporaryFolder folder;
  const auto file = folder.copy(good, "good.so");
  std::array<const Module*, 8> loaded{};
  {
    std::vector<std::jthread> threads;
    for (auto& slot : loaded) threads.emplace_back([&] { slot = Module::load(file).value_or(nullptr); });
  }
  EXPECT_NE(loaded[0], nullptr);
  for (const auto* module : loaded) EXPECT_EQ(module, loaded[0]);
}

TEST(Module, FollowsALinkToTheFile) {
  const test::TemporaryFolder folder;
  std::filesystem::create_symlink(good, folder.path() / "link.so");
  const auto linked = Module::load(folder.path() / "link.so");
  ASSERT_TRUE(linked) << linked.error().message;
  EXPECT_EQ((*linked)->file(), std::filesystem::canonical(good));
}

TEST(Module, GivesItsFixtures) {
  const auto module = Module::load(good);
  ASSERT_TRUE(module);
  const auto fixtures = (*module)->fixtures();
  ASSERT_TRUE(fixtures) << fixtures.error().message;
  EXPECT_THAT(*fixtures, ElementsAre(HasSubstr("a greeting")));
}

TEST(Module, AReplacedFileNeedsARestart) {
  const test::TemporaryFolder folder;
  const auto file = folder.copy(good, "good.so");
  ASSERT_TRUE(Module::load(file));
  std::filesystem::remove(file);
  folder.copy(good, "good.so");
  const auto replaced = Module::load(file);
  ASSERT_FALSE(replaced);
  EXPECT_EQ(replaced.error().code, ErrorCode::unavailable);
  EXPECT_THAT(replaced.error().message, AllOf(HasSubstr(file.string()), HasSubstr("restart leadhub")));
}

TEST(ModuleDeathTest, DeinitEndsAllLoading) {
  EXPECT_EXIT(
      {
        const bool before = Module::load(good).has_value();
        Module::deinit_all();
        const auto after = Module::load(good);
        std::exit(before && !after && after.error().code == ErrorCode::unavailable ? 0 : 1);
      },
      ::testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace leadhub::plugin
