#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "capture/channel_port.hpp"
#include "deliver/mail_transport.hpp"

namespace leadhub::app {

/// The files of a hub, all beside its store.
struct HubFiles {
  std::filesystem::path leads;
  std::filesystem::path inbox;
  std::filesystem::path keys;
  std::filesystem::path token;
  std::filesystem::path attempt;
  std::filesystem::path lock;
};
[[nodiscard]] HubFiles hub_files(const std::filesystem::path& store);

/// The active channels by name. Immutable once the hub runs.
class Channels final : public capture::ChannelDirectory {
 public:
  void add(std::shared_ptr<capture::ChannelPort> channel);
  [[nodiscard]] std::shared_ptr<capture::ChannelPort> find(std::string_view name) const override;
  [[nodiscard]] const auto& by_name() const { return by_name_; }

 private:
  std::map<std::string, std::shared_ptr<capture::ChannelPort>, std::less<>> by_name_;
};

/// The active channels by which mails leave, by name.
using MailTransports = std::map<std::string, std::unique_ptr<deliver::MailTransport>, std::less<>>;

}  // namespace leadhub::app
