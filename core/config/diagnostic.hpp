#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace leadhub::config {

/// A place in a text file, both counted from 1; a column is one character (code point), as editors count.
/// Line 0 means the file as a whole: it is missing, unreadable or too large.
struct Position {
  std::size_t line = 0;
  std::size_t column = 0;
  friend auto operator<=>(const Position&, const Position&) = default;
};

enum class Severity {
  error,   ///< the configuration cannot be used
  notice,  ///< it can, and somebody should know this
};

/// One thing to say about a configuration file. The message is one sentence, `what is wrong; how to mend it`.
/// It never holds a value that came from `${env:}` or `${file:}`.
struct Diagnostic {
  std::string file;
  Position position;
  Severity severity = Severity::error;
  std::string message;
  friend bool operator==(const Diagnostic&, const Diagnostic&) = default;
};

/// `file:line:column: message`, `file: message` where it is about the whole file. A notice says `notice: `
/// before its message, so that a reader of the text can tell them apart.
[[nodiscard]] std::string to_text(const Diagnostic& diagnostic);

/// Sorts by file and position (what was found first stays first), drops repetitions and keeps at most
/// limits::diagnostics_max; what was left out is counted in a last line. Errors go before notices when
/// cutting.
[[nodiscard]] std::vector<Diagnostic> arranged(std::vector<Diagnostic> diagnostics);

[[nodiscard]] bool has_errors(const std::vector<Diagnostic>& diagnostics);

}  // namespace leadhub::config
