#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "config/diagnostic.hpp"

namespace leadhub::config {

/// Where the text of a value came from.
enum class Origin {
  file,        ///< all of it stands in the configuration file
  secret,      ///< a part came from ${env:} or ${file:}: never show it
  unresolved,  ///< it should have, but could not; that has been said already
};

/// What is known about one node of a document beside its value: where it stands, how it was written.
struct SourceNode {
  Position key;          ///< of the key, in a mapping; else equal to `value`
  Position value;        ///< of the value
  std::string spelling;  ///< how a number, true/false or null was written ("010")
  Origin origin = Origin::file;
  std::map<std::string, SourceNode, std::less<>> members;
  std::vector<SourceNode> elements;
};

enum class Place { key, value };

/// Where each node of a configuration file stands, by JSON pointer (RFC 6901). A tree rather than a flat map,
/// so that its size follows the file's, whatever the length of the keys. Immutable once loaded; any thread
/// may read.
class SourceMap {
 public:
  SourceMap(std::string file, SourceNode root) : file_(std::move(file)), root_(std::move(root)) {}

  [[nodiscard]] const std::string& file() const { return file_; }

  /// The node, or the nearest that holds it: a missing key is reported where it should have stood.
  [[nodiscard]] const SourceNode& at(std::string_view pointer) const;

  [[nodiscard]] Diagnostic error(std::string_view pointer, Place place, std::string message) const;
  [[nodiscard]] Diagnostic notice(std::string_view pointer, Place place, std::string message) const;

 private:
  std::string file_;
  SourceNode root_;
};

/// `pointer` with one more step. Escapes `~` and `/` as RFC 6901 says.
[[nodiscard]] std::string child(std::string_view pointer, std::string_view key);
[[nodiscard]] std::string child(std::string_view pointer, std::size_t index);

/// The steps of a pointer, unescaped.
[[nodiscard]] std::vector<std::string> steps(std::string_view pointer);

/// "/edge/limits/body" as people say it: `edge.limits.body`; "" for the root.
[[nodiscard]] std::string dotted(std::string_view pointer);

}  // namespace leadhub::config
