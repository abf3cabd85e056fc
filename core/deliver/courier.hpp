#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "deliver/chat_transport.hpp"
#include "deliver/mail_transport.hpp"
#include "lead/message.hpp"
#include "mail/template_set.hpp"
#include "ops/clock.hpp"
#include "ops/error.hpp"
#include "store/lead_reader.hpp"
#include "store/outbox.hpp"

namespace leadhub::deliver {

/// Knows how the messages of one kind leave: what is made of them, and who takes it. Used by one thread.
class Courier {
 public:
  Courier() = default;
  Courier(const Courier&) = delete;
  Courier& operator=(const Courier&) = delete;
  virtual ~Courier() = default;

  /// Which messages it takes.
  [[nodiscard]] virtual store::MessagesOf messages() const = 0;
  /// Makes what goes out of the message, and hands it over.
  [[nodiscard]] virtual DeliveryResult deliver(const lead::Message& message) = 0;
  /// The same for a batch: claims each just before it leaves, and settles those that it claimed, or of which
  /// it knows without that what becomes of them. One after the other, unless it says otherwise.
  virtual void deliver_all(std::span<const lead::Message> messages, Handover& handover);
  /// How long to wait before a message that was tried `message.attempts` times goes again; nullopt: it is
  /// given up. Unless it says otherwise, the wait doubles with each try.
  [[nodiscard]] virtual std::optional<std::chrono::milliseconds> retry_delay(
      const lead::Message& message) const;
};

/// The wait with up to limits::retry_jitter of it added, so that a crowd of retries comes apart: the same
/// each time for the same message and try, and different for each.
[[nodiscard]] std::chrono::milliseconds jittered(std::chrono::milliseconds wait,
                                                 const lead::Message& message);

/// How the hub's own mails read.
struct MailWords {
  std::shared_ptr<const mail::TemplateSet> templates;
  /// The name of the template for a message; one that there is none of stands for the built-in one.
  std::function<std::string(const lead::Message&)> template_of;
  /// What every mail can say: public_url, site, postal_address.
  std::function<nlohmann::ordered_json()> values;
};

/// Sends the mails that ask to confirm.
class OptInCourier final : public Courier {
 public:
  struct Ports {
    /// Where the events stand that asked.
    std::unique_ptr<store::LeadReader> leads;
    /// The confirmation link for the event that asked, and until when it works.
    std::function<std::pair<std::string, TimePoint>(const lead::Message&)> opt_in_link;
    MailWords words;
  };
  /// `transport` outlives it.
  OptInCourier(Ports ports, MailTransport& transport) : ports_(std::move(ports)), transport_(transport) {}

  [[nodiscard]] store::MessagesOf messages() const override {
    return {lead::MessageKind::opt_in, {}, {}, transport_.name()};
  }
  [[nodiscard]] DeliveryResult deliver(const lead::Message& message) override;

 private:
  [[nodiscard]] Result<OutgoingMail> render(const lead::Message& message);

  Ports ports_;
  MailTransport& transport_;
};

/// Writes to the team about their leads.
class HandOffCourier final : public Courier {
 public:
  struct Ports {
    std::unique_ptr<store::LeadReader> leads;
    std::function<std::string(const lead::Message&)> answer_link;
    MailWords words;
  };
  /// `transport` outlives it.
  HandOffCourier(Ports ports, MailTransport& transport) : ports_(std::move(ports)), transport_(transport) {}

  [[nodiscard]] store::MessagesOf messages() const override {
    return {lead::MessageKind::hand_off, {}, {}, transport_.name()};
  }
  [[nodiscard]] DeliveryResult deliver(const lead::Message& message) override;

 private:
  [[nodiscard]] Result<OutgoingMail> render(const lead::Message& message);

  Ports ports_;
  MailTransport& transport_;
};

/// The channels by which replies leave, by name.
using ChatTransports = std::map<std::string, std::unique_ptr<ChatTransport>, std::less<>>;

/// Sends replies, each by the channel in which the person wrote. One whose channel is not active any more, or
/// no longer answers, is `rejected`: an answer that comes when somebody mends hub.yaml weeks later helps
/// nobody.
class ChatCourier final : public Courier {
 public:
  /// `transports` outlives it.
  explicit ChatCourier(const ChatTransports& transports) : transports_(transports) {}

  [[nodiscard]] store::MessagesOf messages() const override { return {lead::MessageKind::chat_reply}; }
  [[nodiscard]] DeliveryResult deliver(const lead::Message& message) override;

 private:
  const ChatTransports& transports_;
};

}  // namespace leadhub::deliver
