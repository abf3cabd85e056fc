#include "app/scratch_hub.hpp"

#include <stdlib.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <mutex>
#include <system_error>
#include <utility>

#include "app/composition.hpp"
#include "ops/log.hpp"
#include "plugin/plugin_host.hpp"

namespace leadhub::app {
namespace {

class NoHttp final : public outbound::HttpClient {
 public:
  std::expected<outbound::Response, outbound::NoAnswer> send(const outbound::Request& /*request*/,
                                                             const outbound::EgressRules& /*rules*/,
                                                             TimePoint /*deadline*/) override {
    return std::unexpected(outbound::NoAnswer{
        outbound::NoAnswer::Kind::refused,
        "a configuration that is only tried out asks no other service; give what it would answer as events"});
  }
  void stop(std::chrono::milliseconds /*grace*/) override {}
};

/// Remembers as long as it lives.
class ShortMemory final : public plugin::ChannelMemory {
 public:
  explicit ShortMemory(const Clock& clock) : clock_(clock) {}

  Result<std::optional<std::string>> get(const std::string& channel, const std::string& key) override {
    const std::scoped_lock lock{mutex_};
    const auto found = notes_.find({channel, key});
    if (found == notes_.end() || (found->second.expires && *found->second.expires <= clock_.now()))
      return std::nullopt;
    return found->second.value;
  }
  Result<void> put(const std::string& channel, const std::string& key, const std::string& value,
                   std::optional<TimePoint> expires) override {
    const std::scoped_lock lock{mutex_};
    notes_.insert_or_assign({channel, key}, Note{value, expires});
    return {};
  }
  Result<void> erase(const std::string& channel, const std::string& key) override {
    const std::scoped_lock lock{mutex_};
    notes_.erase({channel, key});
    return {};
  }

 private:
  struct Note {
    std::string value;
    std::optional<TimePoint> expires;
  };
  const Clock& clock_;
  std::mutex mutex_;
  std::map<std::pair<std::string, std::string>, Note> notes_;  ///< guarded by mutex_
};

std::filesystem::path parent_of(ScratchFolder::Place place) {
  std::error_code error;
  std::filesystem::path memory = "/dev/shm";  // a tmpfs on every Linux that has POSIX shared memory
  if (place == ScratchFolder::Place::memory && std::filesystem::is_directory(memory, error)) return memory;
  return std::filesystem::temp_directory_path(error);
}

}  // namespace

Result<ScratchFolder> ScratchFolder::make(Place place) {
  auto name = (parent_of(place) / "leadhub-scratch-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr && place == Place::memory) return make(Place::disk);
  if (name.ends_with("XXXXXX"))
    return fail(ErrorCode::io, name + ": no folder can be made here: " + std::strerror(errno) +
                                   "; set TMPDIR to a folder that can be written");
  return ScratchFolder{name};
}

ScratchFolder& ScratchFolder::operator=(ScratchFolder&& other) noexcept {
  std::swap(path_, other.path_);
  return *this;
}

ScratchFolder::~ScratchFolder() {
  std::error_code ignored;
  if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
}

ScratchHub::ScratchHub(const LoadedConfig& loaded, const std::filesystem::path& folder,
                       const ops::KeyRing& keys, const Clock& clock)
    : loaded_(loaded),
      keys_(keys),
      clock_(clock),
      files_(files_in(folder)),
      rules_(event_rules(keys)),
      http_(std::make_unique<NoHttp>()),
      memory_(std::make_unique<ShortMemory>(clock)) {}

HubFiles ScratchHub::files_in(const std::filesystem::path& folder) {
  return hub_files(folder / "scratch.db");
}

ScratchHub::~ScratchHub() {
  if (inbox_) inbox_->stop();
}

Result<std::unique_ptr<ScratchHub>> ScratchHub::open(const LoadedConfig& loaded,
                                                     const std::filesystem::path& folder,
                                                     const ops::KeyRing& keys, const Clock& clock) {
  std::unique_ptr<ScratchHub> hub{new ScratchHub{loaded, folder, keys, clock}};
  if (auto opened = hub->open_stores(); !opened) return std::unexpected(opened.error());
  if (auto made = hub->make_channels(); !made) return std::unexpected(made.error());
  return hub;
}

Result<void> ScratchHub::open_stores() {
  const auto& workspace = loaded_.config->workspace;
  auto inbox = store::InboxWriterStore::open(files_.inbox, workspace, clock_, store::Access::scratch);
  if (!inbox) return std::unexpected(inbox.error());
  inbox_workspace_ = (*inbox)->workspace();
  auto leads = store::LeadStore::open(files_.leads, workspace, clock_, store::Access::scratch);
  if (!leads) return std::unexpected(leads.error());
  leads_ = leads->get();
  leads_workspace_ = leads_->workspace();
  auto reader = inbox_reader();
  if (!reader) return std::unexpected(reader.error());
  auto lists = load_lists(*loaded_.config);
  if (!lists) return std::unexpected(lists.error());
  const auto on_fatal = [](const Error& error) { log::error("scratch", error.message); };
  auto pipeline = pipeline::Pipeline::open(
      *std::move(reader), *std::move(leads),
      stage_options(loaded_, *std::move(lists),
                    [this](std::string_view canonical) { return capture::address_hash(keys_, canonical); }),
      log_id, (*inbox)->head(), files_.attempt, clock_, on_fatal);
  if (!pipeline) return std::unexpected(pipeline.error());
  pipeline_ = *std::move(pipeline);
  capture::InboxWriter::Retention keep_all{
      std::chrono::milliseconds{0}, [] { return std::int64_t{0}; },
      [](std::span<const std::int64_t>) { return Result<std::vector<std::int64_t>>{}; }};
  inbox_ = std::make_unique<capture::InboxWriter>(
      *std::move(inbox), std::move(keep_all), clock_, [](std::int64_t) {}, on_fatal);
  return {};
}

Result<void> ScratchHub::make_channels() {
  const auto& config = *loaded_.config;
  auto egress = egress_of(config);
  if (!egress) return std::unexpected(egress.error());
  services_ = std::make_unique<plugin::HostServices>(
      plugin::HostServices{clock_, counters_, LEADHUB_VERSION, config.public_url,
                           [this](std::string_view channel) -> Result<std::string> {
                             return keys_.signing_key("channel/" + std::string{channel});
                           },
                           config.folder, http_.get(), *std::move(egress), memory_.get()});
  const plugin::PluginHost host{*loaded_.registry, *services_};
  for (const auto* channel : loaded_.active) {
    const auto& roles = loaded_.registry->find(channel->plugin)->descriptor->roles;
    if (std::ranges::find(roles, "capture.http") == roles.end()) {
      failed_.emplace(channel->name, "takes no requests");
      continue;
    }
    auto made = host.make_channel({channel->name, channel->plugin, channel->config});
    if (made)
      channels_.add(*std::move(made));
    else
      failed_.emplace(channel->name, "cannot be made: " + made.error().message);
  }
  return {};
}

std::shared_ptr<capture::ChannelPort> ScratchHub::channel(std::string_view name) const {
  return channels_.find(name);
}

std::string ScratchHub::why_not(std::string_view channel) const {
  if (const auto found = failed_.find(channel); found != failed_.end()) return found->second;
  for (const auto& inactive : loaded_.inactive)
    if (inactive.name == channel) return "is not active: " + inactive.reason;
  return "is not in the file";
}

Result<void> ScratchHub::act(const lead::Action& action) {
  store::DraftEntry draft;
  draft.kind = store::EntryKind::action;
  draft.received_at = clock_.now();
  draft.events = {{lead::to_json(action), {}, {}}};
  const auto appended = inbox_->append_and_wait(std::move(draft));
  if (!appended) return std::unexpected(appended.error());
  return {};
}

Result<void> ScratchHub::settle() {
  bool progressed = true;
  while (pipeline_->cursor() < inbox_->head()) {
    const auto taken = pipeline_->step();
    if (!taken) return std::unexpected(taken.error());
    // Once is a batch that is to be taken again, entry by entry.
    if (*taken == 0 && !progressed)
      return fail(ErrorCode::internal, "the pipeline does not get past entry " +
                                           std::to_string(pipeline_->cursor() + 1) + " of the scratch log");
    progressed = *taken > 0;
  }
  return {};
}

Result<std::unique_ptr<store::LeadReader>> ScratchHub::lead_reader() const {
  return store::LeadReader::open(files_.leads, leads_workspace_);
}

Result<std::unique_ptr<store::InboxReader>> ScratchHub::inbox_reader() const {
  return store::InboxReader::open(files_.inbox, inbox_workspace_);
}

}  // namespace leadhub::app
