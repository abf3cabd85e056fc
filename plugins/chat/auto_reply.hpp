#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace leadhub::chat {

/// The text of auto_reply for one person: {{first_name}} and {{name}} are filled in from a lead event's
/// "person". Where the name is not known, the placeholder goes together with the comma and blanks before it,
/// or behind it at the beginning of a line, so that "Thanks, {{first_name}}!" reads "Thanks!". A first name
/// that is not told apart is the first word of the name. Names are cut to bounds::name_bytes_max, in one
/// line. Anything else stays as it is.
std::string auto_reply_for(const nlohmann::json& person, std::string_view auto_reply);

}  // namespace leadhub::chat
