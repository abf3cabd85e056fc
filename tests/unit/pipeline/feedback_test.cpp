#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "config/nurture_section.hpp"
#include "pipeline/hub.hpp"
#include "store/message_reader.hpp"

namespace leadhub::pipeline {
namespace {

using test::value_or_throw;
using namespace std::chrono_literals;

constexpr auto ada = "ada@example.com";

/// Ada has got two mails of a journey, an hour apart.
struct Feedback : ::testing::Test {
  Feedback() {
    hub.options.nurture = config::nurture_of(nlohmann::json::parse(R"({"journeys": {
        "first": {"enter": {"event.type": "newsletter.subscribed"}, "steps": [{"send": {"template": "a", "via": "mail"}}]},
        "second": {"enter": {"event.type": "form.submitted"}, "steps": [{"send": {"template": "b", "via": "mail"}}]}}})"),
                                             {}, "UTC");
    happens("newsletter.subscribed",
            R"(,"consent":[{"purpose":"marketing_email","channel":"email","state":"granted"}])");
    hub.clock.advance(1h);
    happens("form.submitted");
    settle();
    hub.clock.advance(1h);
  }

  void happens(const std::string& type, const std::string& members = "") {
    auto draft = test::entry(
        {test::event(R"({"type":")" + type + R"(","person":{"email":")" + ada + R"("})" + members + "}")});
    draft.received_at = hub.clock.now();
    seq = hub.append(std::move(draft));
    hub.run();
  }
  void signal(const std::string& type, const std::string& signal) {
    happens(type, R"(,"signal":{)" + signal + "}");
  }
  std::string about(const std::string& id, const std::string& trust = "human") {
    return R"("trust":")" + trust + R"(","message_id":"<)" + id + R"(@example.com>")";
  }

  /// Both mails have left.
  void settle() {
    hub.pipeline.reset();
    auto leads = value_or_throw(store::LeadStore::open(hub.lead_file(), "main", hub.clock));
    auto leased =
        value_or_throw(leads->outbox().lease({lead::MessageKind::journey, "mail"}, hub.clock.now(), 10));
    for (auto& message : leased) {
      message.state = lead::MessageState::sent;
      message.sent_at = message.created_at;
    }
    EXPECT_TRUE(leads->outbox().settle(leased));
  }
  lead::Message mail(std::size_t number) { return hub.lead_with(ada).messages.at(number); }

  test::Hub hub;
  std::int64_t seq = 0;
};

TEST_F(Feedback, IsKeptWithTheMailThatItIsAbout) {
  signal("email.opened", about(mail(0).id));
  signal("email.clicked", about(mail(1).id));
  EXPECT_EQ(mail(0).opened_at, hub.clock.now());
  EXPECT_FALSE(mail(0).clicked_at);
  EXPECT_EQ(mail(1).clicked_at, hub.clock.now());
  EXPECT_FALSE(mail(1).opened_at);
}

TEST_F(Feedback, KeepsTheFirstTime) {
  signal("email.opened", about(mail(0).id));
  const auto first = hub.clock.now();
  hub.clock.advance(1h);
  signal("email.opened", about(mail(0).id));
  EXPECT_EQ(mail(0).opened_at, first);
}

TEST_F(Feedback, OfMachinesIsNone) {
  signal("email.opened", about(mail(0).id, "scanner"));
  signal("email.clicked", about(mail(0).id, "unknown"));
  EXPECT_FALSE(mail(0).opened_at);
  EXPECT_FALSE(mail(0).clicked_at);
}

TEST_F(Feedback, GoesWhenItTurnsOutThatAMachineDidIt) {
  signal("email.opened", about(mail(0).id));
  hub.act(lead::JudgeSignal{{seq, 0}, lead::SignalTrust::scanner});
  EXPECT_FALSE(mail(0).opened_at);
}

TEST_F(Feedback, StaysWhereAPersonDidItToo) {
  signal("email.opened", about(mail(0).id));
  const auto machine = seq;
  hub.clock.advance(1h);
  signal("email.opened", about(mail(0).id));
  hub.act(lead::JudgeSignal{{machine, 0}, lead::SignalTrust::scanner});
  EXPECT_EQ(mail(0).opened_at, hub.clock.now());
}

TEST_F(Feedback, OfABounceOrComplaintWithoutAMailIsOfTheLastOne) {
  signal("email.complained", R"("message_id":"an-id-of-theirs")");
  EXPECT_FALSE(mail(0).complained_at);
  EXPECT_EQ(mail(1).complained_at, hub.clock.now());
  signal("email.bounced", R"("bounce":"hard")");
  EXPECT_EQ(mail(1).bounced_at, hub.clock.now());
}

TEST_F(Feedback, OfAMailThatMayStillArriveIsNoBounce) {
  signal("email.bounced", R"("bounce":"soft")");
  EXPECT_FALSE(mail(1).bounced_at);
}

TEST_F(Feedback, IsCountedByChannelAndTime) {
  signal("email.bounced", R"("bounce":"hard")");
  const auto reader = value_or_throw(store::MessageReader::open(hub.lead_file(), hub.inbox->workspace()));
  const auto all = value_or_throw(reader->tally("mail", test::start_time));
  EXPECT_EQ(all.tried, 2);
  EXPECT_EQ(all.bounced, 1);
  EXPECT_EQ(all.complained, 0);
  EXPECT_EQ(value_or_throw(reader->tally("mail", test::start_time + 30min)).tried, 1);
  EXPECT_EQ(value_or_throw(reader->tally("post", test::start_time)).tried, 0);
}

}  // namespace
}  // namespace leadhub::pipeline
