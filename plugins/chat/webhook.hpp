#pragma once

#include <leadhub/sdk/channel.hpp>
#include <leadhub/sdk/signature.hpp>

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "chat_event.hpp"
#include "provider.hpp"

namespace leadhub::chat {

/// What the webhooks of chats have in common: a POST to /in/<channel> that is checked, and then read.
/// Thread-safe.
class Webhook : public Provider {
 public:
  sdk::Verdict authenticate(const sdk::HttpRequest& request, std::int64_t now_ms) final;

  /// Throws ChannelError for what is authentic and not understood; the host keeps such a request.
  [[nodiscard]] sdk::Reading read(const sdk::HttpRequest& request) const final;

 protected:
  explicit Webhook(ChatSettings settings) : settings_(std::move(settings)) {}

  /// Whether bodies of that Content-Type may come; JSON unless overridden.
  [[nodiscard]] virtual bool takes(std::string_view content_type) const;

  /// What is answered to other methods than POST: handshakes. nullopt: nothing.
  [[nodiscard]] virtual std::optional<sdk::Verdict> greet(const sdk::HttpRequest& request) const;

  /// Whether to let the request in.
  [[nodiscard]] virtual sdk::Verdict admit(const sdk::HttpRequest& request, std::int64_t now_ms) const = 0;

  /// Adds what the request says. Throws ChannelError for what it cannot understand.
  virtual void understand(const sdk::HttpRequest& request, Events& events) const = 0;

  ChatSettings settings_;
};

/// A webhook that is signed by a scheme alone.
class SignedWebhook : public Webhook {
 protected:
  SignedWebhook(ProviderParts&& parts, sdk::SignatureScheme scheme)
      : Webhook(std::move(parts.settings)), verifier_(std::move(scheme), parts.secrets) {}

  [[nodiscard]] sdk::Verdict admit(const sdk::HttpRequest& request, std::int64_t now_ms) const override;

 private:
  sdk::SignatureVerifier verifier_;
};

/// Refusal with {"errors":[{"field":"","message":...}]}.
sdk::Verdict refuse(int status, std::string message);

/// Says a challenge back, as text that no browser takes for a page. Refuses with 400 what is none: letters,
/// digits, "-", "_" and "." alone.
sdk::Verdict answer_challenge(std::string_view challenge);

/// Whether that Content-Type is JSON.
bool is_json(std::string_view content_type);

/// The body as a JSON object, within bounds. Throws ChannelError that says why not.
nlohmann::json parse_body(const sdk::HttpRequest& request);

}  // namespace leadhub::chat
