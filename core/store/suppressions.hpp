#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "lead/suppression.hpp"
#include "ops/error.hpp"

namespace leadhub::store {

class Database;

/// The suppressed addresses in leadhub.db, on the connection that writes it: used by its thread only. Where
/// nothing else is said, a function runs inside a transaction of the caller and throws as SOCI does.
class Suppressions {
 public:
  Suppressions(Database& database, std::int64_t workspace) : database_(database), workspace_(workspace) {}

  /// The first reason stands until it is lifted.
  void add(const lead::Suppression& suppression);
  void lift(const std::string& address_hash);
  /// Forgets the addresses of a lead that is about to be erased; their hashes stay.
  void forget_addresses_of(const std::string& lead_id);

  /// Those of the addresses to which no mail goes, by their hashes, and why. Needs no transaction.
  [[nodiscard]] Result<std::map<std::string, lead::SuppressionReason>> find(
      std::span<const std::string> address_hashes);

 private:
  Database& database_;
  std::int64_t workspace_;
};

}  // namespace leadhub::store
