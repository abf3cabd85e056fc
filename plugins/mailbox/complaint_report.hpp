#pragma once

#include <optional>
#include <string>
#include <vector>

#include "mime_message.hpp"

/// Feedback reports: a mailbox provider says that somebody called a mail of ours spam (RFC 5965, ARF).
namespace leadhub::mailbox {

struct ComplaintReport {
  enum class Kind {
    complaint = 1,  ///< abuse, fraud, opt-out: the person does not want such mails
    other,          ///< virus, auth-failure, not-spam, ...: says nothing of what the person wants
  };
  Kind kind = Kind::other;
  std::string feedback_type;            ///< "abuse", as the report says it, lower-case
  std::vector<std::string> recipients;  ///< who complained; empty: the provider hides it
  std::string message_id;               ///< of the mail complained about, without brackets; may be empty
  std::string provider;                 ///< User-Agent of the report
};

/// nullopt: the mail is no feedback report. Pure. Who complained is whom Original-Rcpt-To names, else, where
/// the provider leaves that out, the one address in To of the returned mail.
[[nodiscard]] std::optional<ComplaintReport> read_complaint_report(const Message& message);

}  // namespace leadhub::mailbox
