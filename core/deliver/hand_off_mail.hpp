#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "deliver/mail_transport.hpp"
#include "lead/lead_json.hpp"
#include "lead/message.hpp"
#include "mail/template_set.hpp"

namespace leadhub::deliver {

/// What a mail to the team can say about a lead (mail::MailKind::hand_off): who it is, how to reach them, why
/// they are hot and what has happened so far; or that nobody has answered them. `now` decides the
/// temperature; `missed`: the owner has not answered.
[[nodiscard]] nlohmann::ordered_json hand_off_values(const lead::LeadRecord& record, TimePoint now,
                                                     bool missed);

/// Tells somebody of the team about a lead. `answer_link`: where they say that they have taken it up;
/// `values`: public_url, site, postal_address. Times are in UTC. Errors: those of TemplateSet::render.
[[nodiscard]] Result<OutgoingMail> hand_off_mail(const lead::Message& message, const lead::LeadRecord& record,
                                                 const std::string& answer_link,
                                                 const mail::TemplateSet& templates,
                                                 const mail::Template& telling,
                                                 const nlohmann::ordered_json& values);

}  // namespace leadhub::deliver
