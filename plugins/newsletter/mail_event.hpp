#pragma once

#include <leadhub/sdk/channel.hpp>
#include <leadhub/sdk/event.hpp>

#include <initializer_list>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "newsletter_settings.hpp"

/// What newsletter services report, in the words of lead events.
namespace leadhub::newsletter {

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

/// Text of a string, number or boolean at a path of `object`, "message.headers.message-id"; empty for
/// anything else.
std::string text_at(const nlohmann::json& object, std::string_view path);

/// RFC 3339 of a number of seconds or milliseconds since 1970 at that path, which may be a text of digits.
/// Empty where there is none or it is no time of this calendar.
std::string time_of_seconds(const nlohmann::json& object, std::string_view path);
std::string time_of_milliseconds(const nlohmann::json& object, std::string_view path);

/// A key for what its provider has no id for: the same for the same content, so that a repetition is known.
/// 32 characters of the SHA-256 of it.
std::string key_of_content(std::string_view content);

/// Keeps a plain value, or a list of texts, as an attribute of that name, in letters that hub.yaml can name.
/// What is empty or nested is left out: it stays in the raw request.
void keep_attribute(sdk::LeadEvent& event, std::string_view name, const nlohmann::json& value);

/// The same with each member of an object, as "<prefix><name>", but for those in `told`: what the event says
/// already, and other people's addresses.
void keep_attributes(sdk::LeadEvent& event, const nlohmann::json& object, std::string_view prefix,
                     std::initializer_list<std::string_view> told);

/// The events of one request.
class Events {
 public:
  /// Adds one. Its key and texts are made to fit the schema: control characters go, what is too long is cut.
  /// Throws ChannelError beyond bounds::events_max.
  void add(sdk::LeadEvent event);

  /// Adds one for each of several persons: `emails` in their order; the second and later ones have the key
  /// with
  /// ":2", ":3", ... None: the event without a person, which the host sets aside.
  void add_for_each(const sdk::LeadEvent& event, const std::vector<std::string>& emails);

  [[nodiscard]] std::vector<std::string> take() { return std::move(documents_); }

 private:
  std::vector<std::string> documents_;
};

/// The addresses at that path: a text, or each text of a list; "Ada <ada@example.com>" gives what is in
/// brackets.
std::vector<std::string> addresses_at(const nlohmann::json& object, std::string_view path);

}  // namespace leadhub::newsletter
