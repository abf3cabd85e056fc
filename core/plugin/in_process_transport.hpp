#pragma once

#include <memory>
#include <string>
#include <utility>

#include "deliver/mail_transport.hpp"
#include "plugin/channel_instance.hpp"

namespace leadhub::plugin {

/// A channel whose plugin runs inside the host and delivers mails. What goes in is checked and bounded before
/// the plugin sees it; what comes back is checked too. A plugin that breaks the rules of abi.h in a call may
/// have sent the mail all the same, so such a call is `unknown` and never a reason to send it again.
///
/// It shares the host's fate: a plugin that never returns holds the sender.
class InProcessTransport final : public deliver::MailTransport {
 public:
  /// Takes an instance that was checked, activates it and finds its deliver extension. Error where activating
  /// fails or the channel does not deliver.
  [[nodiscard]] static Result<std::unique_ptr<deliver::MailTransport>> make(
      std::unique_ptr<ChannelInstance> instance);

  [[nodiscard]] const std::string& name() const override { return instance_->context().channel(); }
  [[nodiscard]] deliver::DeliveryResult deliver(const deliver::OutgoingMail& mail) override;

 private:
  InProcessTransport(std::unique_ptr<ChannelInstance> instance, const leadhub_deliver& table)
      : instance_(std::move(instance)), table_(table) {}

  std::unique_ptr<ChannelInstance> instance_;
  const leadhub_deliver& table_;
};

/// What is wrong with a mail, as the rest of a sentence about it; empty where nothing is. The rules of
/// deliver::MailTransport: never what stands in the mail itself, which is personal data.
[[nodiscard]] std::string mail_fault(const deliver::OutgoingMail& mail);

/// The mail as sdk/mail.schema.json has it. The mail has no fault.
[[nodiscard]] std::string to_document(const deliver::OutgoingMail& mail);

}  // namespace leadhub::plugin
