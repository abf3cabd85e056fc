#include "control/reports.hpp"

#include <gmock/gmock.h>
#include <soci/soci.h>

#include <nlohmann/json.hpp>

#include "pipeline/hub.hpp"
#include "store/database.hpp"

namespace leadhub::control {
namespace {

using nlohmann::ordered_json;
using test::value_or_throw;
using testing::ElementsAre;
using testing::HasSubstr;
using namespace std::chrono_literals;
using std::chrono::days;

const auto start = test::start_time;  // Monday, 2026-01-05T12:00:00Z
const auto monday = std::chrono::floor<days>(start);

/// Reports over what the real pipeline made of real events.
class Report : public testing::Test {
 protected:
  void happens(const std::string& channel, const std::string& type, const std::string& person,
               const std::string& members = "") {
    auto draft =
        test::entry({test::event(R"({"type":")" + type + R"(","person":{)" + person + "}" + members + "}")});
    draft.channel = channel;
    draft.received_at = hub.clock.now();
    hub.append(std::move(draft));
    hub.run();
  }
  void form(const std::string& name, const std::string& channel = "website", const std::string& source = "",
            const std::string& campaign = "") {
    const auto attribution = source.empty() ? std::string{}
                                            : R"(,"attribution":{"utm_source":")" + source +
                                                  R"(","utm_campaign":")" + campaign + R"("})";
    happens(channel, "form.submitted", R"("email":")" + name + R"(@example.com")", attribution);
  }
  void purchase(const std::string& name, double value, const std::string& currency = "EUR") {
    happens("shop", "purchase.completed", R"("email":")" + name + R"(@example.com")",
            R"(,"value":)" + std::to_string(value) + R"(,"currency":")" + currency + R"(")");
  }
  [[nodiscard]] std::string id_of(const std::string& name) {
    return hub.lead_with(name + "@example.com").lead.id;
  }

  [[nodiscard]] Reports& reports() {
    if (!reports_)
      reports_ = value_or_throw(
          Reports::open(hub.lead_file(), hub.inbox->workspace(), hub.clock, [this] { return rules; }));
    return *reports_;
  }
  [[nodiscard]] ordered_json make(const std::string& kind, const std::optional<std::string>& by = {},
                                  const std::string& since = "30d") {
    return value_or_throw(reports().make(value_or_throw(report_query(kind, by, since))));
  }
  [[nodiscard]] static std::vector<std::string> groups(const ordered_json& report) {
    std::vector<std::string> names;
    for (const auto& line : report["groups"]) names.push_back(line["group"]);
    return names;
  }

  test::Hub hub;
  report::Rules rules;

 private:
  std::unique_ptr<Reports> reports_;
};

TEST_F(Report, FunnelCountsLeadsByTheChannelThatCapturedThem) {
  form("ada");
  form("grace");
  form("mary", "news");
  hub.clock.advance(24h);
  form("mary");  // of the newsletter all the same
  purchase("ada", 1'200);
  const auto report = make("funnel", "channel");
  EXPECT_THAT(groups(report), ElementsAre("website", "news"));
  EXPECT_EQ(report["groups"][0]["captured"]["leads"], 2);
  EXPECT_EQ(report["groups"][0]["converted"]["leads"], 1);
  EXPECT_EQ(report["groups"][0]["converted"]["of_captured"], 0.5);
  EXPECT_EQ(report["groups"][1]["captured"]["leads"], 1);
  EXPECT_EQ(report["total"]["captured"]["leads"], 3);
  EXPECT_EQ(report["total"]["group"], nullptr);
  EXPECT_EQ(report["total"]["customer"]["of_previous"], 0);
}

TEST_F(Report, FunnelTakesWhomTheWindowCaptured) {
  form("early");
  hub.clock.advance(days{40});
  form("late");
  EXPECT_EQ(make("funnel")["total"]["captured"]["leads"], 1);
  EXPECT_EQ(make("funnel", {}, "60d")["total"]["captured"]["leads"], 2);
  EXPECT_EQ(make("funnel")["groups"].size(), 0);
}

TEST_F(Report, FunnelCountsMergedLeadsOnceAndErasedOnesNotAtAll) {
  form("ada", "website");
  form("lovelace", "news");
  form("grace", "news");
  hub.act(lead::MergeLeads{id_of("ada"), id_of("lovelace")});
  EXPECT_EQ(make("funnel", "channel")["total"]["captured"]["leads"], 2);
  hub.act(lead::EraseLead{id_of("grace")});
  const auto report = make("funnel", "channel");
  EXPECT_THAT(groups(report), ElementsAre("website"));
  EXPECT_EQ(report["total"]["captured"]["leads"], 1);
}

TEST_F(Report, FunnelGivesAPartedLeadItsChannelBack) {
  form("ada", "website");
  form("lovelace", "news");
  const auto lovelace = id_of("lovelace");
  hub.act(lead::MergeLeads{id_of("ada"), lovelace});
  hub.act(lead::UnmergeLead{lovelace});
  EXPECT_THAT(groups(make("funnel", "channel")), ElementsAre("news", "website"));
}

TEST_F(Report, WeeksAreThoseOfTheTimeZone) {
  rules.time_zone = "Pacific/Auckland";  // where Monday noon is Tuesday, and Sunday 12:00Z the next week
  form("ada");
  hub.clock.advance(days{6});
  form("grace");
  EXPECT_THAT(groups(make("funnel", "week")), ElementsAre("2026-W02", "2026-W03"));
}

TEST_F(Report, LeadTimeMeasuresSpansAndAnswers) {
  form("ada");
  form("grace");
  hub.clock.advance(48h);
  purchase("ada", 1);
  hub.clock.advance(24h);
  purchase("grace", 1);
  const auto report = make("lead-time", "channel");
  const auto& line = report["groups"][0];
  EXPECT_EQ(line["group"], "website");
  EXPECT_EQ(line["leads"], 2);
  EXPECT_EQ(line["lead_time"]["count"], 2);
  EXPECT_EQ(line["lead_time"]["p50_s"], 48 * 3'600);
  EXPECT_EQ(line["lead_time"]["p90_s"], 72 * 3'600);
  EXPECT_EQ(line["registered_to_developing"]["p50_s"], nullptr);
  EXPECT_EQ(report["total"]["lead_time"], line["lead_time"]);
  EXPECT_EQ(report["total"]["answers"]["open"], 0);
}

TEST_F(Report, LeadTimeCountsTheHandOffsOfEachWhoWasToAnswer) {
  form("ada");
  form("grace");
  hub.pipeline.reset();
  const auto file = value_or_throw(store::Database::open(hub.lead_file(), store::Access::read_write));
  const auto hand_off = [&](const std::string& name, int round, const std::string& owner,
                            const std::string& state) {
    const auto id = id_of(name);
    const long long at = to_milliseconds(start) + round * 3'600'000LL;
    const long long by = at + 3'600'000;
    long long answered_at = at + 60'000;
    auto is_answered = state == "answered" ? soci::i_ok : soci::i_null;
    file->session() << "INSERT INTO assignments (workspace_id, lead_id, round, owner, rule, method, seq, "
                       "idx, assigned_at, "
                       "answer_by, answered_at, state) VALUES (1, :l, :r, :o, '', '', 1, 0, :a, :b, :t, :s)",
        soci::use(id), soci::use(round), soci::use(owner), soci::use(at), soci::use(by),
        soci::use(answered_at, is_answered), soci::use(state);
    file->session() << "UPDATE leads SET owner = :o, assigned_at = :a WHERE id = :l", soci::use(owner),
        soci::use(at), soci::use(id);
  };
  hand_off("ada", 1, "Charles", "missed");
  hand_off("ada", 2, "Mary", "answered");
  hand_off("grace", 1, "Mary", "open");
  hub.clock.set(start + 90min);
  const auto report = make("lead-time", "owner");
  EXPECT_THAT(groups(report), ElementsAre("Mary", "Charles"));
  EXPECT_EQ(report["groups"][0]["answers"], (ordered_json{{"kept", 1}, {"missed", 0}, {"open", 1}}));
  EXPECT_EQ(report["groups"][0]["hand_off_to_answer"]["p50_s"], 60);
  EXPECT_EQ(report["groups"][1]["answers"], (ordered_json{{"kept", 0}, {"missed", 1}, {"open", 0}}));
  EXPECT_EQ(report["total"]["answers"], (ordered_json{{"kept", 1}, {"missed", 1}, {"open", 1}}));
}

TEST_F(Report, LeadTimeSaysHowChannelsStandWithTheirObjectives) {
  rules.objectives = {{"website", days{1}, 0.9}, {"news", days{14}, 0.9}};
  form("ada");
  form("mary", "news");
  hub.clock.advance(48h);
  purchase("ada", 1);
  const auto report = make("lead-time");
  ASSERT_EQ(report["objectives"].size(), 2);
  EXPECT_EQ(report["objectives"][0]["lead_time_s"], 48 * 3'600);
  EXPECT_EQ(report["objectives"][0]["missed"], true);
  EXPECT_EQ(report["objectives"][1]["channel"], "news");
  EXPECT_EQ(report["objectives"][1]["lead_time_s"], nullptr);
  EXPECT_EQ(report["objectives"][1]["stalled_s"], 48 * 3'600);
  EXPECT_EQ(report["objectives"][1]["missed"], false);
}

TEST_F(Report, SourcesSetFirstAndLastTouchSideBySide) {
  form("ada", "website", "google", "spring");
  form("mary", "news");
  hub.clock.advance(1h);
  form("ada", "website", "bing", "brand");
  hub.clock.advance(1h);
  purchase("ada", 1'000);
  purchase("ada", 200);
  purchase("ada", 5, "USD");
  rules.costs = {{"", "google", "", monday, monday, 600, "EUR"},
                 {"", "", "brand", monday, monday, 50, "EUR"}};
  hub.clock.set(start + days{2});
  const auto report = make("sources");
  EXPECT_THAT(groups(report), ElementsAre("(none)", "bing", "google"));
  const auto& google = report["groups"][2];
  EXPECT_EQ(google["first"]["leads"], 1);
  EXPECT_EQ(google["first"]["converted"], 1);
  EXPECT_EQ(google["first"]["value"][0], (ordered_json{{"currency", "EUR"}, {"amount", 1200.0}}));
  EXPECT_EQ(google["first"]["value"][1]["amount"], 5.0);
  EXPECT_EQ(google["first"]["efficiency"][0]["cost_per_lead"], 600.0);
  EXPECT_EQ(google["first"]["efficiency"][0]["return"], 2.0);
  EXPECT_EQ(google["last"]["leads"], 0);
  EXPECT_EQ(google["last"]["efficiency"][0]["cost_per_lead"], nullptr);
  EXPECT_EQ(report["groups"][1]["last"]["converted"], 1);
  EXPECT_EQ(report["total"]["first"]["leads"], 2);
  EXPECT_EQ(report["total"]["cost"][0]["amount"], 650.0);
  EXPECT_EQ(report["unassigned_cost"][0]["amount"], 50.0);
}

TEST_F(Report, SourcesGiveALeadWithoutAttributionToItsChannel) {
  form("ada", "website", "google", "spring");
  form("mary", "news");
  EXPECT_THAT(groups(make("sources", "channel")), ElementsAre("news", "website"));
  EXPECT_THAT(groups(make("sources", "campaign")), ElementsAre("(none)", "spring"));
}

TEST_F(Report, OfNobodyIsEmpty) {
  hub.run();
  EXPECT_EQ(make("funnel", "channel")["total"]["captured"]["leads"], 0);
  EXPECT_EQ(make("lead-time", "week")["total"]["lead_time"]["p50_s"], nullptr);
  EXPECT_EQ(make("sources")["groups"].size(), 0);
}

TEST(ReportQuery, SaysWhatIsWrong) {
  EXPECT_EQ(report_query("profit", {}, {}).error().code, ErrorCode::not_found);
  EXPECT_THAT(report_query("funnel", "source", {}).error().message, HasSubstr("channel, campaign, owner"));
  EXPECT_THAT(report_query("sources", "owner", {}).error().message, HasSubstr("campaign"));
  EXPECT_THAT(report_query("funnel", {}, "soon").error().message, HasSubstr("30d"));
  EXPECT_THAT(report_query("funnel", {}, "0d").error().message, HasSubstr("30d"));
  EXPECT_EQ(report_query("sources", {}, {})->by, lead::Grouping::source);
}

}  // namespace
}  // namespace leadhub::control
