#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "ops/clock.hpp"
#include "ops/error.hpp"

namespace leadhub::store {

class Database;

/// What channels remember, in leadhub.db, on the connection that writes it: used by its thread only.
class ChannelNotes {
 public:
  ChannelNotes(Database& database, std::int64_t workspace) : database_(database), workspace_(workspace) {}

  /// nullopt where there is none, or where it has expired by `now`.
  [[nodiscard]] Result<std::optional<std::string>> get(const std::string& channel, const std::string& key,
                                                       TimePoint now);
  /// Durable when it returns. Makes room by forgetting what of the channel has expired. Error `invalid` where
  /// it keeps limits::channel_memory_keys_max keys and this would be one more.
  [[nodiscard]] Result<void> put(const std::string& channel, const std::string& key, const std::string& value,
                                 std::optional<TimePoint> expires, TimePoint now);
  [[nodiscard]] Result<void> erase(const std::string& channel, const std::string& key);

 private:
  Database& database_;
  std::int64_t workspace_;
};

}  // namespace leadhub::store
