#include <nlohmann/json.hpp>

#include "json_body.hpp"
#include "webhook.hpp"

namespace leadhub::newsletter {
namespace {

using nlohmann::json;
using Bounce = sdk::Signal::Bounce;
using Trust = sdk::Signal::Trust;

constexpr std::string_view vendor = "mailgun";

/// "signature": {"timestamp", "token", "signature"} in the body, which itself is not signed: what keeps
/// somebody who has seen a request from sending another with its signature is that a token is an event's key,
/// so that the second is a repetition. Mailgun repeats a delivery for about eight hours under the signature
/// of the first.
sdk::SignatureScheme scheme() {
  constexpr std::int64_t hour_ms = 3'600'000;
  sdk::SignatureScheme scheme;
  scheme.name = "Mailgun";
  scheme.signature = sdk::Source::given("signature.signature");
  scheme.timestamp = sdk::Source::given("signature.timestamp");
  scheme.before = {sdk::Part::timestamp(), sdk::Part::given("signature.token")};
  scheme.covers = sdk::Covers::nothing;
  scheme.tolerance_ms = 9 * hour_ms;
  return scheme;
}

struct Word {
  std::string_view name;
  What what;
};
constexpr Word words[] = {{"delivered", What::delivered},
                          {"opened", What::opened},
                          {"clicked", What::clicked},
                          {"complained", What::complained},
                          {"unsubscribed", What::mail_declined}};

/// What Mailgun goes on trying is no bounce yet; what it did not even try, because the person had left or
/// complained, says nothing new.
What what_of(const json& data, std::string_view name) {
  if (name == "failed") {
    const std::string reason = text_at(data, "reason");
    const bool known_before = reason == "suppress-complaint" || reason == "suppress-unsubscribe";
    return text_at(data, "severity") == "permanent" && !known_before ? What::bounced : What::other;
  }
  for (const Word& word : words)
    if (word.name == name) return word.what;
  return What::other;
}

/// "espblock": the mailbox's provider refuses us; "old": given up after long trying.
Bounce bounce_of(const json& data, const std::string& status) {
  const std::string reason = text_at(data, "reason");
  if (reason == "espblock") return Bounce::block;
  if (reason == "old") return Bounce::soft;
  if (reason == "suppress-bounce") return Bounce::hard;
  const Bounce bounce = bounce_of_status(status);
  return bounce == Bounce::none ? Bounce::hard : bounce;
}

/// The webhooks of Mailgun.
class Mailgun final : public Webhook {
 public:
  explicit Mailgun(ProviderParts parts)
      : Webhook(std::move(parts.settings)), verifier_(scheme(), parts.secrets) {}

 private:
  /// To Mailgun 406 means: never again. For whatever the same request cannot mend.
  static constexpr int never_again = 406;

  [[nodiscard]] int unknown_type_status() const override { return never_again; }

  [[nodiscard]] sdk::Verdict admit(const sdk::HttpRequest& request, std::int64_t now_ms) const override {
    const auto body = webform::parse_json(request.body(), webform::limits::batch_values_max);
    if (!body) return refuse(never_again, body.error());
    const std::string signature = text_at(*body, "signature.signature");
    const std::string timestamp = text_at(*body, "signature.timestamp");
    const std::string token = text_at(*body, "signature.token");
    const sdk::SignatureVerdict verdict = verifier_.verify(
        request, now_ms,
        {{"signature.signature", signature}, {"signature.timestamp", timestamp}, {"signature.token", token}});
    if (verdict == sdk::SignatureVerdict::genuine) return sdk::Verdict::accept();
    // A key that does not fit may be mended on our side while Mailgun tries again.
    const bool may_be_mended = verdict == sdk::SignatureVerdict::wrong;
    return refuse(may_be_mended ? 401 : never_again, verifier_.explain(verdict));
  }

  void understand(const sdk::HttpRequest& request, Events& events) const override {
    const json body = parse_body(request);
    const auto found = body.find("event-data");
    if (found == body.end() || !found->is_object())
      throw sdk::ChannelError("the JSON has no \"event-data\"; is this a webhook of Mailgun's events?");
    const json& data = *found;
    const std::string name = text_at(data, "event");
    const What what = what_of(data, name);
    sdk::LeadEvent event = make_event(what, settings_, vendor, name);
    event.key = text_at(body, "signature.token");  // event-data.id is unique for a day only
    event.occurred_at = time_at(data, "timestamp");
    event.signal.message_id = text_at(data, "message.headers.message-id");
    if (name == "failed") add_failure(data, what, event);
    if (what == What::opened || what == What::clicked) {
      const bool is_machine = !text_at(data, "client-info.bot").empty();
      event.signal.trust = is_machine ? Trust::scanner : Trust::unknown;
      event.signal.user_agent = text_at(data, "client-info.user-agent");
      event.signal.url = text_at(data, "url");
    }
    if (what == What::other) keep_attributes(event, data, "mailgun_", {"event", "recipient", "timestamp"});
    events.add_for_each(event, addresses_at(data, "recipient"));
  }

  static void add_failure(const json& data, What what, sdk::LeadEvent& event) {
    const std::string message = text_at(data, "delivery-status.message");
    const std::string description = text_at(data, "delivery-status.description");
    event.signal.reason = !message.empty()       ? message
                          : !description.empty() ? description
                                                 : text_at(data, "reason");
    event.signal.status = enhanced_status_in(text_at(data, "delivery-status.enhanced-code"));
    if (event.signal.status.empty()) event.signal.status = enhanced_status_in(message);
    if (what == What::bounced) event.signal.bounce = bounce_of(data, event.signal.status);
  }

  sdk::SignatureVerifier verifier_;
};

}  // namespace

namespace providers {

extern constexpr ProviderKind mailgun{"mailgun", &make_provider<Mailgun>, &empty_secret_problem,
                                      &no_key_problem};

}  // namespace providers

}  // namespace leadhub::newsletter
