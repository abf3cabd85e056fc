#include <nlohmann/json.hpp>

#include "webhook.hpp"

namespace leadhub::newsletter {
namespace {

using nlohmann::json;
using Bounce = sdk::Signal::Bounce;
using Trust = sdk::Signal::Trust;

constexpr std::string_view vendor = "brevo";

/// What Brevo calls it, in marketing and transactional webhooks alike.
struct Word {
  std::string_view name;
  What what;
  Bounce bounce = Bounce::none;
  Trust trust = Trust::none;
};
constexpr Word words[] = {{"delivered", What::delivered},
                          {"opened", What::opened, Bounce::none, Trust::unknown},
                          {"unique_opened", What::opened, Bounce::none, Trust::unknown},
                          {"proxy_open", What::opened, Bounce::none, Trust::scanner},
                          {"unique_proxy_open", What::opened, Bounce::none, Trust::scanner},
                          {"click", What::clicked, Bounce::none, Trust::unknown},
                          {"hard_bounce", What::bounced, Bounce::hard},
                          {"soft_bounce", What::bounced, Bounce::soft},
                          {"blocked", What::bounced, Bounce::block},
                          {"invalid_email", What::bounced, Bounce::hard},
                          {"spam", What::complained},
                          {"complaint", What::complained},
                          {"unsubscribe", What::mail_declined},
                          {"unsubscribed", What::mail_declined},
                          {"list_addition", What::subscribed},
                          {"contact_updated", What::profile_changed}};

Word word_of(std::string_view name) {
  for (const Word& word : words)
    if (word.name == name) return word;
  return {name, What::other};
}

/// The webhooks of Brevo (developers.brevo.com, "Marketing webhooks" and "Transactional webhooks").
class Brevo final : public Webhook {
 public:
  explicit Brevo(ProviderParts parts)
      : Webhook(std::move(parts), webform::Door::token_anywhere(parts.secrets)) {}

 private:
  void understand(const sdk::HttpRequest& request, Events& events) const override {
    const json body = parse_body(request);
    for (const json* const object : objects_of(body)) understand(*object, events);
  }

  void understand(const json& object, Events& events) const {
    const std::string name = text_at(object, "event");
    const Word word = word_of(name);
    sdk::LeadEvent event = make_event(word.what, settings_, vendor, name);
    event.key = key_of_content(object.dump());  // "id" is the webhook's
    event.occurred_at = time_of(object);
    event.signal.message_id = text_at(object, "message-id");
    event.signal.reason = text_at(object, "reason");
    event.signal.trust = word.trust;
    event.signal.bounce = word.bounce;
    if (word.what == What::bounced) event.signal.status = enhanced_status_in(event.signal.reason);
    if (word.what == What::opened || word.what == What::clicked)
      event.signal.user_agent = text_at(object, "user_agent");
    if (word.what == What::clicked)
      event.signal.url = object.contains("link") ? text_at(object, "link") : text_at(object, "URL");
    if (word.what == What::profile_changed) add_profile(object, event);
    if (word.what == What::other)
      keep_attributes(event, object, "brevo_",
                      {"event", "email", "message-id", "reason", "ts", "ts_event", "ts_epoch"});
    events.add_for_each(event, addresses_at(object, "email"));
  }

  /// Only these three are told in UTC, and the first is the finest.
  static std::string time_of(const json& object) {
    if (std::string time = time_at(object, "ts_epoch"); !time.empty()) return time;
    if (std::string time = time_at(object, "ts_event"); !time.empty()) return time;
    return time_at(object, "ts");
  }

  /// "content": a list of what has changed, each with its attributes.
  static void add_profile(const json& object, sdk::LeadEvent& event) {
    const auto found = object.find("content");
    if (found == object.end() || !found->is_array()) return;
    for (const json& change : *found) {
      const json& fields =
          change.is_object() && change.contains("attributes") ? change["attributes"] : change;
      if (!fields.is_object()) continue;
      for (const auto& [name, value] : fields.items()) {
        const std::string text = value.is_string() ? value.get<std::string>() : std::string{};
        if (name == "FIRSTNAME" || name == "PRENOM")
          event.person.first_name = text;
        else if (name == "LASTNAME" || name == "NOM")
          event.person.last_name = text;
        else if (name == "SMS")
          event.person.phone = text;
        else
          keep_attribute(event, name, value);
      }
    }
  }
};

}  // namespace

namespace providers {

extern constexpr ProviderKind brevo{"brevo", &make_provider<Brevo>, &empty_secret_problem, &no_key_problem};

}  // namespace providers

}  // namespace leadhub::newsletter
