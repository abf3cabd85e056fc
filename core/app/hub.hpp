#pragma once

#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "app/hub_parts.hpp"
#include "app/loaded_config.hpp"
#include "app/store_lock.hpp"
#include "app/stored_memory.hpp"
#include "capture/channel_port.hpp"
#include "capture/chat_transcript.hpp"
#include "capture/edge_listener.hpp"
#include "capture/follow_up_worker.hpp"
#include "capture/gateway.hpp"
#include "capture/importer.hpp"
#include "capture/inbox_writer.hpp"
#include "capture/opt_in_pages.hpp"
#include "capture/poller.hpp"
#include "capture/public_paths.hpp"
#include "control/queries.hpp"
#include "control/server.hpp"
#include "control/token.hpp"
#include "deliver/courier.hpp"
#include "deliver/mail_transport.hpp"
#include "deliver/sender.hpp"
#include "ops/clock.hpp"
#include "ops/key_ring.hpp"
#include "outbound/http_client.hpp"
#include "pipeline/lead_retention.hpp"
#include "pipeline/pipeline.hpp"
#include "plugin/host_services.hpp"
#include "verify/verification_queue.hpp"

namespace leadhub::plugin {
class PluginHost;
}

namespace leadhub::app {

/// A whole running hub: everything that `leadhub serve` strings together, in the order in which it must start
/// and stop.
///
/// Started from the back to the front (store, pipeline, channels, control, edge), so that whoever is heard
/// can be served; stopped from the front to the back (edge, inbox, pipeline), so that whatever was accepted
/// is answered.
class Hub {
 public:
  /// Opens everything and serves. `on_fatal` is called, from any thread, where the hub can no longer keep its
  /// promises; the process must end then. Errors say what is wrong and how to mend it.
  [[nodiscard]] static Result<std::unique_ptr<Hub>> start(LoadedConfig loaded, const Clock& clock,
                                                          std::function<void(const Error&)> on_fatal);
  ~Hub();

  /// Stops taking requests, answers those that were accepted, and leaves within the deadline.
  void stop();

  [[nodiscard]] const config::Config& config() const { return *loaded_.config; }
  [[nodiscard]] const std::vector<InactiveChannel>& inactive() const { return loaded_.inactive; }
  [[nodiscard]] const std::vector<const config::Channel*>& active() const { return loaded_.active; }
  [[nodiscard]] const control::Token& token() const { return token_; }
  [[nodiscard]] const HubFiles& files() const { return files_; }
  /// Whether requests can be posted to /in/<channel>: a channel that only delivers has no such address.
  [[nodiscard]] bool captures(std::string_view channel) const { return channels_.find(channel) != nullptr; }
  /// Whether the channel is asked for its events.
  [[nodiscard]] bool is_polled(std::string_view channel) const;
  /// Filled once, by start(). Each transport takes one call at a time.
  [[nodiscard]] const MailTransports& mail_transports() const { return mail_transports_; }
  [[nodiscard]] const deliver::ChatTransports& chat_transports() const { return chat_transports_; }
  /// Whether there is a page to look at below /f/: not every channel has one.
  [[nodiscard]] bool shows_form(const std::string& channel) const;
  /// Why no mail leaves; empty where mails leave.
  [[nodiscard]] std::string sending_pause() const;
  [[nodiscard]] std::string edge_url() const;
  [[nodiscard]] std::string control_url() const;

 private:
  Hub(LoadedConfig loaded, const Clock& clock, std::function<void(const Error&)> on_fatal);
  [[nodiscard]] Result<void> open();
  [[nodiscard]] Result<void> lock_store();
  [[nodiscard]] Result<void> open_stores();
  [[nodiscard]] Result<void> make_channels();
  [[nodiscard]] Result<void> make_channel(const plugin::PluginHost& host, const config::Channel& channel);
  [[nodiscard]] Result<void> make_transports(const plugin::PluginHost& host, const config::Channel& channel);
  [[nodiscard]] std::string channel_key(std::string_view channel) const;
  [[nodiscard]] Result<void> load_lists();
  [[nodiscard]] Result<void> start_verification();
  [[nodiscard]] Result<std::unique_ptr<capture::Poller>> make_poller(const plugin::PluginHost& host,
                                                                     const config::Channel& channel);
  [[nodiscard]] bool is_overloaded() const;
  [[nodiscard]] Result<void> start_follow_ups();
  [[nodiscard]] Result<void> start_senders();
  [[nodiscard]] Result<std::unique_ptr<deliver::Sender>> start_sender(deliver::Courier& courier);
  [[nodiscard]] Result<void> start_retention();
  [[nodiscard]] Result<void> start_control();
  [[nodiscard]] Result<void> start_edge();
  [[nodiscard]] Result<void> start_pollers();
  [[nodiscard]] control::Services control_services();
  [[nodiscard]] pipeline::StageOptions stage_options() const;
  [[nodiscard]] nlohmann::ordered_json links(std::string_view lead_id,
                                             const std::vector<std::string>& purposes) const;
  [[nodiscard]] std::string metrics() const;
  [[nodiscard]] nlohmann::ordered_json status() const;
  [[nodiscard]] Result<void> ready() const;
  void committed(std::int64_t head);
  [[nodiscard]] std::int64_t wait_for_commit(std::int64_t seq, std::chrono::milliseconds at_most);
  [[nodiscard]] Result<std::int64_t> redrive(std::int64_t seq);
  [[nodiscard]] Result<bool> act(const lead::Action& action);
  [[nodiscard]] Result<std::vector<store::Withdrawal>> withdrawals_of(const lead::Action& action);
  [[nodiscard]] bool is_scrubbed(std::int64_t erased_by);

  LoadedConfig loaded_;
  const Clock& clock_;
  std::function<void(const Error&)> on_fatal_;
  HubFiles files_;
  TimePoint started_at_;
  StoreLock lock_;
  control::Token token_;
  std::int64_t leads_workspace_ = 0;
  std::int64_t inbox_workspace_ = 0;
  std::unique_ptr<ops::KeyRing> keys_;
  plugin::Counters plugin_counters_;
  std::unique_ptr<outbound::HttpClient> http_;
  std::unique_ptr<StoredMemory> memory_;
  std::unique_ptr<plugin::HostServices> plugin_services_;
  Channels channels_;
  MailTransports mail_transports_;
  deliver::ChatTransports chat_transports_;
  // In this order, since they go in the reverse one: of each file the writer closes last, which moves the
  // rest of the log into the file and removes the log.
  std::unique_ptr<capture::InboxWriter> inbox_;
  std::unique_ptr<pipeline::Pipeline> pipeline_;
  std::unique_ptr<capture::Gateway> gateway_;
  std::unique_ptr<capture::Importer> importer_;
  std::unique_ptr<capture::OptInPages> opt_in_pages_;
  std::unique_ptr<capture::PreferencePages> preference_pages_;
  std::unique_ptr<capture::ChatTranscript> chat_transcript_;
  std::unique_ptr<capture::PublicPaths> public_paths_;
  std::shared_ptr<const verify::EmailLists> email_lists_;
  // Null where hub.yaml asks for no DNS. Each asks the one before it.
  std::unique_ptr<verify::DnsResolver> resolver_;
  std::unique_ptr<verify::DomainChecker> domain_checker_;
  std::unique_ptr<verify::MailboxProbe> probe_;
  std::unique_ptr<verify::VerificationQueue> verification_;
  std::vector<std::unique_ptr<capture::Poller>> pollers_;
  std::vector<std::unique_ptr<capture::FollowUpWorker>> follow_ups_;  ///< one for each channel that has them
  // Null where no channel delivers mails, or none answers chats.
  std::unique_ptr<deliver::OptInCourier> opt_in_courier_;
  std::unique_ptr<deliver::Sender> mail_sender_;
  std::unique_ptr<deliver::ChatCourier> chat_courier_;
  std::unique_ptr<deliver::Sender> chat_sender_;
  std::unique_ptr<pipeline::LeadRetention> retention_;  ///< null where leads are kept for ever
  std::unique_ptr<control::Queries> queries_;
  std::unique_ptr<control::Server> control_;
  std::unique_ptr<capture::EdgeListener> edge_;
  std::atomic<bool> stopping_{false};

  std::mutex commits_mutex_;
  std::condition_variable commits_;
};

}  // namespace leadhub::app
