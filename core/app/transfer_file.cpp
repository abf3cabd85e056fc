#include "app/transfer_file.hpp"

#include <algorithm>
#include <filesystem>
#include <iostream>

namespace leadhub::app {
namespace {

constexpr auto redraw_interval = std::chrono::milliseconds{200};
constexpr std::int64_t bar_width = 24;
constexpr auto clear_line = "\r\x1b[K";

}  // namespace

Result<std::optional<FileFormat>> format_of(const std::string& format, const std::string& file) {
  if (format == "csv") return FileFormat::csv;
  if (format == "jsonl") return FileFormat::jsonl;
  if (!format.empty())
    return fail(ErrorCode::invalid, "--format \"" + format + "\" is none; choose csv or jsonl");
  auto ending = std::filesystem::path{file}.extension().string();
  std::transform(ending.begin(), ending.end(), ending.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  if (ending == ".csv" || ending == ".tsv" || ending == ".txt") return FileFormat::csv;
  if (ending == ".jsonl" || ending == ".ndjson" || ending == ".json") return FileFormat::jsonl;
  return std::nullopt;
}

Progress::~Progress() {
  if (drawn_ != SteadyTime{}) std::cerr << clear_line << std::flush;
}

void Progress::report(std::int64_t count, std::int64_t part) {
  const auto now = std::chrono::steady_clock::now();
  if (show_ == ShowProgress::no || now - drawn_ < redraw_interval || now - begun_ < redraw_interval) return;
  drawn_ = now;
  const auto seconds = std::chrono::duration<double>(now - begun_).count();
  std::string line = clear_line;
  if (whole_ > 0) {
    const auto done = std::clamp<std::int64_t>(part, 0, whole_);
    const auto filled = static_cast<std::size_t>(done * bar_width / whole_);
    line += "[" + std::string(filled, '#') + std::string(static_cast<std::size_t>(bar_width) - filled, '.') +
            "] " + std::to_string(done * 100 / whole_) + " %  ";
  }
  line += with_commas(count) + " " + noun_ + ", " +
          with_commas(static_cast<std::int64_t>(static_cast<double>(count) / seconds)) + "/s";
  std::cerr << line << std::flush;
}

std::string with_commas(std::int64_t number) {
  auto digits = std::to_string(number);
  for (auto place = static_cast<std::ptrdiff_t>(digits.size()) - 3; place > (number < 0 ? 1 : 0); place -= 3)
    digits.insert(static_cast<std::size_t>(place), ",");
  return digits;
}

}  // namespace leadhub::app
