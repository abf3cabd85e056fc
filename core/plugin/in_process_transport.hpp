#pragma once

#include <memory>
#include <span>
#include <string>
#include <utility>

#include "deliver/mail_transport.hpp"
#include "plugin/in_process_delivery.hpp"

namespace leadhub::plugin {

/// A channel by which mails leave. What goes in is checked and bounded before the plugin sees it.
class InProcessTransport final : public deliver::MailTransport {
 public:
  /// As InProcessDelivery::make; error also where the channel does not deliver.
  [[nodiscard]] static Result<std::unique_ptr<deliver::MailTransport>> make(
      std::unique_ptr<ChannelInstance> instance);

  [[nodiscard]] const std::string& name() const override { return delivery_.channel(); }
  using MailTransport::deliver;
  void deliver(std::span<const deliver::OutgoingMail> mails, deliver::Handover& handover) override;

 private:
  explicit InProcessTransport(InProcessDelivery delivery) : delivery_(std::move(delivery)) {}

  InProcessDelivery delivery_;
};

/// What is wrong with a mail, as the rest of a sentence about it; empty where nothing is. The rules of
/// deliver::MailTransport: never what stands in the mail itself, which is personal data.
[[nodiscard]] std::string mail_fault(const deliver::OutgoingMail& mail);

/// The mail as sdk/mail.schema.json has it. The mail has no fault.
[[nodiscard]] std::string to_document(const deliver::OutgoingMail& mail);

}  // namespace leadhub::plugin
