#include "nurture/sending_hours.hpp"

#include <algorithm>

#include "ops/local_time.hpp"

namespace leadhub::nurture {

using std::chrono::days;

TimePoint after_quiet(const QuietHours& hours, TimePoint now, const std::string& time_zone) {
  const auto at = local_time_of_day(now, time_zone);
  const bool is_over_midnight = hours.to < hours.from;
  const bool is_quiet =
      is_over_midnight ? at >= hours.from || at < hours.to : at >= hours.from && at < hours.to;
  if (!is_quiet) return now;
  const bool ends_tomorrow = is_over_midnight && at >= hours.from;
  const auto day = local_day(now, time_zone) + days{ends_tomorrow ? 1 : 0};
  return std::max(now, local_moment(day, hours.to, time_zone, Twice::last));
}

TimePoint after_cap(const MailCap& cap, std::span<const TimePoint> mails, TimePoint now) {
  if (mails.size() < cap.mails) return now;
  return std::max(now, mails[mails.size() - cap.mails] + cap.per);
}

TimePoint next_moment(const std::array<bool, 7>& wanted, const std::optional<std::chrono::minutes>& at,
                      TimePoint now, const std::string& time_zone) {
  const auto today = local_day(now, time_zone);
  // Today may be past the time, so that the same day of the next week is the last candidate.
  for (int ahead = 0; ahead <= 7; ++ahead) {
    const auto day = today + days{ahead};
    if (!wanted.at(std::chrono::weekday{day}.iso_encoding() - 1)) continue;
    if (!at && ahead == 0) return now;
    const auto moment = local_moment(day, at.value_or(std::chrono::minutes{0}), time_zone);
    if (moment >= now) return moment;
  }
  return now;
}

}  // namespace leadhub::nurture
