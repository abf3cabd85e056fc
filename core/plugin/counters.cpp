#include "plugin/counters.hpp"

#include <algorithm>

namespace leadhub::plugin {
namespace {

bool is_counter_name(std::string_view name) {
  const auto small = [](char c) { return c >= 'a' && c <= 'z'; };
  return !name.empty() && name.size() <= limits::plugin_counter_name_bytes_max && small(name.front()) &&
         std::ranges::all_of(name, [&](char c) { return small(c) || (c >= '0' && c <= '9') || c == '_'; });
}

}  // namespace

ChannelCounters::Counter* ChannelCounters::find(std::string_view name, std::size_t used) {
  for (std::size_t i = 0; i < used; ++i)
    if (counters_[i].name == name) return &counters_[i];
  return nullptr;
}

void ChannelCounters::count(std::string_view name, std::uint64_t by) {
  Counter* counter = find(name, used_.load(std::memory_order_acquire));
  if (counter == nullptr) {
    if (!is_counter_name(name)) return;
    const std::lock_guard lock{adding_};
    const std::size_t used = used_.load(std::memory_order_relaxed);
    counter = find(name, used);
    if (counter == nullptr) {
      if (used == counters_.size()) return;
      counter = &counters_[used];
      counter->name = name;
      used_.store(used + 1, std::memory_order_release);
    }
  }
  counter->value.fetch_add(by, std::memory_order_relaxed);
}

std::vector<ChannelCounters::Value> ChannelCounters::values() const {
  std::vector<Value> all;
  const std::size_t used = used_.load(std::memory_order_acquire);
  all.reserve(used);
  for (std::size_t i = 0; i < used; ++i)
    all.push_back({counters_[i].name, counters_[i].value.load(std::memory_order_relaxed)});
  return all;
}

std::shared_ptr<ChannelCounters> Counters::of(std::string_view channel) {
  const std::lock_guard lock{mutex_};
  auto found = by_channel_.find(channel);
  if (found == by_channel_.end())
    found = by_channel_.emplace(channel, std::make_shared<ChannelCounters>()).first;
  return found->second;
}

std::vector<Counters::Value> Counters::values() const {
  const std::lock_guard lock{mutex_};
  std::vector<Value> all;
  for (const auto& [channel, counters] : by_channel_)
    for (auto& [name, value] : counters->values()) all.push_back({channel, std::move(name), value});
  return all;
}

}  // namespace leadhub::plugin
