#include "control/deeds.hpp"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

namespace leadhub::control {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

json made(const char* body, const std::optional<std::string>& key = std::nullopt) {
  const auto document = deed_document(body, key);
  return document ? json::parse(*document) : json(document.error().message);
}

TEST(Deeds, BecomeEvents) {
  EXPECT_EQ(
      made(R"({"deed":"tag","add":[" vip "],"remove":["x"]})"),
      json::parse(R"({"version":1,"type":"x.leadhub.tagged","attributes":{"add":["vip"],"remove":["x"]}})"));
  EXPECT_EQ(made(R"({"deed":"note","text":"Called."})")["message"], "Called.");
  EXPECT_EQ(made(R"({"deed":"assign","owner":"Grace"})")["attributes"]["owner"], "Grace");
  EXPECT_EQ(made(R"({"deed":"answer"})")["type"], "x.leadhub.answered");
  EXPECT_EQ(made(R"({"deed":"lose","reason":"no budget"})")["attributes"]["reason"], "no budget");
  EXPECT_EQ(made(R"({"deed":"recycle"})")["type"], "x.leadhub.recycled");
  EXPECT_EQ(made(R"({"deed":"account","follow_up_at":""})")["attributes"]["follow_up_at"], "");
}

TEST(Deeds, RecordASale) {
  const auto sale =
      made(R"({"deed":"convert","value":12.5,"currency":"EUR","at":"2026-01-05T12:00:00Z","again":true})",
           "order-1");
  EXPECT_EQ(sale["type"], "purchase.completed");
  EXPECT_EQ(sale["value"], 12.5);
  EXPECT_EQ(sale["occurred_at"], "2026-01-05T12:00:00Z");
  EXPECT_EQ(sale["key"], "order-1");
  EXPECT_EQ(sale["attributes"]["again"], true);
  EXPECT_EQ(made(R"({"deed":"convert"})")["type"], "purchase.completed")
      << "nobody has to say what it is worth";
}

TEST(Deeds, AreRefusedWithWhatToSend) {
  for (const auto& [body, what] : std::initializer_list<std::pair<const char*, const char*>>{
           {"[]", "send a JSON object"},
           {"{", "send a JSON object"},
           {R"({"deed":5})", "send a JSON object"},
           {R"({"deed":"sell"})", "no such deed"},
           {R"({"deed":"answer","owner":"x"})", "takes no such member"},
           {R"({"deed":"note"})", "give \"text\""},
           {R"({"deed":"note","text":"  "})", "is empty"},
           {R"({"deed":"tag","add":"vip"})", "a list of texts"},
           {R"({"deed":"tag","add":[""]})", "1 to 100 bytes"},
           {R"({"deed":"tag"})", "name a tag"},
           {R"({"deed":"convert","value":-1,"currency":"EUR"})", "nothing or more"},
           {R"({"deed":"convert","value":"1","currency":"EUR"})", "a number"},
           {R"({"deed":"convert","value":1})", "needs its \"currency\""},
           {R"({"deed":"convert","value":1,"currency":"eur"})", "ISO 4217"},
           {R"({"deed":"convert","at":"yesterday"})", "is a time"},
           {R"({"deed":"convert","again":"yes"})", "true or false"},
           {R"({"deed":"account"})", "give \"owner\""}})
    EXPECT_THAT(made(body).get<std::string>(), HasSubstr(what)) << body;
}

}  // namespace
}  // namespace leadhub::control
