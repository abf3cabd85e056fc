#include <algorithm>
#include <nlohmann/json.hpp>

#include "bounds.hpp"
#include "meta_webhook.hpp"
#include "text.hpp"

namespace leadhub::chat {
namespace {

using nlohmann::json;

/// Members of an event that are no kind of event.
constexpr std::string_view circumstances[] = {"sender", "recipient", "timestamp", "hop_context"};

std::string kind_of(const json& given) {
  for (const char* const kind : {"message", "postback", "referral"})
    if (given.contains(kind)) return kind;
  for (const auto& [name, value] : given.items())
    if (value.is_object() &&
        std::find(std::begin(circumstances), std::end(circumstances), name) == std::end(circumstances))
      return name;
  return "unnamed";
}

/// What an m.me link or an ad carried.
void keep_referral(const json& referral, sdk::LeadEvent& event) {
  event.attribution.utm_campaign = text_at(referral, "ref");
  event.attribution.utm_medium = webform::ascii_lower(text_at(referral, "source"));
  event.attribution.utm_id = text_at(referral, "ad_id");
  event.attribution.utm_content = text_at(referral, "ads_context_data.ad_title");
  event.attribution.referrer = text_at(referral, "referer_uri");
}

/// Messenger Platform, for Facebook pages and Instagram accounts
/// (developers.facebook.com/docs/messenger-platform/webhooks).
class Messenger final : public MetaWebhook {
 public:
  explicit Messenger(ProviderParts&& parts) : MetaWebhook(parts) {}

 private:
  void understand(const sdk::HttpRequest& request, Events& events) const override {
    const json body = parse_body(request);
    const std::string object = text_at(body, "object");
    if (object != "page" && object != "instagram")
      throw sdk::ChannelError("this is no webhook of a page; subscribe the object Page or Instagram");
    // Ids mean something to one page or account alone, and never the same in both.
    const std::string system = object == "page" ? "messenger" : "instagram";
    for (const json& entry : list_at(body, "entry")) {
      for (const json& given : list_at(entry, "messaging"))
        if (given.is_object()) add(system, given, events);
      for (const json& change : list_at(entry, "changes")) add_change(system, entry, change, events);
    }
  }

  static void add(const std::string& system, const json& given, Events& events) {
    if (text_at(given, "message.is_echo") == "true") return;  // what the page wrote
    const std::string kind = kind_of(given);
    const json& content = object_at(given, kind);
    sdk::LeadEvent event;
    event.type = vendor_event("messenger", kind);
    event.key = text_at(content, "mid");
    if (event.key.empty()) event.key = key_of_content(given.dump());
    event.occurred_at = time_at(given, "timestamp");
    if (const std::string sender = text_at(given, "sender.id"); !sender.empty())
      event.person.external_ids[system] = sender;
    if (kind == "message" || kind == "postback") {
      event.type = "chat.message";
      event.message = text_at(content, kind == "message" ? "text" : "title");
      keep_text(event, "messenger_content", text_at(content, "attachments.0.type"));
      keep_text(event, "messenger_payload",
                text_at(content, kind == "message" ? "quick_reply.payload" : "payload"));
    } else {
      keep_attributes(event, content, "messenger_", {"mid"});
    }
    keep_referral(kind == "referral" ? content : object_at(content, "referral"), event);
    events.add(std::move(event));
  }

  static void add_change(const std::string& system, const json& entry, const json& change, Events& events) {
    const json& value = object_at(change, "value");
    sdk::LeadEvent event;
    event.type = vendor_event("messenger", text_at(change, "field"));
    event.key = key_of_content(change.dump() + text_at(entry, "time"));
    event.occurred_at = time_at(entry, "time");
    if (const std::string from = text_at(value, "from.id"); !from.empty())
      event.person.external_ids[system] = from;
    keep_attributes(event, value, "messenger_", {});
    events.add(std::move(event));
  }

  [[nodiscard]] bool is_conversation(std::string_view system) const override {
    return system == "messenger" || system == "instagram";
  }

  /// developers.facebook.com/docs/messenger-platform/reference/send-api
  [[nodiscard]] sdk::OutboundRequest request_of(const OwnMessage& message) const override {
    const std::size_t bytes_max =
        message.system == "instagram" ? bounds::instagram_text_bytes_max : bounds::messenger_text_bytes_max;
    if (message.text.size() > bytes_max)
      throw sdk::ChannelError("the text has more than the " + std::to_string(bytes_max) + " bytes that " +
                                  message.system + " takes; send it in parts",
                              LEADHUB_ERROR_INVALID, sdk::RetryClass::permanent);
    return post_to_graph("/me/messages", {{"recipient", {{"id", message.id}}},
                                          {"messaging_type", "RESPONSE"},
                                          {"message", {{"text", message.text}}}});
  }

  [[nodiscard]] std::string id_of_taken(const sdk::HttpResponse& answer, const json& body) const override {
    if (answer.status == 200) return text_at(body, "message_id");
    throw refusal_by_graph(answer);
  }
};

}  // namespace

namespace providers {

extern constexpr ProviderKind messenger{"messenger", &make_provider<Messenger>};

}  // namespace providers

}  // namespace leadhub::chat
