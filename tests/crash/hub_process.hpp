#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <mutex>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "support/temporary_folder.hpp"

namespace leadhub::crash {

using namespace std::chrono_literals;

/// Empty where it cannot be read.
[[nodiscard]] std::string content_of(const std::filesystem::path& file);

/// A folder with a hub.yaml: one signed JSON channel, `demo`, and ports of the system's choice.
class HubFolder {
 public:
  /// `inside`: where the store lies as well, for disks of a test's own.
  explicit HubFolder(const std::filesystem::path& inside = std::filesystem::temp_directory_path());

  [[nodiscard]] std::filesystem::path config() const { return folder_ / "hub.yaml"; }
  [[nodiscard]] std::filesystem::path store() const { return folder_ / "data"; }
  [[nodiscard]] std::filesystem::path inbox() const { return store() / "leadhub-inbox.db"; }
  [[nodiscard]] std::filesystem::path leads() const { return store() / "leadhub.db"; }
  [[nodiscard]] std::filesystem::path state() const { return folder_ / "state"; }
  [[nodiscard]] std::filesystem::path templates() const { return folder_ / "templates"; }
  /// What the hubs of this folder wrote to standard error, one after the other.
  [[nodiscard]] std::filesystem::path log_file() const { return folder_ / "hub.log"; }
  [[nodiscard]] std::string log() const { return content_of(log_file()); }

 private:
  test::TemporaryFolder folder_;
};

/// A running `leadhub serve`. Ends with this object, and with the test program should that die.
class HubProcess {
 public:
  /// `environment`: "NAME=value", beside the test's own.
  explicit HubProcess(const HubFolder& folder, const std::vector<std::string>& environment = {});
  ~HubProcess();
  HubProcess(const HubProcess&) = delete;
  HubProcess& operator=(const HubProcess&) = delete;

  /// Until it has printed that it is ready. False where it ended before, or time is up.
  bool wait_until_ready(std::chrono::milliseconds at_most = 30s);
  /// Any thread, also while another waits.
  void signal(int number) const;
  /// The exit code, or the negative number of the signal that ended it; nullopt where time is up.
  std::optional<int> wait(std::chrono::milliseconds at_most);

  // Only of a hub that is ready:
  [[nodiscard]] std::uint16_t edge_port() const { return port_of("edge"); }
  [[nodiscard]] std::uint16_t control_port() const { return port_of("control"); }
  /// A document of the control API; null where there is no answer.
  [[nodiscard]] nlohmann::json document(const std::string& path) const;
  /// Until the pipeline has taken everything that is in the inbox. False where time is up or the hub ended.
  [[nodiscard]] bool wait_until_caught_up(std::chrono::milliseconds at_most = 30s) const;

 private:
  [[nodiscard]] std::uint16_t port_of(const std::string& listener) const;

  pid_t process_ = -1;
  int output_ = -1;
  std::string welcome_;
  mutable std::mutex mutex_;
  std::optional<int> ending_;  ///< guarded by mutex_
};

}  // namespace leadhub::crash
