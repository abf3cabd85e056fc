#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "ops/error.hpp"

namespace leadhub::pipeline {

/// Remembers over a crash of the process which entries it was working on, so that an entry that kills the
/// process is found: after two deaths at one place the entries are taken alone, and the one at which it dies
/// alone twice is set aside. Once may be chance: who kills the process at random hits innocent entries, too.
///
/// The file is rewritten before each batch without fsync: it need only outlive the process, not the machine.
/// A power cut may lose it, which costs nothing but the count.
class AttemptFile {
 public:
  struct Attempt {
    std::int64_t first_seq = 0;  ///< 0: nothing was under way
    std::int64_t last_seq = 0;
    int deaths = 0;  ///< how often the process died at this place
    bool alone = false;
  };

  [[nodiscard]] static Result<AttemptFile> open(const std::filesystem::path& file);
  AttemptFile(AttemptFile&& other) noexcept;
  AttemptFile& operator=(AttemptFile&&) = delete;
  ~AttemptFile();

  /// What was under way when the process last ended.
  [[nodiscard]] const Attempt& found() const { return found_; }

  void begin(const Attempt& attempt);
  void end();

 private:
  AttemptFile(int descriptor, Attempt found) : descriptor_(descriptor), found_(found) {}
  void write(const Attempt& attempt);

  int descriptor_ = -1;
  Attempt found_;
};

}  // namespace leadhub::pipeline
