#include <leadhub/sdk/signature_ecdsa.hpp>

#include <nlohmann/json.hpp>

#include "webhook.hpp"

namespace leadhub::newsletter {
namespace {

using nlohmann::json;
using Bounce = sdk::Signal::Bounce;
using Trust = sdk::Signal::Trust;

constexpr std::string_view vendor = "sendgrid";

struct Word {
  std::string_view name;
  What what;
};
constexpr Word words[] = {{"delivered", What::delivered},
                          {"open", What::opened},
                          {"click", What::clicked},
                          {"bounce", What::bounced},
                          {"spamreport", What::complained},
                          {"unsubscribe", What::mail_declined},
                          {"group_unsubscribe", What::mail_declined}};

/// A mail that SendGrid dropped because the address is known to be bad says as much as a bounce does. That it
/// was dropped because the person had left or complained says nothing new.
bool is_bad_address(std::string_view reason) {
  return reason == "Bounced Address" || reason == "Invalid";
}

What what_of(std::string_view name, std::string_view reason) {
  if (name == "dropped") return is_bad_address(reason) ? What::bounced : What::other;
  for (const Word& word : words)
    if (word.name == name) return word.what;
  return What::other;
}

/// "bounce" is for good or, by its status, for now; "blocked" is a refusal of the mail and not of the
/// address.
Bounce bounce_of(const json& object, const std::string& status) {
  if (text_at(object, "type") == "blocked") return Bounce::block;
  return bounce_of_status(status) == Bounce::soft ? Bounce::soft : Bounce::hard;
}

/// Twilio SendGrid's Event Webhook.
class SendGrid final : public Webhook {
 public:
  explicit SendGrid(ProviderParts parts)
      : Webhook(std::move(parts.settings)), verifier_(sdk::sendgrid_scheme(), settings_.public_keys) {}

 private:
  [[nodiscard]] sdk::Verdict admit(const sdk::HttpRequest& request, std::int64_t now_ms) const override {
    const sdk::SignatureVerdict verdict = verifier_.verify(request, now_ms);
    return verdict == sdk::SignatureVerdict::genuine ? sdk::Verdict::accept()
                                                     : refuse(401, verifier_.explain(verdict));
  }

  void understand(const sdk::HttpRequest& request, Events& events) const override {
    const json body = parse_body(request);
    for (const json* const object : objects_of(body)) understand(*object, events);
  }

  void understand(const json& object, Events& events) const {
    const std::string name = text_at(object, "event");
    const std::string reason = text_at(object, "reason");
    const What what = what_of(name, reason);
    sdk::LeadEvent event = make_event(what, settings_, vendor, name);
    event.key = text_at(object, "sg_event_id");
    if (event.key.empty()) event.key = key_of_content(object.dump());
    event.occurred_at = time_at(object, "timestamp");
    event.signal.message_id = text_at(object, "sg_message_id");
    event.signal.reason = reason.empty() ? text_at(object, "response") : reason;
    if (what == What::bounced) {
      std::string status = enhanced_status_in(text_at(object, "status"));
      event.signal.status = status.empty() ? enhanced_status_in(reason) : std::move(status);
      event.signal.bounce = name == "dropped" ? Bounce::hard : bounce_of(object, event.signal.status);
    }
    if (what == What::opened || what == What::clicked) {
      event.signal.trust = text_at(object, "sg_machine_open") == "true" ? Trust::scanner : Trust::unknown;
      event.signal.user_agent = text_at(object, "useragent");
      event.signal.url = text_at(object, "url");
    }
    if (what == What::other)
      keep_attributes(event, object, "sendgrid_",
                      {"email", "event", "timestamp", "sg_event_id", "sg_message_id", "reason", "response"});
    events.add_for_each(event, addresses_at(object, "email"));
  }

  sdk::EcdsaVerifier verifier_;
};

}  // namespace

namespace providers {

extern constexpr ProviderKind sendgrid{
    "sendgrid", &make_provider<SendGrid>, &no_secret_problem,
    [](std::string_view key) { return sdk::EcdsaVerifier::key_problem(sdk::sendgrid_scheme(), key); }};

}  // namespace providers

}  // namespace leadhub::newsletter
