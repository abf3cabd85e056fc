#pragma once

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "control/messages.hpp"
#include "control/queries.hpp"
#include "lead/action.hpp"
#include "ops/error.hpp"

namespace leadhub::control {

/// Pauses of the hub, a channel, a journey or a broadcast, and messages of which nobody knows whether they
/// arrived. Thread-safe. Each call answers with the state after it, or {"status": "pending"} where the
/// pipeline has a backlog.
class Sending {
 public:
  struct Ports {
    /// Error: `not_found` where there is nothing of that name to be paused, naming what there is.
    std::function<Result<void>(const lead::PauseScope& scope)> find;
    /// As of Services::act.
    std::function<Result<bool>(const lead::Action& action)> act;
  };
  /// `queries` and `messages` outlive it.
  Sending(Queries& queries, Messages& messages, Ports ports)
      : queries_(queries), messages_(messages), ports_(std::move(ports)) {}

  /// `body`: {"scope": as lead::pause_scope_from reads it}; empty: the whole hub. Errors: `invalid`,
  /// `not_found`.
  [[nodiscard]] Result<nlohmann::ordered_json> pause(std::string_view body);
  /// The same; of what is paused, too, that is not there any more. Error: `conflict` where it is not paused.
  [[nodiscard]] Result<nlohmann::ordered_json> resume(std::string_view body);
  /// `body`: {"as": "sent", "failed" or "queued"}, what somebody has found out or decided. Errors: `invalid`;
  /// `not_found`; `conflict` where the message is not `unknown`.
  [[nodiscard]] Result<nlohmann::ordered_json> settle(const std::string& id, std::string_view body);

 private:
  [[nodiscard]] Result<bool> is_paused(const lead::PauseScope& scope);

  Queries& queries_;
  Messages& messages_;
  Ports ports_;
};

}  // namespace leadhub::control
