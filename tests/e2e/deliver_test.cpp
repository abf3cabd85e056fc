// A hub that tells another program of its leads.
#include <gmock/gmock.h>
#include <httplib.h>

#include <chrono>
#include <mutex>
#include <nlohmann/json.hpp>
#include <thread>

#include "hub_process.hpp"

namespace leadhub::e2e {
namespace {

using Json = nlohmann::json;
using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::SizeIs;
using testing::StartsWith;

/// The other program: answers with a status, and keeps what it was sent.
class Receiver {
 public:
  Receiver() {
    server_.Post("/hook", [this](const httplib::Request& request, httplib::Response& response) {
      const std::scoped_lock lock{mutex_};
      requests_.push_back(request);
      response.status = status_;
    });
    port_ = server_.bind_to_any_port("127.0.0.1");
    thread_ = std::thread{[this] { server_.listen_after_bind(); }};
  }
  ~Receiver() {
    server_.stop();
    thread_.join();
  }

  [[nodiscard]] std::string origin() const { return "http://127.0.0.1:" + std::to_string(port_); }
  void answer_with(int status) {
    const std::scoped_lock lock{mutex_};
    status_ = status;
  }
  /// Waits until so many have come.
  std::vector<httplib::Request> requests(std::size_t count) {
    for (int tries = 0; tries < 200; ++tries) {
      {
        const std::scoped_lock lock{mutex_};
        if (requests_.size() >= count) return requests_;
      }
      std::this_thread::sleep_for(50ms);
    }
    const std::scoped_lock lock{mutex_};
    return requests_;
  }

 private:
  httplib::Server server_;
  int port_ = 0;
  std::mutex mutex_;
  int status_ = 204;
  std::vector<httplib::Request> requests_;
  std::thread thread_;
};

struct Deliver : testing::Test {
  Receiver receiver;
  std::unique_ptr<HubProcess> hub;

  void start(const std::string& more = "") {
    auto config =
        replaced(example_config(), "\nchannels:\n",
                 "\nchannels:\n  crm:\n    plugin: webhook\n    config: {url: \"" + receiver.origin() +
                     "/hook\", secret: whsec_ZGVtby1zZWNyZXQtZm9yLXRyeWluZy1vdXQ=}\n");
    config = replaced(config, "  search: [plugins]\n",
                      "  search: [plugins]\n  egress: [\"" + receiver.origin() + "\"]\n");
    hub = std::make_unique<HubProcess>(config + (more.empty()
                                                     ? "deliver:\n  rules:\n    - {name: warm leads, when: "
                                                       "{lead.temperature: [warm, hot]}, via: crm}\n"
                                                     : more));
    hub->start();
  }

  void post(const std::string& email) {
    const auto answer = httplib::Client{"127.0.0.1", hub->edge_port()}.Post(
        "/in/website", "your-email=" + email + "&your-name=Ada&size=250",
        "application/x-www-form-urlencoded");
    ASSERT_TRUE(answer && answer->status == 303);
  }

  Json said(std::vector<std::string> arguments) {
    arguments.emplace_back("--json");
    const auto run = hub->run(arguments);
    EXPECT_EQ(run.code, 0) << run.err;
    return Json::parse(run.out, nullptr, false);
  }

  /// The only message's state, as soon as it is that one.
  Json message_in(const std::string& state) {
    Json found;
    for (int tries = 0; tries < 200; ++tries) {
      found = said({"messages", "list", "--via", "crm"})["items"];
      if (!found.empty() && found[0]["state"] == state) return found[0];
      std::this_thread::sleep_for(50ms);
    }
    return found;
  }
};

TEST_F(Deliver, TellsAnotherProgramOfALeadInASignedRequest) {
  start();
  post("ada@example.co.uk");
  const auto requests = receiver.requests(1);
  ASSERT_THAT(requests, SizeIs(1));
  EXPECT_THAT(requests[0].get_header_value("webhook-signature"), StartsWith("v1,"));
  const auto body = Json::parse(requests[0].body);
  EXPECT_EQ(body["type"], "lead.rule");
  EXPECT_EQ(body["data"]["reason"]["name"], "warm leads");
  EXPECT_EQ(body["data"]["lead"]["email"], "ada@example.co.uk");
  const auto message = message_in("sent");
  EXPECT_EQ(message["id"], requests[0].get_header_value("webhook-id"));
  EXPECT_EQ(message["kind"], "delivery");
}

TEST_F(Deliver, AsksAProgramThatIsGoneAgainOnceItIsRedriven) {
  start();
  receiver.answer_with(410);
  post("ada@example.co.uk");
  ASSERT_THAT(receiver.requests(1), SizeIs(1));
  auto crm = Json::object();
  for (int tries = 0; tries < 100 && crm.value("state", "") != "disabled"; ++tries) {
    crm = said({"messages", "destinations"})["items"][0];
    std::this_thread::sleep_for(50ms);
  }
  EXPECT_EQ(crm["state"], "disabled");
  EXPECT_EQ(crm["waiting"], 1);
  receiver.answer_with(200);
  (void)said({"messages", "redrive", "--via", "crm"});
  EXPECT_THAT(receiver.requests(2), SizeIs(2));
  EXPECT_EQ(message_in("sent")["state"], "sent");
  EXPECT_EQ(receiver.requests(2)[0].get_header_value("webhook-id"),
            receiver.requests(2)[1].get_header_value("webhook-id"));
}

TEST_F(Deliver, KeepsALeadForAProgramThatIsDownOverARestart) {
  start();
  receiver.answer_with(503);
  post("ada@example.co.uk");
  ASSERT_THAT(receiver.requests(1), SizeIs(1));
  EXPECT_EQ(message_in("queued")["state"], "queued");
  hub->stop();
  receiver.answer_with(204);
  hub->start();
  EXPECT_THAT(receiver.requests(2), SizeIs(testing::Ge(2U))) << "after the first five seconds";
  EXPECT_EQ(message_in("sent")["state"], "sent");
}

TEST_F(Deliver, HandsLeadsToTheTeamByAWebhook) {
  start("deliver: {}\n");
  hub->stop();
  hub.reset();
  auto config = replaced(example_config(), "notify: {via: mail,", "notify: {via: crm,");
  config =
      replaced(config, "\nchannels:\n",
               "\nchannels:\n  crm: {plugin: webhook, config: {url: \"" + receiver.origin() + "/hook\"}}\n");
  config = replaced(config, "  search: [plugins]\n",
                    "  search: [plugins]\n  egress: [\"" + receiver.origin() + "\"]\n");
  hub = std::make_unique<HubProcess>(config);
  hub->start();
  post("ada@example.co.uk");
  (void)hub->lead("ada@example.co.uk");
  (void)said({"leads", "convert", "ada@example.co.uk", "--value", "5", "--currency", "EUR"});
  const auto requests = receiver.requests(1);
  ASSERT_THAT(requests, SizeIs(1));
  const auto body = Json::parse(requests[0].body);
  EXPECT_EQ(body["data"]["reason"]["owner"]["name"], "Mary")
      << "nobody has the territory of a lead without a country";
  const std::string link = body["data"]["links"]["acknowledge"];
  EXPECT_THAT(link, HasSubstr("/h/"));
  httplib::Client edge{"127.0.0.1", hub->edge_port()};
  EXPECT_THAT(edge.Post(link.substr(link.find("/h/")))->body, HasSubstr("The lead is yours"));
}

}  // namespace
}  // namespace leadhub::e2e
