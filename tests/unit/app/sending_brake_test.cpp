#include "app/sending_brake.hpp"

#include <gmock/gmock.h>

#include "pipeline/hub.hpp"

namespace leadhub::app {
namespace {

using test::value_or_throw;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using namespace std::chrono_literals;

const lead::PauseScope mail{lead::PauseScope::Of::channel, "mail"};

/// Ten mails of a journey left by "mail", of which some bounced.
struct Brake : testing::Test {
  Brake() {
    hub.append_form(R"("email":"ada@example.com")");
    hub.run();
  }

  void sent(int count, int bounced) {
    hub.pipeline.reset();
    auto leads = value_or_throw(store::LeadStore::open(hub.lead_file(), "main", hub.clock));
    store::LeadChanges changes;
    changes.cursor = value_or_throw(leads->cursor());
    for (int i = 0; i < count; ++i) {
      lead::Message message;
      message.id = "message " + std::to_string(number++);
      message.occurrence = message.id;
      message.lead_id = hub.lead_with("ada@example.com").lead.id;
      message.kind = lead::MessageKind::journey;
      message.channel = "mail";
      message.state = lead::MessageState::unknown;
      message.created_at = hub.clock.now();
      changes.messages.push_back(message);
      changes.settled.push_back({message.id, lead::MessageState::sent, hub.clock.now()});
      if (i < bounced)
        changes.feedback.push_back({lead::MailFeedback::What::bounced, message.id, {}, hub.clock.now()});
    }
    ASSERT_TRUE(leads->save(changes));
  }

  void bounces(const std::string& id) {
    hub.pipeline.reset();
    auto leads = value_or_throw(store::LeadStore::open(hub.lead_file(), "main", hub.clock));
    store::LeadChanges changes;
    changes.cursor = value_or_throw(leads->cursor());
    changes.feedback.push_back({lead::MailFeedback::What::bounced, id, {}, hub.clock.now()});
    ASSERT_TRUE(leads->save(changes));
  }

  std::vector<std::string> look() {
    SendingBrake brake{
        SendingBrake::Ports{
            hub.reader(), value_or_throw(store::MessageReader::open(hub.lead_file(), hub.inbox->workspace())),
            [] {
              return std::vector<std::string>{"mail", "post"};
            },
            [this] { return limits; },
            [this](const lead::Action& action) -> Result<bool> {
              hub.act(action);
              return true;
            }},
        hub.clock};
    return value_or_throw(brake.look());
  }

  test::Hub hub;
  int number = 0;
  std::optional<nurture::Brake> limits = nurture::Brake{10, 1, 24h, 10};
};

TEST_F(Brake, PausesAChannelWhoseMailsComeBackAndSaysWhy) {
  sent(10, 2);
  EXPECT_THAT(look(), ElementsAre("mail"));
  const auto pauses = value_or_throw(hub.reader()->pauses());
  ASSERT_THAT(pauses, SizeIs(1));
  EXPECT_EQ(pauses.front().scope, mail);
  EXPECT_THAT(pauses.front().reason, HasSubstr("2 of the last 10 mails bounced"));
  EXPECT_THAT(look(), IsEmpty()) << "it is paused already";
}

TEST_F(Brake, LetsAChannelGoOnThatSendsWell) {
  sent(10, 1);
  EXPECT_THAT(look(), IsEmpty());
}

TEST_F(Brake, LooksAtWhatIsSentAfterSomebodyHasResumedAlone) {
  sent(10, 2);
  look();
  hub.clock.advance(1min);
  hub.act(lead::ResumeSending{mail});
  hub.clock.advance(1min);
  EXPECT_THAT(look(), IsEmpty());
  sent(10, 2);
  EXPECT_THAT(look(), ElementsAre("mail"));
}

TEST_F(Brake, HoldsWhatComesBackOfEarlierMailsAgainstNoneThatAreSentLater) {
  sent(10, 2);
  look();
  hub.clock.advance(1min);
  hub.act(lead::ResumeSending{mail});
  hub.clock.advance(1min);
  sent(10, 0);
  bounces("message 5");  // of those before
  bounces("message 6");
  EXPECT_THAT(look(), IsEmpty());
  bounces("message 15");
  bounces("message 16");
  EXPECT_THAT(look(), ElementsAre("mail"));
}

TEST_F(Brake, ForgetsWhatIsLongPast) {
  sent(10, 2);
  hub.clock.advance(25h);
  EXPECT_THAT(look(), IsEmpty());
}

TEST_F(Brake, IsOffWhereNobodyWantsIt) {
  sent(10, 10);
  limits.reset();
  EXPECT_THAT(look(), IsEmpty());
}

}  // namespace
}  // namespace leadhub::app
