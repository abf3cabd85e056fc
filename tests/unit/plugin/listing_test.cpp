#include "plugin/listing.hpp"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "plugin/test_plugins.hpp"

namespace leadhub::plugin {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

Registry registry_with(const test::TemporaryFolder& folder) {
  folder.copy(std::filesystem::path{TEST_PLUGINS} / "good.so", "good.so");
  folder.write("bad.so", "text");
  return Registry::search(std::vector{folder.path()});
}

TEST(Listing, ListsUsablePluginsFirstAndReasonsAfterThem) {
  const test::TemporaryFolder folder;
  const auto text = list_as_text(registry_with(folder));
  EXPECT_THAT(text,
              AllOf(HasSubstr("good  1.2.3"), HasSubstr("refused: " + (folder.path() / "bad.so").string())));
  EXPECT_LT(text.find("good"), text.find("refused"));
}

TEST(Listing, SaysWhenThereIsNone) {
  EXPECT_EQ(list_as_text(Registry{}), "no plugin is installed\n");
}

TEST(Listing, IsTheSameAsJson) {
  const test::TemporaryFolder folder;
  const auto json = list_as_json(registry_with(folder));
  ASSERT_EQ(json.size(), 2);
  EXPECT_EQ(json[0]["state"], "refused");
  EXPECT_EQ(json[1]["state"], "usable");
  EXPECT_EQ(json[1]["id"], "good");
}

TEST(Listing, InspectShowsOptionsWithDefaultsAndSecrets) {
  const auto descriptor = read_descriptor(std::filesystem::path{TEST_PLUGINS} / "good.so");
  ASSERT_TRUE(descriptor);
  const auto text = inspect_as_text(*descriptor);
  EXPECT_THAT(
      text, AllOf(HasSubstr("Good plugin"), HasSubstr("What to say [hello]"), HasSubstr("must know (secret)"),
                  HasSubstr("api.example.com"), HasSubstr("carrier_pigeon")));
  EXPECT_EQ(inspect_as_json(*descriptor)["id"], "good");
}

}  // namespace
}  // namespace leadhub::plugin
