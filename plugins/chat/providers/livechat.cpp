#include <leadhub/sdk/crypto.hpp>
#include <leadhub/sdk/static_token.hpp>

#include <nlohmann/json.hpp>

#include "answering_webhook.hpp"
#include "json_body.hpp"
#include "text.hpp"

namespace leadhub::chat {
namespace {

using nlohmann::json;

/// Agents are known by their addresses and bots by 32 hexadecimal digits; customers have a UUID with hyphens.
bool is_of_team(std::string_view author) {
  constexpr std::size_t bot_digits = 32;
  const bool is_bot =
      author.size() == bot_digits && author.find_first_not_of("0123456789abcdef") == std::string_view::npos;
  return is_bot || author.find('@') != std::string_view::npos;
}

void keep_id(const std::string& id, sdk::Person& person) {
  if (!id.empty() && !is_of_team(id)) person.external_ids["livechat"] = id;
}

constexpr auto conversation_system = "livechat_conversation";

/// Where the person is answered: "chat/customer". The customer is in it so that two people in one chat do not
/// become one.
void keep_conversation(const std::string& chat, sdk::Person& person) {
  const auto customer = person.external_ids.find("livechat");
  if (!chat.empty() && customer != person.external_ids.end())
    person.external_ids[conversation_system] = chat + "/" + customer->second;
}

/// The retry class of an "error" (platform.text.com/docs/messaging/agent-chat-api, "Errors"); a status alone
/// does not tell a chat that is over from a token that is none.
sdk::RetryClass retry_class_of(int status, std::string_view type) {
  if (type == "chat_inactive") return sdk::RetryClass::permanent;
  if (type == "authentication" || type == "authorization" || type == "misdirected_request")
    return sdk::RetryClass::auth;
  if (type == "too_many_requests" || type == "pending_requests_limit_reached")
    return sdk::RetryClass::rate_limited;
  return sdk::retry_class_of(status);
}

std::string_view advice_for(std::string_view type) {
  if (type == "chat_inactive") return "the chat is over; write to the person another way";
  if (type == "authorization") return "give the token the scope chats--all:rw";
  if (type == "misdirected_request") return "write the token with its region in front, as \"fra:...\"";
  return {};
}

/// The answer to one field of a pre-chat form; several, where boxes were checked, as a list.
std::string answer_of(const json& field) {
  const std::string answer = text_at(field, "answer");
  return answer.empty() ? text_at(field, "answer.label") : answer;
}

void keep_form(const json& form, sdk::LeadEvent& event) {
  for (const json& field : list_at(form, "fields")) {
    const std::string type = text_at(field, "type");
    if (type == "email")
      event.person.email = answer_of(field);
    else if (type == "name")
      event.person.name = answer_of(field);
    else if (const std::string label = text_at(field, "label"); !label.empty())
      keep_attributes(event, json{{label, answer_of(field)}}, "", {});
  }
}

/// LiveChat's webhooks (text.com): one event in a request. Nothing is signed; the secret key that the webhook
/// was registered with stands in the body.
class LiveChat final : public AnsweringWebhook {
 public:
  explicit LiveChat(ProviderParts&& parts)
      : AnsweringWebhook(parts, "https://api.livechatinc.com"),
        secret_key_(sdk::TokenPlace::given(), parts.secrets),
        account_id_(text_at(json::parse(parts.config), "account_id")) {}

  [[nodiscard]] std::string missing() const override {
    return account_id_.empty() ? "token and account_id" : AnsweringWebhook::missing();
  }

 private:
  [[nodiscard]] sdk::Verdict admit(const sdk::HttpRequest& request, std::int64_t) const override {
    const auto body = webform::parse_json_object(request.body());
    if (!body) return refuse(401, "the secret_key stands in the body, and " + body.error());
    switch (secret_key_.verify(request, text_at(*body, "secret_key"))) {
      case sdk::TokenVerdict::genuine:
        return sdk::Verdict::accept();
      case sdk::TokenVerdict::missing:
        return refuse(401, "there is no secret_key in the body; register the webhook with one");
      case sdk::TokenVerdict::wrong:
        break;
    }
    return refuse(401, "the secret_key is another one; check that both sides have the same");
  }

  void understand(const sdk::HttpRequest& request, Events& events) const override {
    const json body = parse_body(request);
    const std::string action = text_at(body, "action");
    const json& payload = object_at(body, "payload");
    if (action.empty() || payload.empty())
      throw sdk::ChannelError("the JSON has no \"action\" with \"payload\"; is this a webhook of LiveChat?");
    if (action == "incoming_chat") return add_chat(object_at(payload, "chat"), events);
    if (action == "incoming_event")
      return add_event(text_at(payload, "chat_id"), object_at(payload, "event"), {}, events);
    sdk::LeadEvent event;
    event.type = vendor_event("livechat", action);
    event.key = key_of_content(payload.dump());
    for (const char* const place : {"user.id", "customer_id", "user_id"})
      keep_id(text_at(payload, place), event.person);
    keep_attributes(event, payload, "livechat_", {});
    events.add(std::move(event));
  }

  static void add_chat(const json& chat, Events& events) {
    sdk::LeadEvent started;
    started.type = "chat.started";
    const std::string thread = text_at(chat, "thread.id");
    started.key = thread.empty() ? key_of_content(chat.dump()) : text_at(chat, "id") + ":" + thread;
    started.occurred_at = time_at(chat, "thread.created_at");
    for (const json& user : list_at(chat, "users")) {
      if (text_at(user, "type") != "customer") continue;
      keep_id(text_at(user, "id"), started.person);
      started.person.name = text_at(user, "name");
      started.person.email = text_at(user, "email");
      started.attribution.referrer = text_at(user, "last_visit.referrer");
      started.attribution.landing_page = text_at(user, "last_visit.last_pages.0.url");
    }
    const sdk::Person person = started.person;
    keep_conversation(text_at(chat, "id"), started.person);
    events.add(std::move(started));
    for (const json& given : list_at(chat, "thread.events"))
      add_event(text_at(chat, "id"), given, person, events);
  }

  /// `person`: who is known to be in the chat.
  static void add_event(const std::string& chat, const json& given, const sdk::Person& person,
                        Events& events) {
    const std::string type = text_at(given, "type");
    const std::string author = text_at(given, "author_id");
    if (is_of_team(author)) return;
    sdk::LeadEvent event;
    event.key = text_at(given, "id");
    if (event.key.empty()) event.key = key_of_content(given.dump());
    event.occurred_at = time_at(given, "created_at");
    event.person = person;
    keep_id(author, event.person);
    keep_conversation(chat, event.person);
    keep_text(event, "livechat_chat", chat);
    if (type == "message") {
      event.type = "chat.message";
      event.message = text_at(given, "text");
    } else if (type == "filled_form") {
      event.type = vendor_event("livechat", "contact");
      keep_form(given, event);
    } else {
      event.type = vendor_event("livechat", type);
      keep_attributes(event, given, "livechat_", {"id", "type", "author_id", "created_at"});
    }
    events.add(std::move(event));
  }

  [[nodiscard]] bool is_conversation(std::string_view system) const override {
    return system == conversation_system;
  }

  /// platform.text.com/docs/messaging/agent-chat-api, "Send Event", by a personal access token. A chat that
  /// is over is not taken up again: its visitor has gone.
  [[nodiscard]] sdk::OutboundRequest request_of(const OwnMessage& message) const override {
    const std::string chat(webform::split_once(message.id, '/').before);
    if (!is_path_segment(chat))
      throw sdk::ChannelError("the conversation's id is none of LiveChat's", LEADHUB_ERROR_INVALID,
                              sdk::RetryClass::permanent);
    sdk::OutboundRequest request = post(
        "/v3.5/agent/action/send_event",
        {{"chat_id", chat}, {"event", {{"type", "message"}, {"text", message.text}, {"visibility", "all"}}}});
    request.headers.emplace_back("authorization", "Basic " + sdk::base64_encode(account_id_ + ":" + token()));
    if (const auto region = region_of_token(); !region.empty())
      request.headers.emplace_back("x-region", region);
    return request;
  }

  [[nodiscard]] std::string id_of_taken(const sdk::HttpResponse& answer, const json& body) const override {
    if (answer.status == 200) return text_at(body, "event_id");
    const std::string type = text_at(body, "error.type");
    throw refusal_by_service(answer, retry_class_of(answer.status, type), advice_for(type));
  }

  /// The data centre that stands in front of newer tokens, "fra:...". Empty: the default one.
  [[nodiscard]] std::string region_of_token() const {
    const auto colon = token().find(':');
    return colon == std::string::npos ? std::string{} : token().substr(0, colon);
  }

  sdk::StaticToken secret_key_;
  std::string account_id_;
};

}  // namespace

namespace providers {

extern constexpr ProviderKind livechat{"livechat", &make_provider<LiveChat>};

}  // namespace providers

}  // namespace leadhub::chat
