#include "control/sending.hpp"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "pipeline/hub.hpp"
#include "store/message_reader.hpp"

namespace leadhub::control {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;
using testing::HasSubstr;

/// Over a real log, pipeline and stores; the hub has the journey "welcome" and the channel "mail".
struct SendingControl : testing::Test {
  SendingControl() {
    hub.run();
    queries = test::value_or_throw(Queries::open(hub.lead_file(), hub.inbox->workspace(), hub.inbox_file(),
                                                 hub.inbox->workspace(), hub.clock));
    messages = std::make_unique<Messages>(
        test::value_or_throw(store::MessageReader::open(hub.lead_file(), hub.inbox->workspace())),
        [] { return std::vector<std::string>{}; });
  }

  Sending sending() {
    return {*queries,
            *messages,
            {[](const lead::PauseScope& scope) -> Result<void> {
               if (scope.name.empty() || scope.name == "welcome" || scope.name == "mail") return {};
               return fail(ErrorCode::not_found, "there is none");
             },
             [this](const lead::Action& action) -> Result<bool> {
               hub.act(action);
               return true;
             }}};
  }

  /// A reply of which nobody knows whether it arrived.
  std::string unknown_message() {
    hub.append_form(R"("email":"ada@example.com")");
    hub.run();
    hub.pipeline.reset();
    auto leads = test::value_or_throw(store::LeadStore::open(hub.lead_file(), "main", hub.clock));
    store::LeadChanges changes;
    changes.cursor = test::value_or_throw(leads->cursor());
    lead::Message message;
    message.id = "01980b6e-7a5c-7c3f-9d4e-0123456789ab";
    message.occurrence = "reply/1";
    message.lead_id = hub.lead_with("ada@example.com").lead.id;
    message.kind = lead::MessageKind::chat_reply;
    message.state = lead::MessageState::unknown;
    changes.messages.push_back(message);
    EXPECT_TRUE(leads->save(changes));
    return message.id;
  }

  test::Hub hub;
  std::unique_ptr<Queries> queries;
  std::unique_ptr<Messages> messages;
};

ErrorCode code_of(const Result<ordered_json>& result) {
  return result ? ErrorCode{} : result.error().code;
}

TEST_F(SendingControl, PausesAndResumesWhatTheBodyNames) {
  const auto paused = test::value_or_throw(sending().pause(R"({"scope": "journey/welcome"})"));
  EXPECT_EQ(paused["state"], "on") << "the rest goes on";
  EXPECT_EQ(paused["pauses"][0]["scope"], "journey/welcome");
  EXPECT_EQ(paused["pauses"][0]["reason"], "operator");
  EXPECT_EQ(test::value_or_throw(sending().resume(R"({"scope": "journey/welcome"})"))["pauses"],
            json::array());
}

TEST_F(SendingControl, PausesEverythingWithoutABody) {
  EXPECT_EQ(test::value_or_throw(sending().pause(""))["state"], "paused");
  EXPECT_EQ(test::value_or_throw(sending().resume("{}"))["state"], "on");
}

TEST_F(SendingControl, RefusesWhatCannotBePaused) {
  EXPECT_EQ(code_of(sending().pause(R"({"scope": "journey/wellcome"})")), ErrorCode::not_found);
  for (const auto* body : {R"({"scope": "letters"})", R"({"scope": "journey/"})", R"({"scope": 1})",
                           R"({"journey": "welcome"})", "[]", "x"})
    EXPECT_EQ(code_of(sending().pause(body)), ErrorCode::invalid) << body;
}

TEST_F(SendingControl, ResumesWhatIsNotThereAnyMoreButNotWhatWasNeverPaused) {
  const lead::PauseScope scope{lead::PauseScope::Of::journey, "of last year"};
  hub.act(lead::PauseSending{scope});
  EXPECT_TRUE(sending().resume(R"({"scope": "journey/of last year"})"));
  EXPECT_EQ(code_of(sending().resume(R"({"scope": "journey/of last year"})")), ErrorCode::conflict);
}

TEST_F(SendingControl, SettlesWhatIsUnknownOnce) {
  const auto id = unknown_message();
  EXPECT_EQ(code_of(sending().settle(id, R"({"as": "lost"})")), ErrorCode::invalid);
  EXPECT_EQ(code_of(sending().settle("nobody", R"({"as": "sent"})")), ErrorCode::not_found);
  const auto settled = test::value_or_throw(sending().settle(id, R"({"as": "sent"})"));
  EXPECT_EQ(settled["state"], "sent");
  EXPECT_FALSE(settled["sent_at"].is_null());
  const auto again = sending().settle(id, R"({"as": "queued"})");
  ASSERT_EQ(code_of(again), ErrorCode::conflict);
  EXPECT_THAT(again.error().message, HasSubstr("sent"));
}

TEST_F(SendingControl, SendsWhatIsUnknownAgainWhereSomebodySaysSo) {
  const auto id = unknown_message();
  const auto settled = test::value_or_throw(sending().settle(id, R"({"as": "queued"})"));
  EXPECT_EQ(settled["state"], "queued");
  EXPECT_TRUE(settled["sent_at"].is_null());
}

}  // namespace
}  // namespace leadhub::control
