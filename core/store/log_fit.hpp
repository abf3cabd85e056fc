#pragma once

#include <cstdint>
#include <string>

#include "ops/error.hpp"
#include "store/lead_store.hpp"

namespace leadhub::store {

/// What an inbox says of itself.
struct LogExtent {
  std::string log_id;
  std::int64_t head = 0;  ///< the latest entry; 0: none yet
  std::int64_t tail = 0;  ///< the oldest that is kept; 0: none is
};

/// Whether a lead store that has read so far can go on with this log. A log that is not the one the cursor
/// was taken from, that ends before it or has lost entries behind it, must never be read on from that place.
/// Error: `incompatible`, saying how the two differ.
[[nodiscard]] Result<void> check_fit(const Cursor& cursor, const LogExtent& log);

}  // namespace leadhub::store
