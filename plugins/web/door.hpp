#pragma once

#include <leadhub/sdk/channel.hpp>
#include <leadhub/sdk/signature.hpp>
#include <leadhub/sdk/static_token.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace leadhub::webform {

/// How a service shows that it is the service. Copyable, thread-safe.
class Door {
 public:
  /// By a signature, under any of `secrets`. Throws ChannelError for one that is none. Without any the door
  /// is open.
  static Door signed_by(const sdk::SignatureScheme& scheme, const std::vector<std::string>& secrets);

  /// By a secret in a place of the service's own, or, for what signs nothing, in any place that its settings
  /// let one write: Authorization: Bearer, the password of basic authentication, the query (?secret=...). The
  /// first two are better, because the host keeps no such header. Without any secret the door is open.
  static Door token_at(const sdk::TokenPlace& place, const std::vector<std::string>& secrets);
  static Door token_anywhere(const std::vector<std::string>& secrets);

  /// Empty: let in; else why not, in one sentence without secrets. `given`: a token taken from the body.
  [[nodiscard]] std::string refuse(const sdk::HttpRequest& request, std::int64_t now_ms,
                                   std::string_view given = {}) const;

  /// Whether anybody may send.
  [[nodiscard]] bool is_open() const { return !verifier_ && tokens_.empty(); }

 private:
  std::optional<sdk::SignatureVerifier> verifier_;
  std::vector<sdk::StaticToken> tokens_;  // the same secrets, one for each place
};

}  // namespace leadhub::webform
