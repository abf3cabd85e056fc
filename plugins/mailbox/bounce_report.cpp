#include "bounce_report.hpp"

#include <algorithm>

#include "bounce_notice.hpp"
#include "limits.hpp"
#include "report_fields.hpp"
#include "text.hpp"

namespace leadhub::mailbox {
namespace {

using Outcome = FailedRecipient::Outcome;

/// nullopt: the mail reached this recipient, or went on to a system that reports by itself. RFC 3464 has
/// "failed" and "delayed"; some write other words, and comments behind them.
std::optional<Outcome> outcome_of(std::string_view action) {
  const std::string word = lower_case(action.substr(0, action.find_first_of(" (")));
  if (word == "delayed") return Outcome::delayed;
  if (word == "failed" || word == "failure" || word == "error") return Outcome::failed;
  return std::nullopt;
}

std::string status_of(const FieldGroup& fields) {
  std::string given = enhanced_status_in(fields.value("status"));
  if (!given.empty() && !given.ends_with(".0.0")) return given;
  const std::string said = enhanced_status_in(fields.value("diagnostic-code"));
  return said.empty() ? given : said;
}

/// "smtp; 550 no such user" -> "550 no such user"; what stands behind the code in Status else.
std::string reason_of(const FieldGroup& fields) {
  constexpr std::size_t type_bytes_max = 20;  // "smtp", "x-postfix"
  std::string_view said = fields.value("diagnostic-code");
  if (said.empty()) said = fields.value("status");
  const auto semicolon = said.find(';');
  if (semicolon < type_bytes_max) said = trimmed(said.substr(semicolon + 1));
  return std::string{said};
}

std::string address_of(const FieldGroup& fields) {
  const std::string original = mail_address_of(fields.value("original-recipient"));
  std::string last = mail_address_of(fields.value("final-recipient"));
  return original.empty() || original == last ? std::move(last) : decode_xtext(original);
}

void add(std::vector<FailedRecipient>& recipients, FailedRecipient recipient) {
  const auto known = std::find_if(recipients.begin(), recipients.end(), [&](const FailedRecipient& other) {
    return lower_case(other.address) == lower_case(recipient.address);
  });
  if (known == recipients.end() && recipients.size() < limits::recipients_max)
    recipients.push_back(std::move(recipient));
}

const Part* delivery_status_of(const Message& message) {
  const Part* const part = message.part("message/delivery-status");
  return part != nullptr ? part : message.part("message/global-delivery-status");
}

/// `named`: whether any group names a recipient, whatever became of it.
std::vector<FailedRecipient> read_delivery_status(const Part& part, bool& named) {
  std::vector<FailedRecipient> recipients;
  for (const FieldGroup& fields : read_field_groups(part.text)) {
    std::string address = address_of(fields);
    if (address.empty()) continue;
    named = true;
    if (const auto outcome = outcome_of(fields.value("action")))
      add(recipients, {std::move(address), *outcome, status_of(fields), reason_of(fields)});
  }
  return recipients;
}

/// "0198c0de-0000-7000-8000-000000000000@hub.example": as the hub names its mails.
bool is_own_message_id(std::string_view id) {
  constexpr std::string_view shape = "xxxxxxxx-xxxx-7xxx-xxxx-xxxxxxxxxxxx@";
  if (id.size() <= shape.size()) return false;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    constexpr std::string_view digits = "0123456789abcdef";
    if (shape[i] == 'x' ? digits.find(id[i]) == digits.npos : id[i] != shape[i]) return false;
  }
  return true;
}

/// Whom the hub's own mail that was returned went to; empty: it is none of the hub's.
std::string recipient_of_own_mail(const Message& message) {
  for (const Part& part : message.parts) {
    for (const FieldGroup& header : read_field_groups(part.text)) {
      std::string_view id = header.value("message-id");
      if (id.starts_with('<')) id.remove_prefix(1);
      const std::vector<FoundAddress> to = find_addresses(header.value("to"));
      if (is_own_message_id(id) && to.size() == 1) return to.front().address;
    }
  }
  return {};
}

/// Of the mail that was returned, as a whole or its header alone.
std::string returned_message_id(const Message& message) {
  for (const std::string_view type :
       {"message/rfc822", "message/global", "text/rfc822-headers", "message/global-headers"})
    if (const Part* const part = message.part(type))
      if (std::string id = message_id_in(part->text); !id.empty()) return id;
  for (const Part& part : message.parts)
    if (part.type == "text/plain")
      if (std::string id = message_id_in(part.text); !id.empty()) return id;
  return {};
}

}  // namespace

std::optional<BounceReport> read_bounce_report(const Message& message) {
  BounceReport report;
  bool named = false;  // somebody, by fields, whatever became of them
  if (const Part* const status = delivery_status_of(message)) {
    report.recipients = read_delivery_status(*status, named);
    if (!named) report.recipients = read_bounce_notice(message);
  } else if (is_bounce_notice(message)) {
    report.recipients = read_bounce_notice(message);
  } else {
    return std::nullopt;
  }
  report.message_id = returned_message_id(message);
  if (const std::string own = recipient_of_own_mail(message); !own.empty()) {
    if (report.recipients.empty() && !named) report.recipients = {read_bounce_notice_about(message, own)};
    if (report.recipients.size() == 1) report.recipients.front().address = own;
  }
  return report;
}

}  // namespace leadhub::mailbox
