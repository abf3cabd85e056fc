#pragma once

#include <leadhub/sdk/event.hpp>

#include <string>
#include <string_view>

#include "json_body.hpp"
#include "provider_event.hpp"
#include "vendor_words.hpp"

/// What chats report, in the words of lead events.
namespace leadhub::chat {

using webform::Events;
using webform::keep_attributes;
using webform::keep_text;
using webform::key_of_content;
using webform::list_at;
using webform::object_at;
using webform::text_at;
using webform::time_at;
using webform::vendor_event;

/// "+" in front of a number that a provider writes without.
std::string international(std::string_view digits);

/// The text of a piece of HTML: without tags, line ends for paragraphs and breaks, the named entities of
/// HTML's own syntax decoded. For reading, not for showing.
std::string text_of_html(std::string_view html);

/// The other way round: nothing in the text is markup, and lines stay lines.
std::string html_of_text(std::string_view text);

/// Whether an id can stand in the path of a URL as it is: letters, digits, "-" and "_".
bool is_path_segment(std::string_view id);

/// Keeps contact points in the event's message as the attributes mentioned_email and mentioned_phone, unless
/// they are those of the person.
void keep_mentions(sdk::LeadEvent& event);

}  // namespace leadhub::chat
