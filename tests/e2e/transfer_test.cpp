#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <httplib.h>
#include <sys/wait.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <thread>

#include "hub_process.hpp"

namespace leadhub::e2e {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using Json = nlohmann::ordered_json;

class Transfer : public ::testing::Test {
 protected:
  Transfer() : hub_(example_config()) { hub_.start(); }

  static Json api(const HubProcess& hub, const std::string& path) {
    httplib::Client client{"127.0.0.1", hub.control_port()};
    const auto answer = client.Get(path, {{"Authorization", "Bearer " + hub.token()}});
    return answer ? Json::parse(answer->body, nullptr, false) : Json{};
  }

  /// Returns when the pipeline has taken everything that is in the inbox.
  static void settle(const HubProcess& hub) {
    for (int tries = 0; tries < 3000; ++tries) {
      const auto inbox = api(hub, "/api/v1/status")["inbox"];
      if (inbox["backlog"] == 0) return;
      std::this_thread::sleep_for(std::chrono::milliseconds{10});
    }
    ADD_FAILURE() << "the pipeline does not catch up";
  }

  /// `leadhub leads import FILE ARGUMENTS... --json`, and what it said.
  Json import(const std::string& text, const std::vector<std::string>& arguments = {},
              const std::string& file = "people.csv") {
    write_file(hub_.folder() / file, text);
    return import_file(hub_, file, arguments);
  }
  Json import_file(const HubProcess& hub, const std::string& file,
                   const std::vector<std::string>& arguments = {}) {
    std::vector<std::string> words{"leads", "import", file, "--json"};
    words.insert(words.end(), arguments.begin(), arguments.end());
    const auto said = hub.run(words);
    code_ = said.code;
    error_ = said.err;
    settle(hub);
    return Json::parse(said.out, nullptr, false);
  }

  static std::vector<Json> exported(const HubProcess& hub) {
    const auto said = hub.run({"leads", "export"});
    EXPECT_EQ(said.code, 0) << said.err;
    std::vector<Json> leads;
    std::istringstream lines{said.out};
    for (std::string line; std::getline(lines, line);) leads.push_back(Json::parse(line));
    return leads;
  }

  HubProcess hub_;
  int code_ = -1;
  std::string error_;
};

constexpr auto people =
    "\xEF\xBB\xBF"
    "E-Mail,First name,Last name,Tel,Size,Notes\r\n"
    "ada@example.com,Ada,Lovelace,020 7946 0958,250,x\n"
    "alan@example.com,\"Alan \"\"M\"\"\",\"Turing,\nOBE\",,7,y\r";
const std::vector<std::string> people_map{"--map", "Tel=phone", "--map", "Size=attributes.size:integer"};

TEST_F(Transfer, BringsInATableOnceHoweverOftenItIsImported) {
  const auto first = import(people, people_map);
  EXPECT_EQ(code_, 0) << error_;
  EXPECT_EQ(first["rows"], 2);
  EXPECT_EQ(first["accepted"], 2);
  EXPECT_EQ(first["unmapped"], Json::array({"Notes"}));
  const auto leads = exported(hub_);
  ASSERT_EQ(leads.size(), 2U);
  const auto& ada = leads[0]["email"] == "ada@example.com" ? leads[0] : leads[1];
  const auto& alan = leads[0]["email"] == "ada@example.com" ? leads[1] : leads[0];
  EXPECT_EQ(ada["phone"], "+442079460958");
  EXPECT_EQ(ada["name"], "Ada Lovelace");
  EXPECT_EQ(ada["attributes"], Json::parse(R"({"size": 250})"));
  EXPECT_EQ(ada["timeline"][0]["channel"], "import");
  EXPECT_EQ(ada["timeline"][0]["type"], "x.leadhub.imported");
  EXPECT_THAT(ada["consents"], IsEmpty());
  EXPECT_EQ(alan["last_name"], "Turing, OBE");

  const auto again = import(people, people_map, "another_name.csv");
  EXPECT_EQ(code_, 0) << error_;
  EXPECT_EQ(again["accepted"], 0);
  EXPECT_EQ(again["duplicates"], 2);
  EXPECT_EQ(exported(hub_), leads);

  const auto longer = import(std::string{people} + "grace@example.com,Grace,Hopper,,1,z\n", people_map);
  EXPECT_EQ(longer["accepted"], 1) << "what is new in the file comes in";
  EXPECT_EQ(longer["duplicates"], 2);
  EXPECT_EQ(exported(hub_).size(), 3U);
}

TEST_F(Transfer, WritesNothingInADryRun) {
  const auto checked = import(std::string{people} + "nobody@,,,,1,z\n",
                              {"--map", "Tel=phone", "--map", "Size=attributes.size:integer", "--dry-run"});
  EXPECT_EQ(code_, 1) << "one row is refused";
  EXPECT_EQ(checked["accepted"], 2);
  EXPECT_EQ(checked["refused"], 1);
  EXPECT_EQ(checked["errors"][0]["row"], 4);
  EXPECT_EQ(checked["example"]["person"]["email"], "ada@example.com");
  EXPECT_EQ(api(hub_, "/api/v1/status")["inbox"]["head"], 0);
  EXPECT_THAT(exported(hub_), IsEmpty());
}

TEST_F(Transfer, NamesTheRowsThatItRefusesAndKeepsThemApart) {
  write_file(hub_.folder() / "bad.csv",
             "email,name,attributes.n:integer\nada@example.com,Ada,1\n@,Bad,2\nb@example.com,\"B\"\"\",many\n"
             "c@example.com,C\xE9,3\n,Nobody,4\nd@example.com,D,5,6\ne@example.com,E,\n");
  const auto said = hub_.run({"leads", "import", "bad.csv", "--rejects", "rejects.csv"});
  EXPECT_EQ(said.code, 1);
  EXPECT_THAT(said.out, HasSubstr("7 rows: 2 imported, 0 known already, 5 refused"));
  EXPECT_THAT(said.err,
              AllOf(HasSubstr("bad.csv:row 3: "), HasSubstr("bad.csv:row 4: "),
                    HasSubstr("bad.csv:row 5: it is no UTF-8"), HasSubstr("bad.csv:row 6: it names nobody"),
                    HasSubstr("bad.csv:row 7: it has 4 cells")));
  auto rejects = read_file(hub_.folder() / "rejects.csv");
  EXPECT_THAT(rejects, AllOf(HasSubstr("email,name,attributes.n:integer\r\n"), HasSubstr("'@,Bad,2\r\n"),
                             HasSubstr("b@example.com,\"B\"\"\",many\r\n"), Not(HasSubstr("ada@"))));
  const auto mended = import(replaced(rejects, "many", "2"), {}, "mended.csv");
  EXPECT_EQ(mended["accepted"], 1);
  EXPECT_EQ(hub_.run({"leads", "import", "bad.csv", "--rejects", "rejects.csv"}).code, 73)
      << "rejects are not written over";
}

TEST_F(Transfer, RedrivesWhatWasImported) {
  static_cast<void>(import(people, people_map));
  const auto before = exported(hub_);
  const auto said = hub_.run({"inbox", "redrive", "1"});
  EXPECT_EQ(said.code, 0) << said.err;
  settle(hub_);
  const auto after = exported(hub_);
  ASSERT_EQ(after.size(), 2U);
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(after[i]["email"], before[i]["email"]);
    EXPECT_EQ(after[i]["timeline"].size(), 1U) << "the new one stands for the old one";
  }
  EXPECT_EQ(import(people, people_map)["duplicates"], 2);
}

TEST_F(Transfer, TakesATableFromStandardInput) {
  write_file(hub_.folder() / "people.csv", people);
  const auto command = "cd '" + hub_.folder().string() +
                       "' && LEADHUB_URL=http://127.0.0.1:" + std::to_string(hub_.control_port()) +
                       " LEADHUB_TOKEN=" + hub_.token() +
                       " '" LEADHUB_BINARY_DIR
                       "/bin/leadhub' leads import - --format csv <people.csv >said 2>&1";
  EXPECT_EQ(std::system(command.c_str()), 0) << read_file(hub_.folder() / "said");
  EXPECT_THAT(read_file(hub_.folder() / "said"), HasSubstr("2 rows: 2 imported"));
}

TEST_F(Transfer, GivesConsentOnlyWhenToldWhatItSaid) {
  static_cast<void>(import("email\nada@example.com\n",
                           {"--consent", "marketing_email", "--consent-text", "Yes, send me mail"}));
  ASSERT_EQ(code_, 0) << error_;
  const auto consents = exported(hub_).at(0)["consents"];
  ASSERT_EQ(consents.size(), 1U);
  EXPECT_EQ(consents[0]["purpose"], "marketing_email");
  EXPECT_EQ(consents[0]["state"], "granted");
  EXPECT_EQ(consents[0]["text"], "Yes, send me mail");
  static_cast<void>(import("email\nada@example.com\n", {"--consent", "marketing_email"}));
  EXPECT_EQ(code_, 1);
  EXPECT_THAT(error_, HasSubstr("--consent-text"));
}

TEST_F(Transfer, GoesOnWhereItWasKilled) {
  std::string table = "email,name\n";
  constexpr int rows = 8'000;
  for (int i = 0; i < rows; ++i)
    table += "lead" + std::to_string(i) + "@example.com,Lead " + std::to_string(i) + "\n";
  write_file(hub_.folder() / "many.csv", table);
  const auto child = hub_.begin({"leads", "import", "many.csv"});
  while (api(hub_, "/api/v1/status")["inbox"]["head"] < 2)
    std::this_thread::sleep_for(std::chrono::milliseconds{1});
  ::kill(child, SIGKILL);
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFSIGNALED(status)) << "it was not done yet";

  const auto rest = import_file(hub_, "many.csv");
  EXPECT_EQ(code_, 0) << error_;
  EXPECT_GE(rest["duplicates"], 2000);
  EXPECT_GT(rest["accepted"], 0);
  EXPECT_EQ(rest["accepted"].get<int>() + rest["duplicates"].get<int>(), rows);
  std::set<std::string> addresses;
  for (const auto& lead : exported(hub_)) {
    addresses.insert(lead["email"]);
    EXPECT_EQ(lead["timeline"].size(), 1U);
  }
  EXPECT_EQ(addresses.size(), rows);
}

TEST_F(Transfer, RefusesAGigabyteInOneLine) {
  for (const auto* file : {"endless.csv", "endless.jsonl"}) {
    write_file(hub_.folder() / file, std::string{file}.ends_with("csv")
                                         ? "email\nada@example.com\n"
                                         : "{\"email\": \"alan@example.com\"}\n");
    std::filesystem::resize_file(hub_.folder() / file, std::uintmax_t{1} << 30);
    const auto said = hub_.run({"leads", "import", file});
    EXPECT_EQ(said.code, 1);
    EXPECT_THAT(said.err, HasSubstr(std::string{file}.ends_with("csv") ? "row 3: " : "row 2: "));
    EXPECT_THAT(said.err, HasSubstr("longer than"));
    EXPECT_THAT(said.out, HasSubstr(" 1 imported")) << "what stands before it comes in";
  }
}

/// A lead without what a hub gives it.
/// Without what is each hub's own: ids, times of arrival, and what it has told its team.
Json without_own(Json lead) {
  lead["messages"] = Json::array();
  for (auto& assignment : lead["assignments"])
    for (const auto* member : {"source", "assigned_at", "answer_by"}) assignment.erase(member);
  for (const auto* member : {"id", "created_at", "updated_at", "provenance", "stages", "aliases"})
    lead.erase(member);
  for (const auto* list : {"contact_points", "consents", "attachments", "scores", "warmth"})
    for (auto& entry : lead[list]) entry.erase("source");
  for (auto& line : lead["timeline"]) {
    for (const auto* member : {"received_at", "source", "channel", "key"}) line.erase(member);
    line["event"].erase("key");
    line["event"].erase("occurred_at");
  }
  for (const auto* touch : {"first", "last"})
    if (lead["attribution"][touch].is_object()) lead["attribution"][touch].erase("channel");
  return lead;
}

TEST_F(Transfer, MakesTheSameLeadsOfAnExportInAnotherHub) {
  httplib::Client edge{"127.0.0.1", hub_.edge_port()};
  for (const auto* form :
       {"your-email=Ada%40Example.com&your-name=Ada+Lovelace&tel=020+7946+0958&size=250&accept=yes&"
        "utm_source=letter&about=Hello",
        "your-email=ada%40example.com&company=Engines",
        "your-email=alan%40example.com&your-name=%3DHYPERLINK(1)&company=%40home"}) {
    const auto answer = edge.Post("/in/website", form, "application/x-www-form-urlencoded");
    ASSERT_TRUE(answer && answer->status == 303);
  }
  settle(hub_);
  const auto here = exported(hub_);
  ASSERT_EQ(here.size(), 2U);

  HubProcess other{example_config()};
  other.start();
  const auto file = (other.folder() / "export.jsonl").string();
  const auto written = hub_.run({"leads", "export", "--output", file});
  EXPECT_EQ(written.code, 0) << written.err;
  EXPECT_EQ(std::filesystem::status(file).permissions() & std::filesystem::perms::others_all,
            std::filesystem::perms::none);
  const auto summary = import_file(other, "export.jsonl");
  EXPECT_EQ(code_, 0) << error_;
  EXPECT_EQ(summary["accepted"], 3) << "the timelines' events";
  EXPECT_EQ(import_file(other, "export.jsonl")["duplicates"], 3);
  const auto there = exported(other);
  ASSERT_EQ(there.size(), 2U);
  for (const auto& lead : here)
    for (const auto& twin : there)
      if (lead["email"] == twin["email"]) {
        EXPECT_EQ(without_own(lead).dump(1), without_own(twin).dump(1));
      }
}

TEST_F(Transfer, MakesTheSameFlatLeadsOfATableWithoutFormulas) {
  constexpr auto ada = R"json({"email": "ada@example.com", "phone": "+442079460958", "name": "=HYPERLINK(1)",
"company": "@home", "attributes": {"size": 250, "vip": true, "fit": 0.5, "note": "-1+2", "likes": ["a", "b"]}})json";
  std::string one_line{ada};
  std::replace(one_line.begin(), one_line.end(), '\n', ' ');
  const auto made = import(one_line, {}, "one.jsonl");
  ASSERT_EQ(code_, 0) << error_;
  EXPECT_EQ(made["accepted"], 1);
  const auto table = hub_.run({"leads", "export", "--format", "csv"});
  EXPECT_EQ(table.code, 0) << table.err;
  EXPECT_THAT(table.out,
              AllOf(HasSubstr(",'=HYPERLINK(1),"), HasSubstr(",'+442079460958,"), HasSubstr(",'@home,"),
                    HasSubstr(",'-1+2,"), HasSubstr("attributes.size:integer,attributes.vip:boolean")));
  HubProcess other{example_config()};
  other.start();
  write_file(other.folder() / "table.csv", table.out);
  const auto summary = import_file(other, "table.csv");
  EXPECT_EQ(code_, 0) << error_ << summary.dump();
  const auto flat = [](Json lead) {
    Json out;
    for (const auto* member :
         {"email", "phone", "name", "first_name", "last_name", "company", "country", "attributes"})
      out[member] = lead[member];
    return out.dump(1);
  };
  EXPECT_EQ(flat(exported(hub_).at(0)), flat(exported(other).at(0)));
}

TEST_F(Transfer, TellsOnePersonEverythingThatIsKept) {
  static_cast<void>(import("email,name\nada@example.com,Ada\nalan@example.com,Alan\n",
                           {"--consent", "marketing_email", "--consent-text", "Yes"}));
  const auto said = hub_.run({"leads", "export", "ada@example.com"});
  EXPECT_EQ(said.code, 0) << said.err;
  const auto shown = hub_.run({"leads", "show", "ada@example.com", "--json"});
  EXPECT_EQ(Json::parse(said.out), Json::parse(shown.out));
  EXPECT_EQ(hub_.run({"leads", "export", "nobody@example.com"}).code, 1);
}

TEST_F(Transfer, SaysWhatIsWrongWithTheCommand) {
  write_file(hub_.folder() / "people.csv", people);
  write_file(hub_.folder() / "people", people);
  const auto fails = [&](std::vector<std::string> arguments, int code, const std::string& text) {
    arguments.insert(arguments.begin(), {"leads", "import"});
    const auto said = hub_.run(arguments);
    EXPECT_EQ(said.code, code) << said.err;
    EXPECT_THAT(said.err, HasSubstr(text));
  };
  fails({"missing.csv"}, 73, "missing.csv: cannot be read");
  fails({"people"}, 1, "--format csv");
  fails({"people.csv", "--map", "Mail=email"}, 1, "people.csv: --map names the column \"Mail\"");
  fails({"people.csv", "--type", "customer"}, 1, "no event type");
  fails({"people.csv", "--delimiter", "xx"}, 1, "--delimiter");
  hub_.stop();
  fails({"people.csv"}, 69, "no hub answers");
}

}  // namespace
}  // namespace leadhub::e2e
