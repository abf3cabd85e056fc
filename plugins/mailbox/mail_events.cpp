#include "mail_events.hpp"

#include <leadhub/sdk/crypto.hpp>
#include <leadhub/sdk/time.hpp>

#include "bounce_report.hpp"
#include "complaint_report.hpp"
#include "limits.hpp"
#include "mime_message.hpp"
#include "reply.hpp"
#include "text.hpp"

namespace leadhub::mailbox {
namespace {

using sdk::LeadEvent;
using sdk::Signal;

std::string key_of(const Message& message, std::string_view bytes) {
  const std::string_view id = message.header("message-id");
  const std::string_view identity = id.empty() ? bytes : id;
  return sdk::hex_encode(sdk::sha256(identity)).substr(0, 32);
}

std::string past_date_of(const Message& message, std::int64_t now_ms) {
  const auto date_ms = date_ms_of(message);
  return date_ms && *date_ms <= now_ms ? sdk::format_rfc3339(*date_ms) : std::string{};
}

/// What every event of one mail has in common.
class MailReader {
 public:
  MailReader(std::string_view bytes, std::int64_t now_ms)
      : message_(read_message(bytes)), key_(key_of(message_, bytes)), date_(past_date_of(message_, now_ms)) {}

  MailReading read() {
    if (const auto complaint = read_complaint_report(message_)) return read(*complaint);
    if (const auto bounce = read_bounce_report(message_)) return read(*bounce);
    return read_answer();
  }

 private:
  MailReading read(const ComplaintReport& report) {
    if (report.kind != ComplaintReport::Kind::complaint || report.recipients.empty()) return {};
    for (const std::string& recipient : report.recipients) {
      LeadEvent event = next_event("email.complained", recipient);
      event.signal.reason = single_line(report.feedback_type, limits::field_bytes_max);
      event.signal.message_id = report.message_id;
      event.signal.user_agent = report.provider;
      add(std::move(event));
    }
    reading_.kind = MailKind::complaint;
    return std::move(reading_);
  }

  MailReading read(const BounceReport& report) {
    for (const FailedRecipient& recipient : report.recipients) {
      const bool failed = recipient.outcome == FailedRecipient::Outcome::failed;
      LeadEvent event = next_event(failed ? "email.bounced" : "x.email.delayed", recipient.address);
      if (failed) event.signal.bounce = bounce_class(recipient.status, recipient.reason);
      event.signal.status = recipient.status;
      event.signal.reason = recipient.reason;
      event.signal.message_id = report.message_id;
      add(std::move(event));
      if (failed) reading_.kind = MailKind::bounce;
      if (!failed && reading_.kind == MailKind::other) reading_.kind = MailKind::delay;
    }
    return std::move(reading_);
  }

  MailReading read_answer() {
    const std::vector<FoundAddress> from = find_addresses(message_.header("from"));
    if (from.empty() || !is_answer(message_)) return {};
    const Authorship authorship = authorship_of(message_);
    if (authorship == Authorship::bulk) return {};
    const bool by_person = authorship == Authorship::person;
    LeadEvent event = next_event(by_person ? "x.email.replied" : "x.email.auto_replied", from.back().address);
    event.signal.trust = by_person ? Signal::Trust::human : Signal::Trust::scanner;
    event.signal.message_id = answered_message_id(message_);
    if (by_person) event.message = reply_text(message_);
    add(std::move(event));
    reading_.kind = by_person ? MailKind::reply : MailKind::automatic_answer;
    return std::move(reading_);
  }

  /// The second and later ones of a mail have the key with ":2", ":3", ...
  LeadEvent next_event(std::string_view type, const std::string& address) const {
    LeadEvent event;
    event.type = type;
    event.key = reading_.events.empty() ? key_ : key_ + ":" + std::to_string(reading_.events.size() + 1);
    event.occurred_at = date_;
    event.person.email = single_line(address, limits::address_bytes_max);
    return event;
  }

  void add(LeadEvent event) { reading_.events.push_back(std::move(event)); }

  Message message_;
  std::string key_;
  std::string date_;
  MailReading reading_;
};

}  // namespace

MailReading read_mail(std::string_view bytes, std::int64_t now_ms) {
  return MailReader{bytes, now_ms}.read();
}

}  // namespace leadhub::mailbox
