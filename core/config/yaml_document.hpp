#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/diagnostic.hpp"
#include "config/interpolation.hpp"
#include "config/source_map.hpp"

namespace leadhub::config {

/// A configuration file as JSON, and where each node of it stands.
struct YamlDocument {
  nlohmann::json root;
  SourceMap source;
};

struct YamlResult {
  std::optional<YamlDocument> document;  ///< absent where the file cannot be understood at all
  std::vector<Diagnostic> diagnostics;
};

/// Reads one YAML 1.2 document whose root is a mapping. Never throws. The dialect is strict:
///  - Plain scalars follow the YAML 1.2 core schema (spec chapter 10.3.2): `true` and `false` are booleans,
///  `NO`, `yes`
///    and `on` are text, `010` is the number 10 (octal is `0o10`), `null`, `~` and nothing are null. Quoted
///    scalars are text. `.inf`, `.nan` and whole numbers beyond 64 bits are refused: JSON cannot hold them.
///  - Keys are text, taken as written (`1: x` has the key "1"); empty, list and mapping keys are refused.
///  - A key twice in one mapping is refused, with both places.
///  - Anchors and aliases work; what they expand to counts against limits::config_nodes_max and
///  config_bytes_max,
///    and an anchor that holds itself is refused. Merge keys (`<<`) and tags other than `!!str` are refused.
///  - UTF-8 only, with or without a byte order mark; no control characters; one document.
[[nodiscard]] YamlResult read_yaml(std::string file, std::string_view text);

/// Puts in what `${env:}` and `${file:}` stand for, in every text value, and marks those nodes as secret. A
/// value that could not be resolved keeps its text and is marked, too, so that nothing is said about it
/// twice.
[[nodiscard]] std::vector<Diagnostic> interpolate_all(YamlDocument& document, const Environment& environment,
                                                      const std::filesystem::path& folder);

/// The JSON text of one node, its mappings in the order of the file (a form shows its fields in that order).
[[nodiscard]] std::string dump_in_file_order(const nlohmann::json& value, const SourceNode& node);

}  // namespace leadhub::config
