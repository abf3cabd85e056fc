#include <nlohmann/json.hpp>

#include "answering_webhook.hpp"
#include "text.hpp"

namespace leadhub::chat {
namespace {

using nlohmann::json;

/// X-Hub-Signature: hex of HMAC-SHA-1 over the body, by the app's client secret
/// (developers.intercom.com/docs/webhooks). No time is signed.
sdk::SignatureScheme scheme() {
  sdk::SignatureScheme scheme;
  scheme.name = "Intercom";
  scheme.digest = sdk::Digest::sha1;
  scheme.signature = sdk::Source::header("x-hub-signature");
  scheme.prefix = "sha1=";
  return scheme;
}

bool is_customer(const json& author) {
  const std::string type = text_at(author, "type");
  return type == "user" || type == "lead" || type == "contact";
}

void keep_person(const json& contact, sdk::Person& person) {
  if (const std::string id = text_at(contact, "id"); !id.empty()) person.external_ids["intercom"] = id;
  person.email = text_at(contact, "email");
  person.phone = text_at(contact, "phone");
  person.name = text_at(contact, "name");
}

void keep_contact(const json& contact, sdk::LeadEvent& event) {
  keep_person(contact, event.person);
  event.person.country = text_at(contact, "location.country");
  event.person.city = text_at(contact, "location.city");
  event.person.language = text_at(contact, "language_override");
  sdk::Attribution& from = event.attribution;
  from.utm_source = text_at(contact, "utm_source");
  from.utm_medium = text_at(contact, "utm_medium");
  from.utm_campaign = text_at(contact, "utm_campaign");
  from.utm_term = text_at(contact, "utm_term");
  from.utm_content = text_at(contact, "utm_content");
  from.referrer = text_at(contact, "referrer");
  keep_text(event, "intercom_external_id", text_at(contact, "external_id"));
  keep_text(event, "intercom_role", text_at(contact, "role"));
  for (const char* const name : {"unsubscribed_from_emails", "sms_consent", "unsubscribed_from_sms"})
    if (contact.contains(name) && contact[name].is_boolean())
      event.attributes[std::string("intercom_") + name] = contact[name].get<bool>();
  keep_attributes(event, object_at(contact, "custom_attributes"), "", {});
}

constexpr auto conversation_system = "intercom_conversation";

/// Where the person is answered: "conversation/contact". The contact is in it so that two people in one
/// conversation do not become one.
void keep_conversation(const json& item, sdk::Person& person) {
  const std::string conversation = text_at(item, "id");
  const auto contact = person.external_ids.find("intercom");
  if (!conversation.empty() && contact != person.external_ids.end())
    person.external_ids[conversation_system] = conversation + "/" + contact->second;
}

/// Intercom's notifications: one in a request.
class Intercom final : public AnsweringWebhook {
 public:
  explicit Intercom(ProviderParts&& parts)
      : AnsweringWebhook(parts, webform::Door::signed_by(scheme(), parts.secrets), "https://api.intercom.io"),
        admin_id_(text_at(json::parse(parts.config), "admin_id")) {}

  [[nodiscard]] std::string missing() const override {
    return admin_id_.empty() ? "token and admin_id" : AnsweringWebhook::missing();
  }

 private:
  void understand(const sdk::HttpRequest& request, Events& events) const override {
    const json body = parse_body(request);
    const std::string topic = text_at(body, "topic");
    if (topic.empty()) throw sdk::ChannelError("the JSON has no topic; is this a notification of Intercom?");
    if (topic == "ping") return;  // a test of the connection
    const json& item = object_at(body, "data.item");
    sdk::LeadEvent event;
    event.key = text_at(body, "id");
    if (event.key.empty()) event.key = key_of_content(request.body());
    event.occurred_at = time_at(body, "created_at");
    if (topic.starts_with("conversation.")) return add_conversation(topic, item, event, events);
    const bool is_contact = topic.starts_with("contact.") && text_at(item, "type") == "contact";
    event.type = vendor_event("intercom", is_contact ? "contact" : topic);
    if (is_contact) {
      keep_text(event, "intercom_topic", topic);
      keep_contact(item, event);
    } else {
      keep_person(object_at(item, "contact"), event.person);
      keep_attributes(event, item, "intercom_", {"type"});
    }
    events.add(std::move(event));
  }

  /// The first message stands in "source", a later one in the parts.
  static void add_conversation(const std::string& topic, const json& item, sdk::LeadEvent& event,
                               Events& events) {
    const json& source = object_at(item, "source");
    const std::string contact = text_at(item, "contacts.contacts.0.id");
    if (!contact.empty()) event.person.external_ids["intercom"] = contact;
    if (is_customer(object_at(source, "author"))) keep_person(object_at(source, "author"), event.person);
    keep_text(event, "intercom_conversation", text_at(item, "id"));
    keep_conversation(item, event.person);
    if (topic == "conversation.user.created") {
      sdk::LeadEvent started = event;
      started.type = "chat.started";
      started.attribution.landing_page = text_at(source, "url");
      events.add(std::move(started));
      event.key += ":message";
      add_message(text_at(source, "body"), event, events);
    } else if (topic == "conversation.user.replied") {
      for (const json& part : list_at(item, "conversation_parts.conversation_parts")) {
        const json& author = object_at(part, "author");
        if (!is_customer(author)) continue;
        sdk::LeadEvent message = event;
        keep_person(author, message.person);
        keep_conversation(item, message.person);
        message.key += ":" + text_at(part, "id");
        add_message(text_at(part, "body"), message, events);
      }
    } else {
      event.type = vendor_event("intercom", topic);
      events.add(std::move(event));
    }
  }

  static void add_message(const std::string& html, sdk::LeadEvent event, Events& events) {
    event.type = "chat.message";
    event.message = text_of_html(html);
    events.add(std::move(event));
  }

  [[nodiscard]] bool is_conversation(std::string_view system) const override {
    return system == conversation_system;
  }

  /// developers.intercom.com/docs/references/rest-api/api.intercom.io/conversations/replyconversation
  [[nodiscard]] sdk::OutboundRequest request_of(const OwnMessage& message) const override {
    const std::string conversation(webform::split_once(message.id, '/').before);
    if (!is_path_segment(conversation))
      throw sdk::ChannelError("the conversation's id is none of Intercom's", LEADHUB_ERROR_INVALID,
                              sdk::RetryClass::permanent);
    sdk::OutboundRequest request =
        post("/conversations/" + conversation + "/reply", {{"message_type", "comment"},
                                                           {"type", "admin"},
                                                           {"admin_id", admin_id_},
                                                           {"body", html_of_text(message.text)}});
    request.headers.emplace_back("authorization", "Bearer " + token());
    request.headers.emplace_back("intercom-version", "2.11");
    return request;
  }

  [[nodiscard]] std::string id_of_taken(const sdk::HttpResponse& answer, const json& body) const override {
    if (answer.status != 200) throw refusal_by_service(answer, sdk::retry_class_of(answer.status));
    const json& parts = list_at(body, "conversation_parts.conversation_parts");
    return parts.empty() ? std::string{} : text_at(parts.back(), "id");
  }

  std::string admin_id_;
};

}  // namespace

namespace providers {

extern constexpr ProviderKind intercom{"intercom", &make_provider<Intercom>};

}  // namespace providers

}  // namespace leadhub::chat
