#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace leadhub::verify {

/// What people mean to write, most wanted first: of two equally near ones the first is suggested.
struct CommonDomains {
  std::span<const std::string_view> domains;     ///< "gmail.com"
  std::span<const std::string_view> top_levels;  ///< "com", "co.uk"
};

/// The providers that most people have their mailboxes with.
[[nodiscard]] CommonDomains common_domains();

/// The domain that was probably meant: "gmial.com" -> "gmail.com", "company.cmo" -> "company.com". A
/// suggestion for people, never applied. nullopt: nothing looks mistyped, as where `domain` is a known
/// provider itself.
///
/// `domain` in any case, as typed; what is longer than a domain can be gets none. Two slips are forgiven, one
/// in short names (optimal string alignment: letters left out, added, changed or swapped with their
/// neighbour); a known name with a top-level domain that it does not have counts as one, too. Thread-safe.
[[nodiscard]] std::optional<std::string> suggest_domain(std::string_view domain,
                                                        const CommonDomains& common = common_domains());

/// Slips between two texts, or `most` + 1 where there are more. Compares bytes.
[[nodiscard]] std::size_t slips_between(std::string_view typed, std::string_view meant, std::size_t most);

}  // namespace leadhub::verify
