#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

/// What vendors call things, in the words of lead events.
namespace leadhub::webform {

/// x.<vendor>.<name> for a type of a vendor's own, in the letters that the schema takes.
std::string vendor_event(std::string_view vendor, std::string_view name);

/// RFC 3339 of `time`, which may also be "2026-01-05 12:00:00" (taken as UTC), or a number since 1970, with
/// or without a fraction: of milliseconds, unless that would be before 1973; then of seconds. Empty for
/// anything else, and for what is no time before the year 10000.
std::string point_in_time(std::string_view time);

/// The same of the text or number at a path of `object`.
std::string time_at(const nlohmann::json& object, std::string_view path);

}  // namespace leadhub::webform
