#pragma once

#include <string>
#include <string_view>

namespace leadhub::ops {

/// A text within HTML or XML, in an element or between quotes of either kind: & < > " and ' as entities.
[[nodiscard]] std::string escape_markup(std::string_view text);

}  // namespace leadhub::ops
