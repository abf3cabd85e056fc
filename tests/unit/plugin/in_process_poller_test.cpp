#include "plugin/in_process_poller.hpp"

#include <gmock/gmock.h>

#include "ops/limits.hpp"
#include "plugin/test_plugins.hpp"

namespace leadhub::plugin {
namespace {

using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using Mending = capture::PollFailure::Mending;

class Fetcher : public ::testing::Test {
 protected:
  std::expected<capture::Poll, capture::PollFailure> poll(std::string_view cursor) {
    return poller_->poll(cursor, test_.clock.now() + 7s);
  }

  const Registry registry_ = Registry::search(std::vector<std::filesystem::path>{TEST_PLUGINS});
  test::TestServices test_;
  PluginHost host_{registry_, test_.services};
  std::unique_ptr<capture::PollPort> poller_ = *host_.make_poller({"list", "fetcher", "{}"});
};

TEST_F(Fetcher, TakesEventsAndCursorAndWhenToComeAgain) {
  EXPECT_EQ(poller_->name(), "list");
  const auto found = poll("");
  ASSERT_TRUE(found);
  EXPECT_THAT(found->events, SizeIs(2));
  EXPECT_EQ(found->cursor, "behind 7000");
  EXPECT_EQ(found->wait, 0ms);
  EXPECT_EQ(poll("later")->wait, 90s);
  EXPECT_EQ(poll("much later")->wait, limits::poll_wait_max);
}

TEST_F(Fetcher, LeavesTheCursorWhereThePluginGivesNone) {
  const auto found = poll("nothing");
  ASSERT_TRUE(found);
  EXPECT_THAT(found->events, IsEmpty());
  EXPECT_EQ(found->cursor, std::nullopt);
  EXPECT_EQ(found->wait, std::nullopt);
}

TEST_F(Fetcher, TellsWhatMendsItselfFromWhatAnOperatorMends) {
  const auto away = poll("away");
  ASSERT_FALSE(away);
  EXPECT_EQ(away.error().mending, Mending::by_itself);
  EXPECT_THAT(away.error().error.message, AllOf(HasSubstr("\"list\""), HasSubstr("away")));
  const auto password = poll("password");
  ASSERT_FALSE(password);
  EXPECT_EQ(password.error().mending, Mending::by_operator);
  EXPECT_THAT(password.error().error.message,
              AllOf(HasSubstr("cannot log in"), Not(HasSubstr("open-sesame"))));
  EXPECT_EQ(poll("unforeseen exception").error().mending, Mending::by_itself);
}

TEST_F(Fetcher, TakesNothingOfAPollThatBreaksTheRules) {
  for (const auto* const cursor : {"many events", "empty event", "bytes", "long cursor", "byte cursor"}) {
    const auto found = poll(cursor);
    ASSERT_FALSE(found) << cursor;
    EXPECT_THAT(found.error().error.message, AllOf(HasSubstr("fetcher"), HasSubstr("tell its maker")))
        << cursor;
    EXPECT_EQ(found.error().mending, Mending::by_operator);
  }
}

TEST_F(Fetcher, IsNoneOfAChannelThatCannotBePolled) {
  const auto made = host_.make_poller({"mail", "postman", "{}"});
  ASSERT_FALSE(made);
  EXPECT_THAT(made.error().message, HasSubstr("leadhub.capture.poll/1"));
}

}  // namespace
}  // namespace leadhub::plugin
