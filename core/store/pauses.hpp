#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "lead/pause.hpp"
#include "ops/error.hpp"

namespace leadhub::store {

class Database;

/// What is paused, in leadhub.db.
class Pauses {
 public:
  Pauses(Database& database, std::int64_t workspace);
  Pauses(const Pauses&) = delete;
  Pauses& operator=(const Pauses&) = delete;
  ~Pauses();

  /// What is paused now, the whole hub first.
  [[nodiscard]] Result<std::vector<lead::Pause>> list();
  /// When the last pause of that scope was lifted; nullopt: there was none, or it lasts.
  [[nodiscard]] Result<std::optional<TimePoint>> lifted_at(const lead::PauseScope& scope);

  /// Inside a transaction of the caller; throws as SOCI does. A pause that stands already keeps its reason.
  /// Those who are on a journey that goes on are looked at again then.
  void apply(const lead::SendingSwitch& sending);

 private:
  Database& database_;
  std::int64_t workspace_;
  struct Standing;
  std::unique_ptr<Standing> standing_;  ///< the query for them, which is asked before each mail
};

}  // namespace leadhub::store
