#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "ops/error.hpp"

namespace leadhub::config {

/// The whole of a file of at most `bytes_max` bytes. Pipes are fine. Errors (as the rest of a sentence that
/// begins with the file's name): not there, a directory, not readable, too large.
[[nodiscard]] Result<std::string> read_text_file(const std::filesystem::path& path, std::size_t bytes_max);

/// Where the first byte stands that cannot be part of a text: not UTF-8, or a control character other than
/// tab and line end. nullopt where all is well.
[[nodiscard]] std::optional<std::size_t> first_non_text_byte(std::string_view text);

}  // namespace leadhub::config
