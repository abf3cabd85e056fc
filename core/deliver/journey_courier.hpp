#pragma once

#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <set>
#include <string>

#include "deliver/courier.hpp"
#include "lead/lead_json.hpp"

namespace leadhub::deliver {

/// The links of a marketing mail.
struct MarketingLinks {
  std::string unsubscribe;  ///< takes a POST, too (RFC 8058)
  std::string preferences;
};

/// Sends the mails of journeys that leave by one channel: `journey` to leads, with everything that a
/// marketing mail needs, or `notice` to their owners; and those of broadcasts, which are like `journey`. Each
/// says of its lead what is true when it leaves.
class JourneyCourier final : public Courier {
 public:
  struct Ports {
    std::unique_ptr<store::LeadReader> leads;
    MailWords words;
    std::function<MarketingLinks(const lead::Message&)> links;  ///< for `journey` only
    std::string workspace;
    /// For `notice` only, which must not leave once its lead's erasure is logged. Of a mail to a lead the
    /// sender asks by its address.
    std::function<Result<bool>(const lead::Lead&)> is_being_erased{};
    /// The subject line of a mail that has another one than its template; empty: it has the template's.
    std::function<Result<std::string>(const lead::Message&)> subject{};
    /// The HTML of a mail to a lead as it leaves, with links that tell where it is tracked.
    std::function<std::string(const lead::Message&, std::string html)> tracked{};
  };
  /// `kind`: journey, notice or broadcast. `transport` and `clock` outlive it.
  JourneyCourier(lead::MessageKind kind, Ports ports, MailTransport& transport, const Clock& clock)
      : kind_(kind), ports_(std::move(ports)), transport_(transport), clock_(clock) {}

  [[nodiscard]] store::MessagesOf messages() const override { return {kind_, transport_.name()}; }
  [[nodiscard]] DeliveryResult deliver(const lead::Message& message) override;
  /// All of them in one call of the transport.
  void deliver_all(std::span<const lead::Message> messages, Handover& handover) override;

 private:
  [[nodiscard]] Result<OutgoingMail> render(const lead::Message& message);
  [[nodiscard]] Result<OutgoingMail> render_to_lead(const lead::Message& message);
  [[nodiscard]] Result<OutgoingMail> render_to_owner(const lead::Message& message);
  [[nodiscard]] Result<void> check_is_there(const lead::Lead& lead) const;
  [[nodiscard]] Result<OutgoingMail> fill_in(const lead::Message& message, nlohmann::ordered_json values,
                                             mail::MailKind kind) const;
  /// Says once for each template what keeps its mails.
  [[nodiscard]] DeliveryResult complain(const lead::Message& message, const Error& error);

  lead::MessageKind kind_;
  Ports ports_;
  MailTransport& transport_;
  const Clock& clock_;
  std::set<std::string> complained_of_;  ///< templates
};

/// Headers of RFC 2369 and 8058, by which mail programs offer to unsubscribe, and the Feedback-ID by which
/// mailbox providers tell what complaints are about.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> marketing_headers(
    const lead::Message& message, const MarketingLinks& links, const std::string& workspace);

}  // namespace leadhub::deliver
