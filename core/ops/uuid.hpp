#pragma once

#include <string>
#include <string_view>

#include "ops/clock.hpp"

namespace leadhub::ops {

/// A UUID version 7 (RFC 9562, section 5.7) with random bits: unique, and sorted by time. Thread-safe.
[[nodiscard]] std::string make_uuid(TimePoint time);

/// A UUID version 7 whose random bits are derived from `name`: the same time and name give the same id, so
/// that replaying a log gives the same ids.
[[nodiscard]] std::string make_uuid(TimePoint time, std::string_view name);

/// Whether the text has the form of a UUID, in lower case.
[[nodiscard]] bool is_uuid(std::string_view text);

}  // namespace leadhub::ops
