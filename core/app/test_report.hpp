#pragma once

#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>

#include "app/hub_tests.hpp"

namespace leadhub::app {

/// How the tests of a file went: a line each, the differences with file:line:column below it, and a sum.
[[nodiscard]] std::string tests_as_text(std::span<const TestResult> results, const config::Config& config);

/// {"file", "passed", "failed", "skipped", "tests": [{"name", "outcome", "line", "milliseconds", "reason"?,
/// "differences": [{"line", "column", "field", "expected", "found"}]}]}
[[nodiscard]] nlohmann::ordered_json tests_as_json(std::span<const TestResult> results,
                                                   const config::Config& config);

/// The same in the XML that JUnit made common and every build server reads. What XML 1.0 cannot hold is
/// replaced by U+FFFD.
[[nodiscard]] std::string tests_as_junit(std::span<const TestResult> results, const config::Config& config);

}  // namespace leadhub::app
