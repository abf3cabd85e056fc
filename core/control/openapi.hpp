#pragma once

#include <string_view>

namespace leadhub::control {

/// The OpenAPI 3.1 document of the control API, core/control/openapi.json.
[[nodiscard]] std::string_view openapi_document();

}  // namespace leadhub::control
