#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "lead/broadcast.hpp"
#include "lead/message.hpp"
#include "ops/clock.hpp"
#include "ops/error.hpp"

namespace leadhub::store {

class Database;

/// The broadcasts in leadhub.db, over the connection of a reader or, to change them, of the writer.
class Broadcasts {
 public:
  Broadcasts(Database& database, std::int64_t workspace) : database_(database), workspace_(workspace) {}

  /// Newest first.
  [[nodiscard]] Result<std::vector<lead::StoredBroadcast>> list();
  /// nullopt: there is none of that name.
  [[nodiscard]] Result<std::optional<lead::StoredBroadcast>> find(const std::string& name);
  /// How many of its mails are in which state.
  [[nodiscard]] Result<std::map<lead::MessageState, std::int64_t>> mails(const std::string& name);
  /// Of its mails that were withheld or have failed, the most frequent reasons.
  [[nodiscard]] Result<std::vector<std::pair<std::string, std::int64_t>>> reasons(const std::string& name);
  /// What came of its mails, by how the messages name their subject.
  [[nodiscard]] Result<std::map<std::string, lead::SubjectResult>> results(const std::string& name);

  /// Inside a transaction of the caller; throws as SOCI does. One that was started already, and leads that
  /// were reached already, change nothing.
  void apply(const lead::BroadcastAction& action, TimePoint at);

 private:
  void apply(const lead::StartBroadcast& action, TimePoint at);
  void apply(const lead::ReachLeads& action, TimePoint at);
  void apply(const lead::DecideBroadcast& action, TimePoint at);
  void apply(const lead::CancelBroadcast& action, TimePoint at);
  [[nodiscard]] std::vector<lead::StoredBroadcast> select(const std::string& name);

  Database& database_;
  std::int64_t workspace_;
};

}  // namespace leadhub::store
