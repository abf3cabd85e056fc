#include "transfer/offline_conversions.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace leadhub::transfer {
namespace {

TimePoint at(const char* text) {
  return parse_rfc3339(text).value();
}

OfflineConversion sale() {
  return {"lead/7.0", "Cj0KCQ", at("2026-01-05T11:59:58.250Z"), at("2026-01-05T12:00:00.900Z"),
          1200.5,     "EUR"};
}

TEST(GoogleAds, TakesOneRowAClick) {
  EXPECT_EQ(google_ads_header(),
            "Google Click ID,Conversion Name,Conversion Time,Conversion Value,Conversion Currency\r\n");
  EXPECT_EQ(google_ads_row(sale(), "Sale, offline"),
            "Cj0KCQ,\"Sale, offline\",2026-01-05 12:00:00+0000,1200.5,EUR\r\n");
}

TEST(GoogleAds, LeavesEmptyWhatIsNotKnown) {
  auto free_of_charge = sale();
  free_of_charge.value.reset();
  free_of_charge.currency.clear();
  EXPECT_EQ(google_ads_row(free_of_charge, "Sale"), "Cj0KCQ,Sale,2026-01-05 12:00:00+0000,,\r\n");
}

TEST(GoogleAds, MakesNoFormulaOfAClick) {
  auto hostile = sale();
  hostile.click_id = "=cmd()";
  EXPECT_EQ(google_ads_row(hostile, "Sale").substr(0, 7), "'=cmd()");
}

TEST(Meta, TakesARequestOfManyEvents) {
  const auto request = nlohmann::json::parse(meta_request({sale(), sale()}, "Purchase"));
  ASSERT_EQ(request["data"].size(), 2U);
  EXPECT_EQ(request["data"][0], nlohmann::json::parse(R"({
      "event_name": "Purchase", "event_time": 1767614400, "event_id": "lead/7.0",
      "action_source": "system_generated", "user_data": {"fbc": "fb.1.1767614398250.Cj0KCQ"},
      "custom_data": {"value": 1200.5, "currency": "EUR"}})"));
}

}  // namespace
}  // namespace leadhub::transfer
