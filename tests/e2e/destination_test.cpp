// Leads on their way out: the plugin webhook as the hub runs it, with the hub's own HTTP client, against
// receivers on loopback.
#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <httplib.h>
#include <netdb.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <string>
#include <thread>

#include "app/loaded_config.hpp"
#include "ops/clock.hpp"
#include "outbound/curl_http_client.hpp"
#include "plugin/plugin_host.hpp"
#include "support/temporary_folder.hpp"

namespace {

/// How often crm.example was looked up. The first answer is a public address, every later one is 127.0.0.1.
std::atomic<int> look_ups{0};

}  // namespace

/// Stands in for the resolver, of libcurl too.
extern "C" int getaddrinfo(const char* node, const char* service, const addrinfo* hints, addrinfo** found) {
  const char* address = "127.0.0.1";
  if (node != nullptr && std::string{node} == "crm.example" && ++look_ups == 1) address = "93.184.216.34";
  auto* info = new addrinfo{};
  auto* in = new sockaddr_in{};
  in->sin_family = AF_INET;
  in->sin_port = htons(static_cast<std::uint16_t>(service == nullptr ? 0 : std::stoi(service)));
  inet_pton(AF_INET, address, &in->sin_addr);
  info->ai_family = AF_INET;
  info->ai_socktype = hints != nullptr && hints->ai_socktype != 0 ? hints->ai_socktype : SOCK_STREAM;
  info->ai_protocol = IPPROTO_TCP;
  info->ai_addrlen = sizeof *in;
  info->ai_addr = reinterpret_cast<sockaddr*>(in);
  *found = info;
  return 0;
}
extern "C" void freeaddrinfo(addrinfo* info) {
  delete reinterpret_cast<sockaddr_in*>(info->ai_addr);
  delete info;
}

namespace leadhub {
namespace {

using namespace std::chrono_literals;
using deliver::Delivery;
using ::testing::HasSubstr;

const std::string message_id = "019b0b2e-6c00-7000-8000-00000000000a";
const std::string lead =
    R"({"type":"lead","id":"019b0b2e-6c00-7000-8000-00000000000a","at":"2026-01-05T12:00:00.000Z",
  "reason":{"what":"rule","name":"hot leads"},"lead":{"id":"1","email":"ada@example.com"}})";

/// A receiver on loopback that anything can be asked of.
class Receiver {
 public:
  Receiver() {
    server_.Post("/hook", [this](const httplib::Request& request, httplib::Response& response) {
      ++received;
      last = request;
      response.status = 202;
    });
    server_.Post("/elsewhere", [this](const httplib::Request&, httplib::Response& response) {
      response.set_redirect(url("/hook"), 307);
    });
    server_.Post("/gone",
                 [](const httplib::Request&, httplib::Response& response) { response.status = 410; });
    server_.Post("/hangs", [this](const httplib::Request&, httplib::Response&) {
      for (int i = 0; i < 1'000 && !let_go; ++i) std::this_thread::sleep_for(10ms);
    });
    server_.Get("/api/v1/Lead", [](const httplib::Request&, httplib::Response& response) {
      response.set_content("<html><title>Log in</title></html>", "text/html");
    });
    port_ = server_.bind_to_any_port("127.0.0.1");
    thread_ = std::thread{[this] { server_.listen_after_bind(); }};
    while (!server_.is_running()) std::this_thread::sleep_for(1ms);
  }
  Receiver(const Receiver&) = delete;
  Receiver& operator=(const Receiver&) = delete;
  ~Receiver() {
    let_go = true;
    server_.stop();
    thread_.join();
  }

  [[nodiscard]] std::string url(const std::string& path) const {
    return "http://127.0.0.1:" + std::to_string(port_) + path;
  }
  [[nodiscard]] outbound::Origin origin() const {
    return {"http", "127.0.0.1", static_cast<std::uint16_t>(port_)};
  }

  std::atomic<int> received{0};
  std::atomic<bool> let_go{false};
  httplib::Request last;

 private:
  httplib::Server server_;
  int port_ = 0;
  std::thread thread_;
};

class Destination : public ::testing::Test {
 protected:
  deliver::DeliveryResult deliver(const std::string& config) {
    const plugin::PluginHost host{registry_, services_};
    const auto transport = host.make_lead_transport({"crm", "webhook", config});
    if (!transport) return {Delivery::unknown, transport.error().message, {}};
    return (*transport)->deliver(message_id, lead);
  }
  deliver::DeliveryResult deliver_to(const std::string& url, const std::string& timeout = "15s") {
    return deliver(R"({"url": ")" + url + R"(", "timeout": ")" + timeout + R"("})");
  }

  Receiver receiver_;
  const SystemClock clock_;
  plugin::Counters counters_;
  outbound::CurlHttpClient client_{"leadhub/test", clock_};
  const std::atomic<bool> stopping_{false};
  plugin::HostServices services_{clock_,
                                 counters_,
                                 "0.1.0",
                                 "http://localhost:8080",
                                 [](std::string_view) { return std::string(32, 'k'); },
                                 "/",
                                 &client_,
                                 {receiver_.origin()},
                                 nullptr,
                                 &stopping_};
  const plugin::Registry registry_ =
      plugin::Registry::search(std::vector<std::filesystem::path>{LEADHUB_BINARY_DIR "/plugins"});
};

TEST_F(Destination, GetsTheLeadOnceWithItsId) {
  const auto result = deliver_to(receiver_.url("/hook"));
  EXPECT_EQ(result.outcome, Delivery::sent) << result.detail;
  EXPECT_EQ(receiver_.received, 1);
  EXPECT_EQ(receiver_.last.get_header_value("webhook-id"), message_id);
  EXPECT_EQ(receiver_.last.get_header_value("user-agent"), "leadhub/test");
  EXPECT_THAT(receiver_.last.body, HasSubstr("ada@example.com"));
}

TEST_F(Destination, ARedirectIsNotFollowedNotEvenHome) {
  const auto result = deliver_to(receiver_.url("/elsewhere"));
  EXPECT_EQ(result.outcome, Delivery::retry);
  EXPECT_THAT(result.detail, HasSubstr("put the final address into url"));
  EXPECT_EQ(receiver_.received, 0);
}

TEST_F(Destination, IsGoneAfter410) {
  EXPECT_EQ(deliver_to(receiver_.url("/gone")).outcome, Delivery::gone);
}

TEST_F(Destination, ThatHangsEndsByItsTimeout) {
  const auto start = std::chrono::steady_clock::now();
  const auto result = deliver_to(receiver_.url("/hangs"), "1s");
  const auto took = std::chrono::steady_clock::now() - start;
  EXPECT_EQ(result.outcome, Delivery::retry);
  EXPECT_GE(took, 900ms);
  EXPECT_LT(took, 10s);
}

TEST_F(Destination, ThatAnswers200WithAPageIsTriedAgain) {
  const auto result =
      deliver(R"({"preset": "espocrm", "token": "t", "url": ")" + receiver_.url("") + R"("})");
  EXPECT_EQ(result.outcome, Delivery::retry);
  EXPECT_THAT(result.detail, HasSubstr("something else than its API does"));
}

TEST_F(Destination, OnesOwnNetworkTakesTheOperatorsWord) {
  services_.egress.clear();
  const auto plain = deliver_to(receiver_.url("/hook"));
  EXPECT_EQ(plain.outcome, Delivery::retry);
  EXPECT_THAT(plain.detail, HasSubstr("add this origin to plugins.egress in hub.yaml"));
  for (const char* url : {"https://127.0.0.1/hook", "https://[::1]/hook", "https://10.0.0.1/hook",
                          "https://169.254.169.254/latest", "https://0x7f000001/hook"}) {
    const auto result = deliver_to(url);
    EXPECT_EQ(result.outcome, Delivery::retry) << url;
    EXPECT_THAT(result.detail, HasSubstr("plugins.egress")) << url;
  }
  const auto port = deliver_to("https://crm.example:8443/hook");
  EXPECT_THAT(port.detail, HasSubstr("https://crm.example:8443"));
  EXPECT_EQ(receiver_.received, 0);
}

TEST_F(Destination, ANameThatTurnsPrivateIsRefusedAtTheConnection) {
  look_ups = 0;
  addrinfo* found = nullptr;
  ASSERT_EQ(getaddrinfo("crm.example", "443", nullptr, &found),
            0);  // whoever checks the name first sees this
  EXPECT_EQ(reinterpret_cast<sockaddr_in*>(found->ai_addr)->sin_addr.s_addr, inet_addr("93.184.216.34"));
  freeaddrinfo(found);
  const auto result = deliver_to("https://crm.example/hook");
  EXPECT_EQ(look_ups, 2);
  EXPECT_EQ(result.outcome, Delivery::retry);
  EXPECT_THAT(result.detail, HasSubstr("crm.example has an address that the internet cannot reach"));
}

TEST_F(Destination, APatternIsNoHost) {
  services_.egress.clear();
  for (const char* url : {"https://*.example/hook", "https://*/hook"})
    EXPECT_THAT(deliver_to(url).detail, HasSubstr("this is no URL")) << url;
}

/// The indented blocks of the document that are a hub.yaml, each without its indentation.
std::vector<std::string> examples_of(const std::string& document) {
  std::ifstream file{document};
  std::vector<std::string> examples;
  bool is_in_one = false;
  for (std::string line; std::getline(file, line);) {
    const bool is_code = line.starts_with("    ");
    if (is_code && !is_in_one) examples.emplace_back();
    if (is_code) examples.back() += line.substr(4) + "\n";
    is_in_one = is_code;
  }
  std::erase_if(examples, [](const std::string& text) { return !text.starts_with("channels:"); });
  return examples;
}

TEST(DestinationsDocument, ItsExamplesAreGood) {
  setenv("CRM_SECRET", "whsec_ZGVtby1zZWNyZXQtb25l", 1);
  setenv("SLACK_WEBHOOK", "https://hooks.slack.com/services/T0/B0/x", 1);
  for (const char* token : {"HUBSPOT_TOKEN", "SALESFORCE_TOKEN", "PIPEDRIVE_TOKEN", "ESPO_KEY"})
    setenv(token, "token-1", 1);
  const auto examples = examples_of(LEADHUB_SOURCE_DIR "/docs/destinations.md");
  EXPECT_GE(examples.size(), 6U);
  const test::TemporaryFolder folder;
  const auto hub = folder.path() / "hub.yaml";
  for (const auto& example : examples) {
    std::ofstream{hub} << example;
    const auto loaded = app::load(hub);
    EXPECT_TRUE(loaded.config) << example;
    for (const auto& diagnostic : loaded.diagnostics) ADD_FAILURE() << to_text(diagnostic);
  }
}

}  // namespace
}  // namespace leadhub
