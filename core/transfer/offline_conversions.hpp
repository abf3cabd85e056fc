#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ops/clock.hpp"

namespace leadhub::transfer {

/// A sale for whoever sold the click.
struct OfflineConversion {
  std::string id;        ///< the same whenever it is exported
  std::string click_id;  ///< gclid or fbclid
  TimePoint clicked_at{};
  TimePoint at{};
  std::optional<double> value;
  std::string currency;  ///< ISO 4217; empty: not told
};

/// The file that Google Ads takes under "Conversions, Uploads": its template of click conversions. No other
/// columns, because Google refuses them, and nothing personal.
[[nodiscard]] std::string google_ads_header();
/// `name`: of the conversion action, as it is called in the Google Ads account.
[[nodiscard]] std::string google_ads_row(const OfflineConversion& conversion, const std::string& name);

/// The body of one POST to Meta's Conversions API, /<dataset>/events. `name`: of the event, as "Purchase". At
/// most meta_events_max conversions. The click is all it says of the person. Meta refuses the whole request
/// where an event is more than seven days old.
inline constexpr std::size_t meta_events_max = 1'000;
[[nodiscard]] std::string meta_request(const std::vector<OfflineConversion>& conversions,
                                       const std::string& name);

}  // namespace leadhub::transfer
