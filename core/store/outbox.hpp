#pragma once

#include <cstddef>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "lead/message.hpp"
#include "ops/clock.hpp"
#include "ops/error.hpp"

namespace leadhub::store {

class Database;

/// The messages that one sender is for.
struct MessagesOf {
  lead::MessageKind kind = lead::MessageKind::opt_in;
  std::string channel{};      ///< empty: of all channels
  std::string destination{};  ///< where they go; none leave while it is disabled. Empty: not to a destination
  std::string via{};          ///< the channel by which they leave; empty: the one that each names
};

/// The outbox in leadhub.db, on the connection that writes it: used by its thread only. The pipeline adds
/// messages in the transaction of what they are sent for; a sender leases and settles them.
class Outbox {
 public:
  /// `holder`: another one each time the store is opened.
  Outbox(Database& database, std::int64_t workspace, std::string holder)
      : database_(database), workspace_(workspace), holder_(std::move(holder)) {}

  /// Adds each unless there is one with its occurrence. A delivery that nobody has tried yet brings what the
  /// lead is then, so a second one for the same lead, rule and destination is not added beside it. One for
  /// a destination whose backlog is full is kept as failed, to be redriven. Inside a transaction of the
  /// caller; throws as SOCI does.
  void add(std::span<const lead::Message> messages);

  /// Mails of that enrolment that wait do not go. Inside a transaction of the caller; throws as SOCI does.
  void withhold(const lead::EndedJourney& ended);

  /// The ids of those messages whose lead has left their journey, or has arrived: what was on its way then
  /// and came back does not go again.
  [[nodiscard]] Result<std::set<std::string>> whose_journey_is_over(std::span<const lead::Message> messages);

  /// When the address was last sent a message of that kind for that channel, or is going to be.
  [[nodiscard]] Result<std::optional<TimePoint>> last(const std::string& canonical, lead::MessageKind kind,
                                                      const std::string& channel);

  /// Marks up to `limit` due messages as being attempted and gives them out, the longest due first, each with
  /// the lease under which it is. None that a pause holds, and none for a destination that is disabled.
  [[nodiscard]] Result<std::vector<lead::Message>> lease(const MessagesOf& which, TimePoint now,
                                                         std::size_t limit);

  /// When the next queued message of that kind is due; nullopt where none waits.
  [[nodiscard]] Result<std::optional<TimePoint>> next_due(lead::MessageKind kind);

  /// Writes back what became of them: state, attempts, due time, detail. Each only where it is still
  /// attempted under its lease: nobody who comes late writes over what another has done since. How many those
  /// were that are not.
  [[nodiscard]] Result<std::size_t> settle(std::span<const lead::Message> messages);

  /// Of one that is `unknown`; others stay as they are. `at`: when it is due again, or was found out. Inside
  /// a transaction of the caller; throws as SOCI does.
  void settle_unknown(const std::string& id, lead::MessageState to, TimePoint at);

  /// Notes it with its mail, which keeps the first time of each; what is not in the outbox is passed over.
  /// Inside a transaction of the caller; throws as SOCI does.
  void note(const lead::MailFeedback& feedback);

  /// Those of the messages, by id, whose broadcast was cancelled.
  [[nodiscard]] Result<std::vector<std::string>> whose_broadcast_is_cancelled(
      std::span<const lead::Message> messages);

  /// Takes back, as of lead::state_where_unknown, what another holder of the store was attempting when it
  /// ended. What this one has leased stays with whoever has it.
  [[nodiscard]] Result<void> recover(const MessagesOf& which);

 private:
  void insert(const lead::Message& message);
  [[nodiscard]] bool waits_already(const lead::Message& message);

  Database& database_;
  std::int64_t workspace_;
  std::string holder_;
  std::int64_t leases_ = 0;
};

}  // namespace leadhub::store
