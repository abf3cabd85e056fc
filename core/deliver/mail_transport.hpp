#pragma once

#include <span>
#include <string>
#include <utility>
#include <vector>

#include "deliver/delivery_result.hpp"
#include "deliver/handover.hpp"
#include "ops/clock.hpp"

namespace leadhub::deliver {

/// One mail as it shall arrive, without its bytes: those are the transport's to make. All text is UTF-8.
///
/// What is the same in each mail stands in the configuration of the transport.
struct OutgoingMail {
  std::string message_id;  ///< "id@domain" without angle brackets; the same id is the same mail, however
                           ///< often it is handed over
  std::string to;          ///< the one recipient, "ada@example.com": no display name, domain in either form
  std::string to_name;     ///< for people; may be empty
  std::string subject;
  std::string text;  ///< the plain part, lines end with LF; never empty
  std::string html;  ///< the same for readers of HTML; may be empty
  std::vector<std::pair<std::string, std::string>> headers;  ///< further ones: {"List-Unsubscribe", "<...>"}
  TimePoint date;
  /// Who it is from, and whom answers go to, where the mail itself says so; without an address the
  /// transport's own configuration says it. A transport that may not send for others keeps to its own.
  struct Mailbox {
    std::string address;
    std::string name;  ///< may be empty
  };
  Mailbox from{};
  Mailbox reply_to{};
};

/// A way for mails to leave the hub. Implemented by the plugin host over the `deliver` extension.
///
/// Threads: any; of several calls on one transport one waits for the other. The call
/// blocks, at most until limits::delivery_deadline as far as the plugin keeps to it.
///
/// Every failure is a DeliveryResult, none an exception. Before the other side sees a byte, every field is
/// checked: a CR, LF, NUL or other control character where a header could be split, text that is no UTF-8, a
/// field that is missing or beyond its bound in limits.hpp make it `rejected`.
class MailTransport {
 public:
  MailTransport() = default;
  MailTransport(const MailTransport&) = delete;
  MailTransport& operator=(const MailTransport&) = delete;
  virtual ~MailTransport() = default;

  /// The channel's name in hub.yaml, which `via:` names.
  [[nodiscard]] virtual const std::string& name() const = 0;

  /// Hands over a batch. Each index is settled exactly once before it returns, some perhaps not before the
  /// end; of more than limits::mail_batch_max mails, those beyond are `untried`.
  virtual void deliver(std::span<const OutgoingMail> mails, Handover& handover) = 0;

  /// Hands over one mail that may leave in any case.
  [[nodiscard]] DeliveryResult deliver(const OutgoingMail& mail) {
    OneHandover handover;
    deliver(std::span{&mail, 1}, handover);
    return std::move(handover).result();
  }
};

}  // namespace leadhub::deliver
