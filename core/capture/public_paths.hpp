#pragma once

#include "capture/chat_transcript.hpp"
#include "capture/gateway.hpp"
#include "capture/hand_off_pages.hpp"
#include "capture/opt_in_pages.hpp"
#include "capture/preference_pages.hpp"
#include "capture/tracking_pages.hpp"

namespace leadhub::capture {

/// What the edge serves: the channels, the hub's own pages that links in mails lead to, and what web chats
/// show. Thread-safe.
class PublicPaths final : public RequestHandler {
 public:
  /// All outlive it.
  PublicPaths(Gateway& channels, OptInPages& opt_in, PreferencePages& preferences, HandOffPages& hand_offs,
              TrackingPages& tracking, ChatTranscript& chats)
      : channels_(channels),
        opt_in_(opt_in),
        preferences_(preferences),
        hand_offs_(hand_offs),
        tracking_(tracking),
        chats_(chats) {}

  [[nodiscard]] std::optional<HttpResponse> refuse_early(const HttpRequest& head) override;
  void handle(HttpRequest request, Reply reply) override;

  /// Whether the path is one of the hub's own pages that links in mails lead to.
  [[nodiscard]] static bool is_page_of_mails(std::string_view path) {
    return OptInPages::has(path) || PreferencePages::has(path) || HandOffPages::has(path) ||
           TrackingPages::has(path);
  }

 private:
  [[nodiscard]] RequestHandler& handler_of(const HttpRequest& request) const;

  Gateway& channels_;
  OptInPages& opt_in_;
  PreferencePages& preferences_;
  HandOffPages& hand_offs_;
  TrackingPages& tracking_;
  ChatTranscript& chats_;
};

}  // namespace leadhub::capture
