#include <leadhub/sdk/static_token.hpp>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "answering_webhook.hpp"

namespace leadhub::chat {
namespace {

using nlohmann::json;

/// What a message holds besides text, in the Bot API's own words.
constexpr const char* contents[] = {"photo",    "voice",   "video", "video_note", "audio", "document",
                                    "location", "sticker", "venue", "poll",       "dice"};

void keep_person(const json& from, sdk::Person& person) {
  if (const std::string id = text_at(from, "id"); !id.empty()) person.external_ids["telegram"] = id;
  person.first_name = text_at(from, "first_name");
  person.last_name = text_at(from, "last_name");
  person.language = text_at(from, "language_code");
}

/// A contact that somebody shares. Only their own number is theirs: Telegram says whose it is.
void keep_contact(const json& message, sdk::LeadEvent& event) {
  event.type = vendor_event("telegram", "contact");
  const json& contact = object_at(message, "contact");
  const std::string phone = international(text_at(contact, "phone_number"));
  const std::string user = text_at(contact, "user_id");
  if (!user.empty() && user == text_at(message, "from.id"))
    event.person.phone = phone;
  else
    keep_text(event, "mentioned_phone", phone);
}

/// "/start" opens the chat with a bot; behind it stands what https://t.me/<bot>?start=PAYLOAD carried.
bool is_start(std::string_view text) {
  return text == "/start" || text.starts_with("/start ");
}

void keep_message(const json& message, sdk::LeadEvent& event) {
  if (message.contains("contact")) return keep_contact(message, event);
  const std::string text = text_at(message, message.contains("text") ? "text" : "caption");
  if (is_start(text)) {
    event.type = "chat.started";
    event.attribution.utm_campaign = text.substr(text.size() == 6 ? 6 : 7);
    return;
  }
  event.type = "chat.message";
  event.message = text;
  for (const char* const content : contents)
    if (message.contains(content)) keep_text(event, "telegram_content", content);
}

/// Telegram's Bot API: one update in a request. Nothing is signed; the secret token of setWebhook comes in a
/// header (core.telegram.org/bots/api#setwebhook).
class Telegram final : public AnsweringWebhook {
 public:
  explicit Telegram(ProviderParts&& parts)
      : AnsweringWebhook(parts, "https://api.telegram.org"),
        secret_token_(sdk::TokenPlace::header("x-telegram-bot-api-secret-token"), parts.secrets) {}

 private:
  [[nodiscard]] sdk::Verdict admit(const sdk::HttpRequest& request, std::int64_t) const override {
    switch (secret_token_.verify(request)) {
      case sdk::TokenVerdict::genuine:
        return sdk::Verdict::accept();
      case sdk::TokenVerdict::missing:
        return refuse(401, "there is no X-Telegram-Bot-Api-Secret-Token; give setWebhook a secret_token");
      case sdk::TokenVerdict::wrong:
        break;
    }
    return refuse(401, "the secret token is another one; check that setWebhook got the same as hub.yaml");
  }

  void understand(const sdk::HttpRequest& request, Events& events) const override {
    const json update = parse_body(request);
    const std::string id = text_at(update, "update_id");
    if (id.empty()) throw sdk::ChannelError("the JSON has no update_id; is this an update of Telegram?");
    for (const auto& [kind, content] : update.items())
      if (content.is_object()) understand(id, kind, content, events);
  }

  static void understand(const std::string& id, const std::string& kind, const json& content,
                         Events& events) {
    const json& message = content.contains("message") ? object_at(content, "message") : content;
    const json& chat = object_at(message, "chat");
    const json& from = object_at(content, content.contains("from") ? "from" : "user");
    if (text_at(from, "is_bot") == "true") return;
    // What others write in groups and channels was not said to us.
    if (!chat.empty() && text_at(chat, "type") != "private") return;
    sdk::LeadEvent event;
    event.type = vendor_event("telegram", kind);
    event.key = id;
    event.occurred_at = time_at(content, "date");
    keep_person(from, event.person);
    keep_text(event, "telegram_username", text_at(from, "username"));
    if (kind == "message") {
      keep_message(content, event);
    } else {
      event.message = text_at(content, "text");
      keep_attributes(event, content, "telegram_", {"date", "text", "id"});
    }
    events.add(std::move(event));
  }

  /// sendMessage. In a private chat, the chat's id is the person's. The URL has the bot's token in it.
  [[nodiscard]] sdk::OutboundRequest request_of(const OwnMessage& message) const override {
    return post("/bot" + token() + "/sendMessage", {{"chat_id", message.id}, {"text", message.text}});
  }

  /// core.telegram.org/bots/api#making-requests
  [[nodiscard]] std::string id_of_taken(const sdk::HttpResponse& answer, const json& body) const override {
    if (answer.status == 200 && text_at(body, "ok") == "true") return text_at(body, "result.message_id");
    sdk::RetryClass retry_class = sdk::retry_class_of(answer.status);
    std::string_view advice;
    if (answer.status == 403) {
      retry_class = sdk::RetryClass::permanent;
      advice = "the person has stopped the bot; they can start it again";
    }
    if (answer.status == 404) retry_class = sdk::RetryClass::auth;  // there is no bot with such a token
    sdk::ChannelError refusal = refusal_by_service(answer, retry_class, advice);
    const json* const wait = webform::find_json(body, "parameters.retry_after");
    if (wait != nullptr && wait->is_number_unsigned())
      refusal.retry_after_ms = std::min<std::int64_t>(wait->get<std::uint32_t>(), 86'400) * 1'000;
    throw refusal;
  }

  sdk::StaticToken secret_token_;
};

}  // namespace

namespace providers {

extern constexpr ProviderKind telegram{"telegram", &make_provider<Telegram>};

}  // namespace providers

}  // namespace leadhub::chat
