#pragma once

#include <leadhub/abi.h>

#include <memory>
#include <string>
#include <utility>

#include "capture/poll_port.hpp"
#include "plugin/channel_instance.hpp"

namespace leadhub::plugin {

/// A channel whose plugin runs in this process and is asked for its events. Whatever it returns is checked,
/// and what breaks the rules of abi.h or limits.hpp makes the poll fail: none of its events counts.
///
/// It shares the host's fate: a plugin that never returns holds its poller.
class InProcessPoller final : public capture::PollPort {
 public:
  /// Takes an instance that was checked, activates it and finds its capture.poll. Error where activating
  /// fails or the channel cannot be polled.
  [[nodiscard]] static Result<std::unique_ptr<capture::PollPort>> make(
      std::unique_ptr<ChannelInstance> instance);

  [[nodiscard]] const std::string& name() const override { return instance_->context().channel(); }
  [[nodiscard]] std::expected<capture::Poll, capture::PollFailure> poll(std::string_view cursor,
                                                                        TimePoint deadline) override;

 private:
  InProcessPoller(std::unique_ptr<ChannelInstance> instance, const leadhub_capture_poll& table)
      : instance_(std::move(instance)), table_(table) {}

  std::unique_ptr<ChannelInstance> instance_;
  const leadhub_capture_poll& table_;
};

}  // namespace leadhub::plugin
