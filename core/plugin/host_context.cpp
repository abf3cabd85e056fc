#include "plugin/host_context.hpp"

#include <algorithm>
#include <utility>

#include "ops/limits.hpp"
#include "ops/log.hpp"
#include "plugin/host_requests.hpp"
#include "plugin/plugin_error.hpp"
#include "plugin/text.hpp"

namespace leadhub::plugin {
namespace {

constexpr std::size_t redacted_bytes_min = 4;  // shorter ones would blank out half of every sentence

const HostContext& context_of(const leadhub_host* host) {
  return *static_cast<const HostContext*>(host->context);
}

/// What a plugin passed as a string, never more than `bytes_max` of it; empty where it cannot be one.
std::string_view bounded(leadhub_string text, std::size_t bytes_max) {
  if (text.data == nullptr) return {};
  return {text.data, std::min<std::size_t>(text.size, bytes_max)};
}

void log_write(const leadhub_host* host, std::int32_t level, leadhub_string message) noexcept {
  try {
    context_of(host).log(level, message);
  } catch (...) {  // out of memory: a log line is not worth the process
  }
}

std::int64_t clock_now(const leadhub_host* host) noexcept {
  return to_milliseconds(context_of(host).services().clock.now());
}

std::int32_t is_stopping(const leadhub_host* host) noexcept {
  return *context_of(host).services().stopping ? 1 : 0;
}

void metrics_count(const leadhub_host* host, leadhub_string name, std::uint64_t by) noexcept {
  try {
    context_of(host).count(name, by);
  } catch (...) {  // out of memory: nor is a count
  }
}

leadhub_status secrets_get(const leadhub_host* host, leadhub_string name, const leadhub_string_sink* value,
                           leadhub_error* error) noexcept {
  try {
    if (value == nullptr || value->put == nullptr) {
      fill(error, LEADHUB_ERROR_INVALID, LEADHUB_RETRY_NONE, "secrets.get needs a sink for the value");
      return LEADHUB_STATUS_ERROR;
    }
    const auto found = context_of(host).secret(name);
    if (found) {
      value->put(value, {found->data(), found->size()});
      return LEADHUB_STATUS_OK;
    }
    const bool unknown = found.error().code == ErrorCode::not_found;
    fill(error, unknown ? LEADHUB_ERROR_NOT_FOUND : LEADHUB_ERROR_UNAVAILABLE,
         unknown ? LEADHUB_RETRY_NONE : LEADHUB_RETRY_TRANSIENT, found.error().message);
  } catch (...) {
    fill(error, LEADHUB_ERROR_INTERNAL, LEADHUB_RETRY_TRANSIENT, "the host ran out of memory");
  }
  return LEADHUB_STATUS_ERROR;
}

constexpr leadhub_host_log log_table{sizeof(leadhub_host_log), 0, &log_write};
constexpr leadhub_host_clock clock_table{sizeof(leadhub_host_clock), 0, &clock_now};
constexpr leadhub_host_stopping stopping_table{sizeof(leadhub_host_stopping), 0, &is_stopping};
constexpr leadhub_host_secrets secrets_table{sizeof(leadhub_host_secrets), 0, &secrets_get};
constexpr leadhub_host_metrics metrics_table{sizeof(leadhub_host_metrics), 0, &metrics_count};

const void* get_extension(const leadhub_host* host, leadhub_string id) noexcept {
  const auto& services = context_of(host).services();
  const std::string_view wanted = bounded(id, 256);
  if (wanted == LEADHUB_HOST_LOG) return &log_table;
  if (wanted == LEADHUB_HOST_CLOCK) return &clock_table;
  if (wanted == LEADHUB_HOST_SECRETS) return &secrets_table;
  if (wanted == LEADHUB_HOST_METRICS) return &metrics_table;
  if (wanted == LEADHUB_HOST_STOPPING && services.stopping != nullptr) return &stopping_table;
  if (wanted == LEADHUB_HOST_HTTP && services.http != nullptr) return &http_table();
  if (wanted == LEADHUB_HOST_KV && services.memory != nullptr) return &kv_table();
  return nullptr;
}

/// With the hosts of the addresses that the operator wrote into the channel's configuration.
std::vector<std::string> with_hosts_of(std::vector<std::string> hosts, const std::vector<std::string>& urls) {
  for (const auto& url : urls)
    if (auto origin = outbound::origin_of(url)) hosts.push_back(std::move(origin->host));
  return hosts;
}

log::Level to_level(std::int32_t level) {
  switch (level) {
    case LEADHUB_LOG_DEBUG:
      return log::Level::debug;
    case LEADHUB_LOG_INFO:
      return log::Level::info;
    case LEADHUB_LOG_ERROR:
      return log::Level::error;
    default:
      return log::Level::warning;
  }
}

}  // namespace

HostContext::HostContext(std::string channel, PluginConfig config, std::vector<std::string> hosts,
                         const HostServices& services)
    : channel_(std::move(channel)),
      config_(std::move(config)),
      services_(services),
      egress_{with_hosts_of(std::move(hosts), config_.egress), services.egress},
      counters_(services.counters.of(channel_)) {
  host_.size = sizeof host_;
  host_.abi_major = LEADHUB_ABI_MAJOR;
  host_.abi_minor = LEADHUB_ABI_MINOR;
  host_.context = this;
  host_.version = {services_.version.data(), services_.version.size()};
  host_.get_extension = &get_extension;
}

std::string HostContext::redacted(std::string text) const {
  constexpr std::string_view mask = "***";
  for (const auto& [pointer, secret] : config_.secrets) {
    if (secret.size() < redacted_bytes_min) continue;
    for (auto at = text.find(secret); at != std::string::npos; at = text.find(secret, at + mask.size()))
      text.replace(at, secret.size(), mask);
  }
  return text;
}

void HostContext::log(std::int32_t level, leadhub_string message) const {
  // Secrets first: cut in two, one could not be recognised any more.
  const std::string whole = redacted(std::string{bounded(message, 4 * limits::plugin_text_bytes_max)});
  log::write(to_level(level), "channel " + channel_, plain_text(whole, limits::plugin_text_bytes_max));
}

void HostContext::count(leadhub_string name, std::uint64_t by) const {
  counters_->count(bounded(name, limits::plugin_counter_name_bytes_max + 1), by);
}

void HostContext::count_request(bool is_answered) const {
  counters_->count(is_answered ? "requests" : "requests_failed", 1);
}

Result<std::string> HostContext::secret(leadhub_string name) const {
  const std::string_view wanted = bounded(name, limits::plugin_text_bytes_max);
  if (wanted == "channel.signing_key") return services_.signing_key(channel_);
  if (const auto found = config_.secrets.find(wanted); found != config_.secrets.end()) return found->second;
  return fail(ErrorCode::not_found,
              "this channel has no secret \"" + plain_text(wanted, 200) +
                  "\"; mark it with x-secret in config_schema.json and set it in hub.yaml");
}

}  // namespace leadhub::plugin
