#include "imap_session.hpp"

#include <gmock/gmock.h>
#include <leadhub/sdk/channel.hpp>

#include "limits.hpp"

/// What no honest server does.
namespace leadhub::mailbox {
namespace {

using testing::ElementsAre;

/// A server that says its lines whatever it hears, in pieces of `piece` bytes, and then closes; or goes on
/// for ever with `endless`.
class ScriptedServer final : public ByteStream {
 public:
  explicit ScriptedServer(std::string says, std::size_t piece = 7, std::string endless = {})
      : says_(std::move(says)), piece_(piece), endless_(std::move(endless)) {}

  std::string read_some() override {
    if (says_.empty() && endless_.empty())
      throw sdk::ChannelError("closed", LEADHUB_ERROR_UNAVAILABLE, sdk::RetryClass::transient);
    if (says_.empty()) return endless_;
    std::string bytes = says_.substr(0, piece_);
    says_.erase(0, bytes.size());
    return bytes;
  }
  void write(std::string_view bytes) override { heard += bytes; }

  std::string heard;

 private:
  std::string says_;
  std::size_t piece_;
  std::string endless_;
};

TEST(ImapSession, ReadsAnswersInWhateverPiecesTheyCome) {
  for (const std::size_t piece : {1u, 2u, 3u, 1000u}) {
    ScriptedServer server{
        "* 2 EXISTS\r\n* OK [UIDVALIDITY 17] fine\r\nL1 OK [READ-ONLY] done\r\n"
        "* SEARCH 9 4 2\r\n* SEARCH 4\r\nL2 OK done\r\n"
        "* 1 FETCH (FLAGS (\\Seen))\r\n* 2 FETCH (BODY[]<0> {12}\r\nL3 OK done\r\n UID 4)\r\nL3 OK done\r\n",
        piece};
    ImapSession session{server};
    EXPECT_EQ(session.examine("IN\"BOX"), 17u);
    EXPECT_THAT(session.uids_above(2), ElementsAre(4, 9));
    EXPECT_EQ(session.fetch(4, 100), "L3 OK done\r\n");
    EXPECT_EQ(
        server.heard,
        "L1 EXAMINE \"IN\\\"BOX\"\r\nL2 UID SEARCH UID 3:*\r\nL3 UID FETCH 4 (UID BODY.PEEK[]<0.100>)\r\n");
  }
}

TEST(ImapSession, GivesNothingForAMessageThatIsGone) {
  ScriptedServer server{"L1 OK done\r\nL2 NO [EXPUNGEISSUED] gone\r\n"};
  ImapSession session{server};
  EXPECT_EQ(session.fetch(4, 100), std::nullopt);
  EXPECT_EQ(session.fetch(4, 100), std::nullopt);
}

TEST(ImapSession, RefusesWhatIsNoImap) {
  for (const std::string& says :
       {std::string{"HTTP/1.1 400 Bad Request\r\n"}, std::string{"L1 OK no validity\r\n"},
        std::string{"* X {99999999999999999999}\r\n"}, std::string{"* X {2000000}\r\n"},
        std::string{"* X {3}\r\nabc {3}\r\nabc\r\n"}, std::string{"L9 OK another's\r\n"},
        std::string{"* OK [UIDV"}}) {
    ScriptedServer server{says};
    EXPECT_THROW(ImapSession{server}.examine("INBOX"), sdk::ChannelError) << says;
  }
}

TEST(ImapSession, DoesNotListenForEver) {
  ScriptedServer one_line{"", 1, std::string(1 << 16, 'x')};
  EXPECT_THROW(ImapSession{one_line}.examine("INBOX"), sdk::ChannelError);
  ScriptedServer many_lines{"", 1, "* OK still here\r\n* OK still here\r\n"};
  EXPECT_THROW(ImapSession{many_lines}.examine("INBOX"), sdk::ChannelError);
}

}  // namespace
}  // namespace leadhub::mailbox
