#include "control/sending.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

namespace leadhub::control {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

ordered_json pending() {
  return {{"status", "pending"}};
}

/// The one text of a JSON object that has no other member; `otherwise` where nothing was sent.
Result<std::string> only_text(std::string_view body, const std::string& name, const std::string& otherwise) {
  if (body.empty()) return otherwise;
  const auto read = json::parse(body, nullptr, false);
  const bool is_good =
      read.is_object() &&
      (read.empty() || (read.size() == 1 && read.contains(name) && read.at(name).is_string()));
  if (!is_good) return fail(ErrorCode::invalid, "the body is no JSON object with the text \"" + name + "\"");
  return read.empty() ? otherwise : read.at(name).get<std::string>();
}

Result<lead::PauseScope> scope_of(std::string_view body) {
  const auto text = only_text(body, "scope", to_string(lead::PauseScope{}));
  if (!text) return std::unexpected(text.error());
  const auto scope = lead::pause_scope_from(*text);
  if (!scope)
    return fail(ErrorCode::invalid,
                "\"scope\" is hub, channel/NAME, journey/NAME or broadcast/NAME, and not \"" + *text + "\"");
  return *scope;
}

std::string words_of(const lead::PauseScope& scope) {
  return scope == lead::PauseScope{} ? "sending as a whole" : to_string(scope);
}

}  // namespace

Result<ordered_json> Sending::pause(std::string_view body) {
  const auto scope = scope_of(body);
  if (!scope) return std::unexpected(scope.error());
  if (const auto found = ports_.find(*scope); !found) return std::unexpected(found.error());
  const auto done = ports_.act(lead::PauseSending{*scope});
  if (!done) return std::unexpected(done.error());
  return *done ? queries_.sending() : pending();
}

Result<bool> Sending::is_paused(const lead::PauseScope& scope) {
  const auto sending = queries_.sending();
  if (!sending) return std::unexpected(sending.error());
  return std::ranges::any_of(sending->at("pauses"),
                             [&](const auto& pause) { return pause["scope"] == to_string(scope); });
}

Result<ordered_json> Sending::resume(std::string_view body) {
  const auto scope = scope_of(body);
  if (!scope) return std::unexpected(scope.error());
  const auto paused = is_paused(*scope);
  if (!paused) return std::unexpected(paused.error());
  // Of the whole hub it may be said in any case: a pause may still be in the log, unread.
  if (!*paused && *scope != lead::PauseScope{})
    return fail(ErrorCode::conflict,
                words_of(*scope) + " is not paused; `leadhub sending show` tells what is");
  const auto done = ports_.act(lead::ResumeSending{*scope});
  if (!done) return std::unexpected(done.error());
  return *done ? queries_.sending() : pending();
}

Result<ordered_json> Sending::settle(const std::string& id, std::string_view body) {
  const auto as = only_text(body, "as", "");
  if (!as) return std::unexpected(as.error());
  const auto to = lead::message_state_from(*as);
  if (!to || !lead::settles_unknown(*to))
    return fail(ErrorCode::invalid,
                "\"as\" is sent (it arrived), failed (it did not) or queued (send it again)");
  const auto message = messages_.get(id);
  if (!message) return std::unexpected(message.error());
  if ((*message)["state"] != to_string(lead::MessageState::unknown))
    return fail(ErrorCode::conflict, "the message is " + (*message)["state"].get<std::string>() +
                                         "; only what is unknown can be settled");
  const auto done = ports_.act(lead::SettleMessage{id, *to});
  if (!done) return std::unexpected(done.error());
  return *done ? messages_.get(id) : pending();
}

}  // namespace leadhub::control
