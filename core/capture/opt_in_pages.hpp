#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "capture/http.hpp"
#include "capture/inbox_writer.hpp"
#include "capture/opt_in_token.hpp"
#include "lead/lead.hpp"
#include "ops/clock.hpp"
#include "ops/key_ring.hpp"
#include "store/lead_reader.hpp"

namespace leadhub::capture {

/// The pages of double opt-in, at /c/<token>. GET shows a button and does nothing, so that a scanner which
/// opens every link confirms nobody; POST confirms: a `newsletter.subscribed` event with the proof (time,
/// address, user agent, and the text that was agreed to) is on disk before the page says so. The same link
/// twice is one confirmation. An expired link offers a new mail, which the pipeline sends if the last one is
/// old enough.
///
/// Thread-safe. Looks up one row on the calling thread.
class OptInPages final : public RequestHandler {
 public:
  /// All references outlive it.
  OptInPages(std::unique_ptr<store::LeadReader> leads, InboxWriter& inbox, const ops::KeyRing& keys,
             std::string workspace, const Clock& clock);

  [[nodiscard]] std::optional<HttpResponse> refuse_early(const HttpRequest& head) override;
  void handle(HttpRequest request, Reply reply) override;

  /// Whether the path is one of these pages.
  [[nodiscard]] static bool has(std::string_view path) { return path.starts_with("/c/"); }

 private:
  /// The request that a link stands for, from the lead's timeline.
  struct Asked {
    std::string reference;  ///< "17.0"
    std::string channel;
    lead::LeadEvent event;
    bool is_confirmed = false;
  };
  [[nodiscard]] Result<Asked> asked(lead::EventReference request);
  void confirm(HttpRequest request, const Asked& asked, Reply reply);
  void ask_again(HttpRequest request, const Asked& asked, Reply reply);
  void append(HttpRequest request, const Asked& asked, std::string event, const std::string& key,
              std::function<HttpResponse(const store::AppendOutcome&)> answer, Reply reply);

  std::mutex mutex_;
  std::unique_ptr<store::LeadReader> leads_;  ///< guarded by mutex_
  InboxWriter& inbox_;
  const ops::KeyRing& keys_;
  std::string workspace_;
  const Clock& clock_;
};

}  // namespace leadhub::capture
