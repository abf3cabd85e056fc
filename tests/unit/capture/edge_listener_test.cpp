#include "capture/edge_listener.hpp"

#include <gmock/gmock.h>

#include <thread>

#include "edge_client.hpp"

namespace leadhub::capture::testing {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

bool has_ipv6() {
  return Edge::eventually(
      [] {
        const int probe = ::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in6 loopback{};
        loopback.sin6_family = AF_INET6;
        loopback.sin6_addr = in6addr_loopback;
        const bool bound =
            probe >= 0 && ::bind(probe, reinterpret_cast<sockaddr*>(&loopback), sizeof loopback) == 0;
        if (probe >= 0) ::close(probe);
        return bound;
      },
      0ms);
}

std::string status_of(const std::string& answer) {
  return answer.substr(0, 12);
}

// --- Requests and answers
// ----------------------------------------------------------------------------------------

TEST(Edge, HandsOverTheWholeRequest) {
  const Edge edge;
  auto client = edge.client();
  client.send(
      "POST /in/web%20site?utm_source=x&a=b?c HTTP/1.1\r\nHOST: h\r\nX-Twice: 1\r\nX-Twice:  2 \r\n"
      "Content-Length: 3\r\n\r\na=b");
  EXPECT_THAT(client.answer(), StartsWith("HTTP/1.1 200 OK\r\nServer: leadhub\r\nDate: "));
  const auto seen = edge.handler.seen();
  ASSERT_EQ(seen.size(), 1U);
  EXPECT_EQ(seen[0].method, "POST");
  EXPECT_EQ(seen[0].path, "/in/web%20site");
  EXPECT_EQ(seen[0].query, "utm_source=x&a=b?c");
  EXPECT_EQ(seen[0].body, "a=b");
  EXPECT_EQ(seen[0].client_address, "127.0.0.1");
  EXPECT_EQ(seen[0].header("host"), "h");
  ASSERT_EQ(seen[0].headers.size(), 4U);
  EXPECT_EQ(seen[0].headers[2].name, "x-twice");
  EXPECT_EQ(seen[0].headers[2].value, "2");
  EXPECT_LT(edge.clock.now() - seen[0].received_at, 10s);
}

TEST(Edge, AnswersPipelinedRequestsInOrder) {
  Edge edge;
  HeldReplies& held = edge.handler.hold_replies();
  auto client = edge.client();
  std::string requests;
  for (int i = 0; i < 3; ++i) requests += "GET /" + std::to_string(i) + " HTTP/1.1\r\nHost: h\r\n\r\n";
  client.send(requests);
  for (std::size_t i = 0; i < 3; ++i) {
    ASSERT_TRUE(edge.handler.wait_for(i + 1));
    EXPECT_EQ(edge.handler.seen().size(), i + 1) << "the next is read when this one is answered";
    for (Reply& reply : held.take()) reply(response_of(200, "answer " + std::to_string(i)));
    EXPECT_THAT(client.answer(), EndsWith("answer " + std::to_string(i)));
  }
}

TEST(Edge, AnswersManyPipelinedRequestsInOrder) {
  const Edge edge;
  auto client = edge.client();
  std::thread sender{[&] {
    for (int i = 0; i < 2'000; ++i)
      client.send("POST /" + std::to_string(i) + " HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nab");
  }};
  for (int i = 0; i < 2'000; ++i)
    ASSERT_THAT(client.answer(), EndsWith("\r\n\r\nPOST /" + std::to_string(i) + " ab"));
  sender.join();
}

TEST(Edge, GivesAHeadWithoutItsBody) {
  const Edge edge;
  auto client = edge.client();
  client.send("HEAD /a HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_THAT(client.answer(5s, true), HasSubstr("Content-Length: 8\r\n"));
  client.send("GET /a HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_THAT(client.answer(), StartsWith("HTTP/1.1 200 ")) << "nothing lies between the two answers";
}

TEST(Edge, KeepsAndClosesAsTheClientSays) {
  const Edge edge;
  EXPECT_THAT(edge.exchange("GET / HTTP/1.0\r\n\r\n"), HasSubstr("Connection: close"));
  EXPECT_THAT(edge.exchange("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"),
              HasSubstr("Connection: close"));
  auto old_client = edge.client();
  for (int i = 0; i < 2; ++i) {
    old_client.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    EXPECT_THAT(old_client.answer(), HasSubstr("Connection: keep-alive"));
  }
  auto half_closed = edge.client();
  half_closed.send(get_request);
  half_closed.shutdown_send();
  EXPECT_THAT(half_closed.rest(), StartsWith("HTTP/1.1 200 "));
}

TEST(Edge, IgnoresUpgradeAndTakesAbsoluteForm) {
  const Edge edge;
  auto client = edge.client();
  client.send("GET http://h/a?b HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n");
  EXPECT_THAT(client.answer(), StartsWith("HTTP/1.1 200 "));
  EXPECT_EQ(edge.handler.seen().at(0).path, "/a");
}

TEST(Edge, GivesProblemsToWhoAsksForJson) {
  EdgeOptions options;
  options.body_bytes_max = 1;
  const Edge edge{options};
  const auto problem = edge.exchange(post_request("ab", "Accept: application/json\r\n"));
  EXPECT_THAT(problem, HasSubstr("Content-Type: application/problem+json"));
  EXPECT_THAT(problem, HasSubstr(R"("status":413)"));
}

// --- Handlers that misbehave
// -------------------------------------------------------------------------------------

TEST(EdgeHandler, MayAnswerFromAnotherThread) {
  Edge edge;
  std::vector<std::jthread> threads;
  std::mutex mutex;
  edge.handler.on_request = [&](const HttpRequest& request, Reply reply) {
    const std::scoped_lock lock{mutex};
    threads.emplace_back(
        [path = request.path, reply = std::move(reply)]() mutable { reply(response_of(200, path)); });
  };
  std::vector<Client> clients;
  for (int i = 0; i < 50; ++i) clients.push_back(edge.client());
  for (int round = 0; round < 5; ++round) {
    for (std::size_t i = 0; i < clients.size(); ++i)
      clients[i].send("GET /" + std::to_string(i) + " HTTP/1.1\r\nHost: h\r\n\r\n");
    for (std::size_t i = 0; i < clients.size(); ++i)
      ASSERT_THAT(clients[i].answer(), EndsWith("\r\n\r\n/" + std::to_string(i)));
  }
  const std::scoped_lock lock{mutex};
  threads.clear();
}

TEST(EdgeHandler, ThatNeverRepliesCosts503AndALateReplyNothing) {
  EdgeOptions options;
  options.deadlines.handler = 100ms;
  Edge edge{options};
  HeldReplies& held = edge.handler.hold_replies();
  const auto answer = edge.exchange(get_request);
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 503 "));
  EXPECT_THAT(answer, HasSubstr("Retry-After: "));
  edge.handler.on_request = nullptr;
  auto next = edge.client();
  for (Reply& reply : held.take()) reply(response_of(200, "late"));
  next.send(get_request);
  EXPECT_THAT(next.answer(), Not(HasSubstr("late")));
  EXPECT_EQ(edge.listener->statistics().refused(EdgeRefusal::handler_late), 1U);
}

TEST(EdgeHandler, ThatDropsThrowsOrForgesCosts500) {
  Edge edge;
  auto client = edge.client();
  const auto answer = [&] {
    client.send(get_request);
    return client.answer();
  };
  edge.handler.on_request = [](const HttpRequest&, Reply) {};
  EXPECT_EQ(status_of(answer()), "HTTP/1.1 500");
  edge.handler.on_request = [](const HttpRequest&, Reply) { throw std::runtime_error{"secret"}; };
  const auto thrown = answer();
  EXPECT_EQ(status_of(thrown), "HTTP/1.1 500");
  EXPECT_THAT(thrown, Not(HasSubstr("secret")));
  edge.handler.on_request = [](const HttpRequest&, Reply reply) {
    auto response = response_of(303);
    response.headers.push_back({"Location", "/a\r\nSet-Cookie: forged=1"});
    reply(std::move(response));
  };
  const auto forged = answer();
  EXPECT_EQ(status_of(forged), "HTTP/1.1 500");
  EXPECT_THAT(forged, Not(HasSubstr("forged")));
  edge.handler.on_request = [](const HttpRequest&, Reply reply) { reply(response_of(42)); };
  EXPECT_EQ(status_of(answer()), "HTTP/1.1 500");
  edge.handler.on_request = [](const HttpRequest&, Reply reply) {
    std::thread{[reply = std::move(reply)]() mutable { Reply dropped = std::move(reply); }}.detach();
  };
  EXPECT_EQ(status_of(answer()), "HTTP/1.1 500");
  edge.handler.on_head = [](const HttpRequest&) -> std::optional<HttpResponse> { throw 42; };
  EXPECT_EQ(status_of(answer()), "HTTP/1.1 500");
  edge.handler.on_head = nullptr;
  edge.handler.on_request = nullptr;
  EXPECT_EQ(status_of(answer()), "HTTP/1.1 200");
}

TEST(EdgeHandler, MayReplyTwiceOrAfterTheClientLeft) {
  Edge edge;
  HeldReplies& held = edge.handler.hold_replies();
  {
    auto leaving = edge.client();
    leaving.send(get_request);
    ASSERT_TRUE(edge.handler.wait_for(1));
  }
  for (Reply& reply : held.take()) {
    reply(response_of(200));
    reply(response_of(200));
  }
  edge.handler.on_request = nullptr;
  EXPECT_TRUE(edge.serves());
  EXPECT_TRUE(Edge::eventually([&] { return edge.listener->statistics().connections_open == 0; }));
}

// --- Deadlines
// ---------------------------------------------------------------------------------------------------

TEST(EdgeDeadline, EndsARequestThatDrips) {
  EdgeOptions options;
  options.deadlines.request = 200ms;
  const Edge edge{options};
  for (const std::string start :
       {"GET /in", "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 900\r\n\r\nab",
        "POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n500\r\na"}) {
    auto client = edge.client();
    client.send(start);
    std::atomic<bool> stop = false;
    std::thread dripper{[&] {
      while (!stop && client.send("x")) ::usleep(20'000);
    }};
    const auto answer = client.answer();
    stop = true;
    dripper.join();
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 408 ")) << start;
    EXPECT_THAT(answer, HasSubstr("Connection: close"));
  }
  EXPECT_EQ(edge.listener->statistics().refused(EdgeRefusal::timed_out), 3U);
}

TEST(EdgeDeadline, ClosesAnIdleConnectionWithoutAWord) {
  EdgeOptions options;
  options.deadlines.idle = 100ms;
  const Edge edge{options};
  auto silent = edge.client();
  EXPECT_TRUE(silent.closes());
  auto used = edge.client();
  used.send(get_request);
  EXPECT_THAT(used.answer(), StartsWith("HTTP/1.1 200 "));
  EXPECT_TRUE(used.closes());
}

TEST(EdgeDeadline, CutsAPeerWhoDoesNotTakeItsAnswer) {
  EdgeOptions options;
  options.deadlines.answer = 200ms;
  Edge edge{options};
  edge.handler.on_request = [](const HttpRequest&, Reply reply) {
    reply(response_of(200, std::string(50'000'000, 'x')));
  };
  auto client = edge.client();
  client.send(get_request);
  // A connection is accepted a moment before it is open, so that it ended is told by why.
  EXPECT_TRUE(
      Edge::eventually([&] { return edge.listener->statistics().refused(EdgeRefusal::timed_out) == 1; }));
  EXPECT_TRUE(Edge::eventually([&] { return edge.listener->statistics().connections_open == 0; }));
}

TEST(EdgeDeadline, LeavesASlowButSteadyReaderAlone) {
  Edge edge;
  const std::string body(8'000'000, 'x');
  edge.handler.on_request = [&](const HttpRequest&, Reply reply) { reply(response_of(200, body)); };
  auto client = edge.client();
  client.send(get_request);
  ::usleep(300'000);
  EXPECT_THAT(client.answer(), EndsWith(body.substr(0, 1'000)));
}

// --- Limits by address
// -------------------------------------------------------------------------------------------

TEST(EdgeAddress, HasItsOwnNumberOfConnections) {
  EdgeOptions options;
  options.connections_per_address = 3;
  const Edge edge{options};
  std::vector<Client> clients;
  for (int i = 0; i < 3; ++i) {
    clients.push_back(edge.client());
    clients.back().send(get_request);
    EXPECT_THAT(clients.back().answer(), StartsWith("HTTP/1.1 200 "));
  }
  EXPECT_TRUE(edge.client().closes());
  Client elsewhere = Client::unconnected();
  sockaddr_in source{};
  source.sin_family = AF_INET;
  inet_pton(AF_INET, "127.0.0.2", &source.sin_addr);
  ASSERT_EQ(::bind(elsewhere.descriptor(), reinterpret_cast<sockaddr*>(&source), sizeof source), 0);
  ASSERT_TRUE(elsewhere.connect(edge.port()));
  elsewhere.send(get_request);
  EXPECT_THAT(elsewhere.answer(), StartsWith("HTTP/1.1 200 ")) << "another address has its own";
  clients.clear();
  EXPECT_TRUE(Edge::eventually([&] { return edge.serves(); }));
  EXPECT_GE(edge.listener->statistics().refused(EdgeRefusal::connections_per_address), 1U);
}

TEST(EdgeAddress, AllConnectionsTogetherAreBounded) {
  EdgeOptions options;
  options.connections_max = 2;
  const Edge edge{options};
  auto first = edge.client();
  auto second = edge.client();
  EXPECT_TRUE(edge.client().closes());
  EXPECT_EQ(edge.listener->statistics().refused(EdgeRefusal::connections_max), 1U);
}

TEST(EdgeAddress, HasItsOwnRateOfRequests) {
  EdgeOptions options;
  options.requests_per_address = RequestRate{.count = 2, .per = 1h};
  const Edge edge{options};
  auto client = edge.client();
  for (int i = 0; i < 2; ++i) {
    client.send(get_request);
    EXPECT_THAT(client.answer(), StartsWith("HTTP/1.1 200 "));
  }
  client.send(get_request);
  const auto refused = client.answer();
  EXPECT_THAT(refused, StartsWith("HTTP/1.1 429 "));
  EXPECT_THAT(refused,
              ::testing::AnyOf(HasSubstr("Retry-After: 1800\r\n"), HasSubstr("Retry-After: 1799\r\n")));
  auto another_connection = edge.client();
  another_connection.send(post_request("counted, too"));
  EXPECT_THAT(another_connection.answer(), StartsWith("HTTP/1.1 429 "));
  EXPECT_EQ(edge.handler.seen().size(), 2U);
}

TEST(EdgeAddress, IsNeverTakenFromAHeaderOfAStranger) {
  const Edge edge;
  auto client = edge.client();
  client.send("GET / HTTP/1.1\r\nHost: h\r\nX-Forwarded-For: 203.0.113.7\r\n\r\n");
  EXPECT_THAT(client.answer(), StartsWith("HTTP/1.1 200 "));
  EXPECT_EQ(edge.handler.seen().at(0).client_address, "127.0.0.1");
}

TEST(EdgeAddress, IsTheClientsBehindATrustedProxy) {
  EdgeOptions options;
  options.trusted_proxies = {"127.0.0.0/8"};
  options.connections_per_address = 1;
  options.requests_per_address = RequestRate{.count = 1, .per = 1h};
  const Edge edge{options};
  auto proxy = edge.client();
  auto same_proxy = edge.client();
  const auto status_for = [](Client& connection, const std::string& forwarded) {
    connection.send("GET / HTTP/1.1\r\nHost: h\r\nX-Forwarded-For: " + forwarded + "\r\n\r\n");
    return status_of(connection.answer());
  };
  EXPECT_EQ(status_for(proxy, "6.6.6.6, 203.0.113.7"), "HTTP/1.1 200");
  EXPECT_EQ(status_for(same_proxy, "203.0.113.8"), "HTTP/1.1 200");
  EXPECT_EQ(status_for(proxy, "203.0.113.7"), "HTTP/1.1 429");
  EXPECT_EQ(status_for(proxy, "2a00:0:0:1::1"), "HTTP/1.1 200");
  EXPECT_EQ(status_for(proxy, "2a00:0:0:1::2"), "HTTP/1.1 429") << "the same /64";
  EXPECT_EQ(status_for(proxy, "garbage"), "HTTP/1.1 200");
  const auto seen = edge.handler.seen();
  ASSERT_EQ(seen.size(), 4U);
  EXPECT_EQ(seen[0].client_address, "203.0.113.7");
  EXPECT_EQ(seen[3].client_address, "127.0.0.1");
}

TEST(EdgeAddress, MayBeIpv6) {
  if (!has_ipv6()) GTEST_SKIP() << "this machine has no IPv6 loopback";
  EdgeOptions options;
  options.address = "::";
  const Edge edge{options};
  Client v6{edge.port(), "::1"};
  v6.send(get_request);
  EXPECT_THAT(v6.answer(), StartsWith("HTTP/1.1 200 "));
  Client v4{edge.port()};
  v4.send(get_request);
  EXPECT_THAT(v4.answer(), StartsWith("HTTP/1.1 200 "));
  const auto seen = edge.handler.seen();
  EXPECT_EQ(seen.at(0).client_address, "::1");
  EXPECT_EQ(seen.at(1).client_address, "127.0.0.1") << "not ::ffff:127.0.0.1";
}

// --- Starting and stopping
// ---------------------------------------------------------------------------------------

TEST(EdgeStart, SaysWhatIsWrong) {
  TestHandler handler;
  const SystemClock clock;
  const auto error_of = [&](EdgeOptions options) {
    const auto started = EdgeListener::start(std::move(options), handler, clock);
    return started ? "started" : started.error().message;
  };
  EdgeOptions options;
  options.address = "localhost";
  EXPECT_THAT(error_of(options), HasSubstr("'localhost' is not an IP address"));
  options = {};
  options.threads = 0;
  EXPECT_THAT(error_of(options), HasSubstr("0 threads"));
  options = {};
  options.trusted_proxies = {"10.0.0.1/8"};
  EXPECT_THAT(error_of(options), HasSubstr("trusted_proxies: '10.0.0.1/8'"));
  options = {};
  options.body_bytes_max = 1'000 * limits::mebibyte;
  EXPECT_THAT(error_of(options), HasSubstr("64 MiB"));
  options = {};
  options.requests_per_address = RequestRate{.count = 0, .per = 1s};
  EXPECT_THAT(error_of(options), HasSubstr("requests_per_address"));
  const Edge edge;
  options = {};
  options.port = edge.port();
  EXPECT_THAT(error_of(options), HasSubstr("cannot listen on 127.0.0.1 port " + std::to_string(edge.port())));
}

TEST(EdgeStop, AnswersWhatHasBegunAndClosesTheRest) {
  Edge edge;
  HeldReplies& held = edge.handler.hold_replies();
  auto idle = edge.client();
  auto handled = edge.client();
  handled.send(get_request);
  auto reading = edge.client();
  reading.send("POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nbo");
  ASSERT_TRUE(edge.handler.wait_for(1));
  ASSERT_TRUE(Edge::eventually([&] { return edge.listener->statistics().requests == 2; }));

  std::thread stopper{[&] { edge.listener->stop(10s); }};
  EXPECT_TRUE(idle.closes());
  EXPECT_FALSE(Client::unconnected().connect(edge.port())) << "nobody listens any more";
  reading.send("dy");
  ASSERT_TRUE(edge.handler.wait_for(2));
  for (Reply& reply : held.take()) reply(response_of(200));
  for (Client* client : {&handled, &reading}) {
    const auto answer = client->rest();
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 "));
    EXPECT_THAT(answer, HasSubstr("Connection: close"));
  }
  stopper.join();
  EXPECT_EQ(edge.listener->statistics().connections_open, 0U);
}

TEST(EdgeStop, AnswersARequestThatWaitsInTheKernel) {
  for (int i = 0; i < 20; ++i) {
    Edge edge;
    auto client = edge.client();
    client.send(get_request);
    edge.listener->stop(5s);
    EXPECT_THAT(client.rest(), StartsWith("HTTP/1.1 200 "));
  }
}

TEST(EdgeStop, CutsWhatDoesNotEndInTime) {
  Edge edge;
  HeldReplies& held = edge.handler.hold_replies();
  auto handled = edge.client();
  handled.send(get_request);
  ASSERT_TRUE(edge.handler.wait_for(1));
  const auto start = std::chrono::steady_clock::now();
  edge.listener->stop(100ms);
  EXPECT_LT(std::chrono::steady_clock::now() - start, 5s);
  EXPECT_EQ(edge.listener->statistics().connections_open, 0U);
  edge.listener->stop(100ms);
  edge.listener.reset();
  for (Reply& reply : held.take()) reply(response_of(200));
  EXPECT_TRUE(handled.closes());
}

TEST(EdgeStop, UnderLoadLosesNoAnswerToATakenRequest) {
  EdgeOptions options;
  options.threads = 2;
  Edge edge{options};
  std::atomic<std::size_t> answered = 0;
  std::vector<std::jthread> clients;
  for (int i = 0; i < 8; ++i)
    clients.emplace_back([&] {
      auto client = edge.client();
      while (client.send(post_request("load")) && client.answer().starts_with("HTTP/1.1 200 ")) ++answered;
    });
  ASSERT_TRUE(edge.handler.wait_for(200));
  edge.listener->stop(10s);
  clients.clear();
  EXPECT_EQ(edge.handler.seen().size(), answered);
}

TEST(EdgeStatistics, CountWhatHappened) {
  Edge edge;
  static_cast<void>(edge.exchange("nonsense\r\n"));
  static_cast<void>(edge.exchange("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"));
  edge.handler.on_head = [](const HttpRequest&) { return response_of(404); };
  static_cast<void>(edge.exchange("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"));
  ASSERT_TRUE(Edge::eventually([&] { return edge.listener->statistics().connections_open == 0; }));
  const auto statistics = edge.listener->statistics();
  EXPECT_EQ(statistics.connections_accepted, 3U);
  EXPECT_EQ(statistics.requests, 2U);
  EXPECT_EQ(statistics.answers[2], 1U);
  EXPECT_EQ(statistics.answers[4], 2U);
  EXPECT_EQ(statistics.refused(EdgeRefusal::malformed), 1U);
  EXPECT_EQ(statistics.refused(EdgeRefusal::early), 1U);
  EXPECT_GT(statistics.bytes_received, 80U);
  EXPECT_GT(statistics.bytes_sent, 300U);
  EXPECT_EQ(statistics.addresses_tracked, 1U);
  EXPECT_EQ(name_of(EdgeRefusal::file_descriptors), "file_descriptors");
}

}  // namespace
}  // namespace leadhub::capture::testing
