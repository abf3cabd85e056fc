#include <nlohmann/json.hpp>

#include "webhook.hpp"

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
class Crisp final : public Webhook {
 public:
  explicit Crisp(ProviderParts parts)
      : Webhook(std::move(parts), webform::Door::signed_by(scheme(), parts.secrets)) {}

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
};

}  // namespace

namespace providers {

extern constexpr ProviderKind crisp{"crisp", &make_provider<Crisp>};

}  // namespace providers

}  // namespace leadhub::chat
