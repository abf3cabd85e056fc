#include "plugin/descriptor.hpp"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "plugin/test_plugins.hpp"

namespace leadhub::plugin {
namespace {

using nlohmann::ordered_json;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

ordered_json good_descriptor() {
  return ordered_json::parse(
      R"({"descriptor": 1, "id": "acme", "version": "1.0.0", "abi": {"major": 1, "minor": 0},
                                 "roles": ["capture.http"], "config_schema": {"type": "object"}})");
}

std::string refusal(const ordered_json& document) {
  const auto read = parse_descriptor(document.dump(), "/plugins/acme.so");
  return read ? "accepted" : read.error().message;
}

ordered_json with(const char* key, ordered_json value) {
  auto document = good_descriptor();
  document[key] = std::move(value);
  return document;
}

ordered_json without(const char* key) {
  auto document = good_descriptor();
  document.erase(key);
  return document;
}

TEST(Descriptor, IsReadFromTheFileWithoutLoadingIt) {
  const auto read = read_descriptor(std::filesystem::path{TEST_PLUGINS} / "good.so");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->id, "good");
  EXPECT_EQ(read->name, "Good plugin");
  EXPECT_EQ(read->version, "1.2.3");
  EXPECT_EQ(read->abi_major, 1);
  EXPECT_THAT(read->roles, ElementsAre("capture.http"));
  EXPECT_THAT(read->hosts, ElementsAre("api.example.com"));
  EXPECT_THAT(read->secrets, ElementsAre("/token"));
  EXPECT_THAT(read->announced_providers, ElementsAre("carrier_pigeon"));
  EXPECT_THAT(read->config_schema, HasSubstr("\"x-secret\":true"));
}

TEST(Descriptor, DeliversMailsWhereItDoesNotSayWhat) {
  EXPECT_THAT(parse_descriptor(good_descriptor().dump(), "/plugins/acme.so")->delivers, IsEmpty());
  auto document = with("roles", {"capture.http", "deliver"});
  EXPECT_THAT(parse_descriptor(document.dump(), "/plugins/acme.so")->delivers, ElementsAre("mail"));
  document["delivers"] = {"chat"};
  EXPECT_THAT(parse_descriptor(document.dump(), "/plugins/acme.so")->delivers, ElementsAre("chat"));
  document["delivers"] = {"lead"};
  EXPECT_THAT(parse_descriptor(document.dump(), "/plugins/acme.so")->delivers, ElementsAre("lead"));
}

TEST(Descriptor, HoldsTheSchemaAsItWasWritten) {
  const std::filesystem::path sources = std::filesystem::path{LEADHUB_SOURCE_DIR} / "tests/unit/plugin";
  const auto read = read_descriptor(std::filesystem::path{TEST_PLUGINS} / "awkward.so");
  ASSERT_TRUE(read) << read.error().message;
  const std::string schema = test::read_file(sources / "awkward.schema.json");
  EXPECT_THAT(read->document, HasSubstr(schema)) << "byte for byte";
  EXPECT_EQ(ordered_json::parse(read->config_schema).dump(), ordered_json::parse(schema).dump())
      << "order included";
  const auto written = ordered_json::parse(test::read_file(sources / "awkward.descriptor.json"));
  EXPECT_EQ(read->description, written.at("description").get<std::string>());
}

TEST(Descriptor, NeedsOnlyWhatItCannotGuess) {
  const auto read = parse_descriptor(good_descriptor().dump(), "/plugins/acme.so");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->name, "acme");
  EXPECT_TRUE(read->event_types.empty());
}

TEST(Descriptor, IgnoresMembersOfLaterHosts) {
  EXPECT_EQ(refusal(with("colour", "green")), "accepted");
}

TEST(Descriptor, TellsTooOldFromTooNew) {
  EXPECT_THAT(refusal(with("abi", {{"major", 0}, {"minor", 9}})),
              AllOf(StartsWith("/plugins/acme.so: is too old"), HasSubstr("ABI 0.9"),
                    HasSubstr("get a newer version")));
  EXPECT_THAT(refusal(with("abi", {{"major", 2}, {"minor", 0}})),
              HasSubstr("is too new: it speaks plugin ABI 2.0"));
  EXPECT_THAT(refusal(with("abi", {{"major", 1}, {"minor", 1}})),
              AllOf(HasSubstr("is too new: it speaks plugin ABI 1.1"), HasSubstr("upgrade leadhub")));
  EXPECT_THAT(refusal(with("descriptor", 2)), EndsWith("upgrade leadhub"));
}

TEST(Descriptor, EachFaultHasOneClearSentence) {
  const std::vector<std::pair<ordered_json, std::string>> cases = {
      {ordered_json::array(), "is no JSON object"},
      {without("descriptor"), "no whole number \"descriptor\""},
      {without("abi"), "no whole number \"major\""},
      {with("abi", 1), "\"abi\" that is no object"},
      {with("abi", {{"major", -1}, {"minor", 0}}), "no whole number \"major\""},
      {without("id"), "has the id \"\""},
      {with("id", "Acme"), "has the id \"Acme\"; an id begins with a small letter"},
      {with("id", "../x"), "has the id \"../x\""},
      {with("id", std::string(64, 'a')), "an id begins with a small letter"},
      {with("id", 7), "\"id\" that is no string"},
      {with("version", "one"), "which is not like 1.2.3"},
      {with("version", "1.2"), "which is not like 1.2.3"},
      {with("version", "1..2"), "which is not like 1.2.3"},
      {without("roles"), "names no role"},
      {with("roles", {"captain"}), "the unknown role \"captain\"; roles are capture.http"},
      {with("roles", "capture.http"), "\"roles\" that is no list of strings"},
      {[] {
         auto document = with("roles", {"deliver"});
         document["delivers"] = {"pigeons"};
         return document;
       }(),
       "delivers the unknown \"pigeons\"; what is delivered is mail, chat, lead"},
      {with("event_types", ordered_json::array({1})), "\"event_types\" that is no list of strings"},
      {with("capabilities", "all"), "\"capabilities\" that is no object"},
      {without("config_schema"), "has no config_schema, which must be a JSON Schema object"},
      {with("config_schema", true), "has no config_schema, which must be a JSON Schema object"},
  };
  for (const auto& [document, sentence] : cases) {
    EXPECT_THAT(refusal(document),
                AllOf(StartsWith("/plugins/acme.so: its descriptor "), HasSubstr(sentence), HasSubstr("; ")))
        << document.dump();
  }
}

TEST(Descriptor, TakesVersionsWithSuffix) {
  EXPECT_EQ(refusal(with("version", "1.0.0-rc.1")), "accepted");
  EXPECT_EQ(refusal(with("version", "10.20.30+build5")), "accepted");
}

TEST(Descriptor, SurvivesDeepAndHostileJson) {
  EXPECT_FALSE(parse_descriptor(std::string(500'000, '['), "/x.so"));
  EXPECT_FALSE(parse_descriptor("{\"descriptor\": 1e999}", "/x.so"));
  EXPECT_FALSE(parse_descriptor(std::string("{\"id\": \"\xFF\"}"), "/x.so"));
  EXPECT_FALSE(parse_descriptor("", "/x.so"));
}

}  // namespace
}  // namespace leadhub::plugin
