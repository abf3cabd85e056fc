#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "capture/event_check.hpp"
#include "capture/http.hpp"
#include "capture/inbox_writer.hpp"
#include "capture/page.hpp"
#include "lead/lead_json.hpp"
#include "ops/clock.hpp"
#include "ops/key_ring.hpp"
#include "store/lead_reader.hpp"

namespace leadhub::capture {

/// The channel that people's own decisions on these pages come by. No channel of hub.yaml may be called so.
inline constexpr std::string_view preference_channel = "preferences";

/// What a person decides about their mails: one-click unsubscribe at /u/<token> (RFC 8058) and the preference
/// centre at /p/<token>.
///
/// GET shows and does nothing, because scanners open every link; POST acts, and its answer comes when the
/// decision is on disk, with what the sender must know beside it: from then on no mail for that purpose
/// leaves. An unsubscription is taken whatever the ledger says by now. In the preference centre stand the
/// purposes of the person's ledger; ticking one that was withdrawn grants it again, with the words that were
/// agreed to before: the link proves whose mailbox it is.
///
/// Thread-safe. Reads one lead on the calling thread.
class PreferencePages final : public RequestHandler {
 public:
  /// All references outlive it.
  PreferencePages(std::unique_ptr<store::LeadReader> leads, InboxWriter& inbox, EventRules rules,
                  std::string workspace)
      : leads_(std::move(leads)), inbox_(inbox), rules_(std::move(rules)), workspace_(std::move(workspace)) {}

  [[nodiscard]] std::optional<HttpResponse> refuse_early(const HttpRequest& head) override;
  void handle(HttpRequest request, Reply reply) override;

  /// Whether the path is one of these pages.
  [[nodiscard]] static bool has(std::string_view path) {
    return path.starts_with("/u/") || path.starts_with("/p/");
  }

 private:
  struct Purpose {
    std::string name;
    std::string text;  ///< what was agreed to last; empty: nothing is known
    bool is_granted = false;
  };
  [[nodiscard]] static std::vector<Purpose> purposes_of(const lead::LeadRecord& record);
  [[nodiscard]] Result<lead::LeadRecord> lead(const std::string& id);
  void unsubscribe(HttpRequest request, Reply reply);
  void preferences(HttpRequest request, Reply reply);
  void withdraw(HttpRequest request, const lead::LeadRecord& record, const std::string& purpose, Reply reply);
  void save(HttpRequest request, const lead::LeadRecord& record, Reply reply);
  void append(HttpRequest request, const lead::LeadRecord& record, std::string_view type,
              const std::vector<lead::ConsentStatement>& consent, const Page& done, Reply reply);

  std::mutex mutex_;
  std::unique_ptr<store::LeadReader> leads_;  ///< guarded by mutex_
  InboxWriter& inbox_;
  EventRules rules_;
  std::string workspace_;
};

}  // namespace leadhub::capture
