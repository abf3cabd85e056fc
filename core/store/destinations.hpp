#pragma once

#include <cstdint>
#include <string>

#include "lead/message.hpp"
#include "ops/clock.hpp"
#include "ops/error.hpp"

namespace leadhub::store {

class Database;

/// How it stands with the destinations, on the connection that writes leadhub.db: used by its thread only.
class Destinations {
 public:
  Destinations(Database& database, std::int64_t workspace) : database_(database), workspace_(workspace) {}

  /// Nothing goes there any more. One that is disabled already keeps its reason.
  [[nodiscard]] Result<void> disable(const lead::DisabledDestination& destination);

  // Inside a transaction of the caller; they throw as SOCI does.
  /// Lets it be asked again, and queues what it did not take anew.
  void redrive(const std::string& channel, TimePoint at);
  /// How many deliveries wait for it.
  [[nodiscard]] std::int64_t backlog(const std::string& channel);

 private:
  Database& database_;
  std::int64_t workspace_;
};

}  // namespace leadhub::store
