#pragma once

#include <leadhub/sdk/outbound.hpp>
#include <leadhub/sdk/transport.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <vector>

#include "mail.hpp"
#include "settings.hpp"

namespace leadhub::email {

/// A provider that takes mails over HTTP: one file each in providers/. Pure: it makes requests and reads
/// answers, and somebody else sends.
class ApiProvider {
 public:
  /// Whether the provider documents that a request which comes again under its key is one request.
  enum class Repetition { unsafe = 1, safe };

  ApiProvider() = default;
  ApiProvider(const ApiProvider&) = delete;
  ApiProvider& operator=(const ApiProvider&) = delete;
  virtual ~ApiProvider() = default;

  /// How messages name it: "SendGrid".
  [[nodiscard]] virtual std::string name() const = 0;
  /// How many mails one request takes.
  [[nodiscard]] virtual std::size_t batch_max() const { return 1; }
  [[nodiscard]] virtual Repetition repetition() const { return Repetition::unsafe; }

  /// `mails`: between one and batch_max(). Throws sdk::ChannelError where they cannot be put into one.
  [[nodiscard]] virtual sdk::OutboundRequest request(std::span<const Mail* const> mails,
                                                     std::int64_t now_ms) const = 0;
  /// What a 2xx means for each mail of the request. An answer that it does not understand: unknown.
  [[nodiscard]] virtual std::vector<sdk::Outcome> read(const sdk::HttpResponse& response,
                                                       std::size_t count) const = 0;
  /// What any other status means, the same for each of them.
  [[nodiscard]] virtual sdk::Outcome refusal(const sdk::HttpResponse& response, std::int64_t now_ms) const;
};

/// By what the settings name. `key`: the secret.
[[nodiscard]] std::unique_ptr<ApiProvider> make_sendgrid(const Settings& settings, std::string key);
[[nodiscard]] std::unique_ptr<ApiProvider> make_mailgun(const Settings& settings, const std::string& key);
[[nodiscard]] std::unique_ptr<ApiProvider> make_postmark(const Settings& settings, std::string key);
[[nodiscard]] std::unique_ptr<ApiProvider> make_ses(const Settings& settings, std::string key);
[[nodiscard]] std::unique_ptr<ApiProvider> make_brevo(const Settings& settings, std::string key);

// --- What providers share

/// {"email": ..., "name": ...}, without a name where there is none.
[[nodiscard]] nlohmann::json to_json(const Mailbox& mailbox);
/// "Ada <ada@example.com>", its name quoted or encoded as RFC 5322 wants it.
[[nodiscard]] std::string to_header(const Mailbox& mailbox);
/// Members that stand at the same name in the answer's JSON; empty where there is none or no text.
[[nodiscard]] std::string member_of(const sdk::HttpResponse& response, const char* name);
[[nodiscard]] sdk::Outcome not_understood(const ApiProvider& provider);
/// The mail cannot leave before somebody has mended the account or the configuration.
[[nodiscard]] sdk::Outcome to_be_mended(const ApiProvider& provider, const std::string& what);

}  // namespace leadhub::email
