#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "app/hub_parts.hpp"
#include "app/loaded_config.hpp"
#include "capture/follow_up_worker.hpp"
#include "capture/inbox_writer.hpp"
#include "capture/poller.hpp"
#include "deliver/courier.hpp"
#include "deliver/lead_courier.hpp"
#include "deliver/lead_transport.hpp"
#include "deliver/sender.hpp"
#include "ops/clock.hpp"
#include "ops/key_ring.hpp"
#include "outbound/http_client.hpp"
#include "pipeline/batch.hpp"
#include "plugin/channel_memory.hpp"
#include "plugin/host_services.hpp"
#include "store/inbox_store.hpp"
#include "store/lead_reader.hpp"

namespace leadhub::plugin {
class PluginHost;
}

namespace leadhub::app {

/// What a running hub makes out of one reading of hub.yaml, and exchanges as a whole when the file has
/// changed: the channels with their plugins' instances, and those who work for them: pollers, follow-ups,
/// senders.
///
/// Made by one thread, without anything happening outside; then start_workers() and start_pollers(). Channels
/// may be called from any thread for as long as somebody holds the generation.
class Generation {
 public:
  /// What the hub gives to each of its generations. Everything outlives them.
  struct Ports {
    const Clock& clock;
    const ops::KeyRing& keys;
    plugin::Counters& counters;
    outbound::HttpClient& http;
    plugin::ChannelMemory& memory;
    capture::InboxWriter& inbox;
    std::function<Result<void>(deliver::Sender::StoreTask)> with_store;
    std::function<Result<std::unique_ptr<store::LeadReader>>()> open_leads;
    std::function<Result<std::unique_ptr<store::InboxReader>>()> open_inbox;
    std::function<bool()> is_overloaded;  ///< whether whatever comes has to wait
    std::function<bool()> is_paused;      ///< whether no mail and no reply leaves
  };

  /// `loaded` must have its config. A channel that cannot be made takes no other with it: it becomes
  /// inactive, and failures() tells. Error: nothing at all can be made of it.
  [[nodiscard]] static Result<std::shared_ptr<Generation>> make(LoadedConfig loaded, Ports ports);
  ~Generation();
  Generation(const Generation&) = delete;
  Generation& operator=(const Generation&) = delete;

  [[nodiscard]] const config::Config& config() const { return *loaded_.config; }
  [[nodiscard]] const plugin::Registry& registry() const { return *loaded_.registry; }
  [[nodiscard]] const std::vector<const config::Channel*>& active() const { return loaded_.active; }
  [[nodiscard]] const std::vector<InactiveChannel>& inactive() const { return loaded_.inactive; }
  /// The channels that should run and could not be made.
  [[nodiscard]] const std::vector<InactiveChannel>& failures() const { return failures_; }

  [[nodiscard]] const Channels& channels() const { return channels_; }
  /// Whether requests can be posted to /in/<channel>: a channel that only delivers has no such address.
  [[nodiscard]] bool captures(std::string_view channel) const { return channels_.find(channel) != nullptr; }
  /// Whether the channel is asked for its events.
  [[nodiscard]] bool is_polled(std::string_view channel) const;
  /// Whether there is a page to look at below /f/: not every channel has one.
  [[nodiscard]] bool shows_form(const std::string& channel) const;
  [[nodiscard]] const MailTransports& mail_transports() const { return mail_transports_; }
  [[nodiscard]] const mail::TemplateSet& templates() const { return *loaded_.templates; }
  [[nodiscard]] const deliver::ChatTransports& chat_transports() const { return chat_transports_; }

  // Null where no channel delivers mails, or none answers chats.
  [[nodiscard]] const deliver::Sender* mail_sender() const { return mail_sender_.get(); }
  [[nodiscard]] const deliver::Sender* chat_sender() const { return chat_sender_.get(); }
  [[nodiscard]] const deliver::Sender* hand_off_sender() const { return hand_off_sender_.get(); }
  /// A destination, with the sender that brings it what the rules of `deliver` send there.
  struct Destination {
    std::string channel;
    std::unique_ptr<deliver::LeadTransport> transport;
    std::unique_ptr<deliver::LeadCourier> courier;
    std::unique_ptr<deliver::Sender> sender;
  };
  [[nodiscard]] const std::vector<Destination>& destinations() const { return destinations_; }
  /// A sender of what journeys send by one channel, to leads or to their owners, or of broadcasts. Of a kind
  /// there may be several, which share what is due.
  struct JourneyRoute {
    std::string channel;
    std::unique_ptr<deliver::Courier> courier;
    std::unique_ptr<deliver::Sender> sender;
  };
  [[nodiscard]] const std::vector<JourneyRoute>& journey_routes() const { return journey_routes_; }
  [[nodiscard]] const auto& pollers() const { return pollers_; }
  [[nodiscard]] const auto& follow_ups() const { return follow_ups_; }

  /// A request of that channel wants to be followed up. Thread-safe.
  void notify_follow_up(std::string_view channel) const;

  /// Starts the follow-ups and the senders. Cannot fail.
  void start_workers();
  void start_pollers();
  /// Begins to end what may take its time.
  void request_stop();
  /// Ends pollers and follow-ups after what is under way; they can be asked how they did.
  void stop_workers();
  void stop_senders();

 private:
  Generation(LoadedConfig loaded, Ports ports);
  [[nodiscard]] Result<void> make_all();
  [[nodiscard]] Result<void> make_channel(const plugin::PluginHost& host, const config::Channel& channel);
  [[nodiscard]] Result<void> make_transports(const plugin::PluginHost& host, const config::Channel& channel);
  [[nodiscard]] Result<std::unique_ptr<capture::Poller>> make_poller(const plugin::PluginHost& host,
                                                                     const config::Channel& channel);
  [[nodiscard]] Result<void> make_follow_ups();
  [[nodiscard]] Result<void> make_mail_sender();
  [[nodiscard]] Result<void> make_hand_off_sender();
  [[nodiscard]] Result<void> make_chat_sender();
  [[nodiscard]] Result<void> make_destination_senders();
  [[nodiscard]] Result<void> make_journey_senders();
  [[nodiscard]] Result<void> make_journey_route(const std::string& channel, lead::MessageKind kind,
                                                deliver::MailTransport& transport);
  /// The log learns that mails cannot get to this address.
  void log_bounce(const lead::Message& message) const;
  /// Whether the log has a lead's erasure, or everything that its owner allowed taken back, and the pipeline
  /// does not know it yet.
  using ErasureCheck = std::function<Result<bool>(const lead::Lead&)>;
  [[nodiscard]] Result<ErasureCheck> erasure_check();
  [[nodiscard]] Result<std::unique_ptr<deliver::LeadCourier>> make_lead_courier(
      lead::MessageKind kind, deliver::LeadTransport& transport);
  /// Where somebody says that they have taken up the lead of a hand-off.
  [[nodiscard]] std::string answer_link(const lead::Message& message) const;
  [[nodiscard]] Destination* find_destination(std::string_view channel);
  [[nodiscard]] std::vector<deliver::Sender*> senders() const;
  [[nodiscard]] Result<std::unique_ptr<deliver::Sender>> make_sender(deliver::Courier& courier);

  // In this order, since they go in the reverse one.
  LoadedConfig loaded_;
  Ports ports_;
  std::vector<InactiveChannel> failures_;
  std::atomic<bool> stopping_{false};  ///< what channels may ask while they wait for somebody
  std::unique_ptr<plugin::HostServices> services_;
  Channels channels_;
  MailTransports mail_transports_;
  deliver::ChatTransports chat_transports_;
  std::vector<Destination> destinations_;
  std::vector<std::unique_ptr<capture::Poller>> pollers_;
  std::vector<std::unique_ptr<capture::FollowUpWorker>> follow_ups_;  ///< one for each channel that has them
  std::unique_ptr<deliver::OptInCourier> opt_in_courier_;
  std::unique_ptr<deliver::Sender> mail_sender_;
  std::unique_ptr<deliver::Courier> hand_off_courier_;
  std::unique_ptr<deliver::Sender> hand_off_sender_;
  std::vector<JourneyRoute> journey_routes_;
  std::unique_ptr<deliver::ChatCourier> chat_courier_;
  std::unique_ptr<deliver::Sender> chat_sender_;
};

/// The generation that is in force. Thread-safe.
class CurrentGeneration final : public capture::ChannelDirectory {
 public:
  /// Null before the first.
  [[nodiscard]] std::shared_ptr<Generation> get() const;
  /// Puts another in force; the one before, which whoever still uses it keeps alive.
  std::shared_ptr<Generation> exchange(std::shared_ptr<Generation> next);

  /// The pointer holds the whole generation: a request that is under way ends with the channel with which it
  /// began.
  [[nodiscard]] std::shared_ptr<capture::ChannelPort> find(std::string_view name) const override;

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<Generation> current_;  ///< guarded by mutex_
};

}  // namespace leadhub::app
