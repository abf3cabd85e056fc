#pragma once

#include <string>
#include <string_view>

/// Contact points that people write into a message. Anybody can write anybody's, so they are offered to who
/// reads the message and never tell whose event it is. What is doubtful is left out: a wrong number is worse
/// than none.
namespace leadhub::chat {

/// The first e-mail address in `text` (ASCII, with a dot in its domain; in no URL). Empty where there is
/// none.
std::string mentioned_email(std::string_view text);

/// The first international phone number in `text`, "+" or "00" in front, as "+" and digits. Digits may be
/// grouped by blanks, dots, dashes, slashes and parentheses; "(0)" is left out, as it is when calling. Empty
/// where there is none.
std::string mentioned_phone(std::string_view text);

}  // namespace leadhub::chat
