#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "capture/http.hpp"
#include "capture/inbox_writer.hpp"
#include "lead/lead_json.hpp"
#include "ops/key_ring.hpp"
#include "store/lead_reader.hpp"
#include "store/message_reader.hpp"

namespace leadhub::capture {

/// What the link in a hand-off stands for: that message. It says nothing about the person, and works for as
/// long as the lead is with whoever it was handed to.
[[nodiscard]] std::string hand_off_token(std::string_view message_id, const ops::KeyRing& keys,
                                         std::string_view workspace);
/// The message's id; nullopt: not one of ours, or not for this workspace.
[[nodiscard]] std::optional<std::string> read_hand_off_token(std::string_view text, const ops::KeyRing& keys,
                                                             std::string_view workspace);

/// Where somebody of the team says that they have taken a lead up, at /h/<token>. GET shows a button and does
/// nothing, because scanners open every link; POST answers when the deed is on disk. A lead that has gone to
/// somebody else meanwhile stays with them.
///
/// Thread-safe. Reads one message and one lead on the calling thread.
class HandOffPages final : public RequestHandler {
 public:
  struct Readers {
    std::unique_ptr<store::MessageReader> messages;
    std::unique_ptr<store::LeadReader> leads;
  };
  /// All references outlive it.
  HandOffPages(Readers readers, InboxWriter& inbox, const ops::KeyRing& keys, std::string workspace)
      : readers_(std::move(readers)), inbox_(inbox), keys_(keys), workspace_(std::move(workspace)) {}

  [[nodiscard]] std::optional<HttpResponse> refuse_early(const HttpRequest& head) override;
  void handle(HttpRequest request, Reply reply) override;

  /// Whether the path is one of these pages.
  [[nodiscard]] static bool has(std::string_view path) { return path.starts_with("/h/"); }

 private:
  struct HandOff {
    lead::LeadRecord record;
    std::int32_t round = 0;  ///< 0: it was never handed over so
    std::string owner;
    std::string message_id;
  };
  [[nodiscard]] Result<HandOff> find(const std::string& message_id);
  void take_up(const HttpRequest& request, const HandOff& hand_off, Reply reply);

  std::mutex mutex_;
  Readers readers_;  ///< guarded by mutex_
  InboxWriter& inbox_;
  const ops::KeyRing& keys_;
  std::string workspace_;
};

}  // namespace leadhub::capture
