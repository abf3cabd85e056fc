#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "lead/message.hpp"
#include "ops/error.hpp"

namespace leadhub::store {

/// Which messages of the outbox, newest first.
struct MessageFilter {
  std::optional<lead::MessageState> state{};
  std::optional<lead::MessageKind> kind{};
  std::optional<std::string> channel{};
  std::string before{};  ///< those before this id; empty: from the newest
  std::int64_t limit = 50;
};

/// How it stands with a destination.
struct DestinationState {
  std::string channel;
  std::int64_t waiting = 0;
  std::int64_t failed = 0;
  std::optional<lead::DisabledDestination> disabled{};
};

/// What came of marketing mails.
struct FeedbackTally {
  std::int64_t tried = 0;  ///< sent, or refused when they were handed over
  std::int64_t bounced = 0;
  std::int64_t complained = 0;
};

/// Reads the outbox, over a read-only connection of its own. Used by one thread at a time.
class MessageReader {
 public:
  [[nodiscard]] static Result<std::unique_ptr<MessageReader>> open(const std::filesystem::path& file,
                                                                   std::int64_t workspace);
  ~MessageReader();

  [[nodiscard]] Result<std::vector<lead::Message>> list(const MessageFilter& filter);
  /// Error: `not_found`.
  [[nodiscard]] Result<lead::Message> get(const std::string& id);
  /// Of the mails that left by the channel since then, and of what came back of these.
  [[nodiscard]] Result<FeedbackTally> tally(const std::string& channel, TimePoint since);
  [[nodiscard]] Result<DestinationState> destination(const std::string& channel);

 private:
  struct Implementation;
  explicit MessageReader(std::unique_ptr<Implementation> implementation);
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace leadhub::store
