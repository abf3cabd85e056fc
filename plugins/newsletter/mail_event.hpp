#pragma once

#include <leadhub/sdk/channel.hpp>
#include <leadhub/sdk/event.hpp>

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "json_body.hpp"
#include "newsletter_settings.hpp"
#include "provider_event.hpp"
#include "vendor_words.hpp"

/// What newsletter services report, in the words of lead events.
namespace leadhub::newsletter {

using webform::Events;
using webform::keep_attribute;
using webform::keep_attributes;
using webform::key_of_content;
using webform::list_at;
using webform::text_at;
using webform::time_at;
using webform::vendor_event;

/// What happened between a newsletter and one person.
enum class What {
  subscribed = 1,   ///< newsletter.subscribed, consent granted
  unsubscribed,     ///< newsletter.unsubscribed, consent withdrawn: left the list
  mail_declined,    ///< email.unsubscribed, consent withdrawn: by a link or button of one mail
  profile_changed,  ///< x.<vendor>.profile
  delivered,        ///< email.delivered
  opened,           ///< email.opened
  clicked,          ///< email.clicked
  bounced,          ///< email.bounced
  complained,       ///< email.complained: called spam
  other,            ///< x.<vendor>.<name>
};

/// The event's type, with the consent that goes with it for the channel's purpose. `name`: what the provider
/// calls it, for What::other.
sdk::LeadEvent make_event(What what, const NewsletterSettings& settings, std::string_view vendor,
                          std::string_view name = {});

/// "5.1.1" out of "550 5.1.1 no such user"; empty where `text` names no enhanced status code (RFC 3463).
std::string enhanced_status_in(std::string_view text);

/// How an enhanced status code says that a mail bounced: its class 4 is soft, a matter of policy (x.7.x)
/// block, any other hard. none for an empty one.
sdk::Signal::Bounce bounce_of_status(std::string_view status);

/// The addresses at that path: a text, or each text of a list; "Ada <ada@example.com>" gives what is in
/// brackets.
std::vector<std::string> addresses_at(const nlohmann::json& object, std::string_view path);

}  // namespace leadhub::newsletter
