#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <httplib.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <nlohmann/json.hpp>
#include <regex>
#include <set>
#include <sstream>
#include <thread>

#include "hub_process.hpp"
#include "ops/crypto.hpp"

namespace leadhub::e2e {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;
using Json = nlohmann::ordered_json;

constexpr auto form_type = "application/x-www-form-urlencoded";
constexpr auto demo_secret = "whsec_ZGVtby1zZWNyZXQtZm9yLXRyeWluZy1vdXQ=";

/// The headers of a Standard Webhooks signature.
httplib::Headers signed_by(const std::string& secret, const std::string& id, const std::string& body,
                           std::chrono::seconds off = {}) {
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()) + off;
  const auto at = std::to_string(now.time_since_epoch().count());
  const auto key = ops::base64_decode(secret.substr(secret.find('_') + 1)).value();
  const auto mac = ops::hmac_sha256(key, id + "." + at + "." + body);
  return {{"webhook-id", id},
          {"webhook-timestamp", at},
          {"webhook-signature", "v1," + ops::base64_encode(ops::as_text(mac))}};
}

class RunningHub : public ::testing::Test {
 protected:
  explicit RunningHub(const std::string& config = example_config(), Environment environment = {})
      : hub_(config, std::move(environment)) {
    hub_.start();
  }

  [[nodiscard]] httplib::Client edge() const { return httplib::Client{"127.0.0.1", hub_.edge_port()}; }

  [[nodiscard]] httplib::Response post_form(const std::string& body,
                                            const std::string& type = form_type) const {
    return post("/in/website", {}, body, type);
  }
  [[nodiscard]] httplib::Response post_demo(const std::string& body, const httplib::Headers& headers) const {
    return post("/in/demo", headers, body, "application/json");
  }
  [[nodiscard]] httplib::Response post(const std::string& path, const httplib::Headers& headers,
                                       const std::string& body, const std::string& type) const {
    auto client = edge();
    client.set_read_timeout(std::chrono::seconds{20});
    const auto answer = client.Post(path, headers, body, type);
    return answer ? *answer : httplib::Response{};
  }

  /// GET with the token.
  [[nodiscard]] httplib::Response api(const std::string& path, httplib::Headers headers = {}) const {
    httplib::Client client{"127.0.0.1", hub_.control_port()};
    headers.emplace("Authorization", "Bearer " + hub_.token());
    const auto answer = client.Get(path, headers);
    return answer ? *answer : httplib::Response{};
  }

  /// What came of everything that was accepted so far.
  [[nodiscard]] Json inbox(const std::string& query = "") const {
    for (int tries = 0; tries < 500; ++tries) {
      const auto page = Json::parse(api("/api/v1/inbox?limit=500" + query).body);
      bool pending = false;
      for (const auto& entry : page["items"]) pending = pending || entry["status"] == "pending";
      if (!pending) return page["items"];
      std::this_thread::sleep_for(std::chrono::milliseconds{10});
    }
    ADD_FAILURE() << "the pipeline does not catch up";
    return Json::array();
  }

  [[nodiscard]] Json leads() const {
    static_cast<void>(inbox());
    return Json::parse(api("/api/v1/leads?limit=500").body)["items"];
  }

  /// `leadhub leads show WHO --json`.
  [[nodiscard]] Json lead(const std::string& who) const {
    static_cast<void>(inbox());
    return Json::parse(hub_.lead(who));
  }

  HubProcess hub_;
};

TEST_F(RunningHub, MergesAndPartsLeadsOnTheCommandLine) {
  for (const auto* form : {"your-email=ada%40example.com&your-name=Ada&tel=020+7946+0958",
                           "your-email=a.king%40example.org&your-name=A.+King&tel=020+7946+0958"})
    EXPECT_EQ(post_form(form).status, 303);
  const auto ada = lead("ada@example.com");
  const auto king = lead("a.king@example.org");

  const auto proposals = hub_.run({"leads", "list", "--proposals", "--json"});
  ASSERT_EQ(proposals.code, 0) << proposals.err;
  const auto items = Json::parse(proposals.out)["items"];
  ASSERT_EQ(items.size(), 1U);
  EXPECT_EQ(items[0]["reason"], "phone");
  EXPECT_EQ(hub_.run({"leads", "show", "020 7946 0958"}).code, 1) << "both have it";

  const auto merged = hub_.run({"leads", "merge", "ada@example.com", "a.king@example.org"});
  EXPECT_EQ(merged.code, 0) << merged.err;
  EXPECT_EQ(lead("a.king@example.org")["id"], ada["id"]);
  EXPECT_EQ(lead(king["id"])["aliases"], Json::array({king["id"]}));
  EXPECT_EQ(Json::parse(hub_.run({"leads", "list", "--proposals", "--json"}).out)["items"].size(), 0U);

  const auto again = hub_.run({"leads", "merge", "ada@example.com", king["id"]});
  EXPECT_EQ(again.code, 1);
  EXPECT_NE(again.err.find("one person already"), std::string::npos) << again.err;
  EXPECT_NE(hub_.run({"leads", "unmerge", "ada@example.com"}).err.find("named by its id"), std::string::npos);
  EXPECT_NE(hub_.run({"leads", "unmerge", ada["id"]}).err.find("stands for itself"), std::string::npos);

  const auto parted = hub_.run({"leads", "unmerge", king["id"]});
  EXPECT_EQ(parted.code, 0) << parted.err;
  EXPECT_EQ(lead("ada@example.com").dump(), ada.dump()) << "to the byte";
  EXPECT_EQ(lead("a.king@example.org").dump(), king.dump());
}

TEST_F(RunningHub, ExplainsWhereALeadHasEverythingFrom) {
  EXPECT_EQ(post_form("your-email=Ada%40Example.com&your-name=Ada+Lovelace&accept=yes").status, 303);
  const auto ada = lead("ada@example.com");
  const auto said = hub_.run({"leads", "explain", "ada@example.com"});
  ASSERT_EQ(said.code, 0) << said.err;
  for (const auto* sentence :
       {"email ada@example.com is ", "written \"Ada@Example.com\", from form.submitted by website",
        "name is Ada Lovelace, from form.submitted by website", "(event 1.0)",
        "marketing_email by email: allowed (event 1.0)"})
    EXPECT_NE(said.out.find(sentence), std::string::npos) << sentence << "\n" << said.out;
  const auto document = Json::parse(hub_.run({"leads", "explain", ada["id"], "--json"}).out);
  EXPECT_EQ(document["fields"][0]["from"]["type"], "form.submitted");
}

TEST_F(RunningHub, ErasesAPersonFromEveryByteOfItsStore) {
  EXPECT_EQ(post_form("your-email=ada.unique%40example.com&your-name=Ada+Unique&tel=020+7946+0958").status,
            303);
  EXPECT_EQ(post_form("your-email=ada.unique%40example.com&your-name=Ada&website_url=spam").status, 303)
      << "held";
  EXPECT_EQ(post_form("your-email=byron%40example.com&your-name=Byron").status, 303);
  const auto ada = lead("ada.unique@example.com");

  const auto unsure = hub_.run({"leads", "erase", "ada.unique@example.com"});
  EXPECT_EQ(unsure.code, 1);
  EXPECT_NE(unsure.err.find("--yes"), std::string::npos);
  const auto erased = hub_.run({"leads", "erase", "ada.unique@example.com", "--yes"});
  EXPECT_EQ(erased.code, 0) << erased.err;
  EXPECT_NE(erased.out.find("erased"), std::string::npos) << erased.out;
  EXPECT_EQ(hub_.run({"leads", "show", "ada.unique@example.com"}).code, 1);
  EXPECT_EQ(hub_.run({"leads", "show", ada["id"]}).code, 1);
  EXPECT_EQ(hub_.run({"leads", "erase", ada["id"], "--yes"}).code, 1) << "nobody is there any more";
  EXPECT_EQ(lead("byron@example.com")["name"], "Byron");

  EXPECT_EQ(hub_.stop(), 0);
  for (const auto* file : {"leadhub.db", "leadhub-inbox.db"}) {
    const auto bytes = read_file(hub_.folder() / "data" / file);
    ASSERT_FALSE(bytes.empty()) << file;
    for (const auto* trace : {"ada.unique", "ADA.UNIQUE", "Ada Unique", "Ada+Unique", "7946"})
      EXPECT_EQ(bytes.find(trace), std::string::npos) << trace << " stands in " << file;
  }
  hub_.start();
  EXPECT_EQ(lead("byron@example.com")["name"], "Byron");
}

TEST_F(RunningHub, TurnsAPostedFormIntoALead) {
  const auto answer = post_form(
      "your-email=Ada.Lovelace%40Example.COM&your-name=+Ada++Lovelace+&tel=020+7946+0958&company=Engines&"
      "size=250"
      "&about=Good+morning&accept=yes&utm_source=newsletter&gclid=Cj0");
  EXPECT_EQ(answer.status, 303);
  EXPECT_EQ(answer.get_header_value("location"), "https://www.example.com/thanks");

  const auto found = lead("ada.lovelace@example.com");
  EXPECT_EQ(found["email"], "ada.lovelace@example.com");
  EXPECT_EQ(found["phone"], "+442079460958");
  EXPECT_EQ(found["name"], "Ada Lovelace");
  EXPECT_EQ(found["country"], "GB");
  EXPECT_EQ(found["temperature"], "warm");
  EXPECT_EQ(found["stage"], "captured");
  EXPECT_EQ(found["attributes"]["company_size"], 250);
  ASSERT_EQ(found["consents"].size(), 1U);
  const std::string text = "Yes, send me mail about engines. I can leave at any time.";
  EXPECT_EQ(found["consents"][0]["text"], text);
  EXPECT_EQ(found["consents"][0]["text_sha256"], ops::sha256_hex(text));
  EXPECT_EQ(found["consents"][0]["ip"], "127.0.0.1");
  EXPECT_EQ(found["attribution"]["first"]["utm_source"], "newsletter");
  EXPECT_EQ(found["attribution"]["last"]["gclid"], "Cj0");
  ASSERT_EQ(found["timeline"].size(), 1U);
  EXPECT_EQ(found["timeline"][0]["type"], "form.submitted");
  EXPECT_EQ(found["timeline"][0]["event"]["person"]["email"], "Ada.Lovelace@Example.COM");

  EXPECT_EQ(lead("020 7946 0958")["id"], found["id"]);
  EXPECT_EQ(lead(found["id"].get<std::string>())["id"], found["id"]);
}

TEST_F(RunningHub, TakesSignedJsonOnceAndKeepsAConflictForReview) {
  const std::string body = R"({"email":"Alan@Example.co.uk","phone":"020 7946 0958","plan":"pro"})";
  const std::string other = R"({"email":"Alan@Example.co.uk","phone":"020 7946 0958","plan":"max"})";
  const auto headers = signed_by(demo_secret, "msg_1", body);
  EXPECT_EQ(post_demo(body, headers).status, 200);
  EXPECT_EQ(post_demo(body, headers).status, 200) << "a replay";
  EXPECT_EQ(post_demo(body, signed_by(demo_secret, "msg_1", body)).status, 200) << "a retry, signed anew";
  EXPECT_EQ(post_demo(other, signed_by(demo_secret, "msg_1", other)).status, 200)
      << "the same id, another body";

  EXPECT_EQ(post_demo(body, {}).status, 401);
  EXPECT_EQ(post_demo(other, headers).status, 401);
  EXPECT_EQ(post_demo(body, signed_by("whsec_b3RoZXI=", "msg_2", body)).status, 401);
  EXPECT_EQ(post_demo(body, signed_by(demo_secret, "msg_2", body, std::chrono::minutes{-15})).status, 401);
  EXPECT_EQ(post_demo(body, signed_by(demo_secret, "msg_2", body, std::chrono::minutes{15})).status, 401);

  const auto found = lead("alan@example.co.uk");
  EXPECT_EQ(found["temperature"], "hot");
  EXPECT_EQ(found["timeline"].size(), 1U);
  EXPECT_EQ(found["attributes"]["plan"], "pro");
  const auto kept = inbox("&status=quarantined");
  ASSERT_EQ(kept.size(), 1U);
  EXPECT_EQ(kept[0]["state"], "conflict");
}

TEST_F(RunningHub, MakesOneLeadOfFiftyTwinsAtOnce) {
  const std::string body = R"({"email":"twin@example.com"})";
  const auto headers = signed_by(demo_secret, "msg_twin", body);
  std::atomic<int> accepted = 0;
  std::vector<std::thread> senders;
  for (int i = 0; i < 50; ++i)
    senders.emplace_back([&] { accepted += post_demo(body, headers).status == 200 ? 1 : 0; });
  for (auto& sender : senders) sender.join();
  EXPECT_EQ(accepted, 50);
  EXPECT_EQ(leads().size(), 1U);
  EXPECT_EQ(lead("twin@example.com")["timeline"].size(), 1U);
}

class Farewell : public RunningHub {
 protected:
  Farewell()
      : RunningHub(replaced(replaced(example_config(), "search: [plugins]", "search: [" FAREWELL_FOLDER "]"),
                            "channels:\n", "channels:\n  bye: {plugin: farewell, config: {}}\n"),
                   {{"LEADHUB_FAREWELL", "farewell.txt"}}) {}
};

TEST_F(Farewell, IsSaidToEveryPluginOnceItsChannelsAreGone) {
  EXPECT_EQ(hub_.stop(), 0);
  EXPECT_THAT(read_file(hub_.folder() / "farewell.txt"), ::testing::EndsWith("destroy\ndeinit\n"));
}

TEST_F(RunningHub, LeavesOnlyItsDatabasesBehind) {
  EXPECT_EQ(post_form("your-email=ada%40example.com").status, 303);
  EXPECT_EQ(leads().size(), 1U);
  EXPECT_EQ(hub_.stop(), 0);
  std::set<std::string> files;
  for (const auto& file : std::filesystem::directory_iterator{hub_.folder() / "data"})
    if (file.path().string().find(".db") != std::string::npos) files.insert(file.path().filename());
  EXPECT_THAT(files, ::testing::ElementsAre("leadhub-inbox.db", "leadhub.db")) << "no -wal, no -shm";
}

class WrongMapping : public RunningHub {
 protected:
  WrongMapping()
      : RunningHub(replaced(example_config(), "your-email: {to: email, required: true, label: E-mail}",
                            "your-email: {to: attributes.address}")) {}
};

TEST_F(WrongMapping, QuarantinesWhatNamesNobodyUntilTheConfigurationIsMendedAndItIsRedriven) {
  EXPECT_EQ(post_form("your-email=grace%40example.com&your-name=Grace").status, 303);
  static_cast<void>(inbox());
  const auto listed = hub_.run({"inbox", "list", "--quarantined"});
  EXPECT_EQ(listed.code, 0) << listed.err;
  EXPECT_THAT(listed.out, AllOf(HasSubstr("website"), HasSubstr("names nobody")));
  const auto shown = hub_.run({"inbox", "show", "1"});
  EXPECT_THAT(shown.out, AllOf(HasSubstr("quarantined"), HasSubstr("your-email=grace")));
  EXPECT_EQ(hub_.run({"inbox", "redrive", "1"}).code, 1) << "nothing has changed yet";

  EXPECT_EQ(hub_.stop(), 0);
  hub_.configure(example_config());
  hub_.start();
  const auto redriven = hub_.run({"inbox", "redrive", "1"});
  EXPECT_EQ(redriven.code, 0) << redriven.out << redriven.err;
  EXPECT_EQ(lead("grace@example.com")["name"], "Grace");
  EXPECT_THAT(inbox("&status=quarantined"), IsEmpty());
}

TEST_F(RunningHub, HoldsWhatFillsTheHoneypotAndTakesItWhenRedriven) {
  const auto answer = post_form("your-email=careful%40example.com&website_url=http%3A%2F%2Fspam.example");
  EXPECT_EQ(answer.status, 303) << "a machine learns nothing";
  EXPECT_THAT(leads(), IsEmpty());
  const auto held = inbox("&status=quarantined");
  ASSERT_EQ(held.size(), 1U);
  EXPECT_EQ(held[0]["state"], "held");
  EXPECT_EQ(hub_.run({"inbox", "redrive", "1"}).code, 0);
  EXPECT_EQ(lead("careful@example.com")["email"], "careful@example.com");
}

TEST_F(RunningHub, RefusesToRedriveATwinAndTellsWhy) {
  const auto ada = R"({"email":"ada@example.com"})";
  const auto eve = R"({"email":"eve@example.com"})";
  EXPECT_EQ(post_demo(ada, signed_by(demo_secret, "msg_1", ada)).status, 200);
  EXPECT_EQ(post_demo(eve, signed_by(demo_secret, "msg_1", eve)).status, 200);
  ASSERT_EQ(inbox("&status=quarantined").size(), 1U);
  const auto refused = hub_.run({"inbox", "redrive", "2"});
  EXPECT_EQ(refused.code, 1);
  EXPECT_THAT(refused.err, AllOf(HasSubstr("belongs to entry 1"), HasSubstr("inbox show")));
  EXPECT_EQ(leads().size(), 1U);
}

TEST_F(RunningHub, LetsThePersonMendAnAddressThatIsNone) {
  const auto page = post_form("your-email=nonsense&your-name=Ada");
  EXPECT_EQ(page.status, 422);
  EXPECT_THAT(page.body, AllOf(HasSubstr("E-mail"), HasSubstr("e-mail address"), HasSubstr("Ada")));
  const auto json =
      post("/in/website", {{"Accept", "application/json"}}, "your-email=a%40b.example&tel=none", form_type);
  EXPECT_EQ(json.status, 422);
  EXPECT_EQ(Json::parse(json.body)["errors"][0]["field"], "tel");
  EXPECT_THAT(inbox(), IsEmpty());
}

TEST_F(RunningHub, KeepsAttachmentsUnderSafeNames) {
  const std::string content{"\0\xff<script>", 10};
  const std::string body =
      "--xx\r\nContent-Disposition: form-data; name=\"your-email\"\r\n\r\nfiles@example.com\r\n"
      "--xx\r\nContent-Disposition: form-data; name=\"cv\"; filename=\"../../etc/passwd\"\r\n"
      "Content-Type: text/html\r\n\r\n" +
      content +
      "\r\n--xx\r\nContent-Disposition: form-data; name=\"b\"; "
      "filename=\"C:\\dir\\report.pdf\"\r\n\r\nx\r\n--xx--\r\n";
  EXPECT_EQ(post_form(body, "multipart/form-data; boundary=xx").status, 303);

  const auto found = lead("files@example.com");
  ASSERT_EQ(found["attachments"].size(), 2U);
  EXPECT_EQ(found["attachments"][0]["name"], "passwd");
  EXPECT_EQ(found["attachments"][1]["name"], "report.pdf");
  const auto hash = found["attachments"][0]["sha256"].get<std::string>();
  EXPECT_EQ(hash, ops::sha256_hex(content));
  const auto download = api("/api/v1/leads/" + found["id"].get<std::string>() + "/attachments/" + hash);
  EXPECT_EQ(download.status, 200);
  EXPECT_EQ(download.body, content);
  EXPECT_EQ(download.get_header_value("Content-Type"), "application/octet-stream");
  EXPECT_THAT(download.get_header_value("Content-Disposition"), StartsWith("attachment"));
  EXPECT_EQ(
      api("/api/v1/leads/" + found["id"].get<std::string>() + "/attachments/" + ops::sha256_hex("")).status,
      404);
}

TEST_F(RunningHub, DoesNotTellWhichChannelsExist) {
  const auto at = [&](const std::string& path) {
    const auto answer = exchange(hub_.edge_port(), "POST " + path +
                                                       " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                                                       "Content-Length: 3\r\n\r\na=b");
    return std::regex_replace(answer, std::regex{"Date: [^\r]*"}, "Date");
  };
  const auto unknown = at("/in/nothing");
  EXPECT_THAT(unknown, StartsWith("HTTP/1.1 404 "));
  for (const auto* path :
       {"/in/mail", "/in/", "/in/website/", "/in/website/x", "/in/WEBSITE", "/in/web%73ite/..", "/f/mail",
        "/", "/api/v1/leads", "/metrics", "/in/../in/website"})
    EXPECT_EQ(at(path), unknown) << path;
}

TEST_F(RunningHub, RefusesBadFormsWithASentenceAndServesTheNextOne) {
  const auto refused = [&](int status, const std::string& body, const std::string& type = form_type) {
    const auto answer = post_form(body, type);
    EXPECT_EQ(answer.status, status) << type << ' ' << body.substr(0, 60);
    EXPECT_THAT(answer.body, Not(IsEmpty()));
  };
  std::string many = "your-email=many%40example.com";
  for (int i = 0; i < 1'000; ++i) many += "&f" + std::to_string(i) + "=x";
  refused(413, many);
  refused(413, "your-email=long%40example.com&about=" + std::string(10'000'000, 'a'));
  refused(422, "your-email=long%40example.com&about=" + std::string(900'000, '<'));
  const std::string mail =
      "--xx\r\nContent-Disposition: form-data; name=\"your-email\"\r\n\r\na@example.com\r\n";
  refused(422,
          mail + "--xx\r\nContent-Disposition: form-data; name=\"about\"\r\n\r\n" +
              std::string(9'900'000, 'a') + "\r\n--xx--\r\n",
          "multipart/form-data; boundary=xx");
  refused(400, mail.substr(0, mail.size() - 4), "multipart/form-data; boundary=xx");
  refused(415, "<form/>", "text/xml");
  refused(415, "{}", "application/json");
  refused(422, "your-name=Nobody");
  refused(422, "your-email=a%40example.com&size=many");
  EXPECT_THAT(post_form("your-name=Kept+%3Cb%3E").body, HasSubstr("value=\"Kept &lt;b&gt;\""));

  auto client = edge();
  const auto got = client.Get("/in/website");
  ASSERT_TRUE(got);
  EXPECT_EQ(got->status, 405);
  EXPECT_THAT(got->get_header_value("allow"), HasSubstr("POST"));
  const auto deleted = client.Delete("/f/website");
  ASSERT_TRUE(deleted);
  EXPECT_EQ(deleted->status, 405);

  EXPECT_THAT(inbox(), IsEmpty()) << "what was refused is not kept";
  EXPECT_EQ(post_form("your-email=honest%40example.com").status, 303);
  EXPECT_EQ(leads().size(), 1U);
}

TEST_F(RunningHub, MendsNulAndBrokenUtf8) {
  EXPECT_EQ(post_form("your-email=nul%40example.com&your-name=a%00b").status, 303);
  EXPECT_EQ(post_form(std::string{"your-email=raw%40example.com&your-name=a\0b", 42}).status, 303);
  EXPECT_EQ(post_form("your-email=utf%40example.com&your-name=%ff%fe\xc3(").status, 303);
  EXPECT_EQ(leads().size(), 3U);
  EXPECT_EQ(lead("nul@example.com")["name"].get<std::string>().find('\0'), std::string::npos);
  EXPECT_FALSE(lead("utf@example.com").is_discarded()) << "JSON is UTF-8";

  const std::string body = "{\"email\":\"x\xff@example.com\"}";
  EXPECT_EQ(post_demo(body, signed_by(demo_secret, "utf", body)).status, 400);
  const auto deep = std::string(100'000, '[');
  EXPECT_EQ(post_demo(deep, signed_by(demo_secret, "deep", deep)).status, 400);
  const std::string twice = R"({"email":"a@example.com","email":"b@example.com"})";
  EXPECT_EQ(post_demo(twice, signed_by(demo_secret, "twice", twice)).status, 400);
}

TEST_F(RunningHub, GuardsItsControlApi) {
  for (const auto* path : {"/api/v1/leads", "/api/v1/inbox", "/api/v1/status", "/api/v1/tap", "/nothing"}) {
    for (const httplib::Headers& headers :
         {httplib::Headers{}, {{"Authorization", "Bearer wrong"}}, {{"Authorization", hub_.token()}}}) {
      httplib::Client client{"127.0.0.1", hub_.control_port()};
      const auto answer = client.Get(path, headers);
      ASSERT_TRUE(answer) << path;
      EXPECT_EQ(answer->status, 401) << path;
      EXPECT_EQ(answer->get_header_value("Content-Type"), "application/problem+json");
      EXPECT_THAT(answer->get_header_value("WWW-Authenticate"), StartsWith("Bearer"));
    }
  }
  const auto problem = [&](int status, const httplib::Response& answer) {
    EXPECT_EQ(answer.status, status);
    const auto document = Json::parse(answer.body, nullptr, false);
    ASSERT_TRUE(document.is_object()) << answer.body;
    EXPECT_EQ(document["status"], status);
    EXPECT_THAT(document["detail"].get<std::string>(), Not(IsEmpty()));
  };
  problem(404, api("/api/v1/leads/nobody%40example.com"));
  problem(400, api("/api/v1/leads/%00%ff"));
  problem(400, api("/api/v1/leads?limit=0"));
  problem(400, api("/api/v1/leads?limti=5"));
  problem(400, api("/api/v1/leads?temperature=tepid"));
  problem(404, api("/api/v1/inbox/999999999999999999"));
  problem(400, api("/" + std::string(2'000, 'a')));
  problem(414, api("/" + std::string(20'000, 'a')));
  problem(416, api("/api/v1/leads", {{"Range", "bytes=9-1"}}));

  const auto with_token = [&](const std::string& head_and_body) {
    return exchange(hub_.control_port(),
                    "POST /api/v1/inbox/1/redrive HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " +
                        hub_.token() + "\r\n" + head_and_body);
  };
  EXPECT_THAT(with_token("Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"),
              StartsWith("HTTP/1.1 400 "));
  EXPECT_THAT(with_token("Content-Length: 99999999999\r\n\r\n"), StartsWith("HTTP/1.1 413 "));
  EXPECT_THAT(with_token("Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}"), StartsWith("HTTP/1.1 400 "));
  EXPECT_THAT(exchange(hub_.control_port(), "\x16\x03\x01 nonsense\r\n\r\n"), StartsWith("HTTP/1.1 400 "));
  EXPECT_EQ(api("/api/v1/status").status, 200);
}

TEST_F(RunningHub, ListsLeadsPageByPage) {
  for (int i = 0; i < 5; ++i)
    EXPECT_EQ(post_form("your-email=page" + std::to_string(i) + "%40example.com").status, 303);
  ASSERT_EQ(leads().size(), 5U);
  std::set<std::string> seen;
  std::string cursor;
  int pages = 0;
  do {
    const auto page = Json::parse(api("/api/v1/leads?limit=2" + cursor).body);
    for (const auto& entry : page["items"]) seen.insert(entry["email"]);
    cursor = page["next"].is_null() ? "" : "&cursor=" + page["next"].get<std::string>();
    ++pages;
  } while (!cursor.empty() && pages < 10);
  EXPECT_EQ(seen.size(), 5U);
  EXPECT_EQ(pages, 3);
}

TEST_F(RunningHub, TellsItsHealthToEverybodyAndNamesToNobody) {
  EXPECT_EQ(post_form("your-email=private%40example.com").status, 303);
  ASSERT_EQ(leads().size(), 1U);
  httplib::Client client{"127.0.0.1", hub_.control_port()};
  for (const auto* path : {"/healthz", "/readyz", "/metrics", "/api/v1/openapi.json"}) {
    const auto answer = client.Get(path);
    ASSERT_TRUE(answer) << path;
    EXPECT_EQ(answer->status, 200) << path;
    EXPECT_THAT(answer->body, Not(HasSubstr("private")));
  }
  EXPECT_THAT(client.Get("/metrics")->body,
              AllOf(HasSubstr("# TYPE leadhub_"), HasSubstr("leadhub_mails_total{outcome=\"sent\"} 0")));
}

/// Peak resident memory, in MiB.
long peak_memory(pid_t process) {
  const auto status = read_file("/proc/" + std::to_string(process) + "/status");
  return std::stol(status.substr(status.find("VmHWM:") + 6)) / 1024;
}

#ifdef __SANITIZE_THREAD__
constexpr long stranger_mebibytes_max = 160;  // each byte has four of the sanitizer's beside it
#else
constexpr long stranger_mebibytes_max = 40;
#endif

TEST_F(RunningHub, BoundsWhatAStrangerCostsOnTheControlListener) {
  const auto before = peak_memory(hub_.pid());
  static_cast<void>(
      exchange(hub_.control_port(), "GET /healthz HTTP/1.1\r\nX: " + std::string(100'000'000, 'a')));
  std::string many = "GET /healthz HTTP/1.1\r\n";
  for (int i = 0; i < 10'000; ++i) many += "Y" + std::to_string(i) + ": " + std::string(4'000, 'b') + "\r\n";
  static_cast<void>(exchange(hub_.control_port(), many + "\r\n"));
  static_cast<void>(exchange(hub_.control_port(), "GET /" + std::string(100'000'000, 'a')));
  EXPECT_LT(peak_memory(hub_.pid()), before + stranger_mebibytes_max);

  std::string ranges = "0-";
  for (int i = 0; i < 2'000; ++i) ranges += ",0-";
  const auto whole = api("/api/v1/openapi.json").body.size();
  const auto answer =
      exchange(hub_.control_port(),
               "GET /api/v1/openapi.json HTTP/1.1\r\nHost: x\r\nRange: bytes=" + ranges + "\r\n\r\n");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 20"));
  EXPECT_LT(answer.size(), whole + 1'000);
}

TEST_F(RunningHub, AnswersHonestClientsOnceDrippingOnesHaveHadTheirTime) {
  std::signal(SIGPIPE, SIG_IGN);  // cpp-httplib's client writes to the connections that the hub cuts
  std::atomic<bool> over = false;
  std::vector<std::thread> dripping;
  for (int i = 0; i < 16; ++i)
    dripping.emplace_back([&] {
      httplib::Client client{"127.0.0.1", hub_.control_port()};
      client.Post(
          "/api/v1/inbox/1/redrive", {{"Authorization", "Bearer " + hub_.token()}}, 1'000,
          [&](std::size_t, std::size_t, httplib::DataSink& sink) {
            if (over) return false;
            std::this_thread::sleep_for(std::chrono::milliseconds{200});
            return sink.write("a", 1);
          },
          "application/json");
    });
  std::this_thread::sleep_for(std::chrono::milliseconds{500});
  httplib::Client honest{"127.0.0.1", hub_.control_port()};
  honest.set_read_timeout(std::chrono::seconds{60});
  const auto answer = honest.Get("/healthz");
  over = true;
  for (auto& thread : dripping) thread.join();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 200);
}

/// Opens a connection, sends a byte of a head now and then until it is cut, and begins anew.
void drip_heads(int port, const std::atomic<bool>& over) {
  while (!over) {
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in hub{};
    hub.sin_family = AF_INET;
    hub.sin_port = htons(static_cast<std::uint16_t>(port));
    hub.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    bool open = ::connect(socket, reinterpret_cast<const sockaddr*>(&hub), sizeof hub) == 0;
    while (open && !over) {
      open = ::send(socket, "a", 1, MSG_NOSIGNAL) == 1;
      std::this_thread::sleep_for(std::chrono::milliseconds{50});
    }
    ::close(socket);
  }
}

TEST_F(RunningHub, AnswersHonestClientsWhileStrangersDripHeadsAgainAndAgain) {
  std::atomic<bool> over = false;
  std::vector<std::thread> dripping;
  for (int i = 0; i < 40; ++i) dripping.emplace_back([&] { drip_heads(hub_.control_port(), over); });
  std::this_thread::sleep_for(std::chrono::milliseconds{500});
  httplib::Client honest{"127.0.0.1", hub_.control_port()};
  honest.set_read_timeout(std::chrono::seconds{60});
  auto slowest = std::chrono::steady_clock::duration::zero();
  for (int i = 0; i < 3; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    const auto answer = honest.Get("/healthz");
    slowest = std::max(slowest, std::chrono::steady_clock::now() - begin);
    EXPECT_TRUE(answer && answer->status == 200) << i;
  }
  over = true;
  for (auto& thread : dripping) thread.join();
  EXPECT_LT(slowest, std::chrono::seconds{4}) << "the strangers' 5 s for a request must not count against it";
}

TEST_F(RunningHub, TapsWhatArrives) {
  Said tapped;
  std::thread tap{[&] { tapped = hub_.run({"tap", "--limit", "2", "--json"}); }};
  const auto notice = hub_.folder() / "verb.err";
  for (int tries = 0; tries < 1000 && read_file(notice).find("tapping") == std::string::npos; ++tries)
    std::this_thread::sleep_for(std::chrono::milliseconds{10});
  EXPECT_EQ(post_form("your-email=one%40example.com").status, 303);
  EXPECT_EQ(post_form("your-email=two%40example.com").status, 303);
  tap.join();
  EXPECT_EQ(tapped.code, 0) << tapped.err;
  std::istringstream lines{tapped.out};
  std::string line;
  int entries = 0;
  for (; std::getline(lines, line); ++entries) EXPECT_EQ(Json::parse(line)["channel"], "website");
  EXPECT_EQ(entries, 2);
}

TEST_F(RunningHub, LeavesOnSigtermAndSaysSoToTheCommandLine) {
  EXPECT_EQ(post_form("your-email=kept%40example.com").status, 303);
  EXPECT_EQ(hub_.stop(), 0);
  const auto said = hub_.run({"leads", "show", "kept@example.com"});
  EXPECT_EQ(said.code, 69);
  EXPECT_THAT(said.err, HasSubstr("leadhub serve"));
  hub_.start();
  EXPECT_EQ(lead("kept@example.com")["timeline"].size(), 1U);
}

constexpr auto canary_token = "canary-token-8d1f0e6a4c2b";
constexpr auto canary_secret = "whsec_Y2FuYXJ5LXNlY3JldC03ZjNhOTE=";  // "canary-secret-7f3a91"

class HubWithSecrets : public RunningHub {
 protected:
  HubWithSecrets()
      : RunningHub(example_config(), {{"LEADHUB_TOKEN", canary_token},
                                      {"DEMO_SECRET", canary_secret},
                                      {"GOOGLE_ADS_KEY", "canary-ads-key"}}) {}
};

TEST_F(HubWithSecrets, NeverShowsThem) {
  const std::string body = R"({"email":"alan@example.com"})";
  EXPECT_EQ(post_demo(body, signed_by(canary_secret, "msg_1", body)).status, 200);
  EXPECT_EQ(post_demo(body, signed_by(demo_secret, "msg_2", body)).status, 401);
  std::string said = post_demo(body, {}).body + post_demo(body, signed_by(demo_secret, "msg_2", body)).body;
  static_cast<void>(inbox());
  for (const auto* path : {"/api/v1/leads", "/api/v1/inbox", "/api/v1/inbox/1", "/api/v1/status",
                           "/api/v1/plugins", "/metrics", "/api/v1/leads/alan%40example.com"}) {
    const auto answer = api(path);
    EXPECT_EQ(answer.status, 200) << path;
    said += answer.body;
  }
  for (const std::vector<std::string>& verb : {std::vector<std::string>{"validate", "hub.yaml"},
                                               {"validate", "--json", "hub.yaml"},
                                               {"schema"},
                                               {"leads", "list"},
                                               {"leads", "show", "alan@example.com", "--json"},
                                               {"inbox", "list"},
                                               {"inbox", "show", "1"},
                                               {"plugin", "list"}}) {
    const auto heard = hub_.run(verb);
    EXPECT_EQ(heard.code, 0) << verb[0] << ": " << heard.err;
    said += heard.out + heard.err;
  }
  // A mistake right where the secret stands must not quote it.
  const auto broken =
      replaced(example_config(), "fields: {email: {to: email, required: true}",
               "scret: \"${env:DEMO_SECRET}\"\n      fields: {email: {to: email, required: true}");
  hub_.stop();
  write_file(hub_.folder() / "broken.yaml", broken);
  for (const auto* file : {"broken.yaml"}) {
    const auto heard = hub_.run({"validate", file});
    EXPECT_EQ(heard.code, 78) << file << heard.out;
    said += heard.out + heard.err;
  }
  said += hub_.printed();
  EXPECT_THAT(said, Not(HasSubstr("canary")));
  EXPECT_THAT(said, Not(HasSubstr("Y2FuYXJ5")));
}

class Configuration : public ::testing::Test {
 protected:
  HubProcess hub_{example_config()};

  /// What `leadhub validate` says about this hub.yaml, which must be refused.
  [[nodiscard]] std::string complaint(const std::string& config) const {
    hub_.configure(config);
    const auto said = hub_.run({"validate", "hub.yaml"});
    EXPECT_EQ(said.code, 78) << said.out;
    EXPECT_THAT(said.out + said.err, ::testing::ContainsRegex("hub\\.yaml:[0-9]+:[0-9]+: "));
    return said.out + said.err;
  }
};

TEST_F(Configuration, ThatIsTheExampleIsValid) {
  const auto said = hub_.run({"validate", "hub.yaml"});
  EXPECT_EQ(said.code, 0) << said.err;
  EXPECT_THAT(said.out, HasSubstr("hub.yaml: valid"));
  EXPECT_THAT(said.out, Not(HasSubstr("mail:"))) << "the e-mail plugin is part of this version";
}

TEST_F(Configuration, WithAnyTransportOfMailsIsValid) {
  for (const auto& [transport, keys] : std::vector<std::pair<std::string, std::string>>{
           {"smtp", "url: smtp://mail.example.com:587"},
           {"sendgrid", "key: secret"},
           {"mailgun", "key: secret\n      domain: mg.example.com"},
           {"postmark", "key: secret"},
           {"ses", "key: secret\n      key_id: AKID\n      region: eu-central-1"},
           {"brevo", "key: secret"}}) {
    hub_.configure(
        replaced(replaced(example_config(), "transport: maildir ", "transport: " + transport + " "),
                 "directory: data/mail ", keys + " "));
    const auto said = hub_.run({"validate", "hub.yaml"});
    EXPECT_EQ(said.code, 0) << said.out << said.err;
    EXPECT_THAT(said.out, Not(HasSubstr("mail:"))) << transport;
  }
}

TEST_F(Configuration, WithARelayThatIsNoneSaysWhereAndWhy) {
  hub_.configure(replaced(replaced(example_config(), "transport: maildir ", "transport: smtp "),
                          "directory: data/mail", "url: mail.example.com"));
  const auto said = hub_.run({"validate", "hub.yaml"});
  EXPECT_NE(said.code, 0);
  EXPECT_THAT(said.out + said.err,
              ::testing::ContainsRegex("hub.yaml:[0-9]+:[0-9]+: .*is no address of a mail relay"));
}

TEST_F(Configuration, WithATypoInAnySectionIsRefusedWithASuggestion) {
  for (const auto& [right, wrong] :
       std::vector<std::pair<std::string, std::string>>{{"workspace:", "workspce:"},
                                                        {"public_url:", "public_ur:"},
                                                        {"trusted_proxies:", "trusted_proxy:"},
                                                        {"  token: ", "  tokn: "},
                                                        {"keep_raw:", "keep_rw:"},
                                                        {"  search:", "  serch:"},
                                                        {"plugin: webform", "plugn: webform"},
                                                        {"fields:", "feilds:"},
                                                        {"honeypot:", "honypot:"},
                                                        {"default_country:", "default_contry:"},
                                                        {"disposable:", "disposible:"},
                                                        {"builtin:", "buildin:"},
                                                        {"half_life:", "halflife:"},
                                                        {"working_hours:", "workinghours:"},
                                                        {"quiet_hours:", "quiet_hour:"},
                                                        {"journeys:", "journies:"}}) {
    EXPECT_THAT(complaint(replaced(example_config(), right, wrong)), HasSubstr("did you mean")) << wrong;
  }
}

TEST_F(Configuration, ThatIsNoCleanYamlIsRefused) {
  EXPECT_THAT(complaint(replaced(example_config(), "  listen:", "\tlisten:")), HasSubstr("tab"));
  EXPECT_THAT(complaint(example_config() + "workspace: twice\n"), HasSubstr("twice"));
  std::string bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n";
  for (int i = 1; i < 12; ++i) {
    const auto before = "*a" + std::to_string(i - 1);
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + before;
    for (int k = 0; k < 9; ++k) bomb += "," + before;
    bomb += "]\n";
  }
  EXPECT_THAT(complaint(bomb + example_config()), HasSubstr("alias"));
  EXPECT_THAT(complaint(replaced(example_config(), "provider: html ", "provider: [html ")), Not(IsEmpty()));
}

TEST_F(Configuration, TakesNoAndOctalsByYaml12) {
  hub_.configure(replaced(example_config(), "default_country: GB ", "default_country: NO "));
  const auto norway = hub_.run({"validate", "hub.yaml"});
  EXPECT_EQ(norway.code, 0) << norway.err << "NO is Norway, not false";
  hub_.configure(replaced(example_config(), "min_seconds: 2", "min_seconds: 010"));
  hub_.start();
  EXPECT_EQ(hub_.stop(), 0);
  EXPECT_THAT(complaint(replaced(example_config(), "builtin: true", "builtin: NO")),
              HasSubstr("true or false"));
}

TEST_F(Configuration, ThatIsMissingOrAFolderIsNamed) {
  for (const auto* verb : {"validate", "serve"}) {
    std::vector<std::string> arguments{verb};
    if (arguments[0] == "serve") arguments.emplace_back("-c");
    arguments.emplace_back("nothing.yaml");
    const auto missing = hub_.run(arguments);
    EXPECT_EQ(missing.code, 78);
    EXPECT_THAT(missing.err + missing.out, HasSubstr("nothing.yaml: there is no such file"));
  }
  const auto folder = hub_.run({"validate", "."});
  EXPECT_EQ(folder.code, 78);
  EXPECT_THAT(folder.err + folder.out, HasSubstr("directory"));
}

using CommandLine = Configuration;

TEST_F(RunningHub, HasATransportWhereTheExampleNamesOne) {
  EXPECT_TRUE(std::filesystem::is_directory(hub_.folder() / "data" / "mail")) << "beside hub.yaml";
  EXPECT_THAT(hub_.printed(), HasSubstr("mail (email)\n      sends mails\n"));
  EXPECT_EQ(post("/in/mail", {}, "a=b", form_type).status, 404) << "it captures nothing";
}

TEST_F(CommandLine, ListsAndInspectsPlugins) {
  const auto listed = hub_.run({"plugin", "list"});
  EXPECT_EQ(listed.code, 0);
  EXPECT_THAT(listed.out, AllOf(HasSubstr("webform"), ::testing::ContainsRegex("email +1.0.0 +deliver")));
  const auto inspected = hub_.run({"plugin", "inspect", "--json", LEADHUB_BINARY_DIR "/plugins/webform.so"});
  EXPECT_EQ(inspected.code, 0);
  EXPECT_EQ(Json::parse(inspected.out)["id"], "webform");
  const auto none = hub_.run({"plugin", "inspect", "hub.yaml"});
  EXPECT_EQ(none.code, 1);
  EXPECT_THAT(none.err, HasSubstr("hub.yaml"));
  const auto folder = hub_.run({"plugin", "inspect", LEADHUB_BINARY_DIR "/plugins"});
  EXPECT_EQ(folder.code, 1);
  EXPECT_THAT(folder.err,
              AllOf(HasSubstr("this is a folder"), ::testing::ContainsRegex("plugins/[a-z]+[.]so")));
}

TEST_F(CommandLine, ShowsTheFirstStepsInTheMainHelpAlone) {
  EXPECT_THAT(hub_.run({"--help"}).out, HasSubstr("The first steps"));
  for (const auto* group : {"leads", "inbox", "plugin"}) {
    const auto said = hub_.run({group, "--help"});
    EXPECT_THAT(said.out, AllOf(HasSubstr("list"), Not(HasSubstr("The first steps")))) << group;
  }
}

TEST_F(CommandLine, HasAnExampleInEveryHelp) {
  for (const std::vector<std::string>& verb : {std::vector<std::string>{"serve"},
                                               {"validate"},
                                               {"schema"},
                                               {"leads", "list"},
                                               {"leads", "show"},
                                               {"inbox", "list"},
                                               {"inbox", "show"},
                                               {"inbox", "redrive"},
                                               {"plugin", "list"},
                                               {"plugin", "inspect"},
                                               {"tap"}}) {
    auto words = verb;
    words.emplace_back("--help");
    const auto said = hub_.run(words);
    EXPECT_EQ(said.code, 0);
    EXPECT_THAT(said.out, AllOf(HasSubstr("Example"), HasSubstr("leadhub " + verb[0]))) << verb[0];
  }
}

TEST_F(CommandLine, NamesWhatIsWrong) {
  const auto verb = hub_.run({"sreve"});
  EXPECT_GE(verb.code, 100);
  EXPECT_THAT(verb.err, AllOf(HasSubstr("sreve"), HasSubstr("serve")));
  const auto inner = hub_.run({"leads", "shwo", "x"});
  EXPECT_GE(inner.code, 100);
  EXPECT_THAT(inner.err, AllOf(HasSubstr("shwo"), HasSubstr("show")));
  const auto none = hub_.run({});
  EXPECT_GE(none.code, 100);
  EXPECT_THAT(none.err, HasSubstr("serve"));
  const auto file = hub_.run({"leads", "show", "x", "-c", "nothing.yaml"});
  EXPECT_EQ(file.code, 69);
  EXPECT_THAT(file.err, AllOf(HasSubstr("nothing.yaml"), HasSubstr("no such file")));
}

}  // namespace
}  // namespace leadhub::e2e
