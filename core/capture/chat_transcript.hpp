#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "capture/http.hpp"
#include "store/transcript_reader.hpp"

namespace leadhub::capture {

/// What a web chat shows: `GET /chat/<channel>?after=<cursor>` with `Authorization: Bearer <token>`, the
/// token that the channel's plugin gave to whoever writes (leadhub/sdk/conversation_token.hpp).
///
///   {"messages": [{"id", "from": "you" or "us", "text", "at"}], "next": cursor}
///
/// From the beginning these are the latest limits::transcript_messages_max of either side, oldest first;
/// with `next` of the answer before, what came since, and the replies of the last
/// limits::transcript_overlap again: whoever asks tells messages apart by their ids. The id of one's own is
/// what one gave it. A reply is there once it was sent, and nothing of another conversation ever is, also
/// where the same person has several.
///
/// 401: no token of this channel. 400: a cursor that is none. Any website may ask with a token that it has:
/// the token is the capability, no cookie is looked at, and so the origin `*` lets nobody see more.
///
/// Thread-safe. Two look-ups by index on the calling thread.
class ChatTranscript final : public RequestHandler {
 public:
  /// `signing_key`: of the channel of that name, as its plugin gets it.
  ChatTranscript(std::unique_ptr<store::TranscriptReader> transcripts,
                 std::function<std::string(std::string_view channel)> signing_key)
      : transcripts_(std::move(transcripts)), signing_key_(std::move(signing_key)) {}

  [[nodiscard]] std::optional<HttpResponse> refuse_early(const HttpRequest& head) override;
  void handle(HttpRequest request, Reply reply) override;

  /// Whether the path is one of these.
  [[nodiscard]] static bool has(std::string_view path) { return path.starts_with("/chat/"); }

 private:
  [[nodiscard]] HttpResponse answer(const HttpRequest& request);

  std::mutex mutex_;
  std::unique_ptr<store::TranscriptReader> transcripts_;  ///< guarded by mutex_
  std::function<std::string(std::string_view)> signing_key_;
};

}  // namespace leadhub::capture
