#include "transfer/offline_conversions.hpp"

#include <chrono>
#include <nlohmann/json.hpp>

#include "transfer/csv_text.hpp"

namespace leadhub::transfer {
namespace {

using nlohmann::ordered_json;

std::int64_t seconds(TimePoint time) {
  return std::chrono::floor<std::chrono::seconds>(time.time_since_epoch()).count();
}

/// "2026-01-05 12:00:00+0000"
std::string google_time(TimePoint time) {
  auto text = format_rfc3339(std::chrono::floor<std::chrono::seconds>(time)).substr(0, 19) + "+0000";
  text[10] = ' ';
  return text;
}

}  // namespace

std::string google_ads_header() {
  std::string out;
  append_csv_row(out, {"Google Click ID", "Conversion Name", "Conversion Time", "Conversion Value",
                       "Conversion Currency"});
  return out;
}

std::string google_ads_row(const OfflineConversion& conversion, const std::string& name) {
  std::string out;
  append_csv_row(out, {conversion.click_id, name, google_time(conversion.at),
                       conversion.value ? ordered_json(*conversion.value).dump() : "", conversion.currency});
  return out;
}

std::string meta_request(const std::vector<OfflineConversion>& conversions, const std::string& name) {
  auto events = ordered_json::array();
  for (const auto& conversion : conversions) {
    ordered_json event{{"event_name", name},
                       {"event_time", seconds(conversion.at)},
                       {"event_id", conversion.id},
                       {"action_source", "system_generated"},
                       {"user_data",
                        {{"fbc", "fb.1." + std::to_string(to_milliseconds(conversion.clicked_at)) + "." +
                                     conversion.click_id}}}};
    if (conversion.value && !conversion.currency.empty())
      event["custom_data"] = {{"value", *conversion.value}, {"currency", conversion.currency}};
    events.push_back(std::move(event));
  }
  return ordered_json{{"data", std::move(events)}}.dump(-1, ' ', false,
                                                        ordered_json::error_handler_t::replace);
}

}  // namespace leadhub::transfer
