#include "app/generation.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <thread>
#include <utility>

#include "app/composition.hpp"
#include "app/journey_mails.hpp"
#include "app/mail_templates.hpp"
#include "capture/event_check.hpp"
#include "deliver/journey_courier.hpp"
#include "lead/consent.hpp"
#include "ops/limits.hpp"
#include "ops/log.hpp"
#include "plugin/plugin_host.hpp"

namespace leadhub::app {

void Channels::add(std::shared_ptr<capture::ChannelPort> channel) {
  auto name = channel->name();
  by_name_.insert_or_assign(std::move(name), std::move(channel));
}

std::shared_ptr<capture::ChannelPort> Channels::find(std::string_view name) const {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? nullptr : found->second;
}

Generation::Generation(LoadedConfig loaded, Ports ports)
    : loaded_(std::move(loaded)), ports_(std::move(ports)) {}

Generation::~Generation() {
  request_stop();
  stop_workers();
  stop_senders();
}

Result<std::shared_ptr<Generation>> Generation::make(LoadedConfig loaded, Ports ports) {
  std::shared_ptr<Generation> generation{new Generation{std::move(loaded), std::move(ports)}};
  if (auto made = generation->make_all(); !made) return std::unexpected(made.error());
  return generation;
}

Result<void> Generation::make_all() {
  auto egress = egress_of(config());
  if (!egress) return std::unexpected(egress.error());
  services_ = std::make_unique<plugin::HostServices>(
      plugin::HostServices{ports_.clock, ports_.counters, LEADHUB_VERSION, config().public_url,
                           [this](std::string_view channel) -> Result<std::string> {
                             return ports_.keys.signing_key("channel/" + std::string{channel});
                           },
                           config().folder, &ports_.http, *std::move(egress), &ports_.memory, &stopping_});
  const plugin::PluginHost host{*loaded_.registry, *services_};
  for (const auto* channel : loaded_.active)
    if (const auto made = make_channel(host, *channel); !made) {
      // One broken channel must not take the others down with it.
      failures_.push_back({channel->name, made.error().message});
      loaded_.inactive.push_back(failures_.back());
    }
  std::erase_if(loaded_.active, [this](const config::Channel* channel) {
    return !captures(channel->name) && !mail_transports_.contains(channel->name) &&
           !is_polled(channel->name) && find_destination(channel->name) == nullptr;
  });
  for (const auto step : {&Generation::make_follow_ups, &Generation::make_chat_sender,
                          &Generation::make_mail_sender, &Generation::make_hand_off_sender,
                          &Generation::make_destination_senders, &Generation::make_journey_senders})
    if (auto made = (this->*step)(); !made) return made;
  return {};
}

/// What the plugin's roles say that the channel is for; whatever is neither polled nor delivers mail has to
/// capture over HTTP.
Result<void> Generation::make_channel(const plugin::PluginHost& host, const config::Channel& channel) {
  const auto& roles = loaded_.registry->find(channel.plugin)->descriptor->roles;
  const auto has = [&](std::string_view role) { return std::ranges::find(roles, role) != roles.end(); };
  if (auto made = make_transports(host, channel); !made) return made;
  std::unique_ptr<capture::Poller> poller;
  if (has("capture.poll")) {
    auto made = make_poller(host, channel);
    if (!made) return std::unexpected(made.error());
    poller = *std::move(made);
  }
  const bool delivers = mail_transports_.contains(channel.name) || find_destination(channel.name) != nullptr;
  if (has("capture.http") || (!delivers && !poller)) {
    auto made = host.make_channel({channel.name, channel.plugin, channel.config});
    if (!made) {
      chat_transports_.erase(channel.name);  // nobody could write what it would answer
      return std::unexpected(made.error());
    }
    channels_.add(*std::move(made));
  }
  if (poller) pollers_.push_back(std::move(poller));
  return {};
}

Result<void> Generation::make_transports(const plugin::PluginHost& host, const config::Channel& channel) {
  const plugin::ChannelSpec spec{channel.name, channel.plugin, channel.config};
  const auto& delivers = loaded_.registry->find(channel.plugin)->descriptor->delivers;
  const auto has = [&](std::string_view kind) { return std::ranges::find(delivers, kind) != delivers.end(); };
  if (has("mail")) {
    auto made = host.make_transport(spec);
    if (!made) return std::unexpected(made.error());
    mail_transports_.emplace(channel.name, *std::move(made));
  }
  if (has("chat")) {
    auto made = host.make_chat_transport(spec);
    if (!made) return std::unexpected(made.error());
    if (*made) chat_transports_.emplace(channel.name, *std::move(made));
  }
  if (has("lead")) {
    if (destinations_.size() == limits::destinations_max)
      return fail(ErrorCode::invalid, "channel \"" + channel.name + "\": there are at most " +
                                          std::to_string(limits::destinations_max) +
                                          " destinations; take one out");
    auto made = host.make_lead_transport(spec);
    if (!made) return std::unexpected(made.error());
    destinations_.push_back({channel.name, *std::move(made), nullptr, nullptr});
  }
  return {};
}

Generation::Destination* Generation::find_destination(std::string_view channel) {
  const auto found = std::ranges::find(destinations_, channel, &Destination::channel);
  return found == destinations_.end() ? nullptr : &*found;
}

Result<std::unique_ptr<capture::Poller>> Generation::make_poller(const plugin::PluginHost& host,
                                                                 const config::Channel& channel) {
  if (pollers_.size() == limits::polled_channels_max)
    return fail(ErrorCode::invalid, "channel \"" + channel.name + "\": at most " +
                                        std::to_string(limits::polled_channels_max) +
                                        " channels are polled; take one out");
  auto port = host.make_poller({channel.name, channel.plugin, channel.config});
  if (!port) return std::unexpected(port.error());
  auto inbox = ports_.open_inbox();
  if (!inbox) return std::unexpected(inbox.error());
  return std::make_unique<capture::Poller>(
      capture::Poller::Ports{*std::move(port), *std::move(inbox), ports_.is_overloaded}, ports_.inbox,
      event_rules(ports_.keys), channel.poll_every.value_or(limits::poll_every), ports_.clock);
}

Result<void> Generation::make_follow_ups() {
  for (const auto& [name, channel] : channels_.by_name()) {
    if (!channel->follows_up()) continue;
    auto reader = ports_.open_inbox();
    if (!reader) return std::unexpected(reader.error());
    // What a channel that writes to people does after the answer is writing to them.
    std::function<bool()> is_held;
    if (chat_transports_.contains(name)) is_held = ports_.is_paused;
    follow_ups_.push_back(std::make_unique<capture::FollowUpWorker>(channel, *std::move(reader), ports_.inbox,
                                                                    event_rules(ports_.keys), ports_.clock,
                                                                    std::move(is_held)));
  }
  return {};
}

Result<std::unique_ptr<deliver::Sender>> Generation::make_sender(deliver::Courier& courier) {
  auto leads = ports_.open_leads();
  if (!leads) return std::unexpected(leads.error());
  auto inbox = ports_.open_inbox();
  if (!inbox) return std::unexpected(inbox.error());
  return std::make_unique<deliver::Sender>(
      deliver::Sender::Ports{
          ports_.with_store, *std::move(leads), *std::move(inbox),
          [this](std::string_view canonical) { return capture::address_hash(ports_.keys, canonical); },
          [this](const lead::Message& message) { log_bounce(message); }, quiet_hours_of(config())},
      courier, ports_.clock);
}

Result<void> Generation::make_chat_sender() {
  if (chat_transports_.empty()) return {};
  chat_courier_ = std::make_unique<deliver::ChatCourier>(chat_transports_);
  auto sender = make_sender(*chat_courier_);
  if (!sender) return std::unexpected(sender.error());
  chat_sender_ = *std::move(sender);
  return {};
}

Result<void> Generation::make_mail_sender() {
  for (const auto* channel : loaded_.active) {
    const auto transport = mail_transports_.find(channel->name);
    if (transport == mail_transports_.end()) continue;
    auto leads = ports_.open_leads();
    if (!leads) return std::unexpected(leads.error());
    opt_in_courier_ = std::make_unique<deliver::OptInCourier>(
        deliver::OptInCourier::Ports{
            *std::move(leads),
            [this](const lead::Message& message) { return opt_in_link(config(), ports_.keys, message); },
            opt_in_words(loaded_, channel->name)},
        *transport->second);
    auto sender = make_sender(*opt_in_courier_);
    if (!sender) return std::unexpected(sender.error());
    mail_sender_ = *std::move(sender);
    return {};
  }
  for (const auto* channel : loaded_.active)
    if (channel->double_opt_in)
      log::warning("sender",
                   "channel " + channel->name +
                       " asks for confirmations by mail, but no channel delivers mail; add one with "
                       "the plugin \"email\"");
  return {};
}

Result<Generation::ErasureCheck> Generation::erasure_check() {
  auto read = ports_.open_leads();
  if (!read) return std::unexpected(read.error());
  auto inbox = ports_.open_inbox();
  if (!inbox) return std::unexpected(inbox.error());
  return
      [this, leads = std::shared_ptr<store::LeadReader>{*std::move(read)},
       log = std::shared_ptr<store::InboxReader>{*std::move(inbox)}](const lead::Lead& lead) -> Result<bool> {
        const auto cursor = leads->cursor();
        if (!cursor) return std::unexpected(cursor.error());
        for (const auto& point : lead.contact_points) {
          const auto withdrawn =
              log->withdrawn_after(cursor->seq, capture::address_hash(ports_.keys, point.canonical));
          if (!withdrawn) return std::unexpected(withdrawn.error());
          if (std::ranges::find(*withdrawn, lead::every_purpose) != withdrawn->end()) return true;
        }
        return false;
      };
}

Result<std::unique_ptr<deliver::LeadCourier>> Generation::make_lead_courier(
    lead::MessageKind kind, deliver::LeadTransport& transport) {
  auto leads = ports_.open_leads();
  if (!leads) return std::unexpected(leads.error());
  auto is_being_erased = erasure_check();
  if (!is_being_erased) return std::unexpected(is_being_erased.error());
  return std::make_unique<deliver::LeadCourier>(
      kind,
      deliver::LeadCourier::Ports{*std::move(leads),
                                  [this](const lead::Message& message) {
                                    const bool can_be_taken = message.kind == lead::MessageKind::hand_off &&
                                                              message.text == "hand-off";
                                    return can_be_taken ? answer_link(message) : std::string{};
                                  },
                                  *std::move(is_being_erased)},
      transport, ports_.clock);
}

std::string Generation::answer_link(const lead::Message& message) const {
  return hand_off_link(config(), ports_.keys, message);
}

Result<void> Generation::make_destination_senders() {
  for (auto& destination : destinations_) {
    auto courier = make_lead_courier(lead::MessageKind::delivery, *destination.transport);
    if (!courier) return std::unexpected(courier.error());
    destination.courier = *std::move(courier);
    auto sender = make_sender(*destination.courier);
    if (!sender) return std::unexpected(sender.error());
    destination.sender = *std::move(sender);
  }
  return {};
}

Result<void> Generation::make_hand_off_sender() {
  const auto& via = config().routes.notify_via;
  if (via.empty()) return {};
  if (auto* destination = find_destination(via)) {
    auto courier = make_lead_courier(lead::MessageKind::hand_off, *destination->transport);
    if (!courier) return std::unexpected(courier.error());
    hand_off_courier_ = *std::move(courier);
    auto sender = make_sender(*hand_off_courier_);
    if (!sender) return std::unexpected(sender.error());
    hand_off_sender_ = *std::move(sender);
    return {};
  }
  const auto transport = mail_transports_.find(via);
  if (transport == mail_transports_.end()) {
    log::warning("sender", "route.notify goes by the channel " + via +
                               ", which delivers neither mails nor leads now; hand-offs wait in the outbox");
    return {};
  }
  auto leads = ports_.open_leads();
  if (!leads) return std::unexpected(leads.error());
  hand_off_courier_ = std::make_unique<deliver::HandOffCourier>(
      deliver::HandOffCourier::Ports{*std::move(leads),
                                     [this](const lead::Message& message) { return answer_link(message); },
                                     hand_off_words(loaded_, via)},
      *transport->second);
  auto sender = make_sender(*hand_off_courier_);
  if (!sender) return std::unexpected(sender.error());
  hand_off_sender_ = *std::move(sender);
  return {};
}

Result<void> Generation::make_journey_senders() {
  using lead::MessageKind;
  for (const auto& [channel, transport] : mail_transports_)
    for (const auto kind : {MessageKind::journey, MessageKind::notice, MessageKind::broadcast}) {
      const std::size_t count = lead::is_marketing(kind) ? limits::marketing_senders : 1;
      for (std::size_t i = 0; i < count; ++i)
        if (auto made = make_journey_route(channel, kind, *transport); !made) return made;
    }
  return {};
}

Result<void> Generation::make_journey_route(const std::string& channel, lead::MessageKind kind,
                                            deliver::MailTransport& transport) {
  auto ports = journey_ports(loaded_, ports_.keys, kind, channel, ports_.open_leads);
  if (!ports) return std::unexpected(ports.error());
  if (kind == lead::MessageKind::notice) {
    auto is_being_erased = erasure_check();
    if (!is_being_erased) return std::unexpected(is_being_erased.error());
    ports->is_being_erased = *std::move(is_being_erased);
  }
  auto courier = std::make_unique<deliver::JourneyCourier>(kind, *std::move(ports), transport, ports_.clock);
  auto sender = make_sender(*courier);
  if (!sender) return std::unexpected(sender.error());
  journey_routes_.push_back({channel, std::move(courier), *std::move(sender)});
  return {};
}

void Generation::log_bounce(const lead::Message& message) const {
  if (message.kind == lead::MessageKind::hand_off || message.kind == lead::MessageKind::notice)
    return;  // of the team
  const auto document = nlohmann::json{{"type", "email.bounced"},
                                       {"key", "bounce/" + message.id},
                                       {"person", {{"email", message.address}}},
                                       {"signal", {{"bounce", "hard"}, {"message_id", message.id}}}};
  const auto at = ports_.clock.now();
  auto checked = capture::check_event(message.channel, document.dump(), at, event_rules(ports_.keys));
  if (!checked) return log::warning("sender", "a bounce cannot be logged: " + checked.error().message);
  store::DraftEntry draft;
  draft.channel = message.channel;
  draft.received_at = at;
  draft.events.push_back(std::move(checked->draft));
  ports_.inbox.append(std::move(draft), [](const capture::AppendResult& appended) {
    if (!appended) log::warning("sender", "a bounce was not logged: " + appended.error().message);
  });
}

bool Generation::is_polled(std::string_view channel) const {
  return std::ranges::any_of(pollers_, [&](const auto& poller) { return poller->name() == channel; });
}

bool Generation::shows_form(const std::string& channel) const {
  const auto port = channels_.find(channel);
  if (!port) return false;
  capture::HttpRequest request;
  request.method = "GET";
  request.path = "/f/" + channel;
  const auto answer = port->authenticate(request, ports_.clock.now());
  return answer && answer->kind == capture::Authentication::Kind::answer && answer->response.status == 200;
}

void Generation::notify_follow_up(std::string_view channel) const {
  for (const auto& worker : follow_ups_)
    if (worker->channel() == channel) worker->notify();
}

void Generation::start_workers() {
  for (const auto& worker : follow_ups_) worker->start();
  for (auto* sender : senders()) sender->start();
}

std::vector<deliver::Sender*> Generation::senders() const {
  std::vector<deliver::Sender*> all;
  for (auto* sender : {chat_sender_.get(), mail_sender_.get(), hand_off_sender_.get()})
    if (sender != nullptr) all.push_back(sender);
  for (const auto& destination : destinations_)
    if (destination.sender) all.push_back(destination.sender.get());
  for (const auto& route : journey_routes_) all.push_back(route.sender.get());
  return all;
}

void Generation::start_pollers() {
  for (const auto& poller : pollers_) poller->start();
}

void Generation::request_stop() {
  stopping_ = true;
  for (const auto& poller : pollers_) poller->request_stop();
  for (auto* sender : senders()) sender->request_stop();
}

void Generation::stop_workers() {
  for (const auto& worker : follow_ups_) worker->stop();
  for (const auto& poller : pollers_) poller->stop();
}

void Generation::stop_senders() {
  // Each may have something under way until its deadline; they end side by side.
  std::vector<std::jthread> ends;
  for (auto* sender : senders()) ends.emplace_back([sender] { sender->stop(); });
}

std::shared_ptr<Generation> CurrentGeneration::get() const {
  const std::scoped_lock lock{mutex_};
  return current_;
}

std::shared_ptr<Generation> CurrentGeneration::exchange(std::shared_ptr<Generation> next) {
  const std::scoped_lock lock{mutex_};
  return std::exchange(current_, std::move(next));
}

std::shared_ptr<capture::ChannelPort> CurrentGeneration::find(std::string_view name) const {
  auto generation = get();
  if (!generation) return nullptr;
  const auto channel = generation->channels().find(name);
  return channel ? std::shared_ptr<capture::ChannelPort>{std::move(generation), channel.get()} : nullptr;
}

}  // namespace leadhub::app
