#pragma once

#include <leadhub/sdk/sns.hpp>

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "form_provider.hpp"

namespace leadhub::newsletter {

/// The members of a message of SNS, where `body` has them; empty where not.
sdk::SnsMessage sns_message_of(const nlohmann::json& body);

/// Tells Amazon SNS, as far as it speaks for topics of ours, from everybody else. Thread-safe.
///
/// What SNS signs stands in the body, and the certificate of the signature where the message says. Whoever
/// answers the request cannot wait for that to be fetched, so proof comes in two steps. refuse() checks all
/// that can be checked at once: with a certificate that was proven before, everything. Without it a message
/// that names a topic of ours, an address of SNS and a time about now is let in, bounds::unproven_max of them
/// a minute, and means nothing until prove(), which fetches the certificate, has found it genuine.
///
/// The clock is asked in refuse() alone: a message that is proven again, days later, has the age that it had
/// when it came. For the same reason the certificate must have been valid when the message was signed, which
/// refuse() has found to be about when it came.
class SnsSender {
 public:
  /// `topics`: the ARNs of ours.
  explicit SnsSender(std::vector<std::string> topics) : topics_(std::move(topics)) {}

  struct Refusal {
    int status;  ///< 403; 503 where SNS should repeat it later
    std::string reason;
  };
  /// Why not to let a message in that came at `now_ms`; nullopt: let it in. Never blocks.
  [[nodiscard]] std::optional<Refusal> refuse(const sdk::SnsMessage& message, std::int64_t now_ms);

  /// Returns where the message is genuine. Throws ChannelError: permanent for what is forged or names a
  /// certificate that is none, transient where it cannot be fetched now. Keeps certificates in the channel's
  /// memory, so that each is fetched once.
  void prove(const sdk::SnsMessage& message, const webform::Errand& errand);

  /// Confirms a subscription that is proven: asks its SubscribeURL. Again does no harm. Throws ChannelError.
  static void confirm(const sdk::SnsMessage& message, const webform::Errand& errand);

 private:
  using Certificate = std::shared_ptr<const sdk::SnsCertificate>;

  /// The certificate that was proven before; null: none.
  [[nodiscard]] Certificate known(const std::string& url) const;
  void remember(const std::string& url, Certificate certificate);
  [[nodiscard]] bool may_wait_for_proof(std::int64_t now_ms);

  std::vector<std::string> topics_;
  mutable std::mutex mutex_;
  std::map<std::string, Certificate> certificates_;  ///< by address; guarded by mutex_
  std::int64_t window_began_ms_ = 0;                 ///< guarded by mutex_
  int unproven_ = 0;                                 ///< let in since then; guarded by mutex_
};

}  // namespace leadhub::newsletter
