#include "control/server.hpp"

#include <gmock/gmock.h>
#include <httplib.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "config/conditions.hpp"
#include "pipeline/hub.hpp"
#include "store/stored_text.hpp"

namespace leadhub::control {
namespace {

using nlohmann::json;
using test::entry;
using test::event;
using test::form;
using testing::AllOf;
using testing::HasSubstr;

constexpr auto token = "a token for tests";

/// The control API on a port of its own, over real stores.
class ControlApi : public testing::Test {
 protected:
  void serve() {
    hub.run();
    queries = test::value_or_throw(Queries::open(hub.lead_file(), hub.inbox->workspace(), hub.inbox_file(),
                                                 hub.inbox->workspace(), hub.clock));
    segments = std::make_unique<Segments>(hub.reader(), hub.clock, [this] { return conditions; });
    messages = std::make_unique<Messages>(
        test::value_or_throw(store::MessageReader::open(hub.lead_file(), hub.inbox->workspace())),
        [] { return std::vector<std::string>{"crm"}; });
    server = test::value_or_throw(Server::start(
        "127.0.0.1", 0, TokenCheck{token},
        {*queries, *messages, *segments,
         [](std::int64_t) -> Result<std::int64_t> { return fail(ErrorCode::conflict, "held by entry 1"); },
         [](const lead::Action&) -> Result<bool> { return true; },
         [this](std::string_view lines, capture::ImportMode mode) -> Result<capture::ImportReport> {
           imported = lines;
           if (mode == capture::ImportMode::check) return capture::ImportReport{.accepted = 7};
           return capture::ImportReport{2, 1, 0, {{3, "it names nobody"}}};
         },
         [](std::int64_t) {}, [this](std::int64_t, std::chrono::milliseconds) { return hub.inbox->head(); },
         [] { return Result<void>{}; }, [] { return std::string{}; },
         [] { return nlohmann::ordered_json::object(); }, [] { return nlohmann::ordered_json::object(); }}));
  }

  [[nodiscard]] httplib::Response send(const std::string& method, const std::string& path) const {
    httplib::Client client{"127.0.0.1", server->port()};
    httplib::Request request;
    request.method = method;
    request.path = path;
    request.headers = {{"Authorization", std::string{"Bearer "} + token}};
    const auto answer = client.send(request);
    if (!answer) throw std::runtime_error(httplib::to_string(answer.error()));
    return *answer;
  }
  [[nodiscard]] json get(const std::string& path) const { return json::parse(send("GET", path).body); }

  test::Hub hub;
  std::string imported;
  std::unique_ptr<Queries> queries;
  std::unique_ptr<Messages> messages;
  std::unique_ptr<Segments> segments;
  Segments::Conditions conditions;
  std::unique_ptr<Server> server;
};

TEST_F(ControlApi, SaysHowItStandsWithDestinations) {
  serve();
  EXPECT_EQ(get("/api/v1/destinations")["items"],
            (json::parse(R"([{"channel": "crm", "state": "good", "waiting": 0, "failed": 0}])")));
  EXPECT_EQ(get("/api/v1/messages")["items"], json::array());
  EXPECT_EQ(send("GET", "/api/v1/messages/nobody").status, 404);
  EXPECT_THAT(get("/api/v1/messages?state=gone")["detail"], HasSubstr("state"));
  EXPECT_THAT(get("/api/v1/messages?kind=letter")["detail"], HasSubstr("kind"));
}

TEST_F(ControlApi, ListsSalesWithTheClicksOfWhoeverBought) {
  hub.append(entry({event(
      R"({"type":"form.submitted","person":{"email":"ada@example.com"},"attribution":{"gclid":"g1","utm_source":"google"}})")}));
  hub.append(entry({event(
      R"({"type":"purchase.completed","value":1200,"currency":"EUR","person":{"email":"ada@example.com"}})")}));
  hub.append(entry({event(R"({"type":"purchase.completed","person":{"email":"alan@example.com"}})")}));
  serve();
  const auto page = get("/api/v1/conversions?since=3650d");
  ASSERT_EQ(page["items"].size(), 2U);
  EXPECT_EQ(page["items"][0]["value"], 1200);
  EXPECT_EQ(page["items"][0]["currency"], "EUR");
  EXPECT_EQ(page["items"][0]["clicks"]["gclid"]["id"], "g1");
  EXPECT_EQ(page["items"][1]["clicks"], json::object());
  EXPECT_TRUE(page["items"][1]["value"].is_null());
  EXPECT_TRUE(page["next"].is_null());
  EXPECT_THAT(get("/api/v1/conversions?cursor=1.2")["detail"], HasSubstr("cursor"));
  EXPECT_THAT(get("/api/v1/conversions?since=soon")["detail"], HasSubstr("since"));
}

TEST_F(ControlApi, CountsAndListsSegments) {
  conditions = config::segments_of(
      json::parse(R"({"british": {"lead.country": "GB"}, "all": {"lead.score": {"lt": 1}}})"));
  hub.append_form(R"("email":"ada@example.com","country":"GB")");
  hub.append_form(R"("email":"grace@example.com","country":"US")");
  serve();
  const auto counts = get("/api/v1/segments");
  EXPECT_EQ(counts["items"],
            json::parse(R"([{"name": "all", "condition": "lead.score is less than 1", "leads": 2},
                            {"name": "british", "condition": "lead.country is GB", "leads": 1}])"));
  EXPECT_EQ(counts["scanned"], 2);
  EXPECT_TRUE(counts["next"].is_null());
  const auto british = get("/api/v1/segments/british/leads");
  ASSERT_EQ(british["items"].size(), 1U);
  EXPECT_EQ(british["items"][0]["email"], "ada@example.com");
  EXPECT_THAT(get("/api/v1/segments/french/leads")["detail"], HasSubstr("there is: all, british"));
  EXPECT_EQ(send("GET", "/api/v1/segments?cursor=x").status, 400);
}

TEST_F(ControlApi, RedrivesWhatIsADestinationOnly) {
  serve();
  httplib::Client client{"127.0.0.1", server->port()};
  const httplib::Headers headers{{"Authorization", std::string{"Bearer "} + token}};
  const auto redriven = [&](const char* body) {
    return client.Post("/api/v1/messages/redrive", headers, body, "application/json");
  };
  EXPECT_EQ(redriven(R"({"via": "crm"})")->status, 200);
  EXPECT_EQ(redriven(R"({"via": "mail"})")->status, 404);
  EXPECT_THAT(redriven(R"({"via": "mail"})")->body, HasSubstr("there is: crm"));
  EXPECT_EQ(redriven("{}")->status, 400);
}

TEST_F(ControlApi, NamesTheParameterThatIsWrong) {
  hub.append_form(R"("email":"ada@example.com")");
  serve();
  for (const auto& [path, parameter] : std::vector<std::pair<std::string, std::string>>{
           {"/api/v1/leads?cursor=nonsense", "cursor"},
           {"/api/v1/leads?cursor=", "cursor"},
           {"/api/v1/leads?limit=0", "limit"},
           {"/api/v1/leads?limit=501", "limit"},
           {"/api/v1/leads?limit=1.5", "limit"},
           {"/api/v1/leads?limit=+1", "limit"},
           {"/api/v1/leads?limit=1&limit=2", "limit"},
           {"/api/v1/leads?stage=capturd", "stage"},
           {"/api/v1/leads?temperature=tepid", "temperature"},
           {"/api/v1/leads?state=captured", "state"},
           {"/api/v1/leads/ada@example.com?verbose=1", "verbose"},
           {"/api/v1/inbox?cursor=x", "cursor"},
           {"/api/v1/inbox?cursor=-1", "cursor"},
           {"/api/v1/inbox?after=99999999999999999999", "after"},
           {"/api/v1/inbox?after=1&cursor=3", "cursor and after"},
           {"/api/v1/inbox?status=held", "status"},
           {"/api/v1/inbox?channel=", "channel"},
           {"/api/v1/inbox?wait=5", "wait"},
           {"/api/v1/inbox/1?x=1", "x"},
           {"/api/v1/tap?wait=forever", "wait"},
           {"/api/v1/tap?wait=20001", "wait"},
           {"/api/v1/tap?before=3", "before"},
           {"/api/v1/export?cursor=nonsense", "cursor"},
           {"/api/v1/export?shape=round", "shape"},
           {"/api/v1/export?limit=5", "limit"},
           {"/api/v1/status?x=1", "x"}}) {
    const auto answer = send("GET", path);
    EXPECT_EQ(answer.status, 400) << path;
    EXPECT_EQ(answer.get_header_value("Content-Type"), "application/problem+json") << path;
    EXPECT_THAT(json::parse(answer.body)["detail"].get<std::string>(),
                AllOf(HasSubstr("parameter"), HasSubstr(parameter)))
        << path;
  }
  EXPECT_EQ(get("/api/v1/leads?limit=1&stage=captured&temperature=warm")["items"].size(), 1U);
}

TEST_F(ControlApi, NamesTheMethodsThatAPathTakes) {
  hub.append_form(R"("email":"ada@example.com")");
  serve();
  for (const auto& [method, path, allowed] : std::vector<std::tuple<std::string, std::string, std::string>>{
           {"POST", "/api/v1/leads", "GET, HEAD"},
           {"DELETE", "/api/v1/leads/ada@example.com", "GET, HEAD"},
           {"PUT", "/api/v1/inbox/1", "GET, HEAD"},
           {"PATCH", "/api/v1/status", "GET, HEAD"},
           {"OPTIONS", "/api/v1/inbox", "GET, HEAD"},
           {"GET", "/api/v1/inbox/1/redrive", "POST"},
           {"HEAD", "/api/v1/inbox/1/redrive", "POST"},
           {"GET", "/api/v1/import", "POST"},
           {"POST", "/metrics", "GET, HEAD"}}) {
    const auto answer = send(method, path);
    EXPECT_EQ(answer.status, 405) << method << ' ' << path;
    EXPECT_EQ(answer.get_header_value("Allow"), allowed) << method << ' ' << path;
    if (method != "HEAD") {
      EXPECT_EQ(json::parse(answer.body)["title"], "Method not allowed") << method << ' ' << path;
    }
  }
  const auto nowhere = send("POST", "/api/v1/nothing");
  EXPECT_EQ(nowhere.status, 404);
  EXPECT_FALSE(nowhere.has_header("Allow"));
  EXPECT_EQ(send("HEAD", "/api/v1/leads").status, 200);
  EXPECT_EQ(send("POST", "/api/v1/inbox/1/redrive").status, 409);
}

TEST_F(ControlApi, ExportsEveryLeadOnceOldestFirst) {
  for (int i = 0; i < 250; ++i) hub.append_form(R"("email":"lead)" + std::to_string(i) + R"(@example.com")");
  serve();
  for (const std::string shape : {"whole", "flat"}) {
    const auto path = "/api/v1/export?shape=" + shape;
    std::vector<std::string> ids;
    std::string cursor;
    int pages = 0;
    do {
      const auto page = get(path + cursor);
      for (const auto& lead : page["items"]) {
        ids.push_back(lead["id"]);
        EXPECT_EQ(lead.contains("timeline"), shape == "whole");
      }
      cursor.clear();
      if (page["next"].is_string()) cursor.append("&cursor=").append(page["next"].get<std::string>());
      ++pages;
    } while (!cursor.empty() && pages < 10);
    EXPECT_EQ(ids.size(), 250U);
    EXPECT_EQ(pages, 3);
    EXPECT_TRUE(std::is_sorted(ids.begin(), ids.end()));
    EXPECT_EQ(std::set(ids.begin(), ids.end()).size(), 250U);
  }
  const auto first = get("/api/v1/export")["items"][0];
  EXPECT_EQ(first, get("/api/v1/leads/" + first["id"].get<std::string>()));
}

TEST_F(ControlApi, SaysWhatBecameOfEachImportedLine) {
  serve();
  const auto post = [this](const std::string& query, const std::string& body) {
    httplib::Client client{"127.0.0.1", server->port()};
    const auto answer =
        client.Post("/api/v1/import" + query, {{"Authorization", std::string{"Bearer "} + token}}, body,
                    "application/x-ndjson");
    if (!answer) throw std::runtime_error(httplib::to_string(answer.error()));
    return *answer;
  };
  EXPECT_EQ(json::parse(post("", "{}\n{}\n").body),
            json::parse(R"({"accepted": 2, "duplicates": 1, "conflicts": 0,
                            "refused": [{"line": 3, "reason": "it names nobody"}]})"));
  EXPECT_EQ(imported, "{}\n{}\n");
  EXPECT_EQ(json::parse(post("?check_only=true", "{}").body)["accepted"], 7);
  EXPECT_EQ(json::parse(post("?check_only=false", "{}").body)["accepted"], 2);
  EXPECT_EQ(post("?check_only=maybe", "{}").status, 400);
  EXPECT_EQ(post("?dry=true", "{}").status, 400);
}

TEST_F(ControlApi, ListsWhatThePipelineSetAsideWithItsReason) {
  hub.append_form(R"("email":"ada@example.com")");
  const auto nobody = event(form(R"("name":"Ada")"));
  hub.append(entry(std::vector(7, nobody)));
  auto held = entry({nobody});
  held.state = store::EntryState::held;
  held.reason = "too quick";
  hub.append(held);
  auto chat = entry({nobody});
  chat.channel = "chat";
  for (int i = 0; i < 3; ++i) hub.append(chat);
  serve();

  const auto all = get("/api/v1/inbox")["items"];
  ASSERT_EQ(all.size(), 6U);
  EXPECT_EQ(all[4]["status"], "quarantined");
  EXPECT_THAT(all[4]["reason"].get<std::string>(), HasSubstr("names nobody"));
  EXPECT_EQ(all[5]["status"], "applied");

  std::vector<std::int64_t> seqs;
  std::string more;
  do {
    const auto page = get("/api/v1/inbox?status=quarantined&limit=2" + more);
    for (const auto& item : page["items"]) seqs.push_back(item["seq"]);
    more = page["next"].is_null() ? "" : "&cursor=" + page["next"].dump();
  } while (!more.empty());
  EXPECT_THAT(seqs, testing::ElementsAre(2, 3, 4, 5, 6));

  const auto chats = get("/api/v1/inbox?status=quarantined&channel=chat&limit=2");
  ASSERT_EQ(chats["items"].size(), 2U);
  EXPECT_EQ(chats["items"][0]["seq"], 4);
  EXPECT_EQ(chats["next"], 5);
}

TEST_F(ControlApi, ShowsHeadersThatAreNoText) {
  auto request = entry({event(form(R"("email":"ada@example.com")"))});
  request.request.headers =
      store::header_line("x-a", "caf\xe9\x01") + "\n" + store::header_line("x-b", "\u00e9") + "\n";
  hub.append(request);
  serve();
  const auto headers = get("/api/v1/inbox/1")["request"]["headers"];
  ASSERT_EQ(headers.size(), 2U);
  EXPECT_EQ(headers[0], "x-a: caf\\xe9\\x01");
  EXPECT_EQ(headers[1], "x-b: \u00e9");
}

}  // namespace
}  // namespace leadhub::control
