#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "config/diagnostic.hpp"
#include "config/source_map.hpp"

namespace leadhub::config {

/// Checks a value against a draft-07 schema and says what is wrong in sentences for people, each at its line
/// and column. Empty where the value is right.
///
/// `root_pointer` is where the value stands in the file of `source`: "" for the whole file,
/// "/channels/website/config" for what a plugin's schema describes.
///
/// Whether the value is right is valijson's judgement, and that of the formats in formats.hpp (valijson knows
/// none of them; `pattern` is RE2's business, because std::regex overflows its stack on long texts). The
/// sentences are ours:
///  - An unknown key gets the nearest known one, else all of them; so does a value that is none of an `enum`.
///  - Of `oneOf` and `anyOf` the branch that was meant is found, by a key with a `const` (as in a plugin's
///  `provider`),
///    by a key that only one branch requires, or by the type; only that branch's faults are reported.
///  - A value that came from ${env:} or ${file:} is never shown, and one that could not be resolved is not
///  judged.
/// A broken schema (of a plugin) is an error at the root. Never throws.
[[nodiscard]] std::vector<Diagnostic> check(const nlohmann::json& instance, const nlohmann::json& schema,
                                            const SourceMap& source, const std::string& root_pointer);

/// The value as a message shows it: `the text "NO"`, `the number 010`, `a list`; without the value itself
/// where that must not be shown.
[[nodiscard]] std::string shown(const nlohmann::json& value, const SourceNode& node);

}  // namespace leadhub::config
