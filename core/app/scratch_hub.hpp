#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "app/hub_parts.hpp"
#include "app/loaded_config.hpp"
#include "capture/event_check.hpp"
#include "capture/inbox_writer.hpp"
#include "ops/clock.hpp"
#include "ops/key_ring.hpp"
#include "outbound/http_client.hpp"
#include "pipeline/pipeline.hpp"
#include "plugin/channel_memory.hpp"
#include "plugin/host_services.hpp"
#include "store/inbox_store.hpp"
#include "store/lead_reader.hpp"
#include "store/lead_store.hpp"

namespace leadhub::app {

/// A folder of our own, empty at first, gone with the object.
class ScratchFolder {
 public:
  /// Where the files of a scratch hub shall lie: in memory where the machine has a file system for that, or
  /// on disk, for what may grow large.
  enum class Place { memory = 1, disk };
  /// Error: `io`.
  [[nodiscard]] static Result<ScratchFolder> make(Place place);
  ScratchFolder(ScratchFolder&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  ScratchFolder& operator=(ScratchFolder&& other) noexcept;
  ~ScratchFolder();

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  explicit ScratchFolder(std::filesystem::path path) : path_(std::move(path)) {}
  std::filesystem::path path_;
};

/// A hub that only tries a configuration out: the real channels read, the real inbox, pipeline and stores
/// work, in files that nobody keeps. It has no sockets and no threads but the inbox's writer, sends nothing
/// and asks nobody: a channel's request to another service is refused, and DNS is not asked.
///
/// Used by one thread, which also moves the clock. Nothing happens by itself: settle() does what is to be
/// done.
class ScratchHub {
 public:
  /// The log of every scratch hub has this id, so that the same event makes a lead of the same id in each.
  static constexpr auto log_id = "scratch";
  /// Where the files of a scratch hub lie in its folder.
  [[nodiscard]] static HubFiles files_in(const std::filesystem::path& folder);

  /// `loaded` must have its config. It, `keys` and `clock` outlive the hub; `folder` is empty, or holds the
  /// stores with which it begins. Channels that cannot be made are no error: why_not() tells.
  [[nodiscard]] static Result<std::unique_ptr<ScratchHub>> open(const LoadedConfig& loaded,
                                                                const std::filesystem::path& folder,
                                                                const ops::KeyRing& keys, const Clock& clock);
  ~ScratchHub();

  /// Null where there is no such channel that captures over HTTP.
  [[nodiscard]] std::shared_ptr<capture::ChannelPort> channel(std::string_view name) const;
  /// Why there is none, as the end of a sentence about the channel: "is not in the file".
  [[nodiscard]] std::string why_not(std::string_view channel) const;

  [[nodiscard]] const capture::EventRules& rules() const { return rules_; }
  [[nodiscard]] capture::InboxWriter& inbox() { return *inbox_; }
  /// Logs the action; the pipeline takes it when the hub settles.
  [[nodiscard]] Result<void> act(const lead::Action& action);

  /// Lets the pipeline take all that is logged and due.
  [[nodiscard]] Result<void> settle();

  /// The store that the pipeline writes, for whoever sends what its outbox holds.
  [[nodiscard]] store::LeadStore& leads() { return *leads_; }
  [[nodiscard]] Result<std::unique_ptr<store::LeadReader>> lead_reader() const;
  [[nodiscard]] Result<std::unique_ptr<store::InboxReader>> inbox_reader() const;

  [[nodiscard]] const HubFiles& files() const { return files_; }
  [[nodiscard]] std::int64_t leads_workspace() const { return leads_workspace_; }

 private:
  ScratchHub(const LoadedConfig& loaded, const std::filesystem::path& folder, const ops::KeyRing& keys,
             const Clock& clock);
  [[nodiscard]] Result<void> open_stores();
  [[nodiscard]] Result<void> make_channels();

  const LoadedConfig& loaded_;
  const ops::KeyRing& keys_;
  const Clock& clock_;
  HubFiles files_;
  capture::EventRules rules_;
  plugin::Counters counters_;
  std::unique_ptr<outbound::HttpClient> http_;
  std::unique_ptr<plugin::ChannelMemory> memory_;
  std::unique_ptr<plugin::HostServices> services_;
  Channels channels_;
  std::map<std::string, std::string, std::less<>> failed_;  ///< why a channel could not be made
  std::int64_t inbox_workspace_ = 0;
  std::int64_t leads_workspace_ = 0;
  std::unique_ptr<capture::InboxWriter> inbox_;
  store::LeadStore* leads_ = nullptr;  ///< the pipeline's own
  std::unique_ptr<pipeline::Pipeline> pipeline_;
};

}  // namespace leadhub::app
