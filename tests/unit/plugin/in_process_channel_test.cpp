#include "plugin/in_process_channel.hpp"

#include <gmock/gmock.h>

#include <thread>

#include "ops/limits.hpp"
#include "plugin/test_plugins.hpp"

namespace leadhub::plugin {
namespace {

using Kind = capture::Authentication::Kind;
using test::request;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class GoodChannel : public ::testing::Test {
 protected:
  std::shared_ptr<capture::ChannelPort> make(const std::string& config = R"({"token":"sesame-open"})") {
    auto made = host_.make_channel({"website", "good", config});
    EXPECT_TRUE(made) << made.error().message;
    return made.value_or(nullptr);
  }

  const Registry registry_ = Registry::search(std::vector<std::filesystem::path>{TEST_PLUGINS});
  test::TestServices test_;
  PluginHost host_{registry_, test_.services};
};

TEST_F(GoodChannel, TurnsARequestIntoEventsAndAResponse) {
  const auto channel = make();
  EXPECT_EQ(channel->name(), "website");
  const auto authentication = channel->authenticate(request("/in/website", "hi"), test_.clock.now());
  ASSERT_TRUE(authentication) << authentication.error().message;
  EXPECT_EQ(authentication->kind, Kind::accept);
  const auto reading = channel->read(request("/in/website", "hi"));
  ASSERT_TRUE(reading) << reading.error().message;
  EXPECT_THAT(reading->events, ElementsAre(AllOf(HasSubstr("\"message\":\"hi\""), HasSubstr("text/plain"))));
  EXPECT_EQ(reading->response.status, 303);
  ASSERT_EQ(reading->response.headers.size(), 1);
  EXPECT_EQ(reading->response.headers[0].name, "location");
  EXPECT_EQ(reading->response.headers[0].value, "http://localhost:8080/thanks");
}

TEST_F(GoodChannel, ReadsTheSameTwice) {
  const auto channel = make();
  const auto first = channel->read(request("/in/website", "hi"));
  const auto second = channel->read(request("/in/website", "hi"));
  ASSERT_TRUE(first && second);
  EXPECT_EQ(first->events, second->events);
}

TEST_F(GoodChannel, SeesDefaultsAndReferencesButNoSecrets) {
  const auto answer = make()->authenticate(request("/config"), test_.clock.now());
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->kind, Kind::answer);
  EXPECT_EQ(answer->response.body, R"({"token":{"$secret":"/token"},"greeting":"hello"})");
}

TEST_F(GoodChannel, SeesTheTimeItIsGiven) {
  const auto answer = make()->authenticate(request("/config"), from_milliseconds(42));
  ASSERT_TRUE(answer);
  ASSERT_EQ(answer->response.headers.size(), 1);
  EXPECT_EQ(answer->response.headers[0].name, "x-now");
  EXPECT_EQ(answer->response.headers[0].value, "42");
}

TEST_F(GoodChannel, HasASigningKeyOfItsOwn) {
  const auto answer = make()->authenticate(request("/key"), test_.clock.now());
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->response.body, "website" + std::string(25, '.'));
}

TEST_F(GoodChannel, RefusesWithItsOwnResponse) {
  const auto refused = make()->authenticate(request("/refuse"), test_.clock.now());
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->kind, Kind::refuse);
  EXPECT_EQ(refused->response.status, 401);
  EXPECT_EQ(refused->reason, "the token is wrong");
}

TEST_F(GoodChannel, SecretsDoNotLeaveInReasons) {
  const auto held = make()->authenticate(request("/hold"), test_.clock.now());
  ASSERT_TRUE(held);
  EXPECT_EQ(held->kind, Kind::hold);
  EXPECT_EQ(held->reason, "looks like ***");
}

TEST_F(GoodChannel, SecretsDoNotLeaveInLogLines) {
  ::testing::internal::CaptureStderr();
  make();
  EXPECT_THAT(::testing::internal::GetCapturedStderr(),
              AllOf(HasSubstr("channel website: website is active with ***"), Not(HasSubstr("sesame"))));
}

TEST_F(GoodChannel, ErrorsOfThePluginBecomeErrors) {
  const auto channel = make();
  const auto failed = channel->authenticate(request("/fail"), test_.clock.now());
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, ErrorCode::unavailable);
  EXPECT_EQ(failed.error().message, "channel \"website\" (plugin good): cannot tell");
  const auto unread = channel->read(request("/in/website", "nonsense"));
  ASSERT_FALSE(unread);
  EXPECT_EQ(unread.error().code, ErrorCode::invalid);
  EXPECT_EQ(unread.error().message, "the body is nonsense; send something else");
}

TEST_F(GoodChannel, CountsForTheHost) {
  const auto channel = make();
  for (int i = 0; i < 3; ++i) std::ignore = channel->authenticate(request("/in/website"), test_.clock.now());
  const auto values = test_.counters.values();
  ASSERT_EQ(values.size(), 1);
  EXPECT_EQ(values[0].channel, "website");
  EXPECT_EQ(values[0].name, "authenticated");
  EXPECT_EQ(values[0].value, 3);
}

TEST_F(GoodChannel, IsDeactivatedWithItsLastPointer) {
  auto channel = make();
  auto second = channel;
  channel.reset();
  EXPECT_TRUE(test_.counters.values().empty());
  second.reset();
  ASSERT_EQ(test_.counters.values().size(), 1);
  EXPECT_EQ(test_.counters.values()[0].name, "deactivated");
}

TEST_F(GoodChannel, TakesAsManyHeadersAsTheEdge) {
  auto many = request("/in/website", "hi");
  many.headers.assign(limits::header_count_max - 1, {"x-filler", "1"});
  many.headers.push_back({"content-type", "the last one"});
  const auto reading = make()->read(many);
  ASSERT_TRUE(reading);
  EXPECT_THAT(reading->events, ElementsAre(HasSubstr("the last one")));
}

TEST_F(GoodChannel, ServesManyThreads) {
  const auto channel = make();
  std::atomic<int> right = 0;
  {
    std::vector<std::jthread> threads;
    for (int thread = 0; thread < 4; ++thread)
      threads.emplace_back([&, thread] {
        const std::string body = "from thread " + std::to_string(thread);
        for (int i = 0; i < 500; ++i) {
          const auto authentication = channel->authenticate(request("/in/website", body), test_.clock.now());
          const auto reading = channel->read(request("/in/website", body));
          if (authentication && reading && reading->events.front().find(body) != std::string::npos) ++right;
        }
      });
  }
  EXPECT_EQ(right, 2'000);
}

TEST_F(GoodChannel, ItsConfigurationIsCheckedWithoutActivatingIt) {
  const auto fine = check_channel_config(registry_, {"website", "good", "{}"}, test_.services);
  ASSERT_TRUE(fine) << fine.error().message;
  EXPECT_TRUE(fine->empty());
  const auto never =
      check_channel_config(registry_, {"website", "good", R"({"greeting":"never"})"}, test_.services);
  EXPECT_TRUE(never) << "activate() fails with that, check() does not";
}

TEST_F(GoodChannel, DiagnosticsCarryPointersAndNoSecrets) {
  const auto found = check_channel_config(
      registry_, {"website", "good", R"({"greeting":"forbidden","token":"sesame-open"})"}, test_.services);
  ASSERT_TRUE(found) << found.error().message;
  ASSERT_EQ(found->size(), 1);
  EXPECT_EQ(found->front().pointer, "/greeting");
  EXPECT_EQ(found->front().message, "must not be forbidden; say hello, not ***");
}

TEST_F(GoodChannel, AWrongPointerPointsAtTheWhole) {
  const auto found =
      check_channel_config(registry_, {"website", "good", R"({"greeting":"two faults"})"}, test_.services);
  ASSERT_TRUE(found);
  ASSERT_EQ(found->size(), 2);
  EXPECT_EQ(found->back().pointer, "");
}

TEST_F(GoodChannel, IsNotMadeWithAWrongConfiguration) {
  const auto made = host_.make_channel({"website", "good", R"({"greeting":"two faults"})"});
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().message,
            "channel \"website\" (plugin good): its configuration is wrong; /greeting: is one fault; config: "
            "is another");
}

TEST_F(GoodChannel, IsNotMadeWhenActivatingFails) {
  const auto made = host_.make_channel({"website", "good", R"({"greeting":"never"})"});
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().message,
            "channel \"website\" (plugin good): the greeting is never said; choose another");
}

TEST_F(GoodChannel, AnUnknownPluginNamesTheChannel) {
  const auto made = host_.make_channel({"website", "webform", "{}"});
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, ErrorCode::not_found);
  EXPECT_THAT(made.error().message, StartsWith("channel \"website\": there is no plugin \"webform\""));
}

TEST_F(GoodChannel, ASigningKeyThatCannotBeHadIsNoCrash) {
  test_.services.signing_key = [](std::string_view) -> Result<std::string> {
    return fail(ErrorCode::io, "no key ring");
  };
  const auto answer = make()->authenticate(request("/key"), test_.clock.now());
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->response.body, "");
}

}  // namespace
}  // namespace leadhub::plugin
