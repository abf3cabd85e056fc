#pragma once

#include <span>
#include <string_view>

#include "ops/clock.hpp"
#include "ops/error.hpp"
#include "store/database.hpp"

namespace leadhub::store {

/// One step of a schema. Steps only ever go forward and never change once released.
struct Migration {
  std::string_view name;  ///< "0001_log"
  std::string_view sql;   ///< statements, each ending in a semicolon at a line's end
};

[[nodiscard]] std::span<const Migration> inbox_migrations();
[[nodiscard]] std::span<const Migration> leads_migrations();

/// Brings the schema up to the last migration, each in a transaction of its own, and records it. Error:
/// `incompatible` where the database has migrations that this program does not know (it is newer), naming
/// both.
[[nodiscard]] Result<void> migrate(Database& database, std::span<const Migration> migrations,
                                   const Clock& clock);

/// The number of the workspace of that name, given at its first use.
[[nodiscard]] Result<std::int64_t> workspace_id(Database& database, std::string_view name);

}  // namespace leadhub::store
