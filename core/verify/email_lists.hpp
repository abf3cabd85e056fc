#pragma once

#include <array>
#include <filesystem>
#include <string>
#include <string_view>

#include "lead/lead.hpp"
#include "ops/error.hpp"

namespace leadhub::verify {

enum class MailboxKind {
  disposable = 1,  ///< thrown away after use
  free,            ///< of a provider that gives one to anybody
  role,            ///< a post, not a person: info@, sales@
};
inline constexpr std::size_t mailbox_kind_count = 3;
/// "disposable"
[[nodiscard]] std::string_view to_string(MailboxKind kind);

/// Sorted lines within one text, searched where they lie. Does not own the text.
class SortedLines {
 public:
  SortedLines() = default;
  /// `text`: lines sorted by byte, each ending in LF.
  explicit SortedLines(std::string_view text) : text_{text} {}
  /// Logarithmic; allocates nothing.
  [[nodiscard]] bool contains(std::string_view line) const;

 private:
  std::string_view text_;
};

/// Files of the operator's own, beside the lists that the program was built with; empty: none of that kind.
/// One entry a line, a domain or (role) a local part, in any case and as people write it; `# ...` is a
/// comment; `!entry` takes an entry out, and with it what only a longer built-in list says.
struct ListFiles {
  std::filesystem::path disposable;
  std::filesystem::path free;
  std::filesystem::path role;
};

/// The lists in force. Immutable, hence thread-safe: to refresh, load a new one and swap a shared pointer.
class EmailLists {
 public:
  /// The built-in lists alone; costs nothing.
  EmailLists() = default;

  /// The built-in lists and the files. Errors: `not_found` and `io` for a file that cannot be read, `invalid`
  /// for a line that is no entry (with file and line) and for a file over limits::email_list_bytes_max.
  [[nodiscard]] static Result<EmailLists> load(const ListFiles& files);

  /// `local` as in the canonical form; `domain` in lower case as A-labels. A domain counts as listed when one
  /// that it lies under is: the nearest that any list or file names decides. A local part counts without what
  /// follows a '+'.
  [[nodiscard]] lead::ContactMarks marks_of(std::string_view local, std::string_view domain) const;

  /// Which lists these are, for verdicts: packages with versions, files with the start of their SHA-256.
  [[nodiscard]] const std::string& version() const { return version_; }

 private:
  /// What one file adds and takes out, each as sorted lines.
  struct Changes {
    std::string added;
    std::string removed;
  };
  enum class Standing { absent = 1, listed, taken_out };
  static Result<Changes> read(const std::filesystem::path& file, MailboxKind kind, std::string& version);
  [[nodiscard]] Standing standing(MailboxKind kind, std::string_view entry) const;
  [[nodiscard]] bool has_domain(MailboxKind kind, std::string_view domain) const;

  std::array<Changes, mailbox_kind_count> changes_;
  std::string version_ = built_in_version();
  static std::string built_in_version();
};

}  // namespace leadhub::verify
