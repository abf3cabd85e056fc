#include "outbound/curl_http_client.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <httplib.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <thread>

#include "ops/limits.hpp"

namespace leadhub::outbound {
namespace {

using namespace std::chrono_literals;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Pair;

/// A service on loopback, and a client that may ask it.
class HttpClientTest : public ::testing::Test {
 protected:
  void SetUp() override {
    server_.new_task_queue = [] { return new httplib::ThreadPool(64); };
    server_.set_keep_alive_max_count(1);  // a stop waits for every connection that is kept
    port_ = server_.bind_to_any_port("127.0.0.1");
    ASSERT_GT(port_, 0);
    thread_ = std::thread{[this] { server_.listen_after_bind(); }};
    while (!server_.is_running()) std::this_thread::sleep_for(1ms);  // a stop before it would be lost
    rules_.origins.push_back({"http", "127.0.0.1", static_cast<std::uint16_t>(port_)});
  }
  void TearDown() override {
    server_.stop();
    thread_.join();
  }

  [[nodiscard]] std::string url(const std::string& path) const {
    return "http://127.0.0.1:" + std::to_string(port_) + path;
  }
  auto send(const Request& request, std::chrono::milliseconds time = 5s) {
    return client_.send(request, rules_, clock_.now() + time);
  }

  SystemClock clock_;
  httplib::Server server_;
  int port_ = 0;
  std::thread thread_;
  EgressRules rules_;
  CurlHttpClient client_{"leadhub/test", clock_};
};

TEST_F(HttpClientTest, SendsMethodHeadersAndBodyAndGivesTheWholeAnswer) {
  server_.Put("/things", [](const httplib::Request& request, httplib::Response& response) {
    response.status = 418;
    response.set_header("X-Answer", "  forty-two ");
    response.set_content(request.body + "|" + request.get_header_value("Authorization") + "|" +
                             request.get_header_value("Content-Type") + "|" +
                             request.get_header_value("User-Agent"),
                         "text/plain");
  });
  const auto answer = send({"PUT", url("/things"), {{"Authorization", "Bearer x"}}, "body"});
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->status, 418);
  EXPECT_EQ(answer->body, "body|Bearer x||leadhub/test");
  EXPECT_THAT(answer->headers, Contains(Pair("x-answer", "forty-two")));
}

TEST_F(HttpClientTest, KeepsBytesAsTheyAre) {
  server_.Post("/echo", [](const httplib::Request& request, httplib::Response& response) {
    response.set_content(request.body, "application/octet-stream");
  });
  const std::string bytes{"\0\xff\r\n\0", 5};
  const auto answer = send({"POST", url("/echo"), {{"content-type", "application/octet-stream"}}, bytes});
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->body, bytes);
}

TEST_F(HttpClientTest, FollowsNoRedirect) {
  server_.Get("/here", [](const httplib::Request&, httplib::Response& response) {
    response.set_redirect("http://169.254.169.254/latest/meta-data");
  });
  const auto answer = send({"GET", url("/here"), {}, {}});
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->status, 302);
}

TEST_F(HttpClientTest, RefusesWhatTheRulesDoNotAllowWithoutConnecting) {
  const auto answer = send({"GET", "http://127.0.0.1:1/", {}, {}});
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, NoAnswer::Kind::refused);
  EXPECT_THAT(answer.error().message, HasSubstr("plugins.egress"));
}

TEST_F(HttpClientTest, RefusesAPublicHostThatResolvesIntoOnesOwnNetwork) {
  rules_.hosts.emplace_back("localhost");
  const auto answer = send({"GET", "https://localhost/", {}, {}});
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, NoAnswer::Kind::refused);
  EXPECT_THAT(answer.error().message, HasSubstr("the internet cannot reach"));
}

TEST_F(HttpClientTest, RefusesWhatWouldSplitTheRequest) {
  const Request good{"GET", url("/"), {}, {}};
  auto bad = good;
  bad.headers = {{"X-Token", "a\r\nHost: evil"}};
  EXPECT_EQ(send(bad).error().kind, NoAnswer::Kind::refused);
  bad = good;
  bad.headers = {{"X Token", "a"}};
  EXPECT_EQ(send(bad).error().kind, NoAnswer::Kind::refused);
  bad = good;
  bad.headers = {{"Host", "evil"}};
  EXPECT_EQ(send(bad).error().kind, NoAnswer::Kind::refused);
  bad = good;
  bad.method = "GET / HTTP/1.1\r\n";
  EXPECT_EQ(send(bad).error().kind, NoAnswer::Kind::refused);
  bad = good;
  bad.url += "a b";
  EXPECT_EQ(send(bad).error().kind, NoAnswer::Kind::refused);
  bad = good;
  bad.body.assign(limits::outbound_body_bytes_max + 1, 'x');
  EXPECT_EQ(send(bad).error().kind, NoAnswer::Kind::refused);
}

TEST_F(HttpClientTest, SaysThatNothingWasSentWhereNobodyListens) {
  rules_.origins.push_back({"http", "127.0.0.1", 1});
  const auto answer = send({"POST", "http://127.0.0.1:1/", {}, "x"});
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, NoAnswer::Kind::not_sent);
}

TEST_F(HttpClientTest, IsUnsureWhereNoAnswerComesInTimeAndNamesOnlyTheHost) {
  std::atomic<bool> let_go{false};
  server_.Post("/slow", [&](const httplib::Request&, httplib::Response&) {
    for (int i = 0; i < 300 && !let_go; ++i) std::this_thread::sleep_for(10ms);
  });
  const auto answer = send({"POST", url("/slow?token=secret"), {}, "x"}, 200ms);
  let_go = true;
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, NoAnswer::Kind::unknown);
  EXPECT_THAT(answer.error().message, HasSubstr("127.0.0.1"));
  EXPECT_THAT(answer.error().message, Not(HasSubstr("secret")));
}

TEST_F(HttpClientTest, TakesNoMoreThanItsBound) {
  server_.Get("/huge", [](const httplib::Request&, httplib::Response& response) {
    response.set_content(std::string(limits::outbound_response_bytes_max + 1, 'x'), "text/plain");
  });
  const auto answer = send({"GET", url("/huge"), {}, {}});
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, NoAnswer::Kind::unknown);
  EXPECT_THAT(answer.error().message, HasSubstr("more than"));
}

TEST_F(HttpClientTest, NeverRepeatsARequestOfItsOwnAccord) {
  std::atomic<int> seen{0};
  server_.Post("/once", [&](const httplib::Request&, httplib::Response& response) {
    ++seen;  // and then the server ends the connection that the client would use again
    response.set_content("ok", "text/plain");
  });
  for (int i = 1; i <= 5; ++i) {
    const auto answer = send({"POST", url("/once"), {}, "x"});
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_EQ(seen, i);
  }
}

TEST_F(HttpClientTest, EndsWhatIsUnderWayWhenItIsStopped) {
  std::atomic<bool> let_go{false};
  server_.Get("/slow", [&](const httplib::Request&, httplib::Response&) {
    for (int i = 0; i < 500 && !let_go; ++i) std::this_thread::sleep_for(10ms);
  });
  std::thread stopper{[&] {
    std::this_thread::sleep_for(100ms);
    client_.stop(100ms);
  }};
  const auto begin = std::chrono::steady_clock::now();
  const auto answer = send({"GET", url("/slow"), {}, {}}, 30s);
  stopper.join();
  let_go = true;
  EXPECT_FALSE(answer);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 3s);
  EXPECT_EQ(send({"GET", url("/slow"), {}, {}}).error().kind, NoAnswer::Kind::not_sent);
}

TEST_F(HttpClientTest, LetsManyAskAtOnceWithinItsBound) {
  std::atomic<int> now{0};
  std::atomic<int> most{0};
  server_.Get("/busy", [&](const httplib::Request&, httplib::Response& response) {
    const int count = ++now;
    for (int seen = most; count > seen && !most.compare_exchange_weak(seen, count);) continue;
    std::this_thread::sleep_for(20ms);
    --now;
    response.set_content("ok", "text/plain");
  });
  std::atomic<int> good{0};
  std::vector<std::thread> askers;
  for (int i = 0; i < 40; ++i)
    askers.emplace_back([&] { good += send({"GET", url("/busy"), {}, {}}).has_value(); });
  for (auto& asker : askers) asker.join();
  EXPECT_EQ(good, 40);
  EXPECT_LE(most, static_cast<int>(limits::outbound_requests_max));
}

}  // namespace
}  // namespace leadhub::outbound
