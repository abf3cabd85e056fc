#include <nlohmann/json.hpp>

#include "json_body.hpp"
#include "limits.hpp"
#include "sns_sender.hpp"
#include "text.hpp"
#include "webhook.hpp"

namespace leadhub::newsletter {
namespace {

using nlohmann::json;
using Bounce = sdk::Signal::Bounce;
using Trust = sdk::Signal::Trust;

constexpr std::string_view vendor = "ses";

/// A report of SES ("Contents of event data that Amazon SES publishes to Amazon SNS"): what it means, the
/// member that tells more, and the list in that of whom it is about; where it has none, all that the mail
/// went to.
struct Report {
  std::string_view type;
  What what;
  const char* name;
  const char* details;
  const char* recipients = "";
};
constexpr Report reports[] = {
    {"Delivery", What::delivered, "delivery", "delivery", "recipients"},
    {"Bounce", What::bounced, "bounce", "bounce", "bouncedRecipients"},
    {"Complaint", What::complained, "complaint", "complaint", "complainedRecipients"},
    {"Open", What::opened, "open", "open"},
    {"Click", What::clicked, "click", "click"},
    {"Subscription", What::mail_declined, "subscription", "subscription"},
    {"Send", What::other, "send", "send"},
    {"Reject", What::other, "reject", "reject"},
    {"Rendering Failure", What::other, "rendering_failure", "failure"},
    {"DeliveryDelay", What::other, "delivery_delay", "deliveryDelay", "delayedRecipients"}};

/// SES gives a mail up for good ("Permanent"), or after long trying; "Undetermined" is what it could not
/// understand. That content or attachments were refused says nothing of the address.
Bounce bounce_of(const json& details) {
  const std::string subtype = text_at(details, "bounceSubType");
  if (text_at(details, "bounceType") == "Permanent") return Bounce::hard;
  return subtype == "ContentRejected" || subtype == "AttachmentRejected" ? Bounce::block : Bounce::soft;
}

/// Not every report of a feedback loop says that somebody called the mail spam; and that SES sent nothing to
/// an address, because of a complaint before, says nothing new.
bool is_complaint(const json& details) {
  const std::string type = text_at(details, "complaintFeedbackType");
  return type != "not-spam" && type != "auth-failure" &&
         text_at(details, "complaintSubType") != "OnAccountSuppressionList";
}

/// Whether somebody left everything. Who left one topic of many goes on getting mails.
bool has_left(const json& details) {
  if (text_at(details, "newTopicPreferences.unsubscribeAll") == "true") return true;
  const json& topics = list_at(details, "newTopicPreferences.topicSubscriptionStatus");
  for (const json& topic : topics)
    if (text_at(topic, "subscriptionStatus") != "OptOut") return false;
  return !topics.empty();
}

What what_of(const Report& report, const json& details) {
  if (report.what == What::complained && !is_complaint(details)) return What::other;
  if (report.what == What::mail_declined && !has_left(details)) return What::other;
  return report.what;
}

/// One whom a report is about, and what it says of them alone.
struct Recipient {
  std::string email, status, diagnosis;
};

std::vector<Recipient> recipients_of(const json& body, const json& details, const Report& report) {
  const bool has_own = *report.recipients != '\0';
  std::vector<Recipient> recipients;
  for (const json& one : has_own ? list_at(details, report.recipients) : list_at(body, "mail.destination")) {
    if (one.is_string())
      recipients.push_back({one.get<std::string>(), {}, {}});
    else
      recipients.push_back(
          {text_at(one, "emailAddress"), text_at(one, "status"), text_at(one, "diagnosticCode")});
  }
  // Nobody knows which of several opened or clicked; and a mail that came in went to ourselves.
  const bool is_of_one = report.what == What::opened || report.what == What::clicked;
  if ((is_of_one && recipients.size() != 1) || report.type == "Received") recipients.clear();
  if (recipients.empty()) recipients.emplace_back();
  return recipients;
}

/// SES has no id of an event: the mail, the kind, whom, when and where they went. The same in both shapes,
/// so that who has switched both on gets each event once. A hash, because addresses have no place in keys.
std::string key_of(const json& body, const json& details, const Report& report, const Recipient& recipient) {
  const std::string message_id = text_at(body, "mail.messageId");
  const std::string rest = recipient.email + "\n" + text_at(details, "timestamp") + "\n" +
                           text_at(details, "link") + "\n" +
                           (message_id.empty() ? body.dump() : std::string{});
  return std::string(report.type) + ":" + message_id + ":" + key_of_content(rest);
}

/// Amazon Simple Email Service, by Amazon Simple Notification Service.
///
/// read() never gives events, follow_up() always does: whether a message is proven when it is read depends on
/// what was fetched before, and read() must give the same at each repetition.
class Ses final : public Webhook {
 public:
  explicit Ses(ProviderParts parts) : Webhook(std::move(parts.settings)), sender_(settings_.topics) {
    if (settings_.topics.empty())
      throw sdk::ChannelError("there is no topic that may send; give its ARN in \"topics\"");
  }

  [[nodiscard]] bool follows_up() const override { return true; }
  [[nodiscard]] bool wants_follow_up(const sdk::HttpRequest& /*request*/) const override { return true; }

  [[nodiscard]] std::vector<std::string> follow_up(const Errand& errand) override {
    const sdk::SnsMessage message = message_of(errand.request);
    sender_.prove(message, errand);
    if (message.type == "Notification") return events_of(message).take();
    if (message.type == "SubscriptionConfirmation") {
      SnsSender::confirm(message, errand);
      errand.host.count("subscriptions_confirmed");
      errand.host.log(sdk::LogLevel::info, "the subscription of " + message.topic_arn + " is confirmed");
    } else {
      errand.host.count("subscriptions_ended");
      errand.host.log(sdk::LogLevel::warning, "the subscription of " + message.topic_arn +
                                                  " has ended; subscribe again in SNS unless that was meant");
    }
    return {};
  }

 private:
  /// SNS says text/plain, whatever it sends.
  [[nodiscard]] bool takes(std::string_view content_type) const override {
    const std::string_view type = webform::trim(webform::split_once(content_type, ';').before);
    return webform::equal_ignoring_case(type, "text/plain") || Webhook::takes(content_type);
  }

  [[nodiscard]] sdk::Verdict admit(const sdk::HttpRequest& request, std::int64_t now_ms) const override {
    const auto body = webform::parse_json_object(request.body());
    if (!body) return refuse(403, "this is no message of SNS: " + body.error());
    const std::optional<SnsSender::Refusal> refusal = sender_.refuse(sns_message_of(*body), now_ms);
    return refusal ? refuse(refusal->status, refusal->reason) : sdk::Verdict::accept();
  }

  /// So that what cannot be understood is set aside for a redrive; the events come after the proof.
  void understand(const sdk::HttpRequest& request, Events& /*events*/) const override {
    const sdk::SnsMessage message = message_of(request);
    if (message.type == "Notification") static_cast<void>(events_of(message));
  }

  static sdk::SnsMessage message_of(const sdk::HttpRequest& request) {
    const auto body = webform::parse_json_object(request.body());
    if (!body) throw sdk::ChannelError(body.error());
    return sns_message_of(*body);
  }

  [[nodiscard]] Events events_of(const sdk::SnsMessage& message) const {
    Events events;
    // What SES publishes when event publishing is switched on, and when a topic is chosen for an identity.
    if (message.message.starts_with("Successfully validated SNS topic")) return events;
    const auto body = webform::parse_json_object(message.message);
    if (!body) throw sdk::ChannelError("the notification is no report of SES: " + body.error());
    std::string type = text_at(*body, "eventType");
    if (type.empty()) type = text_at(*body, "notificationType");
    if (type.empty()) throw sdk::ChannelError("the notification is no report of SES: it has no eventType");
    if (type != "AmazonSnsSubscriptionSucceeded") add(*body, type, message.timestamp, events);
    return events;
  }

  void add(const json& body, const std::string& type, const std::string& published_at, Events& events) const {
    Report report{type, What::other, type.c_str(), ""};
    for (const Report& known : reports)
      if (known.type == type) report = known;
    const json& details = webform::object_at(body, report.details);
    const What what = what_of(report, details);
    for (const Recipient& recipient : recipients_of(body, details, report)) {
      sdk::LeadEvent event = make_event(what, settings_, vendor, report.name);
      event.key = key_of(body, details, report, recipient);
      event.occurred_at = time_at(details, "timestamp");
      if (event.occurred_at.empty()) event.occurred_at = published_at;
      event.person.email = recipient.email;
      event.signal.message_id = text_at(body, "mail.messageId");
      describe(what, details, recipient, event);
      events.add(std::move(event));
    }
  }

  static void describe(What what, const json& details, const Recipient& recipient, sdk::LeadEvent& event) {
    if (what == What::bounced) {
      event.signal.bounce = bounce_of(details);
      event.signal.status = enhanced_status_in(recipient.status);
      if (event.signal.status.empty()) event.signal.status = enhanced_status_in(recipient.diagnosis);
      event.signal.reason = recipient.diagnosis.empty()
                                ? text_at(details, "bounceType") + ": " + text_at(details, "bounceSubType")
                                : recipient.diagnosis;
    }
    if (what == What::complained) event.signal.reason = text_at(details, "complaintFeedbackType");
    if (what == What::delivered) event.signal.reason = text_at(details, "smtpResponse");
    if (what == What::opened || what == What::clicked) {
      event.signal.trust = Trust::unknown;
      event.signal.user_agent = text_at(details, "userAgent");
      event.signal.url = text_at(details, "link");
    }
    if (what == What::other) keep_attributes(event, details, "ses_", {"timestamp", "feedbackId"});
  }

  mutable SnsSender sender_;
};

}  // namespace

namespace providers {

extern constexpr ProviderKind ses{"ses", &make_provider<Ses>, &no_secret_problem, &no_key_problem};

}  // namespace providers

}  // namespace leadhub::newsletter
