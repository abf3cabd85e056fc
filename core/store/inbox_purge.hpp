#pragma once

#include <soci/soci.h>

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "store/inbox_store.hpp"

/// What InboxWriterStore::purge looks for and deletes. All of it throws as SOCI does.
namespace leadhub::store {

struct Redrive {
  std::int64_t seq = 0;
  std::int64_t original = 0;
};

/// Of the next entries the old ones that the inbox itself has no reason to keep; `next`: where to go on.
[[nodiscard]] std::vector<std::int64_t> purgeable(soci::session& session, std::int64_t workspace,
                                                  const PurgeOrder& order, std::optional<std::int64_t>& next);

/// The redrives of the originals from `first` to `last`.
[[nodiscard]] std::vector<Redrive> redrives_between(soci::session& session, std::int64_t workspace,
                                                    std::int64_t first, std::int64_t last);

void remove_entries(soci::session& session, std::int64_t workspace, std::span<const std::int64_t> entries);

}  // namespace leadhub::store
