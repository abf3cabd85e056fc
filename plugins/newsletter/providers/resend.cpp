#include <nlohmann/json.hpp>

#include "webhook.hpp"

namespace leadhub::newsletter {
namespace {

using nlohmann::json;
using Bounce = sdk::Signal::Bounce;
using Trust = sdk::Signal::Trust;

constexpr std::string_view vendor = "resend";

struct Word {
  std::string_view name;
  What what;
};
constexpr Word words[] = {{"email.delivered", What::delivered},
                          {"email.opened", What::opened},
                          {"email.clicked", What::clicked},
                          {"email.bounced", What::bounced},
                          {"email.complained", What::complained}};

/// A contact of an audience says itself whether it wants to hear from us.
What what_of(const json& data, std::string_view name) {
  const std::string unsubscribed = text_at(data, "unsubscribed");
  if (name == "contact.created" && unsubscribed == "false") return What::subscribed;
  if (name == "contact.updated") return unsubscribed == "true" ? What::unsubscribed : What::profile_changed;
  for (const Word& word : words)
    if (word.name == name) return word.what;
  return What::other;
}

/// "bounce": {"type": "Permanent"|"Transient"|"Undetermined", "subType", "message"}. Without a type the
/// address was suppressed before, which only a bounce for good or a complaint does.
Bounce bounce_of(const json& data) {
  const std::string type = text_at(data, "bounce.type");
  return type == "Transient" || type == "Undetermined" ? Bounce::soft : Bounce::hard;
}

/// Resend's webhooks: one event in a request, about each of the mail's recipients.
class Resend final : public Webhook {
 public:
  explicit Resend(ProviderParts parts)
      : Webhook(std::move(parts), webform::Door::signed_by(sdk::standard_webhooks_scheme(), parts.secrets)) {}

 private:
  void understand(const sdk::HttpRequest& request, Events& events) const override {
    const json body = parse_body(request);
    if (!body.is_object() || !body.contains("data") || !body["data"].is_object())
      throw sdk::ChannelError("the JSON has no \"data\"; is this a webhook of Resend?");
    const json& data = body["data"];
    const std::string name = text_at(body, "type");
    const What what = what_of(data, name);
    sdk::LeadEvent event = make_event(what, settings_, vendor, name);
    event.key = sdk::standard_webhooks_id(request);
    event.occurred_at = time_at(body, "created_at");
    event.signal.message_id = text_at(data, "email_id");
    if (what == What::bounced) {
      event.signal.bounce = bounce_of(data);
      event.signal.reason = text_at(data, "bounce.message");
      event.signal.status = enhanced_status_in(event.signal.reason);
    }
    if (what == What::opened || what == What::clicked) {
      event.signal.trust = Trust::unknown;
      event.signal.user_agent = text_at(data, what == What::opened ? "open.userAgent" : "click.userAgent");
    }
    if (what == What::clicked) event.signal.url = text_at(data, "click.link");
    if (what == What::subscribed || what == What::profile_changed) {
      event.person.first_name = text_at(data, "first_name");
      event.person.last_name = text_at(data, "last_name");
    }
    const bool is_contact = data.contains("email");
    if (what == What::other)
      keep_attributes(event, data, "resend_", {"email_id", "created_at", "email", "from", "to", "cc", "bcc"});
    events.add_for_each(event, addresses_at(data, is_contact ? "email" : "to"));
  }
};

}  // namespace

namespace providers {

extern constexpr ProviderKind resend{"resend", &make_provider<Resend>,
                                     [](std::string_view secret) {
                                       return sdk::SignatureVerifier::secret_problem(
                                           sdk::standard_webhooks_scheme(), secret);
                                     },
                                     &no_key_problem};

}  // namespace providers

}  // namespace leadhub::newsletter
