#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "capture/channel_port.hpp"
#include "capture/event_check.hpp"
#include "capture/http.hpp"
#include "capture/inbox_writer.hpp"
#include "ops/clock.hpp"
#include "ops/key_ring.hpp"
#include "store/inbox_store.hpp"

namespace leadhub::capture {

/// Between the edge and the inbox: finds the channel of a request, asks it to authenticate and to read,
/// checks the events it gives, and answers when request and events are on disk.
///
/// Public paths: /in/<channel>, /f/<channel>, /f/<channel>.js. Every other path, and every channel that there
/// is not, gets the same 404. Thread-safe.
class Gateway final : public RequestHandler {
 public:
  struct Statistics {
    std::uint64_t accepted = 0;    ///< stored, or known already
    std::uint64_t answered = 0;    ///< pages, challenges, requests without events
    std::uint64_t refused = 0;     ///< by the channel
    std::uint64_t held = 0;        ///< set aside as suspicious
    std::uint64_t unreadable = 0;  ///< set aside because the channel could not read it
    std::uint64_t unknown_path = 0;
    std::uint64_t unavailable = 0;  ///< 503
    std::uint64_t plugin_errors = 0;
  };

  /// `backlog`: how many committed entries wait for the pipeline. `on_follow_up`: a request of that channel
  /// is committed that wants to be followed up; called from the inbox's thread. All references outlive the
  /// gateway.
  Gateway(const ChannelDirectory& channels, InboxWriter& inbox, EventRules rules, const Clock& clock,
          std::function<std::int64_t()> backlog,
          std::function<void(const std::string& channel)> on_follow_up = {});

  [[nodiscard]] std::optional<HttpResponse> refuse_early(const HttpRequest& head) override;
  void handle(HttpRequest request, Reply reply) override;

  /// Reads a stored request again with the channel as it is configured now, and appends what it gives as an
  /// entry that replaces the old one. Events whose key belongs to another entry are left out. Waits for the
  /// commit; returns the new entry's number. A request that gives no events of itself but wants to be
  /// followed up is followed up again, and keeps its number. Errors: `not_found` where the channel is gone,
  /// `invalid` where it still cannot read the request or finds nothing in it, `conflict` where nothing is
  /// left to redrive, `unavailable`.
  [[nodiscard]] Result<std::int64_t> redrive(const store::InboxEntryDetail& stored);

  [[nodiscard]] Statistics statistics() const;

 private:
  [[nodiscard]] bool is_overloaded() const;
  void capture(const std::shared_ptr<ChannelPort>& channel, HttpRequest request,
               const Authentication& verdict, Reply reply);
  [[nodiscard]] Result<std::vector<std::string>> read_again(const store::InboxEntryDetail& stored) const;
  [[nodiscard]] bool is_only_followed_up(const store::InboxEntryDetail& stored) const;
  [[nodiscard]] Result<std::int64_t> follow_up_again(const store::InboxEntry& entry);
  [[nodiscard]] std::string follow_up_key(const std::string& channel, const HttpRequest& request) const;
  [[nodiscard]] Result<std::vector<store::DraftEvent>> check_events(const std::string& channel,
                                                                    std::vector<std::string> events,
                                                                    TimePoint received_at) const;
  void append(store::DraftEntry draft, HttpResponse response, Reply reply);

  const ChannelDirectory& channels_;
  InboxWriter& inbox_;
  EventRules rules_;
  const Clock& clock_;
  std::function<std::int64_t()> backlog_;
  std::function<void(const std::string&)> on_follow_up_;

  struct Counters {
    std::atomic<std::uint64_t> accepted, answered, refused, held, unreadable, unknown_path, unavailable,
        plugin_errors;
  };
  Counters counters_{};
};

/// The channel named by a public path; empty where the path is none.
[[nodiscard]] std::string_view channel_of_path(std::string_view path);

}  // namespace leadhub::capture
