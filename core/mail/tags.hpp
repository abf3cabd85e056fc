#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// The Mustache that templates are written in, read before mstch sees it: mstch takes broken tags in silence.
///
///     {{first_name}}  {{first_name|there}}     a field; what to say where it is empty
///     {{#company}} ... {{/company}}            only where there is one; for each entry of a list
///     {{^company}} ... {{/company}}            only where there is none
///     {{.}}                                    the entry of a list of texts
///     {{> signature}}                          partials/signature.md
///     {{! nobody sees this }}
///
/// Refused: {{{x}}} and {{&x}}, which Mustache does not escape, and {{=<% %>=}}.
namespace leadhub::mail {

enum class TagType { field = 1, section, inverted, close, partial, comment };

struct Tag {
  TagType type = TagType::field;
  std::string name;
  std::optional<std::string> fallback;  ///< behind the bar; of fields only
  std::size_t offset = 0;               ///< of its first brace in the text, in bytes
  std::size_t size = 0;                 ///< to behind its last brace, in bytes
};

/// What is wrong, and at which byte.
struct TagFault {
  std::size_t offset = 0;
  std::string message;
};

struct TagScan {
  std::vector<Tag> tags;  ///< in the order of the text, those that are sound
  std::vector<TagFault> faults;
};

/// Every tag of `text`, and every fault of its own or of the nesting of sections.
[[nodiscard]] TagScan scan_tags(std::string_view text);

/// How a field is called where mstch looks it up: mstch takes dots apart, and attributes may have them.
[[nodiscard]] std::string mustache_key(std::string_view name);
/// The same for sections: whether it is there, or its entries.
[[nodiscard]] std::string mustache_section_key(std::string_view name);

/// `text` for mstch, with keys in place of names and what stands behind bars as inverted sections.
[[nodiscard]] std::string to_mustache(std::string_view text, const std::vector<Tag>& tags);

}  // namespace leadhub::mail
