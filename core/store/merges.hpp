#pragma once

#include <cstdint>
#include <string>

#include "store/lead_store.hpp"

namespace leadhub::store {

class Database;

/// Merges and proposals of merges in leadhub.db, on the connection that writes it. Every function runs inside
/// a transaction of the caller and throws as SOCI does.
class Merges {
 public:
  Merges(Database& database, std::int64_t workspace) : database_(database), workspace_(workspace) {}

  /// What belongs to the merged lead goes to the one that it becomes part of; that one is written whole by
  /// the caller.
  void add(const Merge& merge);
  void undo(const Unmerge& undone);

  void propose(const MergeProposal& proposal);
  void dismiss(const MergeProposal& proposal);

 private:
  /// What was asked of the merged lead is now asked of the one that it became part of.
  void carry_proposals(const std::string& merged, const std::string& into);

  Database& database_;
  std::int64_t workspace_;
};

}  // namespace leadhub::store
