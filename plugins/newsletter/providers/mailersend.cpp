#include <nlohmann/json.hpp>

#include "webhook.hpp"

namespace leadhub::newsletter {
namespace {

using nlohmann::json;
using Bounce = sdk::Signal::Bounce;
using Trust = sdk::Signal::Trust;

constexpr std::string_view vendor = "mailersend";

/// Signature: hex of HMAC-SHA-256 over the body. Nothing about a time is signed.
sdk::SignatureScheme scheme() {
  sdk::SignatureScheme scheme;
  scheme.name = "MailerSend";
  scheme.signature = sdk::Source::header("signature");
  return scheme;
}

struct Word {
  std::string_view name;
  What what;
  Bounce bounce = Bounce::none;
};
constexpr Word words[] = {{"activity.delivered", What::delivered},
                          {"activity.opened", What::opened},
                          {"activity.opened_unique", What::opened},
                          {"activity.clicked", What::clicked},
                          {"activity.clicked_unique", What::clicked},
                          {"activity.hard_bounced", What::bounced, Bounce::hard},
                          {"activity.soft_bounced", What::bounced, Bounce::soft},
                          {"activity.spam_complaint", What::complained},
                          {"activity.unsubscribed", What::mail_declined}};

Word word_of(std::string_view name) {
  for (const Word& word : words)
    if (word.name == name) return word;
  return {name, What::other};
}

/// MailerSend's webhooks: one activity in a request.
class MailerSend final : public Webhook {
 public:
  explicit MailerSend(ProviderParts parts)
      : Webhook(std::move(parts), webform::Door::signed_by(scheme(), parts.secrets)) {}

 private:
  void understand(const sdk::HttpRequest& request, Events& events) const override {
    const json body = parse_body(request);
    for (const json* const object : objects_of(body)) understand(*object, events);
  }

  void understand(const json& object, Events& events) const {
    const std::string name = text_at(object, "type");
    const Word word = word_of(name);
    sdk::LeadEvent event = make_event(word.what, settings_, vendor, name);
    event.key = text_at(object, "data.id");
    if (event.key.empty()) event.key = key_of_content(object.dump());
    event.occurred_at = time_at(object, "data.created_at");
    event.signal.message_id = text_at(object, "data.email.message.id");
    event.signal.bounce = word.bounce;
    event.signal.reason = text_at(object, "data.morph.readable_reason");
    if (event.signal.reason.empty()) event.signal.reason = text_at(object, "data.morph.reason");
    if (word.what == What::bounced) event.signal.status = enhanced_status_in(event.signal.reason);
    if (word.what == What::opened || word.what == What::clicked) {
      event.signal.trust = Trust::unknown;
      event.signal.url = text_at(object, "data.morph.url");
    }
    if (word.what == What::other) keep_attributes(event, object, "mailersend_", {"type", "created_at"});
    events.add_for_each(event, addresses_at(object, "data.email.recipient.email"));
  }
};

}  // namespace

namespace providers {

extern constexpr ProviderKind mailersend{"mailersend", &make_provider<MailerSend>, &empty_secret_problem,
                                         &no_key_problem};

}  // namespace providers

}  // namespace leadhub::newsletter
