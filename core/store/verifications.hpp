#pragma once

#include <cstdint>

#include "store/lead_store.hpp"

namespace leadhub::store {

class Database;

/// The addresses whose domain is to be asked about, and what was found out, in leadhub.db, on the connection
/// that writes it. Every function runs inside a transaction of the caller and throws as SOCI does.
class Verifications {
 public:
  Verifications(Database& database, std::int64_t workspace) : database_(database), workspace_(workspace) {}

  /// Unless the address waits already.
  void add(const DueVerification& due);

  /// Takes the verdict for whoever has the contact point, and the address from the queue unless it is to be
  /// asked about again. What its owner has confirmed stays, and of two verdicts the worse one counts: no
  /// later answer makes a point better than the address itself allows.
  void settle(const lead::VerifiedContact& verified);

 private:
  void take_verdict(const lead::VerifiedContact& verified);

  Database& database_;
  std::int64_t workspace_;
};

}  // namespace leadhub::store
