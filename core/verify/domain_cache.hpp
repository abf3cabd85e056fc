#pragma once

#include <list>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "ops/clock.hpp"

namespace leadhub::verify {

/// Values by domain, each until its time, of which the least recently used is dropped where there are too
/// many. Not thread-safe.
template <class Value>
class DomainCache {
 public:
  struct Entry {
    std::string domain;
    Value value;
    TimePoint until;
  };

  explicit DomainCache(std::size_t entries_max) : entries_max_(entries_max) {}

  /// nullptr: not there, or past its time. Valid until the next call that changes the cache.
  const Entry* find(std::string_view domain, TimePoint now) {
    const auto found = by_domain_.find(domain);
    if (found == by_domain_.end()) return nullptr;
    if (found->second->until <= now) {
      erase(found);
      return nullptr;
    }
    entries_.splice(entries_.begin(), entries_, found->second);
    return &entries_.front();
  }

  void put(std::string domain, Value value, TimePoint until) {
    if (const auto found = by_domain_.find(domain); found != by_domain_.end()) erase(found);
    if (entries_max_ == 0) return;
    if (entries_.size() >= entries_max_) erase(by_domain_.find(entries_.back().domain));
    entries_.push_front({std::move(domain), std::move(value), until});
    by_domain_.emplace(entries_.front().domain, entries_.begin());
  }

  [[nodiscard]] std::size_t size() const { return entries_.size(); }

 private:
  using Entries = std::list<Entry>;
  using Index =
      std::unordered_map<std::string_view, typename Entries::iterator>;  // keys are those of entries_

  void erase(typename Index::iterator found) {
    const auto entry = found->second;
    by_domain_.erase(found);
    entries_.erase(entry);
  }

  std::size_t entries_max_;
  Entries entries_;  // most recently used first
  Index by_domain_;
};

}  // namespace leadhub::verify
