#include "lead/action.hpp"

#include <gmock/gmock.h>

#include "lead/message.hpp"

namespace leadhub::lead {
namespace {

TEST(ReplyInChat, IsReadAsItWasWritten) {
  const ReplyInChat reply{"the lead", "telegram", {"telegram", "7"}, "Two\nlines, \"quoted\"",
                          "Grace",    "key"};
  const auto read = parse_action(to_json(reply));
  ASSERT_TRUE(read) << read.error().message;
  const auto& again = std::get<ReplyInChat>(*read);
  EXPECT_EQ(again.lead_id, reply.lead_id);
  EXPECT_EQ(again.channel, reply.channel);
  EXPECT_EQ(again.conversation, reply.conversation);
  EXPECT_EQ(again.text, reply.text);
  EXPECT_EQ(again.author, reply.author);
  EXPECT_EQ(again.key, reply.key);
  EXPECT_FALSE(parse_action(R"({"type":"chat.replied","lead":"x"})"));
}

TEST(RecordSignal, IsReadAsItWasWritten) {
  const RecordSignal signal{"the lead", "mail", R"({"type":"email.clicked"})"};
  const auto read = parse_action(to_json(signal));
  ASSERT_TRUE(read) << read.error().message;
  const auto& again = std::get<RecordSignal>(*read);
  EXPECT_EQ(again.lead_id, signal.lead_id);
  EXPECT_EQ(again.channel, signal.channel);
  EXPECT_EQ(again.document, signal.document);
  EXPECT_FALSE(parse_action(R"({"type":"signal.recorded","lead":"x","channel":"mail"})"));
}

TEST(ExternalContact, TellsSystemsWithColonsApart) {
  EXPECT_EQ(external_contact("telegram", "7"), "telegram:7");
  EXPECT_NE(external_contact("a:b", "c"), external_contact("a", "b:c"));
}

TEST(Messages, OfUnknownFateAreRepeatedWhereTwoAreBetterThanNone) {
  EXPECT_EQ(state_where_unknown(MessageKind::opt_in), MessageState::queued);
  EXPECT_EQ(state_where_unknown(MessageKind::chat_reply), MessageState::unknown);
}

TEST(Messages, KeepTheirNames) {
  for (const auto kind : {MessageKind::opt_in, MessageKind::chat_reply})
    EXPECT_EQ(message_kind_from(to_string(kind)), kind);
  EXPECT_EQ(to_string(MessageKind::chat_reply), "chat_reply");
  EXPECT_EQ(message_state_from("unknown"), MessageState::unknown);
}

}  // namespace
}  // namespace leadhub::lead
