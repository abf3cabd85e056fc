#include <leadhub/sdk/static_token.hpp>

#include <nlohmann/json.hpp>

#include "json_body.hpp"
#include "webhook.hpp"

namespace leadhub::chat {
namespace {

using nlohmann::json;

/// Agents are known by their addresses, customers by ids.
bool is_agent(const std::string& author) {
  return author.find('@') != std::string::npos;
}

void keep_id(const std::string& id, sdk::Person& person) {
  if (!id.empty() && !is_agent(id)) person.external_ids["livechat"] = id;
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
class LiveChat final : public Webhook {
 public:
  explicit LiveChat(ProviderParts parts)
      : Webhook(std::move(parts.settings)), token_(sdk::TokenPlace::given(), parts.secrets) {}

 private:
  [[nodiscard]] sdk::Verdict admit(const sdk::HttpRequest& request, std::int64_t) const override {
    const auto body = webform::parse_json_object(request.body());
    if (!body) return refuse(401, "the secret_key stands in the body, and " + body.error());
    switch (token_.verify(request, text_at(*body, "secret_key"))) {
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
    events.add(std::move(started));
    for (const json& given : list_at(chat, "thread.events"))
      add_event(text_at(chat, "id"), given, person, events);
  }

  /// `person`: who is known to be in the chat.
  static void add_event(const std::string& chat, const json& given, const sdk::Person& person,
                        Events& events) {
    const std::string type = text_at(given, "type");
    const std::string author = text_at(given, "author_id");
    if (is_agent(author)) return;
    sdk::LeadEvent event;
    event.key = text_at(given, "id");
    if (event.key.empty()) event.key = key_of_content(given.dump());
    event.occurred_at = time_at(given, "created_at");
    event.person = person;
    keep_id(author, event.person);
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

  sdk::StaticToken token_;
};

}  // namespace

namespace providers {

extern constexpr ProviderKind livechat{"livechat", &make_provider<LiveChat>};

}  // namespace providers

}  // namespace leadhub::chat
