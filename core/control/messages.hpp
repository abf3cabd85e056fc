#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "ops/error.hpp"
#include "store/message_reader.hpp"

namespace leadhub::control {

/// What the control API says of the outbox: messages, and how it stands with the destinations. Thread-safe.
class Messages {
 public:
  /// `destinations`: the names of the channels in force that deliver leads.
  Messages(std::unique_ptr<store::MessageReader> reader,
           std::function<std::vector<std::string>()> destinations)
      : reader_(std::move(reader)), destinations_(std::move(destinations)) {}

  /// {"items": [...], "next": cursor or null}, newest first.
  [[nodiscard]] Result<nlohmann::ordered_json> list(const store::MessageFilter& filter);
  /// Error: `not_found`.
  [[nodiscard]] Result<nlohmann::ordered_json> get(const std::string& id);
  /// {"channel", "state": "good" or "disabled", "waiting", "failed", "reason", "since"}. Error: `not_found`
  /// where it is no destination.
  [[nodiscard]] Result<nlohmann::ordered_json> destination(const std::string& channel);
  /// The same of all of them.
  [[nodiscard]] Result<nlohmann::ordered_json> destinations();
  [[nodiscard]] Result<std::vector<store::DestinationState>> states();

 private:
  std::mutex mutex_;
  std::unique_ptr<store::MessageReader> reader_;
  std::function<std::vector<std::string>()> destinations_;
};

}  // namespace leadhub::control
