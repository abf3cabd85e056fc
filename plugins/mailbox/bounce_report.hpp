#pragma once

#include <leadhub/sdk/event.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mime_message.hpp"

/// Mails that say that a mail did not arrive: delivery status notifications (RFC 3464 in the report of
/// RFC 6522, which was RFC 3462), and what systems write that never learned it.
namespace leadhub::mailbox {

/// One recipient whom a mail did not reach.
struct FailedRecipient {
  enum class Outcome {
    failed = 1,  ///< given up
    delayed,     ///< still being tried: nothing to act upon
  };
  std::string address;  ///< as the report writes it
  Outcome outcome = Outcome::failed;
  std::string status;  ///< enhanced status code (RFC 3463), "5.1.1"; empty: none was given
  std::string reason;  ///< in the words of whoever refused, one line
};

struct BounceReport {
  std::vector<FailedRecipient> recipients;  ///< each address once; may be empty: nobody is named
  std::string message_id;                   ///< of the mail that bounced, without brackets; may be empty
};

/// nullopt: the mail is no bounce. Pure.
///
/// A delivery status notification is read by its fields: Original-Recipient, where it is a mail address, else
/// Final-Recipient, because the first is what we wrote to and the second may be where it was forwarded.
/// Recipients that the mail reached are left out.
///
/// A mail of the hub's own has one recipient. Where the returned header is one's (its Message-ID begins with
/// a UUID, version 7), that recipient is meant, whatever the report calls them and even where it names
/// nobody.
///
/// Any other bounce is known by who sent it, a mail system, or by its subject. Its addresses are those that
/// X-Failed-Recipients names, or that stand at the start of a line or behind a colon, or else in a sentence
/// that says that something failed; never those of the mail's own header, of postmasters and of the returned
/// mail.
[[nodiscard]] std::optional<BounceReport> read_bounce_report(const Message& message);

/// What a failure means for further mails. Not asked for one that is only delayed.
///   hard   there is no such mailbox: no mail will ever arrive
///   block  refused for what the mail is or whom it is from; says nothing of the mailbox
///   soft   anything else: a full mailbox, a host that was away, a reason that nobody gave. Not hard, because
///          a reader lost by mistake is lost for good, while a dead mailbox bounces again
/// The status code decides where it is about the mailbox, the address or a policy (the table is in
/// bounce_class.cpp), else the words of `reason`.
[[nodiscard]] sdk::Signal::Bounce bounce_class(std::string_view status, std::string_view reason);

}  // namespace leadhub::mailbox
