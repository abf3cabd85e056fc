#pragma once

#include <span>
#include <string_view>

#include "ops/error.hpp"
#include "store/database.hpp"

namespace leadhub::store {

/// How selective the columns of an index are: what ANALYZE would find in a large store.
struct IndexStatistic {
  std::string_view table;
  std::string_view index;  ///< the table's own name for the primary key of a table WITHOUT ROWID
  std::string_view rows;   ///< rows, then rows for each prefix of its columns: sqlite_stat1.stat
};

[[nodiscard]] std::span<const IndexStatistic> inbox_statistics();
[[nodiscard]] std::span<const IndexStatistic> leads_statistics();

/// Tells SQLite's planner what it cannot guess: every index begins with the workspace, and a store has one of
/// those. Without this it takes the workspace for selective and walks through whole tables (EXPLAIN
/// QUERY PLAN shows it). ANALYZE itself would say so only once the store is large, and takes long then.
[[nodiscard]] Result<void> tell_planner(Database& database, std::span<const IndexStatistic> statistics);

}  // namespace leadhub::store
