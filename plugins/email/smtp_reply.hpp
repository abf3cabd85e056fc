#pragma once

#include <leadhub/sdk/transport.hpp>

#include <optional>
#include <string>
#include <string_view>

/// What a mail relay says (RFC 5321 section 4.2), and what that means for a mail. Pure.
namespace leadhub::email {

struct SmtpReply {
  int code = 0;           ///< 200 to 599; 0: what came is no reply
  std::string enhanced;   ///< RFC 3463, "5.1.1", where the relay gave one of the code's class; else empty
  std::string last_text;  ///< of the last line, behind the codes. May be personal: never into a message
  [[nodiscard]] bool is_positive() const { return code >= 200 && code < 300; }
};

/// Puts replies together from bytes as they come.
class SmtpReplyReader {
 public:
  void feed(std::string_view bytes) { bytes_ += bytes; }
  /// nullopt: not whole yet. A reply with the code 0 where the bytes are none; the reader is of no use then.
  std::optional<SmtpReply> next();
  /// Whether nothing is left that next() has not given.
  [[nodiscard]] bool is_empty() const { return bytes_.empty(); }

 private:
  std::string bytes_;
};

/// The steps of one mail.
enum class SmtpStep { reset = 1, sender, recipient, data, content };

/// What a reply that does not let the mail go on makes of it, or the last one that does. One recipient a
/// mail, so what is said about the content is said about that one.
///
///   2xx to the content: done, with the relay's queue id where it names one as Postfix does. 421 and 4xx:
///   later. 530, 534, 535, 538: later, once somebody has mended the login. 5xx to RSET: later, because it is
///   about the mail before. 5xx to MAIL FROM: later, once somebody has mended the sender or the account,
///   unless it says that this mail is too large (552, 5.2.3, 5.3.4). Any other 5xx: rejected; gone only where
///   the reply is plainly about a recipient that does not exist: 5.1.1, 5.1.2, 5.1.3, 5.1.6 and 5.1.10, or,
///   without a meaningful enhanced code, 550, 551 and 553 to RCPT in words that say so. A mailbox that is
///   full (5.2.2) and policies (5.7.x) are no word about whether it exists. Anything else: unknown to the
///   content, later before it.
///
/// The messages name step and codes, never the relay's words.
[[nodiscard]] sdk::Outcome outcome_of(SmtpStep step, const SmtpReply& reply);

}  // namespace leadhub::email
