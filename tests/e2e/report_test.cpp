#include <gmock/gmock.h>
#include <httplib.h>

#include <nlohmann/json.hpp>
#include <thread>

#include "hub_process.hpp"

namespace leadhub::e2e {
namespace {

using Json = nlohmann::json;
using testing::HasSubstr;
using testing::SizeIs;

constexpr auto report_section = R"(
report:
  costs:
    - {source: google, from: 2020-01-01, to: 2099-12-31, cost: 1000000, currency: EUR}
  objectives:
    - {channel: website, lead_time: 14d}
    - {channel: news, lead_time: 1d}
)";

/// A hub on the example; four people came by its form, two of them through an advertisement, and one by the
/// newsletter. The first bought twice.
class Reports : public testing::Test {
 protected:
  Reports() {
    hub_.start();
    post("website",
         "your-email=ada%40example.co.uk&tel=020+7946+0958&size=250&utm_source=google&utm_campaign=spring");
    post("website", "your-email=grace%40example.com&utm_source=google&utm_campaign=brand");
    post("website", "your-email=mary%40example.com");
    post("website", "your-email=joan%40example.com");
    post("news", R"({"email": "karen@example.com"})", "application/json");
    for (const auto* name : {"ada@example.co.uk", "joan@example.com", "karen@example.com"})
      (void)hub_.lead(name);
    leads({"convert", "ada@example.co.uk", "--value", "1200", "--currency", "EUR"});
    leads({"convert", "ada@example.co.uk", "--value", "300", "--currency", "EUR", "--again"});
    leads({"answer", "ada@example.co.uk"});
    leads({"assign", "mary@example.com", "Grace"});
    leads({"lose", "joan@example.com", "--reason", "no budget"});
  }

  void post(const std::string& channel, const std::string& form,
            const char* type = "application/x-www-form-urlencoded") {
    const auto answer = httplib::Client{"127.0.0.1", hub_.edge_port()}.Post("/in/" + channel, form, type);
    ASSERT_TRUE(answer && answer->status < 400) << channel << (answer ? answer->body : "");
  }
  void leads(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "leads");
    const auto run = hub_.run(arguments);
    ASSERT_EQ(run.code, 0) << run.out << run.err;
  }
  Json report(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "report");
    arguments.emplace_back("--json");
    const auto run = hub_.run(arguments);
    EXPECT_EQ(run.code, 0) << run.out << run.err;
    return Json::parse(run.out, nullptr, false);
  }
  static Json group(const Json& report, const std::string& name) {
    for (const auto& line : report["groups"])
      if (line["group"] == name) return line;
    return nullptr;
  }

  HubProcess hub_{example_config() + report_section};
};

TEST_F(Reports, TellHowFarLeadsCame) {
  const auto funnel = report({"funnel", "--by", "channel"});
  EXPECT_EQ(funnel["total"]["captured"]["leads"], 5);
  const auto website = group(funnel, "website");
  EXPECT_EQ(website["captured"]["leads"], 4);
  EXPECT_EQ(website["converted"]["leads"], 1);
  EXPECT_EQ(website["converted"]["of_captured"], 0.25);
  EXPECT_EQ(website["customer"]["leads"], 1);
  EXPECT_EQ(website["customer"]["of_previous"], 1);
  EXPECT_EQ(website["lost"]["leads"], 1);
  EXPECT_EQ(group(funnel, "news")["captured"]["leads"], 1);
  EXPECT_EQ(group(report({"funnel", "--by", "campaign"}), "spring")["converted"]["leads"], 1);
  EXPECT_THAT(report({"funnel", "--by", "week"})["groups"], SizeIs(1));
  leads({"merge", "grace@example.com", "mary@example.com"});
  leads({"erase", "joan@example.com", "--yes"});
  EXPECT_EQ(report({"funnel"})["total"]["captured"]["leads"], 3);
}

TEST_F(Reports, TellHowLongLeadsTook) {
  const auto times = report({"lead-time", "--by", "owner"});
  EXPECT_EQ(times["total"]["lead_time"]["count"], 1);
  EXPECT_LT(times["total"]["lead_time"]["p99_s"], 60);
  EXPECT_EQ(times["total"]["converted_to_customer"]["count"], 1);
  EXPECT_EQ(group(times, "Charles")["answers"], (Json{{"kept", 1}, {"missed", 0}, {"open", 0}}));
  EXPECT_EQ(group(times, "Charles")["hand_off_to_answer"]["count"], 1);
  ASSERT_THAT(times["objectives"], SizeIs(2));
  EXPECT_EQ(times["objectives"][0]["conversions"], 1);
  EXPECT_EQ(times["objectives"][0]["missed"], false);
  EXPECT_EQ(times["objectives"][1]["lead_time_s"], nullptr);
}

TEST_F(Reports, TellWhereLeadsCameFromAndWhatTheyCost) {
  const auto google = group(report({"sources"}), "google");
  EXPECT_EQ(google["first"]["leads"], 2);
  EXPECT_EQ(google["first"]["converted"], 1);
  EXPECT_EQ(google["last"]["value"], Json::parse(R"([{"currency": "EUR", "amount": 1500.0}])"));
  const auto cost = google["cost"][0]["amount"].get<double>();
  EXPECT_NEAR(cost, 1'000'000.0 * 30 / 29'220, 0.1);  // 30 days of 80 years
  EXPECT_DOUBLE_EQ(google["first"]["efficiency"][0]["cost_per_lead"], cost / 2);
  EXPECT_DOUBLE_EQ(google["first"]["efficiency"][0]["return"], 1'500 / cost);
}

TEST_F(Reports, ArePrintedForPeopleSpreadsheetsAndSlides) {
  EXPECT_THAT(hub_.run({"report", "funnel", "--by", "channel"}).out, HasSubstr("\nwebsite  4 "));
  EXPECT_THAT(hub_.run({"report", "lead-time"}).out, HasSubstr("90.0% in 14d"));
  EXPECT_THAT(hub_.run({"report", "sources"}).out, HasSubstr("1500.00 EUR"));
  EXPECT_THAT(hub_.run({"report", "funnel", "--csv"}).out, HasSubstr("total,captured.leads,5\r\n"));
  for (const auto* name : {"funnel", "lead-time", "sources"}) {
    const auto file = hub_.folder() / (std::string{name} + ".svg");
    EXPECT_EQ(hub_.run({"report", name, "--svg", file.string()}).code, 0);
    EXPECT_THAT(read_file(file), HasSubstr("</svg>"));
  }
}

TEST_F(Reports, SayWhatIsWrong) {
  const auto run = [&](const std::vector<std::string>& arguments, const std::string& message) {
    const auto said = hub_.run(arguments);
    EXPECT_EQ(said.code, 1);
    EXPECT_THAT(said.err, HasSubstr(message));
  };
  run({"report", "funnel", "--by", "source"}, "channel, campaign, owner, week");
  run({"report", "sources", "--since", "soon"}, "30d");
  run({"report", "funnel", "--svg", "/no/such/folder/a.svg"}, "cannot be written");
}

TEST_F(Reports, OfObjectivesStandInTheMetrics) {
  const auto metrics = [&] {
    const auto answer = httplib::Client{"127.0.0.1", hub_.control_port()}.Get("/metrics");
    return answer ? answer->body : std::string{};
  };
  // The first look may have come before the first lead.
  EXPECT_THAT(metrics(), HasSubstr("leadhub_lead_time_objective_missed{channel=\"website\"} 0"));
  EXPECT_THAT(metrics(), HasSubstr("leadhub_lead_time_objective_seconds{channel=\"news\"} 86400"));
  EXPECT_EQ(hub_.stop(), 0);
  hub_.start();
  for (int tries = 0; tries < 100 && metrics().find("lead_time_seconds") == std::string::npos; ++tries)
    std::this_thread::sleep_for(std::chrono::milliseconds{20});
  EXPECT_THAT(metrics(), HasSubstr("leadhub_lead_time_seconds{channel=\"website\"} "));
}

}  // namespace
}  // namespace leadhub::e2e
