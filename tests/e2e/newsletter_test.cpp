#include <gmock/gmock.h>
#include <httplib.h>

#include <chrono>
#include <iomanip>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <thread>

#include "hub_process.hpp"

/// What newsletter services send, over HTTP.
namespace leadhub::e2e {
namespace {

using Json = nlohmann::json;
using testing::HasSubstr;

/// The sample requests of the plugin, but for those whose signature is only good at their own time.
std::map<std::string, Json> timeless_fixtures() {
  std::map<std::string, Json> fixtures;
  for (const auto& file :
       std::filesystem::directory_iterator{LEADHUB_SOURCE_DIR "/plugins/newsletter/fixtures"}) {
    if (file.path().extension() != ".json") continue;
    Json fixture = Json::parse(read_file(file.path()));
    const std::set<std::string> timed{"sendgrid", "mailgun", "resend", "ses"};
    if (!timed.contains(fixture["config"]["provider"])) fixtures[file.path().stem()] = std::move(fixture);
  }
  return fixtures;
}

/// A channel for each fixture, of its name.
std::string config_of(const std::map<std::string, Json>& fixtures) {
  std::string channels;
  for (const auto& [name, fixture] : fixtures)
    channels += "\n  " + name + ": {plugin: newsletter, config: " + fixture["config"].dump() + "}";
  return replaced(example_config(), "\nchannels:\n", "\nchannels:" + channels + "\n");
}

int send(const HubProcess& hub, const std::string& channel, const Json& request) {
  httplib::Client client{"127.0.0.1", hub.edge_port()};
  httplib::Request out;
  const std::string path = request["path"];
  out.method = request["method"];
  out.path = path.substr(0, path.rfind('/') + 1) + channel;
  if (const std::string query = request["query"]; !query.empty()) out.path += "?" + query;
  for (const auto& [name, value] : request["headers"].items())
    out.headers.emplace(name, value.get<std::string>());
  out.body = request["body"];
  const auto answer = client.send(out);
  return answer ? answer->status : 0;
}

/// What the table says of one provider.
struct Row {
  int taken = 0, events = 0, repeated = 0, refused = 0;
};

TEST(NewsletterServices, AreAnsweredOverHttpAsTheirSamplesSay) {
  const auto fixtures = timeless_fixtures();
  ASSERT_GE(fixtures.size(), 40U);
  HubProcess hub{config_of(fixtures)};
  hub.start();
  std::map<std::string, Row> rows;
  for (const auto& [name, fixture] : fixtures) {
    SCOPED_TRACE(name);
    const int status = fixture["status"];
    EXPECT_EQ(send(hub, name, fixture["request"]), status);
    Row& row = rows[fixture["config"]["provider"]];
    if (fixture["verdict"] == "refuse") ++row.refused;
    if (fixture["events"].empty()) continue;
    ++row.taken;
    row.events += static_cast<int>(fixture["events"].size());
    EXPECT_EQ(send(hub, name, fixture["request"]), status) << "a repetition";
    ++row.repeated;
  }
  std::cout << std::left << std::setw(12) << "provider"
            << "taken  events  repeated  bad signature refused\n";
  for (const auto& [provider, row] : rows)
    std::cout << std::setw(12) << provider << std::setw(7) << row.taken << std::setw(8) << row.events
              << std::setw(10) << row.repeated << row.refused << '\n';
  EXPECT_THAT(hub.printed(), testing::Not(HasSubstr("internal error")));
}

TEST(NewsletterServices, AddToTheLeadOnceHoweverOftenTheyRepeat) {
  const Json config{{"provider", "brevo"}, {"secret", "brevo-token"}, {"purpose", "marketing_email"}};
  HubProcess hub{replaced(example_config(), "\nchannels:\n",
                          "\nchannels:\n  brevo: {plugin: newsletter, config: " + config.dump() + "}\n")};
  hub.start();
  const Json batch =
      Json::array({{{"event", "list_addition"}, {"email", "ada@example.com"}, {"ts_event", 1767614400}},
                   {{"event", "hard_bounce"},
                    {"email", "ada@example.com"},
                    {"ts_epoch", 1767614401000},
                    {"reason", "550 5.1.1 no such user"}},
                   {{"event", "unsubscribe"}, {"email", "ada@example.com"}, {"ts_epoch", 1767614402000}},
                   {{"event", "delivered"}, {"email", "bob@example.com"}, {"ts_epoch", 1767614403000}}});
  const Json request{
      {"method", "POST"},
      {"path", "/in/brevo"},
      {"query", ""},
      {"headers", {{"content-type", "application/json"}, {"authorization", "Bearer brevo-token"}}},
      {"body", batch.dump()}};
  for (int i = 0; i < 3; ++i) EXPECT_EQ(send(hub, "brevo", request), 200);
  Json lead = Json::object();
  for (int tries = 0; tries < 200 && lead.value("timeline", Json::array()).size() < 3; ++tries) {
    const auto said = hub.run({"leads", "show", "ada@example.com", "--json"});
    if (said.code == 0) lead = Json::parse(said.out);
    std::this_thread::sleep_for(std::chrono::milliseconds{20});
  }
  ASSERT_EQ(lead["timeline"].size(), 3U) << lead.dump(1);
  EXPECT_EQ(lead["timeline"][0]["type"], "newsletter.subscribed");
  EXPECT_EQ(lead["timeline"][1]["type"], "email.bounced");
  EXPECT_EQ(lead["timeline"][2]["type"], "email.unsubscribed");
  ASSERT_EQ(lead["consents"].size(), 2U);
  EXPECT_EQ(lead["consents"][0]["state"], "granted");
  EXPECT_EQ(lead["consents"][1]["state"], "withdrawn");
}

}  // namespace
}  // namespace leadhub::e2e
