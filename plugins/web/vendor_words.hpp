#pragma once

#include <string>
#include <string_view>

/// What vendors call things, in the words of lead events.
namespace leadhub::webform {

/// x.<vendor>.<name> for a type of a vendor's own, in the letters that the schema takes.
std::string vendor_event(std::string_view vendor, std::string_view name);

/// RFC 3339 of `time`, which may also be "2026-01-05 12:00:00" (taken as UTC), seconds or milliseconds since
/// 1970. Empty for anything else.
std::string point_in_time(std::string_view time);

}  // namespace leadhub::webform
