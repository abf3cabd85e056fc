#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "lead/external_id.hpp"
#include "lead/lead.hpp"
#include "lead/message.hpp"
#include "ops/clock.hpp"
#include "ops/error.hpp"

namespace leadhub::store {

/// How far somebody has read a conversation. Default: nothing of it.
struct TranscriptCursor {
  std::int64_t seq = 0;  ///< the last entry of the log in it
  TimePoint sent_at{};   ///< of the last reply in it
};

/// Which part of a conversation somebody wants to read.
struct TranscriptQuery {
  std::string channel;
  lead::ExternalId conversation;
  TranscriptCursor since;
};

/// Both sides of a conversation, each oldest first.
struct Transcript {
  std::vector<lead::TimelineEntry> written;  ///< chat.started and chat.message of the person
  std::vector<lead::Message> replies;        ///< those that were sent
  TranscriptCursor next;
};

/// Reads conversations of web chats, over a read-only connection of its own. Used by one thread at a time.
class TranscriptReader {
 public:
  [[nodiscard]] static Result<std::unique_ptr<TranscriptReader>> open(const std::filesystem::path& file,
                                                                      std::int64_t workspace);
  ~TranscriptReader();

  /// What was written in a conversation of a channel whose events have the conversation's id as their key, or
  /// in front of it and a slash: of either side the latest limits::transcript_messages_max, or the first so
  /// many since the cursor. Replies of the last limits::transcript_overlap before the cursor come again. The
  /// conversation follows merged leads. Indexed: its cost does not grow with the store.
  [[nodiscard]] Result<Transcript> read(const TranscriptQuery& query);

 private:
  struct Implementation;
  explicit TranscriptReader(std::unique_ptr<Implementation> implementation);
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace leadhub::store
