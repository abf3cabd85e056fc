#include "plugin/plugin_config.hpp"

#include <gmock/gmock.h>

namespace leadhub::plugin {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

PluginConfig prepared(std::string_view schema, std::string_view config) {
  auto result = prepare_config(schema, config, "/srv/hub");
  EXPECT_TRUE(result) << result.error().message;
  return result.value_or(PluginConfig{});
}

TEST(PluginConfig, KeepsWhatIsGivenAndFillsInTheRest) {
  const auto config = prepared(R"({"properties": {"a": {"default": 1}, "b": {"default": 2},
                                   "c": {"properties": {"d": {"default": "x"}}}}})",
                               R"({"b": 7, "c": {}})");
  EXPECT_EQ(config.document, R"({"b":7,"c":{"d":"x"},"a":1})");
}

TEST(PluginConfig, TakesTheDefaultsOfTheChosenBranchOnly) {
  constexpr auto schema = R"({"properties": {"provider": {"default": "html"}},
    "oneOf": [{"properties": {"provider": {"const": "html"}, "page": {"default": "plain"}}},
              {"properties": {"provider": {"const": "json"}, "depth": {"default": 3}}}]})";
  EXPECT_EQ(prepared(schema, "{}").document, R"({"provider":"html","page":"plain"})");
  EXPECT_EQ(prepared(schema, R"({"provider":"json"})").document, R"({"provider":"json","depth":3})");
  EXPECT_EQ(prepared(schema, R"({"provider":"fax"})").document, R"({"provider":"fax"})");
}

TEST(PluginConfig, FollowsConditionsReferencesAndLists) {
  constexpr auto schema =
      R"({"definitions": {"field": {"type": "object", "properties": {"type": {"default": "text"}}}},
    "properties": {"fields": {"additionalProperties": {"$ref": "#/definitions/field"}},
                   "list": {"items": {"$ref": "#/definitions/field"}}},
    "if": {"properties": {"kind": {"const": "big"}}}, "then": {"properties": {"size": {"default": 9}}},
    "else": {"properties": {"size": {"default": 1}}}})";
  EXPECT_EQ(
      prepared(schema, R"({"kind":"big","fields":{"a":{}},"list":[{},{"type":"x"}]})").document,
      R"({"kind":"big","fields":{"a":{"type":"text"}},"list":[{"type":"text"},{"type":"x"}],"size":9})");
  EXPECT_EQ(prepared(schema, R"({"kind":"small"})").document, R"({"kind":"small","size":1})");
}

TEST(PluginConfig, PutsReferencesInPlaceOfSecrets) {
  const auto config = prepared(R"({"properties": {"secret": {"x-secret": true}, "plain": {}}})",
                               R"({"secret": "s3cr3t", "plain": "p"})");
  EXPECT_EQ(config.document, R"({"secret":{"$secret":"/secret"},"plain":"p"})");
  EXPECT_THAT(config.secrets, ElementsAre(Pair("/secret", "s3cr3t")));
}

TEST(PluginConfig, FindsSecretsWhereverTheSchemaHidesThem) {
  constexpr auto schema = R"({"definitions": {"key": {"x-secret": true}},
    "properties": {"list": {"items": {"properties": {"key": {"$ref": "#/definitions/key"}}}},
                   "map": {"additionalProperties": {"$ref": "#/definitions/key"}},
                   "odd/name~": {"allOf": [{"x-secret": true}]}},
    "patternProperties": {"^p_": {"x-secret": true}},
    "oneOf": [{"properties": {"provider": {"const": "a"}, "token": {"x-secret": true}}},
              {"properties": {"provider": {"const": "b"}, "token": {"type": "string"}}}]})";
  const auto config =
      prepared(schema, R"({"provider": "b", "list": [{"key": "k0"}, {"key": "k1"}], "map": {"m": "v"},
                                           "odd/name~": "o", "p_1": "pp", "token": "t"})");
  EXPECT_THAT(config.secrets,
              ElementsAre(Pair("/list/0/key", "k0"), Pair("/list/1/key", "k1"), Pair("/map/m", "v"),
                          Pair("/odd~1name~0", "o"), Pair("/p_1", "pp"), Pair("/token", "t")));
  for (const auto* value : {"k0", "k1", "\"v\"", "\"o\"", "pp", "\"t\""})
    EXPECT_THAT(config.document, ::testing::Not(HasSubstr(value)));
}

TEST(PluginConfig, PathsStartAtTheFolderOfTheHub) {
  constexpr auto schema = R"({"definitions": {"folder": {"type": "string", "x-path": true}},
    "properties": {"directory": {"$ref": "#/definitions/folder"}, "plain": {}, "key": {"x-path": true, "x-secret": true},
                   "spool": {"default": "data/spool", "x-path": true}, "odd": {"x-path": true}}})";
  EXPECT_EQ(prepared(schema, R"({"directory": "data/../mail", "plain": "data/mail", "odd": 3})").document,
            R"({"directory":"/srv/hub/mail","plain":"data/mail","odd":3,"spool":"/srv/hub/data/spool"})");
  EXPECT_EQ(prepared(schema, R"({"directory": "/var/mail", "spool": "/x"})").document,
            R"({"directory":"/var/mail","spool":"/x"})");
  EXPECT_THAT(prepared(schema, R"({"key": "tls/key.pem", "spool": "/x"})").secrets,
              ElementsAre(Pair("/key", "/srv/hub/tls/key.pem")));
}

TEST(PluginConfig, GathersTheAddressesThatTheChannelAsks) {
  const auto config = prepared(
      R"({"properties": {"url": {"x-egress": true, "x-secret": true}, "api": {"default": "https://b.example",
          "x-egress": true}, "odd": {"x-egress": true}, "plain": {}}})",
      R"({"url": "https://a.example/hook", "odd": 3, "plain": "https://c.example"})");
  EXPECT_THAT(config.egress, ElementsAre("https://a.example/hook", "https://b.example"));
  EXPECT_THAT(config.secrets, ElementsAre(Pair("/url", "https://a.example/hook")));
}

TEST(PluginConfig, SecretsNeedNotBeStrings) {
  const auto config =
      prepared(R"({"properties": {"all": {"x-secret": true, "properties": {"in": {"x-secret": true}}},
                                                  "pin": {"x-secret": true}, "none": {"x-secret": true}}})",
               R"({"all": {"in": "x"}, "pin": 1234, "none": null})");
  EXPECT_EQ(config.document, R"({"all":{"$secret":"/all"},"pin":{"$secret":"/pin"},"none":null})");
  EXPECT_THAT(config.secrets, ElementsAre(Pair("/all", R"({"in":"x"})"), Pair("/pin", "1234")));
}

TEST(PluginConfig, RefusesASchemaWithoutEnd) {
  const auto endless = prepare_config(R"({"allOf": [{"$ref": "#"}, {"$ref": "#"}]})", "{}", "/srv/hub");
  ASSERT_FALSE(endless);
  EXPECT_THAT(endless.error().message, HasSubstr("refers to itself without end"));
}

TEST(PluginConfig, IgnoresReferencesThatLeadNowhere) {
  EXPECT_EQ(
      prepared(
          R"({"allOf": [{"$ref": "#/nowhere"}, {"$ref": "https://example.com/x"}, {"$ref": "#bad~pointer"}]})",
          R"({"a":1})")
          .document,
      R"({"a":1})");
}

TEST(PluginConfig, WantsObjects) {
  EXPECT_FALSE(prepare_config("[]", "{}", "/srv/hub"));
  EXPECT_FALSE(prepare_config("{}", "[]", "/srv/hub"));
  EXPECT_FALSE(prepare_config("{}", "{", "/srv/hub"));
}

}  // namespace
}  // namespace leadhub::plugin
