#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <optional>
#include <span>
#include <string>

#include "ops/clock.hpp"

namespace leadhub::nurture {

/// No marketing mail from one time of the day to another, which may be past midnight. Equal times: never
/// quiet.
struct QuietHours {
  std::chrono::minutes from{};  ///< since midnight, local
  std::chrono::minutes to{};
};

/// The most marketing mails in any span of that length.
struct MailCap {
  std::size_t mails = 1;
  std::chrono::milliseconds per{};
};

/// The first moment from `now` on that is not quiet there. `time_zone`: of the system's database.
[[nodiscard]] TimePoint after_quiet(const QuietHours& hours, TimePoint now, const std::string& time_zone);

/// The first moment from `now` on at which one more mail keeps to the cap. `mails`: when there were some, the
/// oldest first.
[[nodiscard]] TimePoint after_cap(const MailCap& cap, std::span<const TimePoint> mails, TimePoint now);

/// The first moment from `now` on that lies on one of the days, from Monday, and is that time there; without
/// a time any moment of such a day. One of `days` is true.
[[nodiscard]] TimePoint next_moment(const std::array<bool, 7>& days,
                                    const std::optional<std::chrono::minutes>& at, TimePoint now,
                                    const std::string& time_zone);

}  // namespace leadhub::nurture
