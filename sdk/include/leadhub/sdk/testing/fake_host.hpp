#pragma once

#include <leadhub/abi.h>

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace leadhub::sdk::testing {

struct LogLine {
  std::int32_t level;  ///< LEADHUB_LOG_DEBUG to LEADHUB_LOG_ERROR
  std::string message;
};

/// A host for the tests of a plugin: keeps what the plugin logs and counts, gives the secrets you set, and
/// has a clock that stands still until you move it. Everything may be called from many threads. Outlives the
/// channels it is given to, and cannot be copied or moved, because they hold its address.
class FakeHost {
 public:
  FakeHost() {
    host_.size = sizeof host_;
    host_.abi_major = LEADHUB_ABI_MAJOR;
    host_.abi_minor = LEADHUB_ABI_MINOR;
    host_.context = this;
    host_.version = {"0.0.0-fake", 10};
    host_.get_extension = [](const leadhub_host*, leadhub_string id) { return extension(text(id)); };
    set_secret("channel.signing_key", "a signing key of thirty-two byte");
  }
  FakeHost(const FakeHost&) = delete;
  FakeHost& operator=(const FakeHost&) = delete;

  /// What to pass where the C ABI wants a host.
  [[nodiscard]] const leadhub_host* get() const { return &host_; }

  /// "channel.signing_key" is there from the start; others go by the JSON pointer of their configuration key.
  void set_secret(const std::string& name, std::string value) {
    const std::lock_guard lock{mutex_};
    secrets_[name] = std::move(value);
  }

  void set_now_ms(std::int64_t now_ms) { now_ms_ = now_ms; }
  void advance_ms(std::int64_t by_ms) { now_ms_ += by_ms; }
  [[nodiscard]] std::int64_t now_ms() const { return now_ms_; }

  [[nodiscard]] std::vector<LogLine> log_lines() const {
    const std::lock_guard lock{mutex_};
    return log_lines_;
  }

  /// What was counted under that name; 0 where nothing was.
  [[nodiscard]] std::uint64_t counted(const std::string& name) const {
    const std::lock_guard lock{mutex_};
    const auto found = counts_.find(name);
    return found == counts_.end() ? 0 : found->second;
  }

 private:
  static std::string text(leadhub_string value) {
    return value.size == 0 ? std::string{} : std::string(value.data, static_cast<std::size_t>(value.size));
  }
  static FakeHost& of(const leadhub_host* host) { return *static_cast<FakeHost*>(host->context); }

  static const void* extension(const std::string& id) {
    if (id == LEADHUB_HOST_LOG) {
      static const leadhub_host_log table{sizeof table, 0, &write};
      return &table;
    }
    if (id == LEADHUB_HOST_CLOCK) {
      static const leadhub_host_clock table{sizeof table, 0,
                                            [](const leadhub_host* host) { return of(host).now_ms(); }};
      return &table;
    }
    if (id == LEADHUB_HOST_SECRETS) {
      static const leadhub_host_secrets table{sizeof table, 0, &get_secret};
      return &table;
    }
    if (id == LEADHUB_HOST_METRICS) {
      static const leadhub_host_metrics table{sizeof table, 0, &count};
      return &table;
    }
    return nullptr;
  }

  static void write(const leadhub_host* host, std::int32_t level, leadhub_string message) {
    const std::lock_guard lock{of(host).mutex_};
    of(host).log_lines_.push_back({level, text(message)});
  }

  static void count(const leadhub_host* host, leadhub_string name, std::uint64_t by) {
    const std::lock_guard lock{of(host).mutex_};
    of(host).counts_[text(name)] += by;
  }

  static leadhub_status get_secret(const leadhub_host* host, leadhub_string name,
                                   const leadhub_string_sink* value, leadhub_error* error) {
    const std::lock_guard lock{of(host).mutex_};
    const auto found = of(host).secrets_.find(text(name));
    if (found != of(host).secrets_.end()) {
      value->put(value, {found->second.data(), found->second.size()});
      return LEADHUB_STATUS_OK;
    }
    constexpr std::string_view message =
        "the fake host has no secret of that name; give it one with set_secret()";
    error->code = LEADHUB_ERROR_NOT_FOUND;
    error->retry_class = LEADHUB_RETRY_NONE;
    error->retry_after_ms = 0;
    message.copy(error->message, message.size());
    error->message_size = static_cast<std::uint32_t>(message.size());
    return LEADHUB_STATUS_ERROR;
  }

  leadhub_host host_{};
  std::atomic<std::int64_t> now_ms_{1767614400000};  // 2026-01-05T12:00:00Z, a Monday
  mutable std::mutex mutex_;
  std::map<std::string, std::string> secrets_;
  std::map<std::string, std::uint64_t> counts_;
  std::vector<LogLine> log_lines_;
};

}  // namespace leadhub::sdk::testing
