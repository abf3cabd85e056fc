#pragma once

#include <string>

#include "deliver/mail_transport.hpp"
#include "lead/lead_json.hpp"
#include "lead/message.hpp"

namespace leadhub::deliver {

/// Tells somebody of the team about a lead: who it is, how to reach them, why they are hot and what has
/// happened so far; or that nobody has answered them. `site`: the hub's public URL;
/// `answer_link`: where they say that they have taken it up. Times are in UTC.
[[nodiscard]] OutgoingMail hand_off_mail(const lead::Message& message, const lead::LeadRecord& record,
                                         const std::string& site, const std::string& answer_link);

}  // namespace leadhub::deliver
