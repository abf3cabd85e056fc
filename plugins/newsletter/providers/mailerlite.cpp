#include <nlohmann/json.hpp>

#include "webhook.hpp"

namespace leadhub::newsletter {
namespace {

using nlohmann::json;
using Bounce = sdk::Signal::Bounce;
using Trust = sdk::Signal::Trust;

constexpr std::string_view vendor = "mailerlite";

/// Signature: hex of HMAC-SHA-256 over the body. Nothing about a time is signed.
sdk::SignatureScheme scheme() {
  sdk::SignatureScheme scheme;
  scheme.name = "MailerLite";
  scheme.signature = sdk::Source::any_header({"signature", "x-mailerlite-signature"});
  return scheme;
}

/// The names of today's service, and after them those of MailerLite Classic.
struct Word {
  std::string_view name;
  What what;
};
constexpr Word words[] = {{"subscriber.active", What::subscribed},
                          {"subscriber.unsubscribed", What::unsubscribed},
                          {"subscriber.updated", What::profile_changed},
                          {"subscriber.bounced", What::bounced},
                          {"subscriber.spam_reported", What::complained},
                          {"campaign.open", What::opened},
                          {"campaign.click", What::clicked},
                          {"subscriber.unsubscribe", What::unsubscribed},
                          {"subscriber.update", What::profile_changed},
                          {"subscriber.complaint", What::complained}};

What what_of(std::string_view name, std::string_view status) {
  // Who is new has subscribed, unless they still have to confirm.
  const bool is_new = name == "subscriber.created" || name == "subscriber.create";
  if (is_new) return status == "active" ? What::subscribed : What::other;
  for (const Word& word : words)
    if (word.name == name) return word.what;
  return What::other;
}

/// The webhooks of MailerLite (developers.mailerlite.com/docs/webhooks).
class MailerLite final : public Webhook {
 public:
  explicit MailerLite(ProviderParts parts)
      : Webhook(std::move(parts), webform::Door::signed_by(scheme(), parts.secrets)) {}

 private:
  void understand(const sdk::HttpRequest& request, Events& events) const override {
    const json body = parse_body(request);
    for (const json* const object : objects_of(body)) understand(*object, events);
  }

  /// The subscriber is the event itself, or stands in it.
  static const json& subscriber_of(const json& object) {
    const json* place = &object;
    if (const auto data = place->find("data"); data != place->end() && data->is_object()) place = &*data;
    if (const auto found = place->find("subscriber"); found != place->end() && found->is_object())
      place = &*found;
    return *place;
  }

  void understand(const json& object, Events& events) const {
    std::string name = text_at(object, "event");
    if (name.empty()) name = text_at(object, "type");
    const json& subscriber = subscriber_of(object);
    std::string status = text_at(subscriber, "status");
    if (status.empty()) status = text_at(subscriber, "type");
    const What what = what_of(name, status);
    sdk::LeadEvent event = make_event(what, settings_, vendor, name);
    event.key = key_of_content(object.dump());
    event.occurred_at = time_of(what, object, subscriber);
    event.person.email = text_at(subscriber, "email");
    if (const std::string id = text_at(subscriber, "id"); !id.empty() && !event.person.email.empty())
      event.person.external_ids["mailerlite"] = id;
    if (what == What::bounced)
      event.signal.bounce = Bounce::hard;  // the kind is not told; it sends to such an address no more
    if (what == What::opened || what == What::clicked) event.signal.trust = Trust::unknown;
    if (what == What::clicked) event.signal.url = text_at(object, "url");
    if (what == What::subscribed) event.consent.front().ip = text_at(subscriber, "optin_ip");
    if (what == What::subscribed || what == What::profile_changed || what == What::other)
      add_fields(subscriber, event);
    events.add(std::move(event));
  }

  static std::string time_of(What what, const json& object, const json& subscriber) {
    if (std::string time = time_at(object, "timestamp"); !time.empty()) return time;
    const auto member = [&]() -> std::string_view {
      if (what == What::subscribed) return "subscribed_at";
      if (what == What::unsubscribed) return "unsubscribed_at";
      return what == What::profile_changed ? "updated_at" : "";
    }();
    return member.empty() ? std::string{} : time_at(subscriber, member);
  }

  /// "fields": {name: value}, or in MailerLite Classic [{key, value, type}].
  static void add_fields(const json& subscriber, sdk::LeadEvent& event) {
    const auto found = subscriber.find("fields");
    if (found == subscriber.end()) return;
    if (found->is_object())
      for (const auto& [name, value] : found->items()) add_field(name, value, event);
    if (found->is_array())
      for (const json& field : *found)
        if (field.is_object() && field.contains("value"))
          add_field(text_at(field, "key"), field["value"], event);
  }

  static void add_field(const std::string& name, const json& value, sdk::LeadEvent& event) {
    // MailerLite's "name" is the first name where there is a last name besides.
    constexpr std::pair<std::string_view, std::string sdk::Person::*> known[] = {
        {"name", &sdk::Person::first_name}, {"last_name", &sdk::Person::last_name},
        {"company", &sdk::Person::company}, {"country", &sdk::Person::country},
        {"city", &sdk::Person::city},       {"phone", &sdk::Person::phone}};
    if (name == "email" || name.empty()) return;
    for (const auto& [field, member] : known)
      if (field == name)
        return void(event.person.*member = value.is_string() ? value.get<std::string>() : "");
    keep_attribute(event, name, value);
  }
};

}  // namespace

namespace providers {

extern constexpr ProviderKind mailerlite{"mailerlite", &make_provider<MailerLite>, &empty_secret_problem,
                                         &no_key_problem};

}  // namespace providers

}  // namespace leadhub::newsletter
