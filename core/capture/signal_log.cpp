#include "capture/signal_log.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <span>
#include <utility>

#include "lead/action.hpp"
#include "ops/back_off.hpp"
#include "ops/crypto.hpp"
#include "ops/limits.hpp"
#include "ops/log.hpp"

namespace leadhub::capture {
namespace {

bool is_same(const Signal& one, const Signal& other) {
  return one.kind == other.kind && one.url == other.url && one.method == other.method &&
         one.user_agent == other.user_agent && one.is_prefetch == other.is_prefetch;
}

/// Programs name themselves in ASCII; what does not is of no use.
std::string shown(std::string_view user_agent) {
  std::string out{user_agent.substr(0, limits::signal_agent_bytes_max)};
  std::ranges::replace_if(
      out, [](char c) { return c < ' ' || c > '~'; }, '?');
  return out;
}

/// How many links were followed about the same time as that: what is held on while nothing can be logged is
/// of a longer time.
std::size_t links_about(TimePoint time, std::span<const Signal> signals) {
  std::set<std::string_view> links;
  for (const auto& signal : signals)
    if (signal.kind == SignalKind::click && std::chrono::abs(signal.at - time) <= limits::signal_window)
      links.insert(signal.url);
  return links.size();
}

/// The same thing on the same day is the same event, unless it is judged otherwise: a scanner that comes
/// first takes nothing from the person who comes then.
std::string key_of(const Signal& signal, lead::SignalTrust trust) {
  std::string key = signal.kind == SignalKind::click ? "click/" : "open/";
  key.append(signal.message_id).append("/").append(format_rfc3339(signal.at), 0, 10).append("/");
  key.append(lead::to_string(trust));
  if (!signal.url.empty())
    key.append("/").append(ops::base64url_encode(ops::as_text(ops::sha256(signal.url)).substr(0, 12)));
  return key;
}

nlohmann::ordered_json document_of(const lead::Message& message, const Signal& signal,
                                   const Judgement& judgement) {
  nlohmann::ordered_json said{
      {"trust", lead::to_string(judgement.trust)}, {"reason", judgement.reason}, {"message_id", message.id}};
  if (!signal.user_agent.empty()) said["user_agent"] = signal.user_agent;
  if (!signal.url.empty()) said["url"] = signal.url;
  return {{"type", signal.kind == SignalKind::click ? "email.clicked" : "email.opened"},
          {"key", key_of(signal, judgement.trust)},
          {"occurred_at", format_rfc3339(signal.at)},
          {"person", {{"email", message.address}}},
          {"signal", said}};
}

}  // namespace

void SignalLog::start() {
  thread_ = std::jthread{[this](const std::stop_token& stopping) { run(stopping); }};
}

void SignalLog::stop() {
  if (thread_.joinable()) {
    thread_.request_stop();
    work_.notify_all();
    thread_.join();
  }
  ByMessage rest;
  {
    const std::scoped_lock lock{mutex_};
    rest.swap(held_);
    held_count_ = 0;
  }
  std::size_t count = 0;
  for (const auto& [unused, signals] : rest) count += signals.size();
  const auto logged = log(rest);
  if (logged) return;
  const std::scoped_lock lock{mutex_};
  statistics_.dropped += count;
  log::warning("tracking",
               std::to_string(count) + " opens and clicks were not logged: " + logged.error().message);
}

void SignalLog::run(const std::stop_token& stopping) {
  std::int64_t failures = 0;
  while (!stopping.stop_requested()) {
    const auto logged = log_due();
    failures = logged ? 0 : failures + 1;
    if (failures == 1)
      log::warning("tracking",
                   "opens and clicks wait: " + logged.error().message + " (it goes on by itself)");
    const auto wait = failures == 0 ? limits::signal_poll
                                    : ops::back_off(limits::signal_poll, limits::signal_retry_max, failures);
    std::unique_lock lock{mutex_};
    work_.wait_for(lock, stopping, wait, [] { return false; });
  }
}

void SignalLog::take(Signal signal) {
  signal.user_agent = shown(signal.user_agent);
  const std::scoped_lock lock{mutex_};
  if (held_count_ >= limits::signals_held_max) {
    ++statistics_.dropped;
    return;
  }
  auto& signals = held_[signal.message_id];
  if (signals.size() >= limits::signals_per_message_max ||
      std::ranges::any_of(signals, [&](const Signal& held) { return is_same(held, signal); }))
    return;
  signals.push_back(std::move(signal));
  ++held_count_;
}

Result<void> SignalLog::log_due() {
  const auto now = clock_.now();
  ByMessage due;
  {
    const std::scoped_lock lock{mutex_};
    for (auto group = held_.begin(); group != held_.end();) {
      const auto next = std::next(group);
      if (now - group->second.front().at >= limits::signal_window) {
        held_count_ -= group->second.size();
        due.insert(held_.extract(group));
      }
      group = next;
    }
  }
  auto logged = log(due);
  if (!logged) hold_on(std::move(due));
  return logged;
}

/// What came meanwhile of the same messages comes behind it.
void SignalLog::hold_on(ByMessage groups) {
  const std::scoped_lock lock{mutex_};
  for (auto& [message_id, signals] : groups) {
    auto& held = held_[message_id];
    const auto room = limits::signals_held_max - std::min(held_count_, limits::signals_held_max);
    const auto kept = std::min({signals.size(), room, limits::signals_per_message_max});
    statistics_.dropped += signals.size() - kept;
    held_count_ += kept;
    signals.resize(kept);
    held.insert(held.begin(), std::move_iterator{signals.begin()}, std::move_iterator{signals.end()});
    if (held.empty()) held_.erase(message_id);
  }
}

Result<void> SignalLog::log(const ByMessage& groups) {
  auto signals = judged(groups);
  if (!signals) return std::unexpected(signals.error());
  std::ranges::stable_sort(*signals, {}, &Judged::channel);
  for (std::span rest{*signals}; !rest.empty();) {
    const auto other =
        std::ranges::find_if(rest, [&](const Judged& one) { return one.channel != rest.front().channel; });
    const auto count = std::min(static_cast<std::size_t>(other - rest.begin()), limits::signals_logged_max);
    if (auto appended = append(rest.first(count)); !appended) return appended;
    rest = rest.subspan(count);
  }
  return {};
}

Result<std::vector<SignalLog::Judged>> SignalLog::judged(const ByMessage& groups) {
  const std::scoped_lock lock{reading_};
  std::vector<Judged> all;
  for (const auto& [message_id, signals] : groups) {
    const auto message = messages_->get(message_id);
    if (!message && message.error().code == ErrorCode::not_found) continue;
    if (!message) return std::unexpected(message.error());
    for (const auto& signal : signals)
      all.push_back(judged(*message, signal, links_about(signal.at, signals)));
  }
  return all;
}

SignalLog::Judged SignalLog::judged(const lead::Message& message, const Signal& signal,
                                    std::size_t links_at_once) const {
  std::optional<std::chrono::milliseconds> since_sent;
  if (message.sent_at) since_sent = signal.at - *message.sent_at;
  const auto judgement =
      judge({signal.kind, signal.method, signal.user_agent, signal.is_prefetch, since_sent, links_at_once});
  const auto key = key_of(signal, judgement.trust);
  auto action = lead::to_json(
      lead::RecordSignal{message.lead_id, message.channel, document_of(message, signal, judgement).dump()});
  return {message.channel, {std::move(action), keys_.hash("signals", key), "same", {}}, judgement.trust};
}

Result<void> SignalLog::append(std::span<Judged> signals) {
  store::DraftEntry draft;
  draft.kind = store::EntryKind::action;
  draft.channel = signals.front().channel;
  draft.received_at = clock_.now();
  Statistics logged;
  for (auto& signal : signals) {
    draft.events.push_back(std::move(signal.event));
    ++(signal.trust == lead::SignalTrust::human     ? logged.human
       : signal.trust == lead::SignalTrust::scanner ? logged.scanner
                                                    : logged.unknown);
  }
  const auto appended = inbox_.append_and_wait(std::move(draft));
  if (!appended) return std::unexpected(appended.error());
  const std::scoped_lock lock{mutex_};
  statistics_.human += logged.human;
  statistics_.scanner += logged.scanner;
  statistics_.unknown += logged.unknown;
  return {};
}

SignalLog::Statistics SignalLog::statistics() const {
  const std::scoped_lock lock{mutex_};
  auto statistics = statistics_;
  statistics.held = held_count_;
  return statistics;
}

}  // namespace leadhub::capture
