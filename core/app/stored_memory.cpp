#include "app/stored_memory.hpp"

namespace leadhub::app {

Result<std::optional<std::string>> StoredMemory::get(const std::string& channel, const std::string& key) {
  std::optional<std::string> value;
  const auto done = with_store_([&](store::LeadStore& store) -> Result<void> {
    auto found = store.channel_notes().get(channel, key, clock_.now());
    if (!found) return std::unexpected(found.error());
    value = *std::move(found);
    return {};
  });
  if (!done) return std::unexpected(done.error());
  return value;
}

Result<void> StoredMemory::put(const std::string& channel, const std::string& key, const std::string& value,
                               std::optional<TimePoint> expires) {
  return with_store_([&](store::LeadStore& store) {
    return store.channel_notes().put(channel, key, value, expires, clock_.now());
  });
}

Result<void> StoredMemory::erase(const std::string& channel, const std::string& key) {
  return with_store_([&](store::LeadStore& store) { return store.channel_notes().erase(channel, key); });
}

}  // namespace leadhub::app
