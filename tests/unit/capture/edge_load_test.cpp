#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/resource.h>

#include <thread>

#include "edge_client.hpp"

/// Many connections at once, and none left.
namespace leadhub::capture::testing {
namespace {

using ::testing::StartsWith;

bool honest_answer(const Edge& edge) {
  auto client = edge.client();
  client.send(get_request);
  return client.answer(1s).starts_with("HTTP/1.1 200 ");
}

TEST(EdgeLoad, DrippingConnectionsDoNotDelayAnHonestOne) {
  EdgeOptions options;
  options.deadlines.request = 1s;
  const Edge edge{options};
  std::vector<Client> drippers;
  for (int i = 0; i < 80; ++i) drippers.push_back(edge.client());
  for (int round = 0; round < 20; ++round) {
    for (Client& dripper : drippers) dripper.send("G");
    EXPECT_TRUE(honest_answer(edge)) << "in round " << round;
  }
  for (Client& dripper : drippers) EXPECT_THAT(dripper.answer(), StartsWith("HTTP/1.1 4"));
  EXPECT_TRUE(honest_answer(edge));
}

TEST(EdgeLoad, AThousandIdleConnectionsStayUsable) {
  EdgeOptions options;
  options.connections_per_address = 2'000;
  options.threads = 2;
  const Edge edge{options};
  std::vector<Client> clients;
  for (int i = 0; i < 1'000; ++i) clients.push_back(edge.client());
  for (Client& client : clients) client.send(get_request);
  for (Client& client : clients) ASSERT_THAT(client.answer(), StartsWith("HTTP/1.1 200 "));
  EXPECT_EQ(edge.listener->statistics().connections_open, 1'000U);
  EXPECT_TRUE(honest_answer(edge));
  for (Client& client : clients) client.send(get_request);
  for (Client& client : clients) ASSERT_THAT(client.answer(), StartsWith("HTTP/1.1 200 "));
  clients.clear();
  EXPECT_TRUE(Edge::eventually([&] { return edge.listener->statistics().connections_open == 0; }));
}

/// Lets this process open no more file descriptors while it lives.
class NoMoreDescriptors {
 public:
  NoMoreDescriptors() {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    const int next = ::open("/dev/null", O_RDONLY | O_CLOEXEC);  // the lowest free one
    ::close(next);
    rlimit none = before_;
    none.rlim_cur = static_cast<rlim_t>(next);
    ::setrlimit(RLIMIT_NOFILE, &none);
  }
  ~NoMoreDescriptors() { ::setrlimit(RLIMIT_NOFILE, &before_); }
  NoMoreDescriptors(const NoMoreDescriptors&) = delete;
  NoMoreDescriptors& operator=(const NoMoreDescriptors&) = delete;

 private:
  rlimit before_{};
};

TEST(EdgeLoad, AcceptingPausesWithoutFileDescriptorsAndRecovers) {
  const Edge edge;
  auto open_before = edge.client();
  open_before.send(get_request);
  ASSERT_THAT(open_before.answer(), StartsWith("HTTP/1.1 200 "));
  auto waiting = Client::unconnected();
  {
    const NoMoreDescriptors none;
    ASSERT_TRUE(waiting.connect(edge.port()));
    waiting.send(get_request);
    EXPECT_TRUE(Edge::eventually(
        [&] { return edge.listener->statistics().refused(EdgeRefusal::file_descriptors) >= 2; }));
    open_before.send(get_request);
    EXPECT_THAT(open_before.answer(), StartsWith("HTTP/1.1 200 ")) << "the open ones are served meanwhile";
  }
  EXPECT_THAT(waiting.answer(), StartsWith("HTTP/1.1 200 "));
}

}  // namespace
}  // namespace leadhub::capture::testing
