#include <gmock/gmock.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "app/report_chart.hpp"
#include "app/report_tables.hpp"
#include "support/temporary_folder.hpp"

namespace leadhub::app {
namespace {

using nlohmann::ordered_json;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

ordered_json report(const std::string& kind, const std::string& by, const std::string& lines) {
  return ordered_json::parse(R"({"report":")" + kind + R"(","by":)" + by +
                             R"(,"since":"2026-01-01T00:00:00.000Z","until":"2026-01-31T00:00:00.000Z",)" +
                             R"("time_zone":"UTC",)" + lines + "}");
}

ordered_json funnel_line(const std::string& group, int captured, int converted) {
  const auto none = R"({"leads":0,"of_previous":0.0,"of_captured":0.0})";
  return ordered_json::parse(
      R"({"group":)" + group + R"(,"captured":{"leads":)" + std::to_string(captured) + R"(},"registered":)" +
      none + R"(,"developing":)" + none + R"(,"converted":{"leads":)" + std::to_string(converted) +
      R"(,"of_previous":null,"of_captured":0.125},"customer":)" + none +
      R"(,"lost":{"leads":0,"of_captured":0.0},"recycled":{"leads":0,"of_captured":0.0}})");
}

ordered_json funnel(int groups) {
  auto document = report("funnel", R"("campaign")", R"("groups":[])");
  document["total"] = funnel_line("null", 8, 1);
  for (int i = 0; i < groups; ++i)
    document["groups"].push_back(funnel_line(R"("#)" + std::to_string(i) + R"( <b>&")", 8 - i % 8, 1));
  return document;
}

ordered_json lead_time() {
  const std::string times = R"({"count":3,"p50_s":90,"p90_s":93600,"p99_s":273600})";
  const std::string none = R"({"count":0,"p50_s":null,"p90_s":null,"p99_s":null})";
  const auto line = [&](const std::string& group) {
    return R"({"group":)" + group + R"(,"leads":3,"lead_time":)" + times + R"(,"captured_to_registered":)" +
           none + R"(,"registered_to_developing":)" + none + R"(,"developing_to_converted":)" + none +
           R"(,"converted_to_customer":)" + none + R"(,"hand_off_to_answer":)" + none +
           R"(,"answers":{"kept":2,"missed":1,"open":0}})";
  };
  return report("lead-time", "null",
                R"("total":)" + line("null") + R"(,"groups":[],"objectives":[{"channel":"website",)" +
                    R"("objective_s":1209600,"share":0.9,"conversions":3,"lead_time_s":273600,)" +
                    R"("stalled_s":null,"missed":false}])");
}

ordered_json sources() {
  const std::string yield =
      R"({"leads":4,"converted":1,"value":[{"currency":"EUR","amount":1200.0},{"currency":"","amount":5.0}],)"
      R"("efficiency":[{"currency":"EUR","cost_per_lead":150.0,"cost_per_conversion":600.0,"return":2.0}]})";
  const auto line = [&](const std::string& group) {
    return R"({"group":)" + group + R"(,"cost":[{"currency":"EUR","amount":600.0}],"first":)" + yield +
           R"(,"last":)" + yield + "}";
  };
  return report("sources", R"("source")",
                R"("total":)" + line("null") + R"(,"groups":[)" + line(R"("google")") +
                    R"(],"unassigned_cost":[{"currency":"EUR","amount":50.0}])");
}

TEST(SpansInWords, HaveTwoUnitsAtMost) {
  EXPECT_EQ(span_in_words(0), "0s");
  EXPECT_EQ(span_in_words(59), "59s");
  EXPECT_EQ(span_in_words(61), "1m 1s");
  EXPECT_EQ(span_in_words(7'200), "2h");
  EXPECT_EQ(span_in_words(93'600), "1d 2h");
  EXPECT_EQ(span_in_words(86'400 + 59), "1d");
}

TEST(ReportTables, ShowAFunnel) {
  const auto tables = tables_of(funnel(1));
  ASSERT_THAT(tables, SizeIs(1));
  EXPECT_EQ(tables[0].headings[0], "CAMPAIGN");
  EXPECT_THAT(tables[0].rows[0], ElementsAre("total", "8", "0  0.0%  0.0%", "0  0.0%  0.0%", "1  -  12.5%",
                                             "0  0.0%  0.0%", "0  0.0%", "0  0.0%"));
  EXPECT_EQ(tables[0].rows[1][0], "#0 <b>&");
}

TEST(ReportTables, ShowSpansAnswersAndObjectives) {
  const auto tables = tables_of(lead_time());
  ASSERT_THAT(tables, SizeIs(3));
  EXPECT_THAT(tables[0].rows[0], ElementsAre("total", "lead time", "3", "1m 30s", "1d 2h", "3d 4h"));
  EXPECT_THAT(tables[0].rows[1], ElementsAre("", "captured to registered", "0", "-", "-", "-"));
  EXPECT_THAT(tables[1].rows[0], ElementsAre("total", "2", "1", "0"));
  EXPECT_THAT(tables[2].rows[0], ElementsAre("website", "90.0% in 14d", "3d 4h", "3", "-", "met"));
}

TEST(ReportTables, ShowBothTouchesAndWhatIsNoGroups) {
  const auto tables = tables_of(sources());
  EXPECT_THAT(tables[0].rows[2], ElementsAre("google", "first", "4", "1", "1200.00 EUR, 5.00 ?", "600.00 EUR",
                                             "150.00 EUR", "600.00 EUR", "2.00"));
  EXPECT_EQ(tables[0].rows[3][1], "last");
  EXPECT_THAT(note_of(sources()), HasSubstr("50.00 EUR name no source"));
}

TEST(ReportCsv, HasANumberARow) {
  const auto csv = csv_of(sources());
  EXPECT_THAT(csv, AllOf(HasSubstr("source,measure,number\r\n"), HasSubstr("\r\ngoogle,cost.EUR,600.0\r\n"),
                         HasSubstr("\r\ngoogle,first.efficiency.return.EUR,2.0\r\n"),
                         HasSubstr("\r\ntotal,last.leads,4\r\n")));
  EXPECT_THAT(csv_of(lead_time()), AllOf(HasSubstr("total,lead_time.p90_s,93600\r\n"),
                                         HasSubstr("captured_to_registered.p50_s,\r\n")));
}

TEST(ReportChart, ShowsTheFirstGroupsAndSaysOfHowMany) {
  const auto chart = chart_of(funnel(12));
  EXPECT_THAT(chart.series, SizeIs(8));
  EXPECT_THAT(chart.title, HasSubstr("8 of 12 groups"));
  EXPECT_THAT(chart.categories, ElementsAre("captured", "registered", "developing", "converted", "customer"));
  EXPECT_THAT(chart.series[0].values, ElementsAre(8, 0, 0, 1, 0));
}

TEST(ReportChart, ChoosesTheUnitByTheLongestTime) {
  const auto chart = chart_of(lead_time());
  EXPECT_EQ(chart.unit, "days");
  EXPECT_THAT(chart.categories, ElementsAre("all leads"));
  EXPECT_NEAR(chart.series[2].values[0], 3.1667, 0.001);
}

/// PLplot writes each character by its number.
std::string by_number(std::string_view text) {
  std::ostringstream out;
  for (const char c : text) out << "&#x" << std::hex << static_cast<int>(c) << ';';
  return out.str();
}

TEST(Svg, HasTheNamesAsTextHoweverTheyAreWritten) {
  const test::TemporaryFolder folder;
  ASSERT_TRUE(write_svg(chart_of(funnel(2)), folder / "funnel.svg"));
  std::stringstream stream;
  stream << std::ifstream{folder / "funnel.svg"}.rdbuf();
  const auto text = stream.str();
  EXPECT_TRUE(text.ends_with("</svg>\n"));
  for (const auto* name : {"captured", "leads", "#0 <b>&", "#1 <b>&"})
    EXPECT_NE(text.find(by_number(name)), text.npos) << name;
  EXPECT_EQ(text.find("<b>"), text.npos);
}

TEST(Svg, SaysWhereItCannotBeWritten) {
  const auto written = write_svg(chart_of(funnel(1)), "/no/such/folder/funnel.svg");
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, ErrorCode::io);
}

}  // namespace
}  // namespace leadhub::app
