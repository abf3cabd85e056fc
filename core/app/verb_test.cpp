#include <CLI/CLI.hpp>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>

#include "app/hub_tests.hpp"
#include "app/loaded_config.hpp"
#include "app/output.hpp"
#include "app/test_report.hpp"
#include "app/verbs.hpp"
#include "ops/log.hpp"

namespace leadhub::app {
namespace {

struct TestOptions {
  std::string file = "hub.yaml";
  std::string junit;
  bool as_json = false;
} options;

Result<void> write_junit(const std::string& file, const std::string& xml) {
  std::ofstream out{file, std::ios::binary};
  out << xml;
  out.close();
  if (!out) return fail(ErrorCode::io, file + ": cannot be written; check the folder and the disk");
  return {};
}

int run() {
  const auto loaded = load(options.file);
  for (const auto& diagnostic : loaded.diagnostics)
    if (diagnostic.severity == config::Severity::error) std::cerr << config::to_text(diagnostic) << '\n';
  if (!loaded.config) return exit_bad_config;
  log::set_level(log::Level::error);  // what channels say at each start is for whoever serves
  const auto results = run_tests(loaded);
  if (!results) return report(results.error());
  if (results->empty()) {
    std::cerr << options.file << ": there is nothing to test; write a test below `tests:`\n";
    return exit_failure;
  }
  if (options.as_json)
    std::cout << tests_as_json(*results, *loaded.config).dump(2) << '\n';
  else
    std::cout << tests_as_text(*results, *loaded.config);
  if (!options.junit.empty())
    if (const auto written = write_junit(options.junit, tests_as_junit(*results, *loaded.config)); !written)
      return report(written.error());
  const bool good = std::ranges::none_of(
      *results, [](const TestResult& result) { return result.outcome == TestResult::Outcome::failed; });
  return good ? exit_success : exit_failure;
}

}  // namespace

void add_test(CLI::App& program, Action& action) {
  auto* verb = program.add_subcommand(
      "test", "Run the tests: of a configuration on a virtual clock, without touching the network");
  verb->add_option("FILE", options.file, "The configuration")->capture_default_str();
  verb->add_option("--junit", options.junit, "Write what came of it as JUnit XML, too");
  verb->add_flag("--json", options.as_json, "Print JSON");
  verb->footer("\nExample:\n  leadhub test examples/hub.yaml --junit tests.xml");
  verb->callback([&action] { action = run; });
}

}  // namespace leadhub::app
