#pragma once

#include <leadhub/abi.h>

#include <memory>
#include <string>

#include "capture/channel_port.hpp"
#include "plugin/channel_instance.hpp"

namespace leadhub::plugin {

/// A channel whose plugin runs in this process. It shares the process's fate: a plugin that writes where it
/// should not, or never returns, cannot be stopped here. Whatever it *returns* is checked, and what breaks
/// the rules of abi.h or limits.hpp becomes an Error that names the channel and the plugin.
class InProcessChannel final : public capture::ChannelPort {
 public:
  /// Takes an instance that was checked, activates it and finds its capture.http. Error where activating
  /// fails or the channel does not capture over HTTP.
  [[nodiscard]] static Result<std::shared_ptr<InProcessChannel>> make(
      std::unique_ptr<ChannelInstance> instance);

  [[nodiscard]] const std::string& name() const override { return instance_->context().channel(); }
  [[nodiscard]] Result<capture::Authentication> authenticate(const capture::HttpRequest& request,
                                                             TimePoint now) override;
  [[nodiscard]] Result<capture::Reading> read(const capture::HttpRequest& request) const override;
  [[nodiscard]] bool follows_up() const override { return follow_up_ != nullptr; }
  [[nodiscard]] bool wants_follow_up(const capture::HttpRequest& request) const override;
  [[nodiscard]] capture::FollowUp follow_up(const capture::HttpRequest& request, const std::string& key,
                                            TimePoint deadline) override;

 private:
  InProcessChannel(std::unique_ptr<ChannelInstance> instance, const leadhub_capture_http& capture,
                   const leadhub_follow_up* follow_up)
      : instance_(std::move(instance)), capture_(capture), follow_up_(follow_up) {}
  [[nodiscard]] std::string_view who() const { return instance_->who(); }

  std::unique_ptr<ChannelInstance> instance_;
  const leadhub_capture_http& capture_;
  const leadhub_follow_up* follow_up_;  ///< null: the channel has none
};

}  // namespace leadhub::plugin
