#include "app/hub.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "app/broadcast_check.hpp"
#include "app/composition.hpp"
#include "app/import_check.hpp"
#include "app/pausable.hpp"
#include "app/test_mail.hpp"
#include "capture/preference_token.hpp"
#include "lead/consent.hpp"
#include "ops/limits.hpp"
#include "ops/log.hpp"
#include "plugin/listing.hpp"
#include "qualify/outlook.hpp"

namespace leadhub::app {
namespace {

using namespace std::chrono_literals;

std::string url_of(std::string_view scheme, std::string address, std::uint16_t port) {
  if (address.find(':') != std::string::npos) address = "[" + address + "]";
  return std::string{scheme} + "://" + address + ":" + std::to_string(port);
}

}  // namespace

HubFiles hub_files(const std::filesystem::path& store) {
  const auto beside = [&](std::string_view ending) {
    return store.parent_path() / (store.stem().string() + std::string{ending});
  };
  return {store, beside("-inbox.db"), beside(".keys"), beside(".token"), beside(".attempt"), beside(".lock")};
}

Hub::Hub(LoadedConfig loaded, const Clock& clock, std::function<void(const Error&)> on_fatal)
    : loaded_(std::move(loaded)),
      config_(*loaded_.config),
      clock_(clock),
      on_fatal_(std::move(on_fatal)),
      files_(hub_files(config_.store.url.location)),
      started_at_(clock.now()) {}

Result<std::unique_ptr<Hub>> Hub::start(LoadedConfig loaded, const Clock& clock,
                                        std::function<void(const Error&)> on_fatal) {
  std::unique_ptr<Hub> hub{new Hub{std::move(loaded), clock, std::move(on_fatal)}};
  if (auto opened = hub->open(); !opened) return std::unexpected(opened.error());
  return hub;
}

Result<void> Hub::open() {
  for (const auto step :
       {&Hub::lock_store, &Hub::open_stores, &Hub::make_generation, &Hub::start_verification,
        &Hub::start_workers, &Hub::start_retention, &Hub::start_due_leads, &Hub::start_broadcasts,
        &Hub::start_brake, &Hub::start_reports, &Hub::start_control, &Hub::start_edge})
    if (auto done = (this->*step)(); !done) return done;
  current_.get()->start_pollers();
  return {};
}

Result<void> Hub::lock_store() {
  if (config().store.url.kind != config::StoreUrl::Kind::sqlite)
    return fail(ErrorCode::invalid, "store.url: postgresql is not part of this version; use sqlite:PATH");
  auto lock = StoreLock::take(files_.lock, files_.leads);
  if (!lock) return std::unexpected(lock.error());
  lock_ = std::move(*lock);
  return {};
}

Result<void> Hub::open_stores() {
  auto keys = ops::KeyRing::open(files_.keys);
  if (!keys) return std::unexpected(keys.error());
  keys_ = std::make_unique<ops::KeyRing>(std::move(*keys));
  auto token = control::prepare_token(files_.token, config().control.token);
  if (!token) return std::unexpected(token.error());
  token_ = std::move(*token);

  auto inbox_store = store::InboxWriterStore::open(files_.inbox, config().workspace, clock_);
  if (!inbox_store) return std::unexpected(inbox_store.error());
  inbox_workspace_ = (*inbox_store)->workspace();
  auto leads = store::LeadStore::open(files_.leads, config().workspace, clock_);
  if (!leads) return std::unexpected(leads.error());
  leads_workspace_ = (*leads)->workspace();
  auto reader = store::InboxReader::open(files_.inbox, inbox_workspace_);
  if (!reader) return std::unexpected(reader.error());

  auto options = stage_options(loaded_);
  if (!options) return std::unexpected(options.error());
  auto pipeline = pipeline::Pipeline::open(std::move(*reader), std::move(*leads), *std::move(options),
                                           (*inbox_store)->log_id(), (*inbox_store)->head(), files_.attempt,
                                           clock_, on_fatal_);
  if (!pipeline) return std::unexpected(pipeline.error());
  pipeline_ = std::move(*pipeline);

  auto quarantine = store::LeadReader::open(files_.leads, leads_workspace_);
  if (!quarantine) return std::unexpected(quarantine.error());
  const std::shared_ptr<store::LeadReader> erasure_reader{std::move(*quarantine)};
  capture::InboxWriter::Retention retention{
      config().store.keep_raw, [this] { return pipeline_->cursor(); },
      [reader = erasure_reader](std::span<const std::int64_t> entries) {
        return reader->in_quarantine(entries);
      },
      [reader = erasure_reader](std::int64_t after) { return reader->erased_after(after); }};
  inbox_ = std::make_unique<capture::InboxWriter>(
      std::move(*inbox_store), std::move(retention), clock_, [this](std::int64_t head) { committed(head); },
      on_fatal_);
  auto queries =
      control::Queries::open(files_.leads, leads_workspace_, files_.inbox, inbox_workspace_, clock_);
  if (!queries) return std::unexpected(queries.error());
  queries_ = std::move(*queries);
  queries_->set_default_country(config().default_country.value_or(""));
  queries_->set_hash_address(
      [this](std::string_view canonical) { return capture::address_hash(*keys_, canonical); });
  auto messages = store::MessageReader::open(files_.leads, leads_workspace_);
  if (!messages) return std::unexpected(messages.error());
  messages_ = std::make_unique<control::Messages>(std::move(*messages), [this] {
    std::vector<std::string> names;
    const auto generation = current_.get();
    for (const auto& destination : generation->destinations()) names.push_back(destination.channel);
    return names;
  });
  auto segmented = store::LeadReader::open(files_.leads, leads_workspace_);
  if (!segmented) return std::unexpected(segmented.error());
  segments_ = std::make_unique<control::Segments>(std::move(*segmented), clock_,
                                                  [this] { return current_.get()->config().segments; });
  const auto rules = event_rules(*keys_);
  gateway_ = std::make_unique<capture::Gateway>(
      current_, *inbox_, rules, clock_, [this] { return inbox_->head() - pipeline_->cursor(); },
      [this](const std::string& channel) { current_.get()->notify_follow_up(channel); });
  importer_ = std::make_unique<capture::Importer>(*inbox_, rules, clock_, [this](const auto& event) {
    return names_somebody(event, current_.get()->config().default_country.value_or(""));
  });
  auto asked = store::LeadReader::open(files_.leads, leads_workspace_);
  if (!asked) return std::unexpected(asked.error());
  opt_in_pages_ =
      std::make_unique<capture::OptInPages>(std::move(*asked), *inbox_, *keys_, config().workspace, clock_);
  auto preferring = store::LeadReader::open(files_.leads, leads_workspace_);
  if (!preferring) return std::unexpected(preferring.error());
  preference_pages_ =
      std::make_unique<capture::PreferencePages>(std::move(*preferring), *inbox_, rules, config().workspace);
  auto handed_over = store::LeadReader::open(files_.leads, leads_workspace_);
  if (!handed_over) return std::unexpected(handed_over.error());
  auto hand_offs = store::MessageReader::open(files_.leads, leads_workspace_);
  if (!hand_offs) return std::unexpected(hand_offs.error());
  hand_off_pages_ = std::make_unique<capture::HandOffPages>(
      capture::HandOffPages::Readers{std::move(*hand_offs), std::move(*handed_over)}, *inbox_, *keys_,
      config().workspace);
  auto tracked = store::MessageReader::open(files_.leads, leads_workspace_);
  if (!tracked) return std::unexpected(tracked.error());
  signals_ = std::make_unique<capture::SignalLog>(std::move(*tracked), *inbox_, *keys_, clock_);
  tracking_pages_ = std::make_unique<capture::TrackingPages>(*signals_, *keys_, config().workspace);
  auto chats = store::TranscriptReader::open(files_.leads, leads_workspace_);
  if (!chats) return std::unexpected(chats.error());
  chat_transcript_ = std::make_unique<capture::ChatTranscript>(
      std::move(*chats), [this](std::string_view channel) { return channel_key(channel); });
  public_paths_ = std::make_unique<capture::PublicPaths>(
      *gateway_, *opt_in_pages_, *preference_pages_, *hand_off_pages_, *tracking_pages_, *chat_transcript_);
  return {};
}

bool Hub::is_overloaded() const {
  return inbox_->is_full() || inbox_->head() - pipeline_->cursor() >= limits::backlog_entries_max;
}

Result<void> Hub::start_verification() {
  const auto& verify = config().verify;
  if (!verify.mx) return {};
  auto resolver = verify::DnsResolver::start({verify.dns_servers, verify.dns_timeout});
  if (!resolver) return std::unexpected(resolver.error());
  resolver_ = std::move(*resolver);
  domain_checker_ = std::make_unique<verify::DomainChecker>(
      *resolver_, clock_,
      verify::DomainCheckerSettings{std::chrono::duration_cast<std::chrono::seconds>(verify.dns_cache)});
  if (!verify.probe_helo_name.empty()) {
    verify::MailboxProbeSettings settings;
    settings.helo_name = verify.probe_helo_name;
    settings.domain_interval = std::chrono::duration_cast<std::chrono::seconds>(verify.probe_interval);
    settings.skip.insert(settings.skip.end(), verify.probe_skip.begin(), verify.probe_skip.end());
    auto probe = verify::MailboxProbe::start(std::move(settings), *resolver_, clock_);
    if (!probe) return std::unexpected(probe.error());
    probe_ = std::move(*probe);
  }
  auto leads = store::LeadReader::open(files_.leads, leads_workspace_);
  if (!leads) return std::unexpected(leads.error());
  verification_ = std::make_unique<verify::VerificationQueue>(
      verify::VerificationQueue::Ports{*std::move(leads),
                                       [this](const lead::Action& action) { return act(action); }},
      *domain_checker_, probe_.get(), clock_);
  verification_->start();
  return {};
}

Result<void> Hub::start_retention() {
  if (!config().store.keep_leads) return {};
  auto leads = store::LeadReader::open(files_.leads, leads_workspace_);
  if (!leads) return std::unexpected(leads.error());
  retention_ = std::make_unique<pipeline::LeadRetention>(
      pipeline::LeadRetention::Ports{*std::move(leads),
                                     [this](const lead::Action& action) { return act(action); }},
      *config().store.keep_leads, clock_);
  retention_->start();
  return {};
}

Result<void> Hub::start_due_leads() {
  auto leads = store::LeadReader::open(files_.leads, leads_workspace_);
  if (!leads) return std::unexpected(leads.error());
  due_leads_ = std::make_unique<pipeline::DueLeads>(
      pipeline::DueLeads::Ports{*std::move(leads),
                                [this](const lead::Action& action) { return act(action); }},
      clock_);
  due_leads_->start();
  return {};
}

Result<void> Hub::start_broadcasts() {
  auto leads = store::LeadReader::open(files_.leads, leads_workspace_);
  if (!leads) return std::unexpected(leads.error());
  broadcast_walk_ = std::make_unique<pipeline::BroadcastWalk>(
      pipeline::BroadcastWalk::Ports{*std::move(leads),
                                     [this](const lead::Action& action) { return act(action); },
                                     [this](const std::string& segment) -> std::optional<lead::Condition> {
                                       auto found = find_segment(current_.get()->config(), segment);
                                       return found ? std::optional{*std::move(found)} : std::nullopt;
                                     }},
      clock_);
  broadcast_walk_->start();
  auto asked = store::LeadReader::open(files_.leads, leads_workspace_);
  if (!asked) return std::unexpected(asked.error());
  broadcasts_ = std::make_unique<control::Broadcasts>(
      control::Broadcasts::Ports{
          *std::move(asked),
          [this](const lead::Broadcast& broadcast) { return check_broadcast(*current_.get(), broadcast); },
          [this](const std::string& segment) { return find_segment(current_.get()->config(), segment); },
          [this] { return current_.get()->config().nurture.time_zone; },
          [this](const lead::Lead& lead, TimePoint now) {
            const auto generation = current_.get();
            const bool is_capped = nurture::is_capped(generation->config().nurture, lead.development, now);
            return is_capped ? std::string{nurture::capped_words} : std::string{};
          },
          [this](std::string_view canonical) { return capture::address_hash(*keys_, canonical); },
          [this](const lead::Action& action) { return act(action); }},
      clock_);
  return {};
}

Result<void> Hub::start_brake() {
  auto leads = store::LeadReader::open(files_.leads, leads_workspace_);
  if (!leads) return std::unexpected(leads.error());
  auto messages = store::MessageReader::open(files_.leads, leads_workspace_);
  if (!messages) return std::unexpected(messages.error());
  brake_ = std::make_unique<SendingBrake>(
      SendingBrake::Ports{*std::move(leads), *std::move(messages),
                          [this] {
                            std::vector<std::string> channels;
                            const auto generation = current_.get();
                            for (const auto& [name, unused] : generation->mail_transports())
                              channels.push_back(name);
                            return channels;
                          },
                          [this] { return current_.get()->config().nurture.brake; },
                          [this](const lead::Action& action) { return act(action); }},
      clock_);
  brake_->start();
  return {};
}

Result<void> Hub::start_reports() {
  for (auto* reports : {&reports_, &watched_}) {
    auto opened = control::Reports::open(files_.leads, leads_workspace_, clock_,
                                         [this] { return current_.get()->config().report; });
    if (!opened) return std::unexpected(opened.error());
    *reports = *std::move(opened);
  }
  lead_time_watch_ = std::make_unique<LeadTimeWatch>([this] { return watched_->standings(); });
  lead_time_watch_->start();
  return {};
}

control::Services Hub::control_services() {
  return {
      *queries_,
      *messages_,
      *segments_,
      [this](std::int64_t seq) { return redrive(seq); },
      [this](const lead::Action& action) { return act(action); },
      [this](std::string_view lines, capture::ImportMode mode) { return importer_->import(lines, mode); },
      [this](std::int64_t seq) { static_cast<void>(pipeline_->wait_for(seq, limits::pipeline_wait_max)); },
      [this](std::int64_t seq, std::chrono::milliseconds at_most) { return wait_for_commit(seq, at_most); },
      [this] { return ready(); },
      [this] { return metrics(); },
      [this] { return status(); },
      [this] { return plugin::list_as_json(current_.get()->registry()); },
      [this](std::string_view lead_id, const std::vector<std::string>& purposes) {
        return links(lead_id, purposes);
      },
      [this] {
        std::vector<std::string> chats;
        const auto generation = current_.get();
        for (const auto& [name, transport] : generation->chat_transports()) chats.push_back(name);
        return chats;
      },
      [this](std::string_view key) { return keys_->hash("chat replies", key); },
      [this](std::string_view reference) { return outlook(reference); },
      [this] { return reload(); },
      [this](const control::ReportQuery& query) { return reports_->make(query); },
      [this](const std::string& name, const std::string& to, const std::string& via) {
        const auto pause = sending_pause();
        if (!pause.empty()) return Result<nlohmann::ordered_json>{fail(ErrorCode::conflict, pause)};
        return send_test_mail(*current_.get(), name, {to, via}, clock_.now());
      },
      broadcasts_.get(),
      [this](const lead::PauseScope& scope) -> Result<void> {
        if (scope.of != lead::PauseScope::Of::broadcast) return find_pausable(*current_.get(), scope);
        return broadcasts_->check_is_there(scope.name);
      }};
}

Result<nlohmann::ordered_json> Hub::outlook(std::string_view reference) {
  const auto lead = queries_->stored_lead(reference);
  if (!lead) return std::unexpected(lead.error());
  const auto outlook = qualify::outlook(current_.get()->config().qualify, *lead, clock_.now());
  nlohmann::ordered_json document{{"ways", nlohmann::ordered_json::array()},
                                  {"gains", nlohmann::ordered_json::array()}};
  for (const auto& way : outlook.ways)
    document["ways"].push_back(
        {{"rule", way.rule},
         {"on_event", way.on_event},
         {"missing_points", way.missing_points ? nlohmann::ordered_json(*way.missing_points)
                                               : nlohmann::ordered_json(nullptr)}});
  for (const auto& gain : outlook.gains)
    document["gains"].push_back({{"rule", gain.rule}, {"when", gain.when}, {"points", gain.points}});
  return document;
}

nlohmann::ordered_json Hub::links(std::string_view lead_id, const std::vector<std::string>& purposes) const {
  const auto unsubscribe = [&](std::string_view purpose) {
    return config().public_url + "/u/" +
           capture::unsubscribe_token(lead_id, purpose, *keys_, config().workspace);
  };
  nlohmann::ordered_json by_purpose = nlohmann::ordered_json::object();
  for (const auto& purpose : purposes) by_purpose[purpose] = unsubscribe(purpose);
  return {{"preferences",
           config().public_url + "/p/" + capture::preference_token(lead_id, *keys_, config().workspace)},
          {"unsubscribe", unsubscribe(lead::every_purpose)},
          {"unsubscribe_from", by_purpose}};
}

Result<void> Hub::start_control() {
  const auto& listen = config().control.listen;
  auto server = control::Server::start(listen.address, listen.port, control::TokenCheck{token_.text},
                                       control_services());
  if (!server) return std::unexpected(server.error());
  control_ = std::move(*server);
  return {};
}

Result<void> Hub::start_edge() {
  const auto& edge = config().edge;
  capture::EdgeOptions options;
  options.address = edge.listen.address;
  options.port = edge.listen.port;
  options.connections_per_address = edge.limits.connections_per_address;
  options.requests_per_address =
      capture::RequestRate{static_cast<std::uint32_t>(edge.limits.requests_per_address.count),
                           edge.limits.requests_per_address.per};
  options.body_bytes_max = edge.limits.body_bytes;
  options.upload_bytes_max = edge.limits.upload_bytes;
  for (const auto& proxy : edge.trusted_proxies)
    options.trusted_proxies.push_back(proxy.address + "/" + std::to_string(proxy.prefix_bits));
  if (edge.tls) options.tls = {{edge.tls->certificate.string(), edge.tls->key.string()}};
  auto listener = capture::EdgeListener::start(std::move(options), *public_paths_, clock_);
  if (!listener) return std::unexpected(listener.error());
  edge_ = std::move(*listener);
  return {};
}

Hub::~Hub() {
  stop();
}

void Hub::stop() {
  if (stopping_.exchange(true)) return;
  commits_.notify_all();
  if (edge_) edge_->stop(limits::shutdown_deadline);
  if (signals_) signals_->stop();
  if (domain_checker_) domain_checker_->stop();
  if (probe_) probe_->stop();
  if (verification_) verification_->stop();
  if (retention_) retention_->stop();
  if (due_leads_) due_leads_->stop();
  if (broadcast_walk_) broadcast_walk_->stop();
  if (brake_) brake_->stop();
  if (lead_time_watch_) lead_time_watch_->stop();
  const auto last = current_.get();
  if (last) last->request_stop();
  if (http_) http_->stop(limits::shutdown_deadline / 2);
  {
    const std::scoped_lock lock{reload_mutex_};  // a reload under way ends first, and there is no other
    past_.clear();
  }
  const auto generation = current_.get();
  if (generation) generation->request_stop();
  if (generation) generation->stop_workers();
  if (inbox_) inbox_->stop();
  if (control_) control_->stop();
  if (generation) generation->stop_senders();
  if (pipeline_) pipeline_->stop();
}

std::string Hub::sending_pause() const {
  const auto sending = queries_->sending();
  if (!sending) return sending.error().message;
  if ((*sending)["state"] == "on") return {};
  return (*sending)["reason"] == "restored" ? "this store was restored from a backup" : "an operator said so";
}

std::string Hub::edge_url() const {
  return url_of(config().edge.tls ? "https" : "http", config().edge.listen.address, edge_->port());
}

std::string Hub::control_url() const {
  return url_of("http", config().control.listen.address, control_->port());
}

void Hub::committed(std::int64_t head) {
  pipeline_->notify(head);
  { const std::scoped_lock lock{commits_mutex_}; }  // whoever is about to wait sees the new head
  commits_.notify_all();
}

std::int64_t Hub::wait_for_commit(std::int64_t seq, std::chrono::milliseconds at_most) {
  std::unique_lock lock{commits_mutex_};
  commits_.wait_for(lock, at_most, [&] { return stopping_ || inbox_->head() > seq; });
  return inbox_->head();
}

Result<std::int64_t> Hub::redrive(std::int64_t seq) {
  const auto stored = queries_->stored_entry(seq);
  if (!stored) return std::unexpected(stored.error());
  return gateway_->redrive(*stored);
}

/// What must hold from the commit on, before the pipeline has come to it.
Result<std::vector<store::Withdrawal>> Hub::withdrawals_of(const lead::Action& action) {
  std::vector<store::Withdrawal> withdrawals;
  const auto add = [&](const std::string& hash) {
    withdrawals.push_back({hash, std::string{lead::every_purpose}});
  };
  if (const auto* suppress = std::get_if<lead::SuppressAddress>(&action)) add(suppress->address_hash);
  if (const auto* erase = std::get_if<lead::EraseLead>(&action); erase && !erase->unless_heard_since) {
    const auto hashes = queries_->address_hashes(erase->id);
    if (!hashes) return std::unexpected(hashes.error());
    for (const auto& hash : *hashes) add(hash);
  }
  return withdrawals;
}

Result<bool> Hub::act(const lead::Action& action) {
  auto withdrawals = withdrawals_of(action);
  if (!withdrawals) return std::unexpected(withdrawals.error());
  store::DraftEntry draft;
  draft.kind = store::EntryKind::action;
  draft.received_at = clock_.now();
  draft.events = {{lead::to_json(action), {}, {}, *std::move(withdrawals)}};
  // A reply that is asked for again is the one that stands in the log already.
  if (const auto* reply = std::get_if<lead::ReplyInChat>(&action)) draft.events.front().key_hash = reply->key;
  const auto appended = inbox_->append_and_wait(std::move(draft));
  if (!appended) return std::unexpected(appended.error());
  const auto seq = appended->seq;
  if (!pipeline_->wait_for(seq, limits::pipeline_wait_max)) {
    if (std::holds_alternative<lead::EraseLead>(action)) inbox_->scrub_up_to(seq);
    return false;
  }
  const auto reason = queries_->set_aside_reason(seq);
  if (!reason) return std::unexpected(reason.error());
  if (!reason->empty()) return fail(ErrorCode::conflict, *reason);
  return !std::holds_alternative<lead::EraseLead>(action) || is_scrubbed(seq);
}

/// Waits a moment for what the inbox held of an erased person to be gone.
bool Hub::is_scrubbed(std::int64_t erased_by) {
  inbox_->scrub_up_to(erased_by);
  const auto deadline = std::chrono::steady_clock::now() + limits::pipeline_wait_max;
  while (inbox_->scrubbed_up_to() < erased_by && std::chrono::steady_clock::now() < deadline)
    std::this_thread::sleep_for(5ms);
  return inbox_->scrubbed_up_to() >= erased_by;
}

}  // namespace leadhub::app
