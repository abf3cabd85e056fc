#include <nlohmann/json.hpp>

#include "webhook.hpp"

namespace leadhub::newsletter {
namespace {

using nlohmann::json;
using Bounce = sdk::Signal::Bounce;
using Trust = sdk::Signal::Trust;

constexpr std::string_view vendor = "postmark";

/// What Postmark's bounce types mean (Bounce API, "Bounce types"). Those that are not here tell nothing about
/// the address: automatic answers, open relay tests, errors of the sender's own.
struct BounceType {
  std::string_view name;
  What what;
  Bounce bounce = Bounce::none;
};
constexpr BounceType bounce_types[] = {{"HardBounce", What::bounced, Bounce::hard},
                                       {"BadEmailAddress", What::bounced, Bounce::hard},
                                       {"ManuallyDeactivated", What::bounced, Bounce::hard},
                                       {"SoftBounce", What::bounced, Bounce::soft},
                                       {"Transient", What::bounced, Bounce::soft},
                                       {"DnsError", What::bounced, Bounce::soft},
                                       {"Unknown", What::bounced, Bounce::soft},
                                       {"Blocked", What::bounced, Bounce::block},
                                       {"SpamNotification", What::bounced, Bounce::block},
                                       {"VirusNotification", What::bounced, Bounce::block},
                                       {"DMARCPolicy", What::bounced, Bounce::block},
                                       {"SpamComplaint", What::complained},
                                       {"Unsubscribe", What::mail_declined}};

/// A record: where the person and the time stand in it.
struct Record {
  std::string_view name;
  What what;
  std::string_view person = "Recipient";
  std::string_view time = "ReceivedAt";
};
constexpr Record records[] = {{"Delivery", What::delivered, "Recipient", "DeliveredAt"},
                              {"Bounce", What::bounced, "Email", "BouncedAt"},
                              {"SpamComplaint", What::complained, "Email", "BouncedAt"},
                              {"Open", What::opened},
                              {"Click", What::clicked},
                              {"SubscriptionChange", What::mail_declined, "Recipient", "ChangedAt"}};

/// Postmark's webhooks: one record in a request.
class Postmark final : public Webhook {
 public:
  explicit Postmark(ProviderParts parts)
      : Webhook(std::move(parts), webform::Door::token_anywhere(parts.secrets)) {}

 private:
  void understand(const sdk::HttpRequest& request, Events& events) const override {
    const json body = parse_body(request);
    for (const json* const object : objects_of(body)) understand(*object, events);
  }

  void understand(const json& object, Events& events) const {
    const std::string name = text_at(object, "RecordType");
    Record record{name, What::other};
    for (const Record& known : records)
      if (known.name == name) record = known;
    Bounce bounce = Bounce::none;
    if (record.name == "Bounce") {
      const BounceType type = type_of(text_at(object, "Type"));
      record.what = type.what;
      bounce = type.bounce;
    }
    if (record.name == "SubscriptionChange" && !has_left(object)) record.what = What::other;
    sdk::LeadEvent event = make_event(record.what, settings_, vendor, snake_case(name));
    event.key = key_of(object, name, text_at(object, record.time));
    event.occurred_at = time_at(object, record.time);
    event.signal.message_id = text_at(object, "MessageID");
    event.signal.bounce = bounce;
    const std::string details = text_at(object, "Details");
    event.signal.reason = details.empty() ? text_at(object, "Description") : details;
    if (record.what == What::bounced) event.signal.status = enhanced_status_in(details);
    if (record.what == What::mail_declined) event.signal.reason = text_at(object, "SuppressionReason");
    if (record.what == What::opened || record.what == What::clicked) {
      event.signal.trust = Trust::unknown;
      event.signal.user_agent = text_at(object, "UserAgent");
      event.signal.url = text_at(object, "OriginalLink");
    }
    if (record.what == What::other)
      keep_attributes(
          event, object, "postmark_",
          {"RecordType", "ID", "MessageID", "Recipient", "Email", "From", "To", "Cc", "Bcc", "Details",
           "Description", "Content", "ReceivedAt", "BouncedAt", "ChangedAt", "DeliveredAt"});
    events.add_for_each(event, addresses_at(object, record.person));
  }

  static BounceType type_of(std::string_view name) {
    for (const BounceType& type : bounce_types)
      if (type.name == name) return type;
    return {name, What::other};
  }

  /// That an address was suppressed after a bounce or a complaint comes as such a record, too.
  static bool has_left(const json& object) {
    return text_at(object, "SuppressSending") == "true" &&
           text_at(object, "SuppressionReason") == "ManualSuppression";
  }

  /// Bounces and complaints have an id; the others are told apart by mail, kind and time.
  static std::string key_of(const json& object, const std::string& name, const std::string& time) {
    if (const std::string id = text_at(object, "ID"); !id.empty()) return name + ":" + id;
    const std::string message_id = text_at(object, "MessageID");
    if (message_id.empty() || time.empty()) return key_of_content(object.dump());
    return name + ":" + message_id + ":" + time + ":" + text_at(object, "OriginalLink");
  }

  /// "SubscriptionChange" -> "subscription_change".
  static std::string snake_case(std::string_view name) {
    std::string out;
    for (const char c : name) {
      const bool upper = c >= 'A' && c <= 'Z';
      if (upper && !out.empty()) out += '_';
      out += upper ? static_cast<char>(c + 32) : c;
    }
    return out;
  }
};

}  // namespace

namespace providers {

extern constexpr ProviderKind postmark{"postmark", &make_provider<Postmark>, &empty_secret_problem,
                                       &no_key_problem};

}  // namespace providers

}  // namespace leadhub::newsletter
