#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "lead/action.hpp"
#include "nurture/brake.hpp"
#include "ops/clock.hpp"
#include "ops/error.hpp"
#include "store/lead_reader.hpp"
#include "store/message_reader.hpp"

namespace leadhub::app {

/// Pauses a channel whose mails come back or are complained about too often, and says so in the log and in
/// `leadhub sending show`. Somebody resumes it; from then on only what is sent later counts.
///
/// One thread inside looks every limits::brake_poll.
class SendingBrake {
 public:
  struct Ports {
    std::unique_ptr<store::LeadReader> leads;
    std::unique_ptr<store::MessageReader> messages;
    std::function<std::vector<std::string>()> channels;  ///< those that deliver mails
    /// nullopt: nobody wants it.
    std::function<std::optional<nurture::Brake>()> brake;
    /// As control::Services::act.
    std::function<Result<bool>(const lead::Action& action)> act;
  };

  SendingBrake(Ports ports, const Clock& clock) : ports_(std::move(ports)), clock_(clock) {}
  ~SendingBrake() { stop(); }

  void start();
  void stop();

  /// Looks once; the channels that it paused. Called by start()'s thread, or by a test.
  [[nodiscard]] Result<std::vector<std::string>> look();

 private:
  void run(const std::stop_token& stopping);
  [[nodiscard]] Result<bool> look_at(const std::string& channel, const nurture::Brake& brake);

  Ports ports_;
  const Clock& clock_;
  std::mutex mutex_;
  std::condition_variable_any work_;
  std::jthread thread_;
};

}  // namespace leadhub::app
