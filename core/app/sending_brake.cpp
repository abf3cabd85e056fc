#include "app/sending_brake.hpp"

#include <algorithm>
#include <utility>

#include "ops/limits.hpp"
#include "ops/log.hpp"

namespace leadhub::app {

void SendingBrake::start() {
  thread_ = std::jthread{[this](const std::stop_token& stopping) { run(stopping); }};
}

void SendingBrake::stop() {
  if (!thread_.joinable()) return;
  thread_.request_stop();
  work_.notify_all();
  thread_.join();
}

void SendingBrake::run(const std::stop_token& stopping) {
  while (!stopping.stop_requested()) {
    if (const auto looked = look(); !looked)
      log::warning("sender", "the brake cannot look: " + looked.error().message + " (it goes on by itself)");
    std::unique_lock lock{mutex_};
    work_.wait_for(lock, stopping, limits::brake_poll, [] { return false; });
  }
}

Result<std::vector<std::string>> SendingBrake::look() {
  std::vector<std::string> paused;
  const auto brake = ports_.brake();
  if (!brake) return paused;
  for (const auto& channel : ports_.channels()) {
    const auto braked = look_at(channel, *brake);
    if (!braked) return std::unexpected(braked.error());
    if (*braked) paused.push_back(channel);
  }
  return paused;
}

Result<bool> SendingBrake::look_at(const std::string& channel, const nurture::Brake& brake) {
  const lead::PauseScope scope{lead::PauseScope::Of::channel, channel};
  const auto pauses = ports_.leads->pauses();
  if (!pauses) return std::unexpected(pauses.error());
  if (std::ranges::find(*pauses, scope, &lead::Pause::scope) != pauses->end()) return false;
  const auto resumed = ports_.leads->pause_lifted_at(scope);
  if (!resumed) return std::unexpected(resumed.error());
  const auto since = std::max(clock_.now() - brake.per, resumed->value_or(TimePoint::min()));
  const auto tally = ports_.messages->tally(channel, since);
  if (!tally) return std::unexpected(tally.error());
  const auto why = nurture::why_to_brake(brake, {tally->tried, tally->bounced, tally->complained});
  if (!why) return false;
  if (const auto done = ports_.act(lead::PauseSending{scope, *why}); !done)
    return std::unexpected(done.error());
  log::error("sender", "the channel " + channel + " is paused: " + *why +
                           ". Find out why before `leadhub sending resume --via " + channel + "`");
  return true;
}

}  // namespace leadhub::app
