#include "config/validator.hpp"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>
#include <random>

#include "config/judge.hpp"
#include "config/suggestion.hpp"
#include "config/yaml_document.hpp"
#include "support.hpp"

namespace leadhub::config {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<std::string> faults(const std::string& yaml, const json& schema) {
  const auto read = read_yaml("f", yaml);
  EXPECT_TRUE(read.document) << yaml;
  std::vector<std::string> result;
  if (read.document)
    for (const auto& diagnostic : arranged(check(read.document->root, schema, read.document->source, "")))
      result.push_back(to_text(diagnostic));
  return result;
}

json object_schema(const json& properties) {
  return {{"type", "object"}, {"additionalProperties", false}, {"properties", properties}};
}

TEST(Suggestion, FindsTheNearestWordButNoFarOne) {
  EXPECT_EQ(nearest("feilds", {"fields", "files", "title"}), "fields");
  EXPECT_EQ(nearest("Fields", {"fields"}), "fields");
  EXPECT_EQ(nearest("lsiten", {"listen", "limits"}), "listen");
  EXPECT_EQ(nearest("zebra", {"fields", "title"}), std::nullopt);
  EXPECT_EQ(nearest("a", {"b"}), std::nullopt);
  EXPECT_EQ(nearest(std::string(100'000, 'x'), {"fields"}), std::nullopt);
  EXPECT_EQ(suggestion("zebra", {"fields", "title"}, "known keys"), "known keys: fields, title");
}

TEST(Suggestion, ShowsTextInOneShortLine) {
  EXPECT_EQ(in_quotes("a\nb\x1b"), "\"a\\x0ab\\x1b\"");
  const auto cut = in_quotes(std::string(59, 'x') + "€€€");
  EXPECT_EQ(cut, "\"" + std::string(59, 'x') + "€...\"");
}

TEST(Validator, NamesTypesAsPeopleDo) {
  const auto schema = object_schema({{"b", {{"type", "boolean"}}},
                                     {"i", {{"type", "integer"}}},
                                     {"s", {{"type", "string"}}},
                                     {"l", {{"type", "array"}}},
                                     {"o", {{"type", "object"}}},
                                     {"n", {{"type", {"number", "null"}}}}});
  EXPECT_THAT(faults("b: NO", schema),
              ElementsAre("f:1:4: b: expected true or false, found the text \"NO\"; write false"));
  EXPECT_THAT(faults("b: 1", schema),
              ElementsAre("f:1:4: b: expected true or false, found the number 1; write true or false"));
  EXPECT_THAT(faults("s: 010", schema),
              ElementsAre("f:1:4: s: expected text, found the number 010; put it in quotes: \"010\""));
  EXPECT_THAT(faults("s: true", schema),
              ElementsAre("f:1:4: s: expected text, found true; put it in quotes: \"true\""));
  EXPECT_THAT(faults("s:", schema),
              ElementsAre(HasSubstr("s: expected text, found nothing; write a value after")));
  EXPECT_THAT(
      faults("i: '5'", schema),
      ElementsAre("f:1:4: i: expected a whole number, found the text \"5\"; write it without quotes"));
  EXPECT_THAT(faults("i: 1.5", schema),
              ElementsAre(HasSubstr(
                  "i: expected a whole number, found the number 1.5; write it without a fraction")));
  EXPECT_THAT(faults("l: x", schema),
              ElementsAre(HasSubstr("l: expected a list, found the text \"x\"; write [a, b]")));
  EXPECT_THAT(faults("o: [x]", schema), ElementsAre(HasSubstr("o: expected a mapping, found a list; ")));
  EXPECT_THAT(faults("n: x", schema),
              ElementsAre(HasSubstr("n: expected a number or nothing, found the text \"x\"")));
  EXPECT_THAT(faults("{b: true, i: 1, s: x, l: [], o: {}, n: null}", schema), IsEmpty());
}

TEST(Validator, SuggestsTheUnitOfABareNumber) {
  const json schema = json::parse(R"({"properties": {
    "keep": {"$ref": "#/definitions/duration", "default": "90d"}, "wait": {"$ref": "#/definitions/duration"},
    "rate": {"type": "string", "format": "leadhub-rate", "default": "600 per 1h"},
    "size": {"type": "string", "format": "leadhub-size"}, "name": {"type": "string", "default": "90d"}},
    "definitions": {"duration": {"type": "string", "format": "leadhub-duration"}}})");
  EXPECT_THAT(faults("keep: 30", schema),
              ElementsAre("f:1:7: keep: expected text, found the number 30; write it with its unit: 30d"));
  EXPECT_THAT(faults("wait: 3", schema), ElementsAre(HasSubstr("with its unit: 3s, 3m, 3h or 3d")));
  EXPECT_THAT(faults("rate: 10", schema), ElementsAre(HasSubstr("with its unit: 10 per 1h")));
  EXPECT_THAT(faults("size: 10", schema), ElementsAre(HasSubstr("with its unit: 10 KiB or 10 MiB")));
  EXPECT_THAT(faults("wait: 1.5", schema), ElementsAre(HasSubstr("put it in quotes")));
  EXPECT_THAT(faults("name: 3", schema), ElementsAre(HasSubstr("put it in quotes: \"3\"")));
}

TEST(Validator, SuggestsKeysAndValues) {
  const auto schema =
      object_schema({{"fields", {{"type", "object"}}}, {"kind", {{"enum", {"reject", "flag", "off"}}}}});
  EXPECT_THAT(faults("feilds: {}", schema),
              ElementsAre("f:1:1: unknown key \"feilds\"; did you mean \"fields\"?"));
  EXPECT_THAT(faults("zebra: {}", schema),
              ElementsAre("f:1:1: unknown key \"zebra\"; known keys: fields, kind"));
  EXPECT_THAT(
      faults("kind: rejct", schema),
      ElementsAre("f:1:7: kind: \"rejct\" is none of the values it can have; did you mean \"reject\"?"));
  EXPECT_THAT(
      faults("kind: 7", schema),
      ElementsAre(
          "f:1:7: kind: the number 7 is none of the values it can have; write one of: reject, flag, off"));
}

TEST(Validator, ExplainsBounds) {
  const json schema = json::parse(R"({"properties": {
    "n": {"type": "number", "minimum": 1, "maximum": 9}, "x": {"exclusiveMinimum": 0, "exclusiveMaximum": 2},
    "s": {"minLength": 2, "maxLength": 3}, "p": {"pattern": "^[a-z]+$", "examples": ["abc"]},
    "l": {"minItems": 1, "maxItems": 2, "uniqueItems": true}, "o": {"minProperties": 1, "maxProperties": 1, "required": ["k"]},
    "d": {"dependencies": {"a": ["b"]}}, "m": {"propertyNames": {"pattern": "^[a-z]+$"}}, "t": {"items": [{"type": "string"}]}}})");
  EXPECT_THAT(faults("n: 0", schema), ElementsAre("f:1:4: n: the number 0 is too small; write at least 1"));
  EXPECT_THAT(faults("n: 10", schema), ElementsAre("f:1:4: n: the number 10 is too large; write at most 9"));
  EXPECT_THAT(faults("x: 0", schema), ElementsAre(HasSubstr("write more than 0")));
  EXPECT_THAT(faults("x: 2", schema), ElementsAre(HasSubstr("write less than 2")));
  EXPECT_THAT(faults("s: ''", schema), ElementsAre("f:1:4: s: \"\" is empty; write something"));
  EXPECT_THAT(faults("s: 'äöüß'", schema),
              ElementsAre("f:1:4: s: \"äöüß\" is too long; write at most 3 characters"));
  EXPECT_THAT(faults("p: A1", schema),
              ElementsAre("f:1:4: p: \"A1\" does not have the right form; write it as in abc"));
  EXPECT_THAT(faults("l: []", schema), ElementsAre(HasSubstr("l: the list is too short")));
  EXPECT_THAT(faults("l: [a, b, c]", schema), ElementsAre(HasSubstr("l: the list is too long")));
  EXPECT_THAT(faults("l: [a, a]", schema),
              ElementsAre("f:1:8: l: the text \"a\" stands here twice; remove one"));
  EXPECT_THAT(faults("o: {x: 1}", schema), ElementsAre("f:1:1: o: the key \"k\" is missing; add it"));
  EXPECT_THAT(faults("d: {a: 1}", schema),
              ElementsAre(HasSubstr("f:1:5: d: \"a\" makes sense only together with \"b\"")));
  EXPECT_THAT(faults("m: {A: 1}", schema),
              ElementsAre(HasSubstr("f:1:5: m: the key \"A\" cannot stand here")));
  EXPECT_THAT(faults("t: [1, 2]", schema), ElementsAre(HasSubstr("f:1:5: t.0: expected text")));
}

TEST(Validator, ReportsTheBranchThatTheProviderChooses) {
  const json schema = json::parse(test::installed().front().schema);
  EXPECT_THAT(faults("{provider: google_ads, fields: {}}", schema),
              ElementsAre("f:1:1: the key \"key\" is missing; add it",
                          "f:1:24: unknown key \"fields\"; known keys: event, key, provider"));
  EXPECT_THAT(
      faults("{provider: htlm, fields: {}}", schema),
      ElementsAre("f:1:12: provider: \"htlm\" is none of the values it can have; did you mean \"html\"?"));
  EXPECT_THAT(faults("{fields: {}}", schema),
              ElementsAre("f:1:1: the key \"provider\" is missing; write one of: html, json, google_ads"));
  EXPECT_THAT(faults("{provider: json, fields: {a: {too: email}}}", schema),
              ElementsAre("f:1:31: fields.a: unknown key \"too\"; did you mean \"to\"?"));
}

TEST(Validator, FollowsIfThenAndAllOf) {
  const json schema = json::parse(R"({"type": "object", "properties": {"provider": {"enum": ["a", "b"]}},
    "allOf": [{"if": {"properties": {"provider": {"const": "a"}}}, "then": {"required": ["key"]}, "else": {"required": ["secret"]}}]})");
  EXPECT_THAT(faults("provider: a", schema), ElementsAre("f:1:1: the key \"key\" is missing; add it"));
  EXPECT_THAT(faults("provider: b", schema), ElementsAre("f:1:1: the key \"secret\" is missing; add it"));
  EXPECT_THAT(faults("{provider: a, key: x}", schema), IsEmpty());
}

TEST(Validator, ChoosesAmongTypesAndAmongRequiredKeys) {
  const json types = json::parse(
      R"({"properties": {"x": {"anyOf": [{"type": "string", "maxLength": 2}, {"type": "array", "items": {"type": "integer"}}]}}})");
  EXPECT_THAT(faults("x: abc", types), ElementsAre(HasSubstr("too long")));
  EXPECT_THAT(faults("x: [1, b]", types), ElementsAre(HasSubstr("f:1:8: x.1: expected a whole number")));
  EXPECT_THAT(faults("x: 7", types),
              ElementsAre(HasSubstr("x: expected text or a list, found the number 7")));
  const json keys = json::parse(R"({"oneOf": [{"required": ["send"]}, {"required": ["wait"]}]})");
  EXPECT_THAT(faults("{a: 1}", keys),
              ElementsAre("f:1:1: one of these keys is missing; add one: send, wait"));
  EXPECT_THAT(
      faults("{send: 1, wait: 2}", keys),
      ElementsAre("f:1:1: only one of the keys \"send\" and \"wait\" can stand here; remove the others"));
}

TEST(Validator, FollowsRecursiveReferences) {
  const json schema = json::parse(R"({"$ref": "#/definitions/tree", "definitions": {"tree": {"type": "object",
    "additionalProperties": false, "properties": {"children": {"type": "array", "items": {"$ref": "#/definitions/tree"}}}}}})");
  EXPECT_THAT(
      faults("children: [{children: [{childen: []}]}]", schema),
      ElementsAre("f:1:25: children.0.children.0: unknown key \"childen\"; did you mean \"children\"?"));
}

TEST(Validator, CallsABrokenSchemaBroken) {
  for (const auto* text : {R"({"type": 7})", R"({"$ref": "#/definitions/none"})", R"({"required": "x"})",
                           R"({"minimum": "x"})", R"({"properties": {"a": {"$ref": "#/definitions/gone"}}})"})
    EXPECT_THAT(faults("a: 1", json::parse(text)),
                ElementsAre(HasSubstr("is broken; tell the author of the plugin")))
        << text;
}

TEST(Validator, SurvivesReferencesThatTurnInACircle) {
  const json schema = json::parse(R"({"allOf": [{"$ref": "#"}]})");
  const auto read = read_yaml("f", "a: 1");
  SUCCEED() << check(read.document->root,
                     json::parse(R"({"definitions": {"a": {"$ref": "#/definitions/a"}}})"),
                     read.document->source, "")
                   .size();
}

/// The sentences are made by a walk of ours: it must find something exactly where valijson does.
TEST(Validator, AgreesWithTheJudge) {
  const json schema = json::parse(test::installed().front().schema);
  const json good = json::parse(
      R"({"provider": "html", "event": "form.submitted", "fields": {"e": {"to": "email", "required": true, "type": "text"}},
    "consent": [{"field": "a", "purpose": "b", "text": "c"}], "spam": {"min_seconds": 2}, "origins": ["http://a"], "title": "t"})");
  const std::vector<json> replacements{nullptr,
                                       true,
                                       7,
                                       -1,
                                       2.5,
                                       "",
                                       "html",
                                       "json",
                                       "google_ads",
                                       "email",
                                       "demo.requested",
                                       json::array(),
                                       json::object(),
                                       json::array({1}),
                                       json{{"to", "email"}},
                                       json{{"x", 1}}};
  std::mt19937 random{7};
  const SourceMap source{"f", {}};
  int refused = 0;
  for (int round = 0; round < 600; ++round) {
    json mutated = good;
    for (auto changes = 1 + random() % 3; changes > 0; --changes) {
      const json flat = mutated.flatten();
      const auto target = std::next(flat.begin(), static_cast<std::ptrdiff_t>(random() % flat.size())).key();
      auto pointer = json::json_pointer{target};
      if (random() % 3 == 0 && !pointer.empty()) pointer = pointer.parent_pointer();
      if (random() % 4 == 0 && mutated[pointer].is_object())
        mutated[pointer]["extra"] = 1;
      else
        mutated[pointer] = replacements[random() % replacements.size()];
      if (!mutated.is_object()) mutated = good;
    }
    const auto verdict = judge(mutated, schema);
    ASSERT_TRUE(verdict);
    const auto ours = check(mutated, schema, source, "");
    if (!verdict->empty()) {
      ++refused;
      ASSERT_FALSE(ours.empty()) << mutated.dump();
      for (const auto& diagnostic : ours)
        ASSERT_THAT(diagnostic.message, ::testing::Not(HasSubstr("this does not fit here")))
            << mutated.dump();
    }
    for (const auto& diagnostic : ours)
      if (verdict->empty()) {
        ASSERT_THAT(diagnostic.message, ::testing::AnyOf(HasSubstr("web address"), HasSubstr("right form"),
                                                         HasSubstr("is not a rate")))
            << mutated.dump();
      }
  }
  EXPECT_GT(refused, 300);
}

}  // namespace
}  // namespace leadhub::config
