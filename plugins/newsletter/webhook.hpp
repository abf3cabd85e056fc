#pragma once

#include <leadhub/sdk/channel.hpp>
#include <leadhub/sdk/signature.hpp>
#include <leadhub/sdk/static_token.hpp>

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mail_event.hpp"
#include "provider.hpp"

namespace leadhub::newsletter {

/// What the webhooks of newsletter services have in common: a POST to /in/<channel> that is checked, and then
/// read event by event. Thread-safe.
class Webhook : public Provider {
 public:
  sdk::Verdict authenticate(const sdk::HttpRequest& request, std::int64_t now_ms) final;

  /// Throws ChannelError for what is authentic and not understood; the host keeps such a request.
  [[nodiscard]] sdk::Reading read(const sdk::HttpRequest& request) const final;

 protected:
  explicit Webhook(ProviderParts&& parts) : settings_(std::move(parts.settings)) {}

  /// Whether bodies of that Content-Type may come; JSON unless overridden.
  [[nodiscard]] virtual bool takes(std::string_view content_type) const;

  /// What is answered before anybody has shown who they are: probes. nullopt: nothing.
  [[nodiscard]] virtual std::optional<sdk::Verdict> greet(const sdk::HttpRequest& request) const;

  /// Whether to let the request in.
  [[nodiscard]] virtual sdk::Verdict admit(const sdk::HttpRequest& request, std::int64_t now_ms) const = 0;

  /// Adds what the request says. Throws ChannelError for what it cannot understand.
  virtual void understand(const sdk::HttpRequest& request, Events& events) const = 0;

  /// Once everything is on disk: 200 without a body unless overridden.
  [[nodiscard]] virtual sdk::HttpResponse thanks() const;

  /// What a request of another Content-Type is answered with: 415 unless overridden.
  [[nodiscard]] virtual int unknown_type_status() const { return 415; }

  /// Refusal with {"errors":[{"field":"","message":...}]}.
  [[nodiscard]] static sdk::Verdict refuse(int status, std::string message);

  NewsletterSettings settings_;
};

/// A secret that is sent as it is, in any of the places that the provider's settings let one write.
/// Thread-safe.
class SharedSecret {
 public:
  /// `where`: for people who set the provider up: "the address, as ?secret=...". Throws ChannelError without
  /// values.
  SharedSecret(std::string where, const std::vector<sdk::TokenPlace>& places,
               const std::vector<std::string>& values);
  /// In the headers that services let people set: Authorization, as Bearer or as the password of basic
  /// authentication, or X-Leadhub-Secret.
  static SharedSecret in_headers(const std::vector<std::string>& values);

  /// Empty: it is there and right; else what is wrong, in one sentence without it.
  [[nodiscard]] std::string why_not(const sdk::HttpRequest& request) const;

 private:
  std::string where_;
  std::vector<sdk::StaticToken> tokens_;
};

/// The body as JSON, within bounds. Throws ChannelError that says why not.
nlohmann::json parse_body(const sdk::HttpRequest& request);

/// The objects of a body: of a list, of the list "events" in it, or the body itself. Throws ChannelError
/// where one of them is no object.
std::vector<const nlohmann::json*> objects_of(const nlohmann::json& body);

}  // namespace leadhub::newsletter
