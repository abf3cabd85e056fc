#pragma once

#include <leadhub/abi.h>

#include <memory>
#include <string>
#include <vector>

#include "plugin/host_context.hpp"
#include "plugin/module.hpp"

namespace leadhub::plugin {

/// Something wrong with a channel's configuration, as its plugin put it.
struct ConfigDiagnostic {
  std::string pointer;  ///< JSON pointer into the channel's `config`; empty: all of it
  std::string message;  ///< what is wrong; how to mend it
};

/// One instance of a plugin's channel with the host it sees. Its calls are the [control] ones: one thread at
/// a time.
class ChannelInstance {
 public:
  /// `config`: JSON, valid by the plugin's schema, secrets resolved. Errors begin with `channel "name"`.
  [[nodiscard]] static Result<std::unique_ptr<ChannelInstance>> create(const Module& module, std::string name,
                                                                       std::string_view config,
                                                                       const HostServices& services);
  ChannelInstance(const ChannelInstance&) = delete;
  ChannelInstance& operator=(const ChannelInstance&) = delete;
  /// Deactivates where active, and destroys. No other call may be under way.
  ~ChannelInstance();

  /// Empty: nothing is wrong. Error: the plugin failed to say.
  [[nodiscard]] Result<std::vector<ConfigDiagnostic>> check();
  [[nodiscard]] Result<void> activate();

  /// The checked table of capture.http; null inside where the channel has none.
  [[nodiscard]] Result<const leadhub_capture_http*> capture_http() const;
  /// The same of follow_up.
  [[nodiscard]] Result<const leadhub_follow_up*> follow_up() const;
  /// The same of capture.poll.
  [[nodiscard]] Result<const leadhub_capture_poll*> capture_poll() const;
  /// The same of deliver.
  [[nodiscard]] Result<const leadhub_deliver*> deliver() const;

  [[nodiscard]] leadhub_channel* channel() const { return channel_; }
  [[nodiscard]] const HostContext& context() const { return context_; }
  /// Whom to name in messages: `channel "website" (plugin webform)`.
  [[nodiscard]] const std::string& who() const { return who_; }

  /// An error that the plugin filled, without secrets.
  [[nodiscard]] Error reported(const leadhub_error& error) const;

 private:
  ChannelInstance(const Module& module, std::string name, PluginConfig config, const HostServices& services);
  [[nodiscard]] Result<void> make(const Module& module);
  [[nodiscard]] Result<void> check_status(leadhub_status status, const leadhub_error& error,
                                          std::string_view call) const;
  template <class Table>
  [[nodiscard]] Result<const Table*> extension(std::string_view id) const;

  HostContext context_;
  std::string who_;
  leadhub_channel* channel_ = nullptr;
  bool active_ = false;
};

}  // namespace leadhub::plugin
