#include <nlohmann/json.hpp>

#include "meta_webhook.hpp"

namespace leadhub::chat {
namespace {

using nlohmann::json;

/// Where the different kinds of message have their text.
constexpr const char* text_places[] = {"text.body",
                                       "button.text",
                                       "interactive.button_reply.title",
                                       "interactive.list_reply.title",
                                       "image.caption",
                                       "video.caption",
                                       "document.caption"};

/// People are known by their number there: "447700900123".
void keep_person(const std::string& wa_id, sdk::Person& person) {
  if (wa_id.empty()) return;
  person.external_ids["whatsapp"] = wa_id;
  if (wa_id.find_first_not_of("0123456789") == std::string::npos) person.phone = international(wa_id);
}

std::string name_of(const json& value, const std::string& wa_id) {
  for (const json& contact : list_at(value, "contacts"))
    if (text_at(contact, "wa_id") == wa_id) return text_at(contact, "profile.name");
  return {};
}

/// The ad or post that the conversation was started from.
void keep_referral(const json& referral, sdk::LeadEvent& event) {
  event.attribution.utm_medium = text_at(referral, "source_type");
  event.attribution.utm_id = text_at(referral, "source_id");
  event.attribution.utm_content = text_at(referral, "headline");
  event.attribution.referrer = text_at(referral, "source_url");
  keep_text(event, "whatsapp_ctwa_clid", text_at(referral, "ctwa_clid"));
}

/// WhatsApp Business Platform, Cloud API
/// (developers.facebook.com/docs/whatsapp/cloud-api/webhooks/components).
class WhatsApp final : public MetaWebhook {
 public:
  explicit WhatsApp(ProviderParts&& parts)
      : MetaWebhook(parts), phone_number_id_(text_at(json::parse(parts.config), "phone_number_id")) {}

  [[nodiscard]] std::string missing() const override {
    return phone_number_id_.empty() ? "token and phone_number_id" : MetaWebhook::missing();
  }

 private:
  void understand(const sdk::HttpRequest& request, Events& events) const override {
    const json body = parse_body(request);
    if (text_at(body, "object") != "whatsapp_business_account")
      throw sdk::ChannelError("this is no webhook of WhatsApp; subscribe the WhatsApp Business Account");
    for (const json& entry : list_at(body, "entry"))
      for (const json& change : list_at(entry, "changes")) understand(entry, change, events);
  }

  void understand(const json& entry, const json& change, Events& events) const {
    const std::string field = text_at(change, "field");
    const json& value = object_at(change, "value");
    if (field == "messages") {
      for (const json& message : list_at(value, "messages")) add_message(value, message, events);
      for (const json& status : list_at(value, "statuses")) add_status(status, events);
    } else if (field == "user_preferences") {
      for (const json& preference : list_at(value, "user_preferences"))
        add_preference(value, preference, events);
    } else {
      sdk::LeadEvent event;
      event.type = vendor_event("whatsapp", field);
      event.key = key_of_content(change.dump() + text_at(entry, "time"));
      keep_attributes(event, value, "whatsapp_", {"messaging_product"});
      events.add(std::move(event));
    }
  }

  static void add_message(const json& value, const json& message, Events& events) {
    sdk::LeadEvent event;
    event.key = text_at(message, "id");
    event.occurred_at = time_at(message, "timestamp");
    const std::string from = text_at(message, "from");
    keep_person(from, event.person);
    event.person.name = name_of(value, from);
    keep_referral(object_at(message, "referral"), event);
    const std::string kind = text_at(message, "type");
    keep_text(event, "whatsapp_content", kind == "text" ? "" : kind);
    if (kind == "contacts") {  // somebody else's
      event.type = vendor_event("whatsapp", "contact");
      keep_text(event, "mentioned_phone", text_at(message, "contacts.0.phones.0.phone"));
      keep_text(event, "mentioned_email", text_at(message, "contacts.0.emails.0.email"));
    } else if (kind == "system" || kind == "reaction" || kind == "unsupported" || kind == "unknown") {
      event.type = vendor_event("whatsapp", kind);
      keep_attributes(event, object_at(message, kind), "whatsapp_" + kind + "_", {});
    } else {
      event.type = "chat.message";
      for (const char* const place : text_places)
        if (event.message.empty()) event.message = text_at(message, place);
    }
    events.add(std::move(event));
  }

  /// What became of a message of ours.
  static void add_status(const json& status, Events& events) {
    const std::string name = text_at(status, "status");
    sdk::LeadEvent event;
    event.type = vendor_event("whatsapp", name);
    event.key = text_at(status, "id") + ":" + name;
    event.occurred_at = time_at(status, "timestamp");
    keep_person(text_at(status, "recipient_id"), event.person);
    event.signal.message_id = text_at(status, "id");
    event.signal.reason = text_at(status, "errors.0.title");
    events.add(std::move(event));
  }

  void add_preference(const json& value, const json& preference, Events& events) const {
    sdk::LeadEvent event;
    event.type = vendor_event("whatsapp", "user_preferences");
    event.key = key_of_content(preference.dump());
    event.occurred_at = time_at(preference, "timestamp");
    const std::string wa_id = text_at(preference, "wa_id");
    keep_person(wa_id, event.person);
    event.person.name = name_of(value, wa_id);
    const std::string chosen = text_at(preference, "value");
    if (chosen == "stop" || chosen == "resume") {
      sdk::Consent consent;
      consent.purpose = settings_.purpose;
      consent.channel = "chat";
      consent.state = chosen == "stop" ? sdk::Consent::State::withdrawn : sdk::Consent::State::granted;
      consent.text = text_at(preference, "detail");
      event.consent.push_back(std::move(consent));
    }
    keep_attributes(event, preference, "whatsapp_", {"wa_id", "timestamp", "detail"});
    events.add(std::move(event));
  }

  /// developers.facebook.com/docs/whatsapp/cloud-api/guides/send-messages
  [[nodiscard]] sdk::OutboundRequest request_of(const OwnMessage& message) const override {
    return post_to_graph("/" + phone_number_id_ + "/messages", {{"messaging_product", "whatsapp"},
                                                                {"recipient_type", "individual"},
                                                                {"to", message.id},
                                                                {"type", "text"},
                                                                {"text", {{"body", message.text}}}});
  }

  [[nodiscard]] std::string id_of_taken(const sdk::HttpResponse& answer, const json& body) const override {
    if (answer.status == 200) return text_at(body, "messages.0.id");
    throw refusal_by_graph(answer);
  }

  std::string phone_number_id_;
};

}  // namespace

namespace providers {

extern constexpr ProviderKind whatsapp{"whatsapp", &make_provider<WhatsApp>};

}  // namespace providers

}  // namespace leadhub::chat
