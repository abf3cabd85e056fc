#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "deliver/mail_transport.hpp"
#include "lead/message.hpp"
#include "mail/template_set.hpp"

namespace leadhub::deliver {

/// What the mail that asks for a confirmation says besides what every mail of the hub can say.
struct OptInFacts {
  std::string link;
  std::string text;  ///< what the person agreed to; may be empty
  TimePoint expires{};
};

/// The mail that asks the owner of a mailbox to confirm. Its fields (mail::MailKind::confirmation) are who
/// asked for what, what the link does and until when: nothing that a sign-up form could fill with somebody's
/// spam. `values`: public_url, site, postal_address. Errors: those of TemplateSet::render.
[[nodiscard]] Result<OutgoingMail> opt_in_mail(const lead::Message& message, const OptInFacts& facts,
                                               const mail::TemplateSet& templates,
                                               const mail::Template& asking, nlohmann::ordered_json values);

/// A rendered mail on its way to one recipient. `site`: the host of the hub's public URL.
[[nodiscard]] OutgoingMail outgoing(const lead::Message& message, mail::RenderedMail rendered,
                                    const std::string& site);

}  // namespace leadhub::deliver
