#include "app/test_report.hpp"

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "config/source_map.hpp"
#include "ops/markup.hpp"

namespace leadhub::app {
namespace {

using Json = nlohmann::ordered_json;
using Outcome = TestResult::Outcome;

std::string_view name_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::passed:
      return "passed";
    case Outcome::failed:
      return "failed";
  }
  return "failed";
}

std::size_t count(std::span<const TestResult> results, Outcome outcome) {
  return static_cast<std::size_t>(std::ranges::count(results, outcome, &TestResult::outcome));
}

std::string decimal(double value, int digits) {
  char text[32];
  std::snprintf(text, sizeof text, "%.*f", digits, value);
  return text;
}

std::string milliseconds(const TestResult& result) {
  return decimal(static_cast<double>(result.took.count()) / 1'000, 0) + " ms";
}

std::string seconds(std::chrono::microseconds time) {
  return decimal(static_cast<double>(time.count()) / 1'000'000, 3);
}

config::Diagnostic diagnostic_of(const Difference& difference, const config::Config& config) {
  return config.source->error(difference.pointer, config::Place::value, to_text(difference));
}

std::string details_of(const TestResult& result, const config::Config& config) {
  std::string text;
  for (const auto& difference : result.differences)
    text += (text.empty() ? "" : "\n") + config::to_text(diagnostic_of(difference, config));
  return text;
}

/// XML takes no control characters; a line of an attribute ends in a reference, so that it stays one.
std::string for_xml(std::string_view text) {
  std::string out;
  for (const char c : ops::escape_markup(text)) {
    if (c == '\n')
      out += "&#10;";
    else if (static_cast<unsigned char>(c) >= 0x20 || c == '\t')
      out += c;
    else
      out += "\uFFFD";
  }
  return out;
}

std::string attribute(std::string_view name, std::string_view value) {
  return " " + std::string{name} + "=\"" + for_xml(value) + "\"";
}

std::string test_case(const TestResult& result, const config::Config& config) {
  const auto line = config.source->at(result.pointer).value.line;
  auto xml = "    <testcase" + attribute("name", result.name) + attribute("classname", config.file.string()) +
             attribute("file", config.file.string()) + attribute("line", std::to_string(line)) +
             attribute("time", seconds(result.took));
  if (result.outcome == Outcome::passed) return xml + "/>\n";
  return xml + ">\n      <failure" + attribute("message", to_text(result.differences.front())) + ">" +
         for_xml(details_of(result, config)) + "</failure>\n    </testcase>\n";
}

}  // namespace

std::string tests_as_text(std::span<const TestResult> results, const config::Config& config) {
  std::string text;
  std::chrono::microseconds all{0};
  for (const auto& result : results) {
    all += result.took;
    switch (result.outcome) {
      case Outcome::passed:
        text += "ok    " + result.name + " (" + milliseconds(result) + ")\n";
        break;
      case Outcome::failed:
        text += "FAIL  " + result.name + " (" + milliseconds(result) + ")\n";
        for (const auto& difference : result.differences)
          text += "      " + config::to_text(diagnostic_of(difference, config)) + "\n";
    }
  }
  text += std::to_string(count(results, Outcome::passed)) + " passed, " +
          std::to_string(count(results, Outcome::failed)) + " failed (" +
          decimal(static_cast<double>(all.count()) / 1'000, 0) + " ms)\n";
  return text;
}

Json tests_as_json(std::span<const TestResult> results, const config::Config& config) {
  auto tests = Json::array();
  for (const auto& result : results) {
    Json test{{"name", result.name},
              {"outcome", name_of(result.outcome)},
              {"line", config.source->at(result.pointer).value.line},
              {"milliseconds", static_cast<double>(result.took.count()) / 1'000}};
    test["differences"] = Json::array();
    for (const auto& difference : result.differences) {
      const auto place = diagnostic_of(difference, config).position;
      test["differences"].push_back({{"line", place.line},
                                     {"column", place.column},
                                     {"field", difference.field},
                                     {"expected", difference.expected},
                                     {"found", difference.found}});
    }
    tests.push_back(std::move(test));
  }
  return {{"file", config.file.string()},
          {"passed", count(results, Outcome::passed)},
          {"failed", count(results, Outcome::failed)},
          {"tests", tests}};
}

std::string tests_as_junit(std::span<const TestResult> results, const config::Config& config) {
  std::chrono::microseconds all{0};
  std::string cases;
  for (const auto& result : results) {
    all += result.took;
    cases += test_case(result, config);
  }
  const auto counts = attribute("tests", std::to_string(results.size())) +
                      attribute("failures", std::to_string(count(results, Outcome::failed))) +
                      attribute("skipped", "0") + attribute("errors", "0") + attribute("time", seconds(all));
  return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites" + counts + ">\n  <testsuite" +
         attribute("name", config.file.string()) + counts + ">\n" + cases + "  </testsuite>\n</testsuites>\n";
}

}  // namespace leadhub::app
