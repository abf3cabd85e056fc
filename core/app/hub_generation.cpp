// What a hub makes out of hub.yaml, and how it exchanges that when the file has changed.
#include <algorithm>
#include <thread>
#include <utility>

#include "app/composition.hpp"
#include "app/hub.hpp"
#include "app/reload.hpp"
#include "ops/limits.hpp"
#include "ops/log.hpp"
#include "outbound/curl_http_client.hpp"

namespace leadhub::app {
namespace {

using namespace std::chrono_literals;

std::vector<std::string> lines_of(const std::vector<config::Diagnostic>& diagnostics,
                                  config::Severity severity) {
  std::vector<std::string> lines;
  for (const auto& diagnostic : diagnostics)
    if (diagnostic.severity == severity) lines.push_back(config::to_text(diagnostic));
  return lines;
}

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const auto& line : lines) text += (text.empty() ? "" : "\n") + line;
  return text;
}

}  // namespace

/// What the plugin of that channel signs with.
std::string Hub::channel_key(std::string_view channel) const {
  return keys_->signing_key("channel/" + std::string{channel});
}

Result<pipeline::StageOptions> Hub::stage_options(const LoadedConfig& loaded) const {
  auto lists = load_lists(*loaded.config);
  if (!lists) return std::unexpected(lists.error());
  return app::stage_options(loaded, *std::move(lists), [this](std::string_view canonical) {
    return capture::address_hash(*keys_, canonical);
  });
}

Generation::Ports Hub::generation_ports() {
  return {clock_,
          *keys_,
          plugin_counters_,
          *http_,
          *memory_,
          *inbox_,
          [this](deliver::Sender::StoreTask task) { return pipeline_->between_batches(std::move(task)); },
          [this] { return store::LeadReader::open(files_.leads, leads_workspace_); },
          [this] { return store::InboxReader::open(files_.inbox, inbox_workspace_); },
          [this] { return is_overloaded(); },
          [this] { return !sending_pause().empty(); }};
}

Result<void> Hub::make_generation() {
  http_ = std::make_unique<outbound::CurlHttpClient>("leadhub/" LEADHUB_VERSION, clock_);
  memory_ = std::make_unique<StoredMemory>(
      [this](pipeline::Pipeline::StoreTask task) { return pipeline_->between_batches(std::move(task)); },
      clock_);
  auto generation = Generation::make(std::move(loaded_), generation_ports());
  if (!generation) return std::unexpected(generation.error());
  for (const auto& channel : (*generation)->failures()) log::error("channels", channel.reason);
  current_.exchange(*std::move(generation));
  pipeline_->start();
  return {};
}

Result<void> Hub::start_workers() {
  wake_enrolled();
  current_.get()->start_workers();
  signals_->start();
  return {};
}

Result<void> Hub::check_reload(const LoadedConfig& loaded) const {
  if (!loaded.config)
    return fail(ErrorCode::invalid, joined(lines_of(loaded.diagnostics, config::Severity::error)));
  if (const auto fixed = changes_that_need_a_start(config_, *loaded.config); !fixed.empty())
    return fail(ErrorCode::invalid, joined(lines_of(fixed, config::Severity::error)));
  return {};
}

Result<std::vector<std::string>> Hub::reload() {
  const std::scoped_lock lock{reload_mutex_};
  if (stopping_) return fail(ErrorCode::unavailable, "the hub is stopping");
  const auto refuse = [](const Error& error) {
    log::warning("hub", "the configuration stays as it was: " + error.message);
    return std::unexpected(error);
  };
  auto loaded = load(config_.file);
  if (const auto good = check_reload(loaded); !good) return refuse(good.error());
  auto notices = lines_of(loaded.diagnostics, config::Severity::notice);
  auto options = stage_options(loaded);
  if (!options) return refuse(options.error());
  auto next = Generation::make(std::move(loaded), generation_ports());
  if (!next) return refuse(next.error());
  std::vector<std::string> failed;
  for (const auto& channel : (*next)->failures()) failed.push_back(channel.reason);
  if (!failed.empty()) return refuse({ErrorCode::invalid, joined(failed)});
  put_in_force(*next, *std::move(options));
  return notices;
}

void Hub::wake_enrolled() {
  const auto current = current_.get();
  const auto woken = pipeline_->between_batches(
      [&](store::LeadStore& leads) { return app::wake_enrolled(current->config(), leads, clock_.now()); });
  if (!woken) log::warning("hub", "leads on journeys are not looked at again: " + woken.error().message);
}

void Hub::put_in_force(const std::shared_ptr<Generation>& next, pipeline::StageOptions options) {
  queries_->set_default_country(next->config().default_country.value_or(""));
  auto past = current_.exchange(next);
  pipeline_->set_options(std::move(options));
  // The batch under way ends with the old ones.
  if (const auto waited = pipeline_->between_batches([](store::LeadStore&) { return Result<void>{}; });
      !waited)
    log::warning("hub", waited.error().message);
  wake_enrolled();
  // One at a time asks a channel or hands messages over, so the new ones begin when the old ones have ended.
  past->request_stop();
  past->stop_workers();
  past->stop_senders();
  next->start_workers();
  next->start_pollers();
  ++reloads_;
  log::info("hub", "the configuration was read again and is in force, with " +
                       std::to_string(next->active().size()) + " active channels");
  let_go(std::move(past));
}

/// A request under way may still hold its channel. Whoever holds it longest would have to take it down, on a
/// thread that has other things to do; so it is kept until nobody does.
void Hub::let_go(std::shared_ptr<Generation> past) {
  past_.push_back(std::move(past));
  const auto deadline = std::chrono::steady_clock::now() + limits::generation_wait_max;
  while (past_.back().use_count() > 1 && std::chrono::steady_clock::now() < deadline)
    std::this_thread::sleep_for(1ms);
  std::erase_if(past_, [](const auto& generation) { return generation.use_count() == 1; });
}

}  // namespace leadhub::app
