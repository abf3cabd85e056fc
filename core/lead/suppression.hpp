#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lead/event.hpp"
#include "lead/lead.hpp"
#include "ops/clock.hpp"

namespace leadhub::lead {

/// Why no mail goes to an address any more, whatever it is for and whoever has it.
enum class SuppressionReason {
  hard_bounce = 1,  ///< there is no such mailbox
  soft_bounces,     ///< limits::soft_bounces_max of them came within limits::soft_bounce_window, and nothing
                    ///< that shows that a mail arrived
  complaint,        ///< its owner called a mail of ours spam
  by_operator,
};
[[nodiscard]] std::string_view to_string(SuppressionReason reason);
[[nodiscard]] std::optional<SuppressionReason> suppression_reason_from(std::string_view name);

struct Suppression {
  std::string address_hash;  ///< keyed hash of the canonical address: what remains when the person is erased
  std::string address;       ///< canonical; empty: the person was erased
  SuppressionReason reason = SuppressionReason::hard_bounce;
  EventReference source;
  TimePoint at{};
};

/// What is known of a mail to an address.
struct MailSign {
  enum class Kind { soft_bounce = 1, arrival };
  Kind kind = Kind::arrival;
  TimePoint at{};
};
/// nullopt: the event says nothing that counts. A bounce that refuses us, whoever the mail is for ("block"),
/// says nothing of the mailbox.
[[nodiscard]] std::optional<MailSign> mail_sign(const LeadEvent& event, TimePoint occurred_at);

/// Whether an event suppresses the address that it names: a hard bounce and a complaint do at once, a soft
/// bounce where it is one too many. `signs`: those of that address, this event's included, in any order.
[[nodiscard]] std::optional<SuppressionReason> suppression_after(const LeadEvent& event,
                                                                 TimePoint occurred_at,
                                                                 std::vector<MailSign> signs);

/// The consent purposes for which an event takes back that mails may be sent; every_purpose for all that
/// there are, also of an address that bounced for good or whose owner complained. Empty: it takes nothing
/// back.
[[nodiscard]] std::vector<std::string> withdrawn_purposes(const LeadEvent& event);

}  // namespace leadhub::lead
