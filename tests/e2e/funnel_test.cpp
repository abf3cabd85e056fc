#include <gmock/gmock.h>
#include <httplib.h>

#include <chrono>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <thread>

#include "hub_process.hpp"

namespace leadhub::e2e {
namespace {

using Json = nlohmann::json;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

constexpr auto ada = "ada@example.co.uk";

/// A hub on the example, and a lead in Britain who filled in its form.
class Funnel : public testing::Test {
 protected:
  Funnel() {
    hub_.start();
    const auto answer = httplib::Client{"127.0.0.1", hub_.edge_port()}.Post(
        "/in/website",
        "your-email=ada%40example.co.uk&your-name=Ada+Lovelace&tel=020+7946+0958&size=250&about=Engines%"
        "20please",
        "application/x-www-form-urlencoded");
    EXPECT_TRUE(answer && answer->status == 303);
    (void)hub_.lead(ada);
  }

  Json leads(std::vector<std::string> arguments, int code = 0) {
    arguments.insert(arguments.begin(), "leads");
    arguments.emplace_back("--json");
    const auto run = hub_.run(arguments);
    EXPECT_EQ(run.code, code) << run.out << run.err;
    error_ = run.err;
    return Json::parse(run.out, nullptr, false);
  }

  std::vector<std::string> mails() {
    const auto folder = hub_.folder() / "data" / "mail";
    for (int tries = 0; tries < 100; ++tries) {
      std::vector<std::string> found;
      std::error_code error;
      for (const auto& file : std::filesystem::directory_iterator{folder, error})
        if (file.path().extension() == ".eml") found.push_back(read_file(file.path()));
      if (!found.empty()) return found;
      std::this_thread::sleep_for(std::chrono::milliseconds{50});
    }
    return {};
  }

  /// The path of the link by which the owner of the only hand-off takes it.
  std::string answer_path() {
    const auto sent = mails();
    if (sent.empty()) return {};
    auto mail = sent.front();
    // Quoted-printable: a long line goes on after "=".
    for (auto at = mail.find("=\r\n"); at != mail.npos; at = mail.find("=\r\n")) mail.erase(at, 3);
    for (auto at = mail.find("=\n"); at != mail.npos; at = mail.find("=\n")) mail.erase(at, 2);
    const auto begin = mail.find("/h/");
    return begin == mail.npos ? std::string{}
                              : mail.substr(begin, mail.find_first_of("\r\n ", begin) - begin);
  }

  httplib::Client edge() { return httplib::Client{"127.0.0.1", hub_.edge_port()}; }

  /// What `leads show` says of the first hand-off, as soon as it is no longer open.
  std::string settled() {
    for (int tries = 0; tries < 100; ++tries) {
      const std::string state = leads({"show", ada})["assignments"][0]["state"];
      if (state != "open") return state;
      std::this_thread::sleep_for(std::chrono::milliseconds{50});
    }
    return "open";
  }

  HubProcess hub_{example_config()};
  std::string error_;
};

TEST_F(Funnel, ScoresALeadByTheRulesOfTheFile) {
  const auto lead = leads({"show", ada});
  EXPECT_EQ(lead["score"], 40);
  EXPECT_EQ(lead["grade"], "A2");
  EXPECT_EQ(lead["temperature"], "warm");
  EXPECT_EQ(lead["stage"], "captured");
  EXPECT_THAT(lead["scores"], SizeIs(2));
}

TEST_F(Funnel, HandsALeadToTheTeamWithItsStory) {
  const auto lead = leads({"convert", ada, "--value", "1200", "--currency", "EUR"});
  EXPECT_EQ(lead["stage"], "converted");
  EXPECT_EQ(lead["owner"], "Charles");
  EXPECT_EQ(lead["value"]["EUR"], 1200);
  const auto sent = mails();
  ASSERT_THAT(sent, SizeIs(1));
  EXPECT_THAT(sent[0], AllOf(HasSubstr("To: Charles <charles@analytical-engines.example>"),
                             HasSubstr("Subject: A lead for you: Ada Lovelace"), HasSubstr("Engines please"),
                             HasSubstr("+20 filled in a form")));
  EXPECT_EQ(leads({"answer", ada})["assignments"][0]["state"], "answered");
}

TEST_F(Funnel, IsTakenUpByTheLinkOfTheHandOff) {
  (void)leads({"convert", ada, "--value", "5", "--currency", "EUR"});
  const auto path = answer_path();
  ASSERT_THAT(path, testing::StartsWith("/h/"));
  const auto shown = edge().Get(path);
  ASSERT_TRUE(shown);
  EXPECT_THAT(shown->body,
              AllOf(HasSubstr("A lead for Charles"), HasSubstr("Ada Lovelace"), HasSubstr("I take it"),
                    testing::ContainsRegex("Please answer by [-0-9]+ [0-9]+:[0-9]+ UTC")));
  EXPECT_EQ(leads({"show", ada})["assignments"][0]["state"], "open") << "a scanner opens every link";
  for (int presses = 0; presses < 2; ++presses) EXPECT_EQ(edge().Post(path)->status, 200);
  EXPECT_EQ(settled(), "answered");
  EXPECT_THAT(edge().Get(path)->body, HasSubstr("You have taken this lead up"));
}

TEST_F(Funnel, TakesNoAnswerFromWhoeverHadTheLeadBefore) {
  (void)leads({"convert", ada, "--value", "5", "--currency", "EUR"});
  const auto path = answer_path();
  (void)leads({"assign", ada, "Grace"});
  EXPECT_THAT(edge().Post(path)->body, AllOf(HasSubstr("gone on"), HasSubstr("Grace has it now")));
  const auto lead = leads({"show", ada});
  EXPECT_EQ(lead["assignments"][1]["state"], "open");
  EXPECT_EQ(edge().Get(path + "x")->status, 404);
}

TEST_F(Funnel, TakesWhatPeopleDo) {
  EXPECT_THAT(leads({"tag", ada, "vip", "fair"})["tags"], ElementsAre("vip", "fair"));
  EXPECT_THAT(leads({"tag", ada, "--remove", "fair"})["tags"], ElementsAre("vip"));
  const auto noted = leads({"note", ada, "Called, is interested."});
  EXPECT_EQ(noted["timeline"].back()["event"]["message"], "Called, is interested.");
  EXPECT_EQ(leads({"assign", ada, "Grace"})["owner"], "Grace");
  EXPECT_EQ(leads({"lose", ada, "--reason", "no budget"})["stage"], "lost");
  EXPECT_EQ(leads({"recycle", ada})["stage"], "recycled");
  const auto account = leads({"account", ada, "--owner", "Mary", "--renews", "2999-01-01T00:00:00Z"});
  EXPECT_EQ(account["account"]["owner"], "Mary");
}

TEST_F(Funnel, RecordsASaleOnceByItsKey) {
  for (int i = 0; i < 2; ++i)
    EXPECT_EQ(
        leads({"convert", ada, "--value", "5", "--currency", "EUR", "--key", "order-1"})["value"]["EUR"], 5);
  (void)leads({"convert", ada, "--value", "5", "--currency", "EUR"}, 1);
  EXPECT_THAT(error_, HasSubstr("--again"));
  EXPECT_EQ(leads({"convert", ada, "--value", "5", "--currency", "EUR", "--again"})["stage"], "customer");
}

TEST_F(Funnel, SaysWhatIsWrongWithADeed) {
  const std::vector<std::pair<std::vector<std::string>, std::string>> wrong{
      {{"convert", ada, "--value", "-5", "--currency", "EUR"}, "nothing or more"},
      {{"convert", ada, "--value", "5"}, "currency"},
      {{"convert", ada, "--value", "5", "--currency", "euro"}, "ISO 4217"},
      {{"assign", ada, "Nobody"}, "nobody of route.team"},
      {{"recycle", ada}, "cannot become recycled"},
      {{"answer", ada}, "assign it first"},
      {{"tag", ada}, "name a tag"},
      {{"account", ada, "--renews", "tomorrow"}, "is a time"},
      {{"note", "nobody@example.com", "x"}, "no such lead"}};
  for (const auto& [arguments, message] : wrong) {
    (void)leads(arguments, 1);
    EXPECT_THAT(error_, HasSubstr(message)) << arguments[0];
  }
  EXPECT_THAT(leads({"show", ada})["timeline"], SizeIs(1));
}

TEST_F(Funnel, ExplainsItself) {
  (void)leads({"convert", ada, "--value", "5", "--currency", "EUR"});
  const auto words = hub_.run({"leads", "explain", ada});
  EXPECT_THAT(
      words.out,
      AllOf(HasSubstr("is converted and hot, with Charles."), HasSubstr("The score is 40, the grade A2:"),
            HasSubstr("+20 for \"big company\" (fit), from form.submitted by website"),
            HasSubstr("hot: event.type is purchase.completed, until "),
            HasSubstr("warm: lead.score is at least 20, for as long as that is so"),
            HasSubstr("converted since "), HasSubstr("by territory: lead.temperature is hot; open")));
}

TEST_F(Funnel, KeepsItAllOverARestart) {
  (void)leads({"convert", ada, "--value", "5", "--currency", "EUR"});
  const auto before = leads({"show", ada});
  hub_.stop();
  hub_.start();
  auto after = leads({"show", ada});
  for (const auto* member : {"score", "owner", "value", "stage", "assignments", "stage_reasons", "warmth"})
    EXPECT_EQ(before[member], after[member]) << member;
}

}  // namespace
}  // namespace leadhub::e2e
