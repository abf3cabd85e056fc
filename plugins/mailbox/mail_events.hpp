#pragma once

#include <leadhub/sdk/event.hpp>

#include <cstdint>
#include <string_view>
#include <vector>

/// What a mail in the mailbox means, as lead events.
namespace leadhub::mailbox {

enum class MailKind {
  bounce = 1,
  delay,  ///< a bounce none of whose recipients is given up
  complaint,
  reply,
  automatic_answer,
  other,  ///< nothing to tell: spam, lists, reports that name nobody, mails that answer nothing
};

struct MailReading {
  MailKind kind = MailKind::other;
  std::vector<sdk::LeadEvent> events;
};

/// Pure: the same bytes and time give the same events, keys included.
///
///   a delivery status notification, another bounce   email.bounced for each recipient given up
///   the same, still being tried                      x.email.delayed
///   a feedback report of a complaint                 email.complained
///   an answer that a person wrote                    x.email.replied, with its text
///   an answer that a program wrote                   x.email.auto_replied, without: it is nobody's act
///
/// The key is a hash of the mail's Message-ID, or of its bytes where it has none, so that a mail which is
/// read twice, or lies in two folders, is one event. The time is the mail's Date, where it can be read and is
/// not after `now_ms`: a date in the future would outweigh whatever the person does until then.
[[nodiscard]] MailReading read_mail(std::string_view bytes, std::int64_t now_ms);

}  // namespace leadhub::mailbox
