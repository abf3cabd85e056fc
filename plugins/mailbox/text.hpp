#pragma once

#include <string>
#include <string_view>
#include <vector>

/// Small things of text that every reader here needs. ASCII only where letters are compared.
namespace leadhub::mailbox {

[[nodiscard]] std::string lower_case(std::string_view text);

/// Without blanks, tabs and line ends around it.
[[nodiscard]] std::string_view trimmed(std::string_view text);

/// Views of the lines of `text`, without their line ends; at most `lines_max`.
[[nodiscard]] std::vector<std::string_view> lines_of(std::string_view text, std::size_t lines_max);

/// One line of valid UTF-8 that an event can hold: control characters and line ends become one blank, what is
/// beyond `bytes_max` is cut.
[[nodiscard]] std::string single_line(std::string_view text, std::size_t bytes_max);

/// Whether one of `words` (lower-case) stands anywhere in `text` (lower-case).
template <class Words>
[[nodiscard]] bool contains_any(std::string_view text, const Words& words) {
  for (const std::string_view word : words)
    if (text.find(word) != std::string_view::npos) return true;
  return false;
}

/// An address found in running text.
struct FoundAddress {
  std::string address;    ///< as written
  std::size_t begin = 0;  ///< where it starts in the text
  std::size_t end = 0;    ///< behind its last character
};

/// The addresses in `text`: an atom of RFC 5322 with dots, "@", a domain of two labels or more. Quoted local
/// parts and address literals are none here: nobody can tell them from punctuation.
[[nodiscard]] std::vector<FoundAddress> find_addresses(std::string_view text);

/// "5.1.1" where `text` names an enhanced status code (RFC 3463) anywhere, else empty.
[[nodiscard]] std::string enhanced_status_in(std::string_view text);

}  // namespace leadhub::mailbox
