#include "plugin/registry.hpp"

#include <gmock/gmock.h>

#include "plugin/test_plugins.hpp"

namespace leadhub::plugin {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

const std::filesystem::path good = std::filesystem::path{TEST_PLUGINS} / "good.so";

Registry search(std::vector<std::filesystem::path> folders) {
  return Registry::search(folders);
}

TEST(Registry, FindsPluginsByIdAndOverlooksOtherFiles) {
  const test::TemporaryFolder folder;
  folder.copy(good, "named-anyhow.so");
  folder.write("README.txt", "no plugin");
  const auto registry = search({folder.path()});
  ASSERT_EQ(registry.files().size(), 1);
  ASSERT_NE(registry.find("good"), nullptr);
  EXPECT_EQ(registry.find("good")->path, folder.path() / "named-anyhow.so");
  EXPECT_EQ(registry.find("other"), nullptr);
}

TEST(Registry, TheFirstOfAnIdWinsAndTheSecondIsNamed) {
  const test::TemporaryFolder first;
  const test::TemporaryFolder second;
  first.copy(good, "z.so");
  second.copy(good, "a.so");
  const auto registry = search({first.path(), second.path()});
  ASSERT_EQ(registry.files().size(), 2);
  EXPECT_EQ(registry.find("good")->path, first.path() / "z.so");
  EXPECT_EQ(registry.files()[1].state, PluginFile::State::shadowed);
  EXPECT_THAT(registry.files()[1].message,
              AllOf(HasSubstr("a.so: is not used"), HasSubstr("z.so has the same id \"good\""),
                    HasSubstr("remove one")));
}

TEST(Registry, WithinAFolderTheNameDecides) {
  const test::TemporaryFolder folder;
  folder.copy(good, "b.so");
  folder.copy(good, "a.so");
  EXPECT_EQ(search({folder.path()}).find("good")->path, folder.path() / "a.so");
}

TEST(Registry, GoesOnAfterAFolderThatIsNotThere) {
  const test::TemporaryFolder folder;
  folder.copy(good, "good.so");
  const auto registry = search({folder.path() / "missing", folder.path()});
  ASSERT_EQ(registry.files().size(), 2);
  EXPECT_THAT(registry.files()[0].message,
              AllOf(HasSubstr("missing: cannot be searched"), HasSubstr("mend plugins.search")));
  EXPECT_NE(registry.find("good"), nullptr);
}

TEST(Registry, SaysWhatThereIsInsteadOfAMissingPlugin) {
  const test::TemporaryFolder folder;
  folder.copy(good, "good.so");
  folder.write("broken.so", "text");
  const auto error = search({folder.path()}).missing("webform");
  EXPECT_EQ(error.code, ErrorCode::not_found);
  EXPECT_THAT(error.message, AllOf(HasSubstr("there is no plugin \"webform\"; installed are good"),
                                   HasSubstr("broken.so: is no ELF")));
  EXPECT_THAT(search({}).missing("webform").message, HasSubstr("no plugin is installed"));
}

}  // namespace
}  // namespace leadhub::plugin
