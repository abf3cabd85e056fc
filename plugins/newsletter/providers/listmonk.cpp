#include <nlohmann/json.hpp>

#include "webhook.hpp"

namespace leadhub::newsletter {
namespace {

using nlohmann::json;
using Bounce = sdk::Signal::Bounce;

constexpr std::string_view vendor = "listmonk";

/// What others report to listmonk's POST /webhooks/bounce, so that whoever does can report it here as well:
/// {"email"|"subscriber_uuid", "campaign_uuid", "source", "type": "hard"|"soft"|"complaint", "meta"}.
class Listmonk final : public Webhook {
 public:
  explicit Listmonk(ProviderParts parts)
      : Webhook(std::move(parts), webform::Door::token_anywhere(parts.secrets)) {}

 private:
  void understand(const sdk::HttpRequest& request, Events& events) const override {
    const json body = parse_body(request);
    for (const json* const object : objects_of(body)) understand(*object, events);
  }

  void understand(const json& object, Events& events) const {
    const std::string type = text_at(object, "type");
    const bool is_bounce = type == "hard" || type == "soft";
    const What what = is_bounce ? What::bounced : type == "complaint" ? What::complained : What::other;
    sdk::LeadEvent event = make_event(what, settings_, vendor, type.empty() ? "bounce" : type);
    event.key = key_of_content(object.dump());
    event.occurred_at = time_at(object, "created_at");
    if (is_bounce) event.signal.bounce = type == "hard" ? Bounce::hard : Bounce::soft;
    event.signal.reason = text_at(object, "source");
    event.signal.status = enhanced_status_in(text_at(object, "meta"));
    if (const std::string id = text_at(object, "subscriber_uuid"); !id.empty())
      event.person.external_ids["listmonk"] = id;
    if (what == What::other)
      keep_attributes(event, object, "listmonk_", {"email", "subscriber_uuid", "source", "created_at"});
    events.add_for_each(event, addresses_at(object, "email"));
  }

  [[nodiscard]] sdk::HttpResponse thanks() const override {
    return {200, {{"content-type", "application/json"}}, R"({"data":true})"};
  }
};

}  // namespace

namespace providers {

extern constexpr ProviderKind listmonk{"listmonk", &make_provider<Listmonk>, &empty_secret_problem,
                                       &no_key_problem};

}  // namespace providers

}  // namespace leadhub::newsletter
