#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "ops/error.hpp"

namespace leadhub::app {

enum class FileFormat { csv = 1, jsonl };

/// By `format` ("csv", "jsonl"), else by the file's ending (.csv, .tsv, .txt; .jsonl, .ndjson, .json).
/// nullopt: neither says it. Error: `invalid` for a format that there is not.
[[nodiscard]] Result<std::optional<FileFormat>> format_of(const std::string& format, const std::string& file);

enum class ShowProgress { yes = 1, no };

/// One line on a terminal's standard error that says how far something is. Used by one thread.
class Progress {
 public:
  /// `whole`: in the unit of `part` below; 0: nobody knows.
  Progress(ShowProgress show, std::string noun, std::int64_t whole)
      : show_(show), noun_(std::move(noun)), whole_(whole) {}
  /// Clears the line.
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// `count` of the noun are done, which is `part` of the whole. Draws a few times a second.
  void report(std::int64_t count, std::int64_t part);

 private:
  using SteadyTime = std::chrono::steady_clock::time_point;
  ShowProgress show_;
  std::string noun_;
  std::int64_t whole_;
  SteadyTime begun_ = std::chrono::steady_clock::now();
  SteadyTime drawn_{};
};

/// "1,234,567"
[[nodiscard]] std::string with_commas(std::int64_t number);

}  // namespace leadhub::app
