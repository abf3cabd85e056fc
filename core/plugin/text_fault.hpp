#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace leadhub::plugin {

enum class Lines { one, many };

/// What is wrong with a text that is to be handed over to a plugin, as a sentence that begins with `what`,
/// "the subject"; empty where nothing is. It holds nothing of the text, which is personal data.
///
/// Every text is UTF-8 and within its bounds, in bytes. One line has no control character and nothing else
/// that ends a line; many lines end with LF, and hold neither CR nor NUL.
[[nodiscard]] std::string text_fault(std::string_view what, std::string_view text, std::size_t bytes_min,
                                     std::size_t bytes_max, Lines lines);

}  // namespace leadhub::plugin
