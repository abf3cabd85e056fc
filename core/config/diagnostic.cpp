#include "config/diagnostic.hpp"

#include <algorithm>
#include <tuple>

#include "ops/limits.hpp"

namespace leadhub::config {
namespace {

bool stands_before(const Diagnostic& left, const Diagnostic& right) {
  return std::tie(left.file, left.position) < std::tie(right.file, right.position);
}

void drop_repetitions(std::vector<Diagnostic>& sorted) {
  std::vector<Diagnostic> kept;
  for (auto& diagnostic : sorted) {
    const auto same_place = std::find_if(kept.rbegin(), kept.rend(), [&](const Diagnostic& earlier) {
      return earlier == diagnostic || stands_before(earlier, diagnostic);
    });
    if (same_place == kept.rend() || !(*same_place == diagnostic)) kept.push_back(std::move(diagnostic));
  }
  sorted = std::move(kept);
}

bool is_error(const Diagnostic& diagnostic) {
  return diagnostic.severity == Severity::error;
}

}  // namespace

std::string to_text(const Diagnostic& diagnostic) {
  std::string text = diagnostic.file;
  if (diagnostic.position.line > 0)
    text += ':' + std::to_string(diagnostic.position.line) + ':' + std::to_string(diagnostic.position.column);
  return text + (is_error(diagnostic) ? ": " : ": notice: ") + diagnostic.message;
}

std::vector<Diagnostic> arranged(std::vector<Diagnostic> diagnostics) {
  std::ranges::stable_sort(diagnostics, stands_before);
  drop_repetitions(diagnostics);
  if (diagnostics.size() <= limits::diagnostics_max) return diagnostics;

  const auto left_out = diagnostics.size() - limits::diagnostics_max;
  std::ranges::stable_partition(diagnostics, is_error);
  const Diagnostic last{
      diagnostics.front().file,
      {},
      diagnostics[limits::diagnostics_max].severity,
      std::to_string(left_out) + " more of these are not shown; mend the first ones and try again"};
  diagnostics.resize(limits::diagnostics_max);
  std::ranges::stable_sort(diagnostics, stands_before);
  diagnostics.push_back(last);
  return diagnostics;
}

bool has_errors(const std::vector<Diagnostic>& diagnostics) {
  return std::ranges::any_of(diagnostics, is_error);
}

}  // namespace leadhub::config
