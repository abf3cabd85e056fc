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

#include "app/generation.hpp"
#include "app/hub_parts.hpp"
#include "app/lead_time_watch.hpp"
#include "app/loaded_config.hpp"
#include "app/sending_brake.hpp"
#include "app/store_lock.hpp"
#include "app/stored_memory.hpp"
#include "capture/chat_transcript.hpp"
#include "capture/edge_listener.hpp"
#include "capture/gateway.hpp"
#include "capture/importer.hpp"
#include "capture/inbox_writer.hpp"
#include "capture/opt_in_pages.hpp"
#include "capture/public_paths.hpp"
#include "control/broadcasts.hpp"
#include "control/queries.hpp"
#include "control/server.hpp"
#include "control/token.hpp"
#include "ops/clock.hpp"
#include "ops/key_ring.hpp"
#include "outbound/http_client.hpp"
#include "pipeline/broadcast_walk.hpp"
#include "pipeline/due_leads.hpp"
#include "pipeline/lead_retention.hpp"
#include "pipeline/pipeline.hpp"
#include "verify/verification_queue.hpp"

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

  /// Reads hub.yaml again and puts it in force as a whole, between two requests and two batches of the
  /// pipeline; requests under way end with the channels with which they began. On any error the hub goes on
  /// as it was: `invalid`, every diagnostic a line; `unavailable` where the hub stops. Returns notices, a
  /// line each. Waits for polls, follow-ups and messages that are under way. Thread-safe.
  [[nodiscard]] Result<std::vector<std::string>> reload();

  /// As it was at the start: for what cannot change while the hub runs.
  [[nodiscard]] const config::Config& config() const { return config_; }
  /// What hub.yaml says now, and what was made of it.
  [[nodiscard]] std::shared_ptr<const Generation> generation() const { return current_.get(); }
  [[nodiscard]] const control::Token& token() const { return token_; }
  [[nodiscard]] const HubFiles& files() const { return files_; }
  /// Why no mail leaves; empty where mails leave.
  [[nodiscard]] std::string sending_pause() const;
  [[nodiscard]] std::string edge_url() const;
  [[nodiscard]] std::string control_url() const;

 private:
  Hub(LoadedConfig loaded, const Clock& clock, std::function<void(const Error&)> on_fatal);
  [[nodiscard]] Result<void> open();
  [[nodiscard]] Result<void> lock_store();
  [[nodiscard]] Result<void> open_stores();
  [[nodiscard]] Result<void> make_generation();
  [[nodiscard]] std::string channel_key(std::string_view channel) const;
  [[nodiscard]] Result<void> start_verification();
  [[nodiscard]] bool is_overloaded() const;
  [[nodiscard]] Result<void> start_retention();
  [[nodiscard]] Result<void> start_due_leads();
  [[nodiscard]] Result<void> start_broadcasts();
  [[nodiscard]] Result<void> start_brake();
  [[nodiscard]] Result<void> start_reports();
  [[nodiscard]] Result<void> start_control();
  [[nodiscard]] Result<void> start_edge();
  [[nodiscard]] control::Services control_services();
  [[nodiscard]] Result<pipeline::StageOptions> stage_options(const LoadedConfig& loaded) const;
  [[nodiscard]] Result<void> start_workers();
  [[nodiscard]] Generation::Ports generation_ports();
  [[nodiscard]] Result<void> check_reload(const LoadedConfig& loaded) const;
  /// Where journeys have changed since they were last in force, whoever is on one is looked at again.
  void wake_enrolled();
  void put_in_force(const std::shared_ptr<Generation>& next, pipeline::StageOptions options);
  void let_go(std::shared_ptr<Generation> past);
  [[nodiscard]] Result<nlohmann::ordered_json> outlook(std::string_view reference);
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

  LoadedConfig loaded_;    ///< until the first generation has it
  config::Config config_;  ///< as of config()
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
  // In this order, since they go in the reverse one: of each file the writer closes last, which moves the
  // rest of the log into the file and removes the log.
  std::unique_ptr<capture::InboxWriter> inbox_;
  std::unique_ptr<pipeline::Pipeline> pipeline_;
  CurrentGeneration current_;
  std::mutex reload_mutex_;                        ///< one reload, or the stop, at a time
  std::vector<std::shared_ptr<Generation>> past_;  ///< guarded by reload_mutex_: those still in use
  std::unique_ptr<capture::Gateway> gateway_;
  std::unique_ptr<capture::Importer> importer_;
  std::unique_ptr<capture::OptInPages> opt_in_pages_;
  std::unique_ptr<capture::PreferencePages> preference_pages_;
  std::unique_ptr<capture::HandOffPages> hand_off_pages_;
  std::unique_ptr<capture::SignalLog> signals_;
  std::unique_ptr<capture::TrackingPages> tracking_pages_;
  std::unique_ptr<capture::ChatTranscript> chat_transcript_;
  std::unique_ptr<capture::PublicPaths> public_paths_;
  // Null where hub.yaml asks for no DNS. Each asks the one before it.
  std::unique_ptr<verify::DnsResolver> resolver_;
  std::unique_ptr<verify::DomainChecker> domain_checker_;
  std::unique_ptr<verify::MailboxProbe> probe_;
  std::unique_ptr<verify::VerificationQueue> verification_;
  std::unique_ptr<pipeline::LeadRetention> retention_;  ///< null where leads are kept for ever
  std::unique_ptr<pipeline::DueLeads> due_leads_;
  std::unique_ptr<pipeline::BroadcastWalk> broadcast_walk_;
  std::unique_ptr<SendingBrake> brake_;
  std::unique_ptr<control::Queries> queries_;
  std::unique_ptr<control::Messages> messages_;
  std::unique_ptr<control::Segments> segments_;
  std::unique_ptr<control::Broadcasts> broadcasts_;
  std::unique_ptr<control::Reports> reports_;
  std::unique_ptr<control::Reports> watched_;  ///< the watch's own: nobody waits for its look
  std::unique_ptr<LeadTimeWatch> lead_time_watch_;
  std::unique_ptr<control::Server> control_;
  std::unique_ptr<capture::EdgeListener> edge_;
  std::atomic<bool> stopping_{false};
  std::atomic<std::int64_t> reloads_{0};

  std::mutex commits_mutex_;
  std::condition_variable commits_;
};

}  // namespace leadhub::app
