#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace leadhub {

/// A point in time, UTC, to the millisecond: the only precision that is stored or compared.
using TimePoint = std::chrono::sys_time<std::chrono::milliseconds>;

/// Everything that asks for the time of day or waits for one takes a Clock, so that six weeks pass in
/// milliseconds in a test. Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual TimePoint now() const = 0;
};

class SystemClock final : public Clock {
 public:
  [[nodiscard]] TimePoint now() const override;
};

/// Stands still until it is told to move.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(TimePoint start) : now_(start.time_since_epoch().count()) {}
  [[nodiscard]] TimePoint now() const override { return TimePoint{std::chrono::milliseconds{now_.load()}}; }
  void set(TimePoint time) { now_ = time.time_since_epoch().count(); }
  void advance(std::chrono::milliseconds by) { now_ += by.count(); }

 private:
  std::atomic<std::int64_t> now_;
};

[[nodiscard]] inline std::int64_t to_milliseconds(TimePoint time) {
  return time.time_since_epoch().count();
}
[[nodiscard]] inline TimePoint from_milliseconds(std::int64_t milliseconds) {
  return TimePoint{std::chrono::milliseconds{milliseconds}};
}

/// "2026-01-05T12:00:00.000Z" (RFC 3339, always UTC, always with milliseconds).
[[nodiscard]] std::string format_rfc3339(TimePoint time);

/// Reads an RFC 3339 date-time with any offset and any number of fraction digits (cut to milliseconds).
/// nullopt where it is not one, a field is out of range, or the year lies outside 1970 to 9999.
[[nodiscard]] std::optional<TimePoint> parse_rfc3339(std::string_view text);

}  // namespace leadhub
