#include <nlohmann/json.hpp>

#include "answering_webhook.hpp"
#include "text.hpp"

namespace leadhub::chat {
namespace {

using nlohmann::json;

/// X-Chatwoot-Signature: sha256=<hex of HMAC-SHA-256 over time "." body>, the time in seconds. Older versions
/// sign nothing.
sdk::SignatureScheme scheme() {
  sdk::SignatureScheme scheme;
  scheme.name = "Chatwoot";
  scheme.signature = sdk::Source::header("x-chatwoot-signature");
  scheme.prefix = "sha256=";
  scheme.timestamp = sdk::Source::header("x-chatwoot-timestamp");
  scheme.before = {sdk::Part::timestamp(), sdk::Part::literal(".")};
  return scheme;
}

void keep_person(const json& contact, sdk::Person& person) {
  if (const std::string id = text_at(contact, "id"); !id.empty()) person.external_ids["chatwoot"] = id;
  person.email = text_at(contact, "email");
  person.phone = text_at(contact, "phone_number");
  person.name = text_at(contact, "name");
  person.company = text_at(contact, "additional_attributes.company_name");
  person.city = text_at(contact, "additional_attributes.city");
  person.country = text_at(contact, "additional_attributes.country");
}

/// Who the conversation is with, whoever did something in it.
const json& contact_in(const json& body) {
  for (const char* const place : {"meta.sender", "conversation.meta.sender", "contact"})
    if (const json& found = object_at(body, place); !found.empty()) return found;
  return object_at(body, "sender");
}

constexpr auto conversation_system = "chatwoot_conversation";

/// A conversation does not name its account; its contact or its first message does.
std::string account_of(const json& body) {
  for (const char* const place : {"account.id", "meta.sender.account.id", "messages.0.account_id"})
    if (std::string id = text_at(body, place); !id.empty()) return id;
  return {};
}

/// Where the person is answered: "account/conversation/contact", as the API counts them. The contact is in it
/// so that two people in one conversation do not become one.
void keep_conversation(const std::string& account, const std::string& conversation, sdk::Person& person) {
  const auto contact = person.external_ids.find("chatwoot");
  if (account.empty() || conversation.empty() || contact == person.external_ids.end()) return;
  person.external_ids[conversation_system] = account + "/" + conversation + "/" + contact->second;
}

/// Chatwoot's webhooks: one event in a request.
class Chatwoot final : public AnsweringWebhook {
 public:
  explicit Chatwoot(ProviderParts&& parts)
      : AnsweringWebhook(parts, webform::Door::signed_by(scheme(), parts.secrets),
                         "https://app.chatwoot.com") {}

 private:
  void understand(const sdk::HttpRequest& request, Events& events) const override {
    const json body = parse_body(request);
    const std::string name = text_at(body, "event");
    if (name.empty()) throw sdk::ChannelError("the JSON has no \"event\"; is this a webhook of Chatwoot?");
    const bool is_message = name == "message_created";
    // What the team and its bots write, to the person or among themselves.
    if (is_message && !is_incoming(body)) return;
    const bool is_contact = name.starts_with("contact_");
    sdk::LeadEvent event;
    // X-Chatwoot-Delivery is not signed: whoever repeats a request could choose another.
    const std::string id = text_at(body, "id");
    const bool happens_once = name.ends_with("_created") && !id.empty();
    event.key = happens_once ? name + ":" + id : key_of_content(request.body());
    // "created_at" is the conversation's own, whatever happens to it later.
    event.occurred_at = time_at(body, happens_once ? "created_at" : "updated_at");
    event.type = is_message                       ? "chat.message"
                 : name == "conversation_created" ? "chat.started"
                                                  : vendor_event("chatwoot", is_contact ? "contact" : name);
    keep_person(is_contact ? body : is_message ? object_at(body, "sender") : contact_in(body), event.person);
    keep_text(event, "chatwoot_inbox", text_at(body, "inbox.name"));
    if (is_message || event.type == "chat.started")
      keep_conversation(account_of(body), text_at(body, is_message ? "conversation.id" : "id"), event.person);
    if (is_message) {
      event.message = text_at(body, "content");
      keep_text(event, "chatwoot_conversation", text_at(body, "conversation.id"));
    } else if (is_contact) {
      keep_text(event, "chatwoot_event", name);
      keep_attributes(event, object_at(body, "custom_attributes"), "", {});
    } else {
      event.attribution.referrer = text_at(body, "additional_attributes.referer");
      keep_attributes(event, body, "chatwoot_", {"event", "created_at", "updated_at", "timestamp"});
    }
    events.add(std::move(event));
  }

  [[nodiscard]] bool is_conversation(std::string_view system) const override {
    return system == conversation_system;
  }

  /// developers.chatwoot.com/api-reference/messages/create-new-message
  [[nodiscard]] sdk::OutboundRequest request_of(const OwnMessage& message) const override {
    const auto [account, rest] = webform::split_once(message.id, '/');
    const auto conversation = webform::split_once(rest, '/').before;
    if (!is_path_segment(account) || !is_path_segment(conversation))
      throw sdk::ChannelError("the conversation's id is none of Chatwoot's", LEADHUB_ERROR_INVALID,
                              sdk::RetryClass::permanent);
    sdk::OutboundRequest request =
        post("/api/v1/accounts/" + std::string(account) + "/conversations/" + std::string(conversation) +
                 "/messages",
             {{"content", message.text}, {"message_type", "outgoing"}, {"private", false}});
    request.headers.emplace_back("api_access_token", token());
    return request;
  }

  [[nodiscard]] std::string id_of_taken(const sdk::HttpResponse& answer, const json& body) const override {
    if (answer.status == 200) return text_at(body, "id");
    throw refusal_by_service(answer, sdk::retry_class_of(answer.status));
  }

  static bool is_incoming(const json& body) {
    const std::string type = text_at(body, "message_type");  // 0 in some versions
    return (type == "incoming" || type == "0") && text_at(body, "private") != "true";
  }
};

}  // namespace

namespace providers {

extern constexpr ProviderKind chatwoot{"chatwoot", &make_provider<Chatwoot>};

}  // namespace providers

}  // namespace leadhub::chat
