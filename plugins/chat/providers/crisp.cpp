#include <leadhub/sdk/crypto.hpp>

#include <nlohmann/json.hpp>

#include "answering_webhook.hpp"

namespace leadhub::chat {
namespace {

using nlohmann::json;

/// X-Crisp-Signature: hex of HMAC-SHA-256 over "[" time ";" body "]". Senders write the time in seconds or in
/// milliseconds.
sdk::SignatureScheme scheme() {
  sdk::SignatureScheme scheme;
  scheme.name = "Crisp";
  scheme.signature = sdk::Source::header("x-crisp-signature");
  scheme.timestamp = sdk::Source::header("x-crisp-request-timestamp");
  scheme.time_unit = sdk::TimeUnit::by_magnitude;
  scheme.before = {sdk::Part::literal("["), sdk::Part::timestamp(), sdk::Part::literal(";")};
  scheme.after = {sdk::Part::literal("]")};
  return scheme;
}

/// What a visitor, or somebody for them, told of themselves.
struct Detail {
  std::string_view event;
  const char* place;
  std::string sdk::Person::*member;
};
constexpr Detail details[] = {{"session:set_email", "email", &sdk::Person::email},
                              {"session:set_phone", "phone", &sdk::Person::phone},
                              {"session:set_nickname", "nickname", &sdk::Person::name}};

/// Crisp's web hooks: one event in a request.
class Crisp final : public AnsweringWebhook {
 public:
  explicit Crisp(ProviderParts&& parts)
      : AnsweringWebhook(parts, webform::Door::signed_by(scheme(), parts.secrets),
                         "https://api.crisp.chat/v1"),
        website_id_(text_at(json::parse(parts.config), "website_id")) {}

  [[nodiscard]] std::string missing() const override {
    return website_id_.empty() ? "token and website_id" : AnsweringWebhook::missing();
  }

 private:
  void understand(const sdk::HttpRequest& request, Events& events) const override {
    const json body = parse_body(request);
    const std::string name = text_at(body, "event");
    const json& data = object_at(body, "data");
    if (name.empty() || data.empty())
      throw sdk::ChannelError("the JSON has no \"event\" with \"data\"; is this a web hook of Crisp?");
    // What operators write, and what the widget says by itself.
    if (name == "message:received" || (name == "message:send" && text_at(data, "from") == "operator")) return;
    const std::string session = text_at(data, "session_id");
    const std::string fingerprint = text_at(data, "fingerprint");
    sdk::LeadEvent event;
    event.key = fingerprint.empty() || name != "message:send" ? key_of_content(request.body())
                                                              : session + ":" + fingerprint;
    event.occurred_at = time_at(body, "timestamp");
    if (!session.empty()) event.person.external_ids["crisp"] = session;
    event.type = vendor_event("crisp", name);
    if (name == "session:request:initiated") event.type = "chat.started";
    if (name == "message:send") {
      event.type = "chat.message";
      event.person.name = text_at(data, "user.nickname");
      event.message = text_at(data, "content");  // an object where it is a file
      const std::string kind = text_at(data, "type");
      keep_text(event, "crisp_content", kind == "text" ? "" : kind);
    }
    for (const Detail& detail : details)
      if (detail.event == name) {
        event.type = vendor_event("crisp", "contact");
        event.person.*detail.member = text_at(data, detail.place);
      }
    if (event.type == vendor_event("crisp", name))
      keep_attributes(event, data, "crisp_", {"session_id", "website_id", "timestamp"});
    keep_text(event, "crisp_website", text_at(body, "website_id"));
    events.add(std::move(event));
  }

  /// docs.crisp.chat/references/rest-api/v1/#send-a-message-in-conversation
  [[nodiscard]] sdk::OutboundRequest request_of(const OwnMessage& message) const override {
    if (!is_path_segment(message.id))
      throw sdk::ChannelError("the conversation's id is none of Crisp's", LEADHUB_ERROR_INVALID,
                              sdk::RetryClass::permanent);
    sdk::OutboundRequest request =
        post("/website/" + website_id_ + "/conversation/" + message.id + "/message",
             {{"type", "text"}, {"from", "operator"}, {"origin", "chat"}, {"content", message.text}});
    request.headers.emplace_back("authorization", "Basic " + sdk::base64_encode(token()));
    request.headers.emplace_back("x-crisp-tier", "plugin");
    return request;
  }

  [[nodiscard]] std::string id_of_taken(const sdk::HttpResponse& answer, const json& body) const override {
    const bool is_taken = answer.status >= 200 && answer.status < 300 && text_at(body, "error") != "true";
    if (is_taken) return text_at(body, "data.fingerprint");
    throw refusal_by_service(answer, sdk::retry_class_of(answer.status));
  }

  std::string website_id_;
};

}  // namespace

namespace providers {

extern constexpr ProviderKind crisp{"crisp", &make_provider<Crisp>};

}  // namespace providers

}  // namespace leadhub::chat
