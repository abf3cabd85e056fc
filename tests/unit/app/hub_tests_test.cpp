#include "app/hub_tests.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "app/expected_fields.hpp"
#include "app/test_report.hpp"
#include "config_file.hpp"

namespace leadhub::app {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;
using Outcome = TestResult::Outcome;
using Json = nlohmann::ordered_json;

/// A website, a shop that signs what it posts, and a newsletter that asks to confirm.
constexpr auto channels = R"(
workspace: story
normalise: {default_country: GB}
verify: {email: {mx: true}}
channels:
  website:
    plugin: webform
    config:
      provider: html
      event: form.submitted
      fields: {your-email: {to: email}, tel: {to: phone}, size: {to: attributes.size, type: integer}}
      spam: {min_seconds: 10}
  demo:
    plugin: webform
    config:
      provider: json
      event: demo.requested
      secret: whsec_ZGVtby1zZWNyZXQtZm9yLXRyeWluZy1vdXQ=
      fields: {email: {to: email, required: true}}
  news:
    plugin: newsletter
    config:
      provider: native
      list: engine-news
      purpose: marketing_email
      text: Send me Engine News.
      double_opt_in: {template: please-confirm, expires: 48h, resend_after: 1h}
tests:
)";

struct Run {
  std::vector<TestResult> results;
  std::string text;
};

using Templates = std::map<std::string, std::string>;

/// Templates by their file names; none: there is no folder of them.
Run run(const std::string& tests, const Templates& templates = {}) {
  constexpr std::string_view end = "tests:\n";
  std::string yaml = channels;
  if (!templates.empty())
    yaml.replace(
        yaml.rfind(end), end.size(),
        "  mail: {plugin: email, config: {transport: maildir, from: ada@example.com, postal_address: "
        "12 St James's Square}}\ntests:\n");
  const test::ConfigFile file{yaml + tests};
  if (!templates.empty()) std::filesystem::create_directory(file.folder() / "templates");
  for (const auto& [name, words] : templates) std::ofstream{file.folder() / "templates" / name} << words;
  const auto loaded = file.loaded();
  if (!loaded.config) return {};
  auto results = run_tests(loaded);
  EXPECT_TRUE(results) << results.error().message;
  if (!results) return {};
  auto text = tests_as_text(*results, *loaded.config);
  for (auto at = text.find(file.path().string()); at != text.npos; at = text.find(file.path().string()))
    text.replace(at, file.path().string().size(), "hub.yaml");
  return {*std::move(results), std::move(text)};
}

std::string first_difference(const Run& run) {
  if (run.results.empty() || run.results[0].differences.empty()) return "no difference";
  return to_text(run.results[0].differences[0]);
}

TEST(HubTests, PostAFormAndSignedJsonAsTheyAre) {
  const auto said = run(R"(
  - name: a form
    at: 2026-01-06T10:00:00Z
    given: [{channel: website, post: {your-email: " Ada@Example.com ", tel: 020 7946 0958, size: "250"}}]
    expect:
      lead: {email: ada@example.com, phone: "+442079460958", temperature: warm, stage: captured,
             attributes.size: {gte: 200, lt: 251}, email.verdict: valid, verified: false,
             created_at: "2026-01-06T10:00:00.000Z", country: [GB, IE], owner: {present: false}}
  - name: a demo
    given: [{channel: demo, post: {email: ada@example.com}}]
    expect: {lead: {temperature: hot}}
)");
  EXPECT_EQ(said.results.at(0).outcome, Outcome::passed) << said.text;
  EXPECT_EQ(said.results.at(1).outcome, Outcome::passed) << said.text;
}

TEST(HubTests, LetTimePass) {
  const auto said = run(R"(
  - name: what was hot cools down
    at: 2026-01-06T10:00:00Z
    given: [{channel: demo, event: {type: demo.requested, person: {email: ada@example.com}}}]
    until: 40d
    expect: {lead: {temperature: cold}}
)");
  EXPECT_EQ(said.results.at(0).outcome, Outcome::passed) << said.text;
}

TEST(HubTests, ConfirmByTheLinkOfTheLastMail) {
  const auto said = run(R"(
  - name: whoever confirms is in
    given:
      - {channel: news, post: {email: Ada@Example.com}}
      - {after: 2h, channel: news, post: {email: ada@example.com}}
      - {after: 10m, confirm: ADA@example.com}
    expect: {mails: [please-confirm, please-confirm], lead: {verified: true, email: ada@example.com}}
  - name: nobody confirms twice
    given:
      - {channel: news, post: {email: ada@example.com}}
      - {after: 49h, confirm: ada@example.com}
    expect: {mails: [please-confirm]}
  - name: nobody confirms what nobody asked
    given: [{channel: website, post: {your-email: ada@example.com}}, {confirm: ada@example.com}]
    expect: {mails: []}
)");
  EXPECT_EQ(said.results.at(0).outcome, Outcome::passed) << said.text;
  EXPECT_THAT(said.text, HasSubstr("hub.yaml:39:9: the link in the mail that asks to confirm has expired"));
  EXPECT_THAT(said.text, HasSubstr("hub.yaml:42:70: there is nothing to confirm: no mail that asks for it"));
}

TEST(HubTests, SayWhatIsDifferentAndWhere) {
  const auto said = run(R"(
  - name: everything is wrong
    given: [{channel: website, post: {your-email: ada@example.com}}]
    expect:
      mails: [please-confirm]
      lead:
        email: bob@example.com
        score: {gte: 20}
        temperature: [hot, cold]
        tags: [vip]
)");
  EXPECT_EQ(said.results.at(0).outcome, Outcome::failed);
  EXPECT_THAT(said.text, StartsWith("FAIL  everything is wrong ("));
  EXPECT_THAT(said.text,
              HasSubstr("      hub.yaml:33:15: mails: expected please-confirm, found none\n"
                        "      hub.yaml:35:16: lead.email: expected \"bob@example.com\", found "
                        "\"ada@example.com\"\n"
                        "      hub.yaml:36:16: lead.score: expected {\"gte\":20}, found 0\n"
                        "      hub.yaml:37:22: lead.temperature: expected [\"hot\",\"cold\"], found "
                        "\"warm\"\n"
                        "      hub.yaml:38:15: lead.tags: expected [\"vip\"], found []\n"
                        "0 passed, 1 failed ("));
}

TEST(HubTests, SayWhyALineCannotBeDone) {
  EXPECT_THAT(first_difference(run(R"(
  - name: an unreadable post
    given: [{channel: demo, post: {phone: "1"}}]
    expect: {lead: {stage: captured}}
)")),
              AllOf(StartsWith("the channel cannot read this; as JSON: "), HasSubstr("email")));
  EXPECT_THAT(first_difference(run(R"(
  - name: an event that is none
    given: [{channel: demo, event: {type: nonsense}}]
    expect: {lead: {stage: captured}}
)")),
              HasSubstr("type"));
  EXPECT_THAT(first_difference(run(R"(
  - name: nobody
    given: [{channel: website, event: {type: page.viewed}}]
    expect: {lead: {stage: captured}}
)")),
              "lead: expected a lead, found nobody: no event of this test made one");
}

TEST(HubTests, WalkThroughJourneysAndReadTheirMails) {
  const std::string journey = R"(
nurture:
  journeys:
    welcome:
      enter: {event.type: newsletter.subscribed}
      steps: [{send: {template: welcome, via: mail}}, {wait: 3d}, {send: {template: tips, via: mail}}]
)";
  const auto test = [&](const std::string& mails) {
    return R"(
  - name: a welcome
    given:
      - {channel: news, post: {email: ada@example.com, name: Ada}}
      - {after: 1h, confirm: ada@example.com}
    until: 4d
    expect: {mails: )" +
           mails + "}" + journey;
  };
  const Templates templates{
      {"please-confirm.md", "---\nsubject: Please confirm\n---\n[Confirm]({{confirm_url}})\n"},
      {"welcome.md",
       "---\nsubject: Hello {{first_name|there}}\n---\nGood to see you, **{{first_name|you}}**.\n"},
      {"tips.md", "---\nsubject: Tips\n---\nOil it.\n"}};
  const auto good = run(
      test(
          R"([please-confirm, {template: welcome, subject: Hello Ada, contains: "Good to see you, Ada."}, tips])"),
      templates);
  EXPECT_EQ(good.results.at(0).outcome, Outcome::passed) << good.text;
  EXPECT_THAT(run(test("[please-confirm, welcome]"), templates).text,
              HasSubstr("mails: expected please-confirm, welcome, found please-confirm, welcome, tips"));
  EXPECT_THAT(run(test("[please-confirm, {template: welcome, subject: Hi}, tips]"), templates).text,
              HasSubstr(R"(welcome.subject: expected "Hi", found "Hello Ada")"));
  EXPECT_THAT(
      run(test("[please-confirm, welcome, {template: tips, contains: [Oil, Grease]}]"), templates).text,
      HasSubstr("tips.text: expected ...Grease..., found"));
}

TEST(HubTests, KnowNothingOfEachOther) {
  const auto said = run(R"(
  - name: first
    given: [{channel: demo, post: {email: ada@example.com}}]
    expect: {lead: {temperature: hot}}
  - name: second
    given: [{channel: website, post: {your-email: ada@example.com}}]
    expect: {lead: {temperature: warm}}
)");
  EXPECT_EQ(said.results.at(1).outcome, Outcome::passed) << said.text;
}

TEST(TestReport, IsTheSameAsJsonAndAsJUnit) {
  const test::ConfigFile file{std::string{channels} + R"(
  - name: 'good "<&>" one'
    given: [{channel: demo, post: {email: ada@example.com}}]
    expect: {lead: {temperature: hot}}
  - name: bad
    given: [{channel: demo, post: {email: ada@example.com}}]
    expect: {lead: {temperature: cold}}
)"};
  const auto loaded = file.loaded();
  ASSERT_TRUE(loaded.config);
  const auto results = run_tests(loaded);
  ASSERT_TRUE(results);
  const auto json = tests_as_json(*results, *loaded.config);
  EXPECT_EQ(json.at("passed"), 1);
  EXPECT_EQ(json.at("failed"), 1);
  EXPECT_EQ(json.at("tests")[1].at("differences")[0],
            Json::parse(R"({"line": 35, "column": 34, "field": "lead.temperature", "expected": "\"cold\"",
                            "found": "\"hot\""})"));
  const auto junit = tests_as_junit(*results, *loaded.config);
  EXPECT_THAT(junit, HasSubstr("<testcase name=\"good &quot;&lt;&amp;&gt;&quot; one\""));
  EXPECT_THAT(junit, HasSubstr("<testsuites tests=\"2\" failures=\"1\" skipped=\"0\" errors=\"0\""));
  EXPECT_THAT(junit, HasSubstr("<failure message=\"lead.temperature: expected &quot;cold&quot;, found "
                               "&quot;hot&quot;\">"));
}

TEST(ExpectedFields, FindAttributesWhoseNamesHoldDots) {
  const auto lead = Json::parse(R"({"attributes": {"a.b": 1, "a": {"c": 2}}, "stages": {"captured": "x"}})");
  EXPECT_EQ(field_of(lead, "attributes.a.b"), 1);
  EXPECT_EQ(field_of(lead, "attributes.a.c"), 2);
  EXPECT_EQ(field_of(lead, "stages.captured"), "x");
  EXPECT_TRUE(field_of(lead, "stages.lost").is_null());
}

TEST(ExpectedFields, CompareAsConditionsDo) {
  EXPECT_TRUE(is_as_expected(Json::parse("20"), Json::parse("20.0")));
  EXPECT_TRUE(is_as_expected(Json::parse(R"(["b", "a"])"), Json::parse(R"(["a", "b"])")));
  EXPECT_FALSE(is_as_expected(Json::parse(R"(["a"])"), Json::parse(R"(["a", "b"])")));
  EXPECT_TRUE(is_as_expected(Json::parse(R"({"contains": "a"})"), Json::parse(R"(["a", "b"])")));
  EXPECT_TRUE(
      is_as_expected(Json::parse(R"({"gt": "2026-01-01"})"), Json::parse(R"("2026-01-02T00:00:00Z")")));
  EXPECT_FALSE(is_as_expected(Json::parse(R"({"gt": 1})"), Json::parse(R"("2")")));
  EXPECT_FALSE(is_as_expected(Json::parse(R"({"matches": "a"})"), Json::parse(R"("a")")));
}

}  // namespace
}  // namespace leadhub::app
