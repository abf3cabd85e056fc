#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "app/loaded_config.hpp"
#include "config/diagnostic.hpp"
#include "ops/error.hpp"

namespace leadhub::app {

/// One thing that did not go as the test says.
struct Difference {
  std::string pointer;   ///< into hub.yaml: which line of the test this is about
  std::string field;     ///< "lead.owner", "mails"; empty: a line of `given` could not be done
  std::string expected;  ///< as people read it
  std::string found;     ///< the same; of a line that could not be done: why
};
/// `lead.owner: expected "Charles", found nothing`
[[nodiscard]] std::string to_text(const Difference& difference);

struct TestResult {
  enum class Outcome { passed = 1, failed };
  std::string name;
  std::string pointer;  ///< of the test in hub.yaml
  Outcome outcome = Outcome::passed;
  std::vector<Difference> differences;  ///< of a failed one
  std::chrono::microseconds took{0};
};

/// Runs the `tests:` of a configuration, each in a hub of its own and on a clock of its own, without touching
/// the network: every domain takes mail, no channel asks another service, no mail leaves. `loaded` must have
/// its config. Error: no hub can be made of the configuration, or no files for it.
[[nodiscard]] Result<std::vector<TestResult>> run_tests(const LoadedConfig& loaded);

}  // namespace leadhub::app
