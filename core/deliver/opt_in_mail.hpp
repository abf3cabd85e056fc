#pragma once

#include <string>

#include "deliver/mail_transport.hpp"
#include "lead/message.hpp"

namespace leadhub::deliver {

/// What the mail that asks for a confirmation says besides its link.
struct OptInFacts {
  std::string link;
  std::string site;  ///< the hub's public URL
  std::string text;  ///< what the person agreed to; may be empty
  TimePoint expires{};
};

/// The mail that asks the owner of a mailbox to confirm. Says who asked for what, what the link does and
/// until when, and that doing nothing is an answer, too: nothing else that a sign-up form could fill with
/// somebody's spam.
[[nodiscard]] OutgoingMail opt_in_mail(const lead::Message& message, const OptInFacts& facts);

}  // namespace leadhub::deliver
