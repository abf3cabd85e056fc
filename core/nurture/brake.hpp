#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace leadhub::nurture {

/// When a channel stops sending by itself: mailbox providers refuse everything of a sender whose mails come
/// back or are complained about too often. The shares are those at which they begin to (Google's and Yahoo's
/// rules for bulk senders: complaints below 0.3 %; Amazon SES: bounces below 5 %).
struct Brake {
  double bounces = 5;       ///< per cent of the mails
  double complaints = 0.3;  ///< likewise
  std::chrono::milliseconds per = std::chrono::hours{24};
  std::int64_t from = 500;  ///< mails in that time; of fewer, one complaint is a large share
};

/// What a channel has sent, and what came back of it, in some time.
struct MailTally {
  std::int64_t tried = 0;
  std::int64_t bounced = 0;     ///< for good
  std::int64_t complained = 0;  ///< about
};

/// Why to stop, in words; nullopt: there is no reason to.
[[nodiscard]] std::optional<std::string> why_to_brake(const Brake& brake, const MailTally& tally);

}  // namespace leadhub::nurture
