#include "store/channel_notes.hpp"

#include <soci/soci.h>

#include "ops/limits.hpp"
#include "store/database.hpp"

namespace leadhub::store {

Result<std::optional<std::string>> ChannelNotes::get(const std::string& channel, const std::string& key,
                                                     TimePoint now) {
  std::optional<std::string> found;
  const auto read = database_.guarded([&]() -> Result<void> {
    const long long workspace = workspace_;
    const long long time = to_milliseconds(now);
    std::string value;
    auto& session = database_.session();
    session
        << "SELECT value FROM channel_memory WHERE workspace_id = :w AND channel = :c AND memory_key = :k "
           "AND (expires_at = 0 OR expires_at > :t)",
        soci::use(workspace), soci::use(channel), soci::use(key), soci::use(time), soci::into(value);
    if (session.got_data()) found = std::move(value);
    return {};
  });
  if (!read) return std::unexpected(read.error());
  return found;
}

Result<void> ChannelNotes::put(const std::string& channel, const std::string& key, const std::string& value,
                               std::optional<TimePoint> expires, TimePoint now) {
  return database_.transaction([&]() -> Result<void> {
    const long long workspace = workspace_;
    const long long time = to_milliseconds(now);
    const long long until = expires ? to_milliseconds(*expires) : 0;
    long long others = 0;
    auto& session = database_.session();
    session << "DELETE FROM channel_memory WHERE workspace_id = :w AND channel = :c AND expires_at > 0 AND "
               "expires_at <= :t",
        soci::use(workspace), soci::use(channel), soci::use(time);
    session
        << "SELECT COUNT(*) FROM channel_memory WHERE workspace_id = :w AND channel = :c AND memory_key <> "
           ":k",
        soci::use(workspace), soci::use(channel), soci::use(key), soci::into(others);
    if (others >= limits::channel_memory_keys_max)
      return fail(ErrorCode::invalid, "this channel keeps " + std::to_string(others) +
                                          " keys already; give keys an expiry, or erase some");
    session
        << "INSERT INTO channel_memory (workspace_id, channel, memory_key, value, expires_at) VALUES (:w, "
           ":c, :k, :v, :e) ON CONFLICT (workspace_id, channel, memory_key) DO UPDATE SET value = "
           "excluded.value, expires_at = excluded.expires_at",
        soci::use(workspace), soci::use(channel), soci::use(key), soci::use(value), soci::use(until);
    return {};
  });
}

Result<void> ChannelNotes::erase(const std::string& channel, const std::string& key) {
  return database_.transaction([&]() -> Result<void> {
    const long long workspace = workspace_;
    database_.session()
        << "DELETE FROM channel_memory WHERE workspace_id = :w AND channel = :c AND memory_key "
           "= :k",
        soci::use(workspace), soci::use(channel), soci::use(key);
    return {};
  });
}

}  // namespace leadhub::store
