#pragma once

#include <cstddef>
#include <string>

#include "config/diagnostic.hpp"

namespace leadhub::mail {

/// A part of a template's file, and where in the file it stands.
struct SourceText {
  std::string file;
  std::string text;
  config::Position start{1, 1};  ///< of its first character
  std::size_t indent = 0;        ///< columns before each of its further lines

  /// Where the byte at `offset` stands in the file.
  [[nodiscard]] config::Position position(std::size_t offset) const;
  [[nodiscard]] config::Diagnostic error(std::size_t offset, std::string message) const;
};

}  // namespace leadhub::mail
