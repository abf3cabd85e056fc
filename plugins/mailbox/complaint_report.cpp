#include "complaint_report.hpp"

#include <algorithm>
#include <array>

#include "limits.hpp"
#include "report_fields.hpp"
#include "text.hpp"

namespace leadhub::mailbox {
namespace {

using Kind = ComplaintReport::Kind;

/// Those of RFC 5965 and of what came before it by which a person says that they want no more of this.
constexpr std::array<std::string_view, 4> complaining_types{"abuse", "fraud", "opt-out", "opt-out-list"};

std::vector<std::string> recipients_of(const FieldGroup& fields) {
  std::vector<std::string> recipients;
  for (const auto& [name, value] : fields.fields) {
    if (name != "original-rcpt-to" || recipients.size() >= limits::recipients_max) continue;
    std::string address = mail_address_of(value);
    const bool known = std::find(recipients.begin(), recipients.end(), address) != recipients.end();
    if (!address.empty() && !known) recipients.push_back(std::move(address));
  }
  return recipients;
}

const Part* returned_mail_of(const Message& message) {
  for (const std::string_view type :
       {"message/rfc822", "message/global", "text/rfc822-headers", "message/global-headers"})
    if (const Part* const part = message.part(type)) return part;
  return nullptr;
}

/// The one address of the returned mail's To; of several nobody can say whose complaint it is.
std::vector<std::string> only_recipient_of(std::string_view returned_header) {
  const std::vector<FieldGroup> groups = read_field_groups(returned_header);
  if (groups.empty()) return {};
  const std::vector<FoundAddress> found = find_addresses(groups.front().value("to"));
  return found.size() == 1 ? std::vector<std::string>{found.front().address} : std::vector<std::string>{};
}

}  // namespace

std::optional<ComplaintReport> read_complaint_report(const Message& message) {
  const Part* const feedback = message.part("message/feedback-report");
  if (feedback == nullptr) return std::nullopt;
  // One group by the RFC; some providers put a blank line between the fields.
  FieldGroup fields;
  for (FieldGroup& group : read_field_groups(feedback->text))
    std::move(group.fields.begin(), group.fields.end(), std::back_inserter(fields.fields));
  ComplaintReport report;
  report.feedback_type = lower_case(fields.value("feedback-type"));
  const bool complains = std::find(complaining_types.begin(), complaining_types.end(),
                                   report.feedback_type) != complaining_types.end();
  report.kind = complains ? Kind::complaint : Kind::other;
  report.provider = fields.value("user-agent");
  report.recipients = recipients_of(fields);
  if (const Part* const returned = returned_mail_of(message)) {
    if (report.recipients.empty()) report.recipients = only_recipient_of(returned->text);
    report.message_id = message_id_in(returned->text);
  }
  return report;
}

}  // namespace leadhub::mailbox
