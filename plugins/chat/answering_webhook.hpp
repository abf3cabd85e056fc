#pragma once

#include <leadhub/sdk/outbound.hpp>
#include <leadhub/sdk/transport.hpp>

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "webhook.hpp"

namespace leadhub::chat {

/// A message of ours on its way into a conversation.
struct OwnMessage {
  std::string system, id;  ///< the conversation, as the events name it: one of their external_ids
  std::string text;        ///< UTF-8, lines end with LF
  std::string key;         ///< the same at every repetition
};

/// A chat with an API to write by, once the configuration has what that takes: replies of the team, and
/// auto_reply to whoever begins.
///
/// auto_reply is sent to a conversation once in bounds::auto_reply_interval_ms. That is put down before it is
/// sent and taken back where nothing was sent for sure, so that no repetition greets twice; where nobody
/// knows, it is not sent again. What was sent is an event, x.<provider>.auto_reply, with the text as its
/// message and "sent" or "unknown" as its attribute "state"; a repetition gives the same event, as unknown.
class AnsweringWebhook : public Webhook, public sdk::Transport {
 public:
  /// What the configuration lacks for answering, as "token"; empty: nothing.
  [[nodiscard]] virtual std::string missing() const { return token_.empty() ? "token" : ""; }

  [[nodiscard]] bool delivers() const final { return missing().empty(); }
  sdk::Outcome deliver(const sdk::Delivery& delivery, std::int64_t deadline_ms) final;

  [[nodiscard]] bool follows_up() const final { return delivers() && !settings_.auto_reply.empty(); }
  [[nodiscard]] bool wants_follow_up(const sdk::HttpRequest& request) const final;
  /// The auto-replies that were sent, as events. Throws ChannelError where somebody was not answered, once
  /// everybody was tried.
  [[nodiscard]] std::vector<std::string> follow_up(const webform::Errand& errand) final;

 protected:
  /// `api`: where the service's API is, unless the configuration says so.
  AnsweringWebhook(const ProviderParts& parts, webform::Door door, std::string_view api);
  AnsweringWebhook(const ProviderParts& parts, std::string_view api);

  /// Whether an external id of that system is a conversation that this provider writes into.
  [[nodiscard]] virtual bool is_conversation(std::string_view system) const {
    return system == settings_.provider_name;
  }
  /// Whether an event of type chat.started or chat.message was said to us alone.
  [[nodiscard]] virtual bool is_private(const nlohmann::json& /*event*/) const { return true; }

  /// The request that writes the message. Throws ChannelError where the service would not take it.
  [[nodiscard]] virtual sdk::OutboundRequest request_of(const OwnMessage& message) const = 0;

  /// What the service calls the message that it took. Throws ChannelError for an answer that says that it
  /// took none. `body`: of the answer; null where that is no JSON.
  [[nodiscard]] virtual std::string id_of_taken(const sdk::HttpResponse& answer,
                                                const nlohmann::json& body) const = 0;

  [[nodiscard]] const std::string& token() const { return token_; }
  [[nodiscard]] const std::string& api() const { return api_; }

  /// POST of JSON to api() + path.
  [[nodiscard]] sdk::OutboundRequest post(const std::string& path, const nlohmann::json& body) const;
  /// For an answer that took nothing. `advice`: how to mend it.
  [[nodiscard]] sdk::ChannelError refusal_by_service(const sdk::HttpResponse& answer,
                                                     sdk::RetryClass retry_class,
                                                     std::string_view advice = {}) const;

 private:
  struct Greeting;
  [[nodiscard]] std::vector<Greeting> greetings_for(const sdk::HttpRequest& request) const;
  enum class GreetingState { sent = 1, unknown };
  /// nullopt: not greeted by this request.
  [[nodiscard]] std::optional<GreetingState> greet_once(const Greeting& greeting,
                                                        const webform::Errand& errand) const;
  [[nodiscard]] sdk::LeadEvent event_of(const Greeting& greeting, const webform::Errand& errand,
                                        GreetingState state) const;
  [[nodiscard]] std::string mark_of(const Greeting& greeting) const;
  std::string send(const OwnMessage& message, std::int64_t deadline_ms) const;

  sdk::Host host_;
  std::string token_;
  std::string api_;
  sdk::Hmac hash_;  ///< of conversations, under the channel's own key: a phone number is found by trying
};

}  // namespace leadhub::chat
