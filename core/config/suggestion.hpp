#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace leadhub::config {

/// The candidate that was most likely meant by a mistyped word: the nearest by Damerau-Levenshtein distance
/// (letter case apart), where no more than about a third of its letters differ. nullopt where none is near.
[[nodiscard]] std::optional<std::string> nearest(std::string_view word,
                                                 const std::vector<std::string>& candidates);

/// The second half of a message about a word that is none of `candidates`: `did you mean "x"?`, else `kind`
/// and the list, as in `known keys: a, b`.
[[nodiscard]] std::string suggestion(std::string_view word, const std::vector<std::string>& candidates,
                                     std::string_view kind);

/// `a, b, c`, cut where it grows too long to be read.
[[nodiscard]] std::string listed(const std::vector<std::string>& words);

/// The text as a message shows it: one line, control characters escaped, cut where it grows long.
[[nodiscard]] std::string printable(std::string_view text);

/// `printable`, in quotes.
[[nodiscard]] std::string in_quotes(std::string_view text);

}  // namespace leadhub::config
