#pragma once

#include <string_view>

#include "capture/http.hpp"
#include "capture/http_framing.hpp"

namespace leadhub::capture {

/// Lets Beast's parser read a head that check_head() found good, and fills method, path, query and headers
/// (names in lower case) of an empty `request`. False where Beast refuses it: two readers must agree before a
/// request counts.
[[nodiscard]] bool read_head(std::string_view head, const FramingVerdict& verdict, HttpRequest& request);

}  // namespace leadhub::capture
