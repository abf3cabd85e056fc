#include <gmock/gmock.h>

#include <functional>
#include <map>

#include "ops/limits.hpp"
#include "plugin/host_requests.hpp"
#include "plugin/in_process_channel.hpp"
#include "plugin/test_plugins.hpp"

namespace leadhub::plugin {
namespace {

using namespace std::chrono_literals;
using test::request;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Outcome = capture::FollowUp::Outcome;

/// A client that answers as the test says.
class FakeClient final : public outbound::HttpClient {
 public:
  std::expected<outbound::Response, outbound::NoAnswer> send(const outbound::Request& request,
                                                             const outbound::EgressRules& rules,
                                                             TimePoint deadline) override {
    last_request = request;
    last_rules = rules;
    last_deadline = deadline;
    return answer;
  }
  void stop(std::chrono::milliseconds) override {}

  std::expected<outbound::Response, outbound::NoAnswer> answer =
      outbound::Response{200, {{"x-reply", "well"}}, "done"};
  outbound::Request last_request;
  outbound::EgressRules last_rules;
  TimePoint last_deadline{};
};

class FakeMemory final : public ChannelMemory {
 public:
  Result<std::optional<std::string>> get(const std::string& channel, const std::string& key) override {
    const auto found = notes.find(channel + "/" + key);
    return found == notes.end() ? std::nullopt : std::optional{found->second};
  }
  Result<void> put(const std::string& channel, const std::string& key, const std::string& value,
                   std::optional<TimePoint> until) override {
    notes[channel + "/" + key] = value;
    expires = until;
    return {};
  }
  Result<void> erase(const std::string& channel, const std::string& key) override {
    notes.erase(channel + "/" + key);
    return {};
  }

  std::map<std::string, std::string> notes;
  std::optional<TimePoint> expires;
};

class FollowUpTest : public ::testing::Test {
 protected:
  void SetUp() override {
    test_.services.http = &client_;
    test_.services.memory = &memory_;
    test_.services.egress = {{"http", "127.0.0.1", 9090}};
    auto made = host_.make_channel({"errands", "errand", "{}"});
    ASSERT_TRUE(made) << made.error().message;
    channel_ = *std::move(made);
  }

  capture::FollowUp follow_up(const std::string& body) {
    return channel_->follow_up(request("/in/errands", body), "log-1", test_.clock.now() + 60s);
  }

  const Registry registry_ = Registry::search(std::vector<std::filesystem::path>{TEST_PLUGINS});
  FakeClient client_;
  FakeMemory memory_;
  test::TestServices test_;
  PluginHost host_{registry_, test_.services};
  std::shared_ptr<capture::ChannelPort> channel_;
};

TEST_F(FollowUpTest, IsForTheRequestsThatThePluginWants) {
  EXPECT_TRUE(channel_->follows_up());
  EXPECT_TRUE(channel_->wants_follow_up(request("/in/errands", "do nothing")));
  EXPECT_FALSE(channel_->wants_follow_up(request("/in/errands", "nothing")));
  const auto other = host_.make_channel({"website", "good", "{}"});
  ASSERT_TRUE(other);
  EXPECT_FALSE((*other)->follows_up());
  EXPECT_FALSE((*other)->wants_follow_up(request("/in/website", "do nothing")));
}

TEST_F(FollowUpTest, GivesEventsAndHandsOverItsKey) {
  const auto result = follow_up("do tell the key");
  EXPECT_EQ(result.outcome, Outcome::done) << result.detail;
  EXPECT_THAT(result.events, ElementsAre(HasSubstr("log-1")));
  EXPECT_THAT(follow_up("do nothing").events, IsEmpty());
}

TEST_F(FollowUpTest, AsksOtherServicesWithinTheRulesOfItsChannel) {
  const auto result = follow_up("do https://localhost/x");
  EXPECT_EQ(result.outcome, Outcome::done) << result.detail;
  EXPECT_THAT(result.events, ElementsAre(HasSubstr("200 done well")));
  EXPECT_EQ(client_.last_request.method, "POST");
  EXPECT_EQ(client_.last_request.url, "https://localhost/x");
  EXPECT_EQ(client_.last_request.body, "the body");
  EXPECT_THAT(client_.last_request.headers, ElementsAre(testing::Pair("x-key", "log-1")));
  EXPECT_THAT(client_.last_rules.hosts, ElementsAre("localhost"));
  EXPECT_EQ(client_.last_rules.origins, test_.services.egress);
  EXPECT_EQ(client_.last_deadline, test_.clock.now() + 60s);
}

TEST_F(FollowUpTest, IsTriedAgainWhereTheServiceMayAnswerLater) {
  client_.answer = outbound::Response{503, {{"retry-after", "120"}}, {}};
  auto result = follow_up("do https://localhost/x");
  EXPECT_EQ(result.outcome, Outcome::retry);
  EXPECT_EQ(result.retry_after, 120s);
  EXPECT_EQ(result.detail, "The service answered 503");
  client_.answer = std::unexpected(outbound::NoAnswer{outbound::NoAnswer::Kind::not_sent, "nobody is there"});
  result = follow_up("do https://localhost/x");
  EXPECT_EQ(result.outcome, Outcome::retry);
  EXPECT_EQ(result.detail, "nobody is there");
  result = follow_up("do later");
  EXPECT_EQ(result.outcome, Outcome::retry);
  EXPECT_EQ(result.retry_after, 90s);
}

TEST_F(FollowUpTest, IsGivenUpWhereNothingWillChange) {
  EXPECT_EQ(follow_up("do never").outcome, Outcome::failed);
  client_.answer = outbound::Response{404, {}, {}};
  EXPECT_EQ(follow_up("do https://localhost/x").outcome, Outcome::failed);
  client_.answer = std::unexpected(outbound::NoAnswer{outbound::NoAnswer::Kind::refused, "not allowed"});
  EXPECT_EQ(follow_up("do https://localhost/x").outcome, Outcome::failed);
}

TEST_F(FollowUpTest, RemembersUnderItsChannelsName) {
  EXPECT_THAT(follow_up("do recall").events, ElementsAre(HasSubstr("nothing")));
  EXPECT_EQ(follow_up("do remember").outcome, Outcome::done);
  EXPECT_THAT(memory_.notes, ElementsAre(testing::Pair("errands/k", "v")));
  EXPECT_EQ(memory_.expires, test_.clock.now() + 1s);
  EXPECT_THAT(follow_up("do recall").events, ElementsAre(HasSubstr("\"v\"")));
  EXPECT_EQ(follow_up("do forget").outcome, Outcome::done);
  EXPECT_THAT(memory_.notes, IsEmpty());
  EXPECT_THAT(follow_up("do overfill").detail, HasSubstr("too long"));
}

TEST_F(FollowUpTest, RefusesToBlockWhereSendersWait) {
  const auto answer = channel_->authenticate(request("/blocking"), test_.clock.now());
  ASSERT_TRUE(answer);
  EXPECT_THAT(answer->response.body, HasSubstr("[worker]"));
  EXPECT_EQ(client_.last_request.url, "");
}

TEST_F(FollowUpTest, OffersNeitherRequestsNorMemoryToChannelsThatAreOnlyChecked) {
  test::TestServices bare;
  const PluginHost host{registry_, bare.services};
  const auto channel = host.make_channel({"errands", "errand", "{}"});
  ASSERT_TRUE(channel);
  const auto result = (*channel)->follow_up(request("/in/errands", "do remember"), "k", TimePoint{});
  EXPECT_EQ(result.outcome, Outcome::failed);
}

/// What a careless plugin might pass. `host` is a channel's, in a [worker] call.
TEST_F(FollowUpTest, RefusesNonsenseFromThePlugin) {
  HostContext context{"errands", {}, {}, test_.services};
  const auto* host = context.host();
  const auto table = [&](std::string_view id) { return host->get_extension(host, {id.data(), id.size()}); };
  const auto& http = *static_cast<const leadhub_host_http*>(table(LEADHUB_HOST_HTTP));
  const auto& kv = *static_cast<const leadhub_host_kv*>(table(LEADHUB_HOST_KV));
  const WorkerCall worker;
  leadhub_error error{};
  error.size = sizeof error;
  const leadhub_outbound_sink no_sink{sizeof no_sink, 0, nullptr, nullptr};
  leadhub_outbound_request empty{};
  EXPECT_EQ(http.send(host, nullptr, 0, nullptr, nullptr), LEADHUB_STATUS_ERROR);
  EXPECT_EQ(http.send(host, &empty, 0, &no_sink, &error), LEADHUB_STATUS_ERROR);
  empty.size = sizeof empty;
  empty.header_count = 1'000'000;
  EXPECT_EQ(http.send(host, &empty, 0, &no_sink, &error), LEADHUB_STATUS_ERROR);
  empty.header_count = 0;
  empty.url = {nullptr, 7};
  EXPECT_EQ(http.send(host, &empty, 0, &no_sink, &error), LEADHUB_STATUS_ERROR);
  EXPECT_EQ(error.code, LEADHUB_ERROR_DENIED);
  EXPECT_EQ(kv.get(host, {nullptr, 3}, nullptr, &error), LEADHUB_STATUS_ERROR);
  EXPECT_EQ(kv.get(host, {"k", 1}, nullptr, &error), LEADHUB_STATUS_ERROR);
  EXPECT_EQ(kv.put(host, {"\xff", 1}, {"v", 1}, 0, &error), LEADHUB_STATUS_ERROR);
  EXPECT_EQ(kv.put(host, {"k", 1}, {"\xff", 1}, 0, &error), LEADHUB_STATUS_ERROR);
  EXPECT_EQ(kv.erase(host, {nullptr, 0}, nullptr), LEADHUB_STATUS_ERROR);
  EXPECT_THAT(memory_.notes, IsEmpty());
}

}  // namespace
}  // namespace leadhub::plugin
