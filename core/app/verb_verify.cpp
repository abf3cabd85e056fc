#include <unistd.h>

#include <CLI/CLI.hpp>
#include <future>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "app/output.hpp"
#include "app/verbs.hpp"
#include "app/verdicts.hpp"
#include "normalise/country.hpp"
#include "ops/clock.hpp"
#include "verify/domain_checker.hpp"

namespace leadhub::app {
namespace {

using nlohmann::ordered_json;

struct Options {
  std::vector<std::string> values;
  std::string country;
  bool as_json = false;
  bool offline = false;
  std::vector<std::string> servers;
};
Options options;

/// At once, so that a program at the other end of a pipe gets an answer to each line.
void print(const ordered_json& document) {
  if (options.as_json) {
    std::cout << document.dump(-1, ' ', false, ordered_json::error_handler_t::replace) << std::endl;
    return;
  }
  std::cout << cell(document, "verdict") << "  " << cell(document, "value") << "  "
            << cell(document, "message");
  if (const auto suggestion = cell(document, "suggestion"); suggestion != "-")
    std::cout << "; did you mean " << suggestion << '?';
  std::cout << std::endl;
}

/// Asks DNS and waits for the answer.
class DomainAsker {
 public:
  [[nodiscard]] static Result<void> start(std::optional<DomainAsker>& asker,
                                          const std::vector<std::string>& servers) {
    auto resolver = verify::DnsResolver::start({servers});
    if (!resolver) return std::unexpected(resolver.error());
    asker.emplace(std::move(*resolver));
    return {};
  }
  explicit DomainAsker(std::unique_ptr<verify::DnsResolver> resolver) : resolver_(std::move(resolver)) {}

  [[nodiscard]] DomainFinding ask(std::string_view domain) {
    std::promise<verify::DomainVerdict> answer;
    auto verdict = answer.get_future();
    checker_.check(std::string{domain},
                   [&answer](verify::DomainVerdict found) { answer.set_value(std::move(found)); });
    const auto found = verdict.get();
    return {found.verdict, std::string{found.reason}};
  }

 private:
  std::unique_ptr<verify::DnsResolver> resolver_;
  SystemClock clock_;
  verify::DomainChecker checker_{*resolver_, clock_};
};

bool judge_arguments(ValueKind kind, const JudgeOptions& judging) {
  bool all_good = true;
  for (const auto& value : options.values) {
    const auto document = judged(kind, value, judging);
    all_good = all_good && document["verdict"] != lead::to_string(lead::Verdict::invalid);
    print(document);
  }
  return all_good;
}

int run(ValueKind kind) {
  JudgeOptions judging;
  if (!options.country.empty()) {
    auto code = normalise::country_code(options.country);
    if (!code)
      return report({ErrorCode::invalid,
                     "--country: \"" + options.country + "\" is no country; write its ISO 3166 code: GB"});
    judging.country = std::move(*code);
  }
  if (options.values.empty() && ::isatty(STDIN_FILENO) == 1)
    return report({ErrorCode::invalid, "a value is missing; name it, or send one a line to standard input"});
  std::optional<DomainAsker> asker;
  if (kind == ValueKind::email && !options.offline) {
    if (const auto started = DomainAsker::start(asker, options.servers); !started)
      return report(started.error());
    judging.ask_domain = [&asker](std::string_view domain) { return asker->ask(domain); };
  }
  const bool all_good =
      options.values.empty() ? judge_lines(std::cin, kind, judging, print) : judge_arguments(kind, judging);
  return all_good ? exit_success : exit_failure;
}

void add_kind(CLI::App& verb, Action& action, ValueKind kind, const char* name, const char* what,
              const char* example) {
  auto* command = verb.add_subcommand(name, what);
  command->add_option("VALUE", options.values, "What to look at; none: standard input, one a line");
  command->add_flag("--json", options.as_json, "Print JSON, one line for each value");
  if (kind == ValueKind::email)
    command->add_flag("--offline", options.offline, "Ask no network: the address and the lists alone");
  if (kind == ValueKind::email)
    command->add_option("--dns", options.servers, "Name servers to ask, by address; none: the system's");
  if (kind == ValueKind::phone)
    command->add_option("--country", options.country,
                        "Whose number it is where it is written without a country: GB, Germany");
  command->footer(std::string{"\nExample:\n  "} + example +
                  "\n\nExit code 1: a value is invalid.\nReasons: docs/verification.md.");
  command->callback([&action, kind] { action = [kind] { return run(kind); }; });
}

}  // namespace

void add_verify(CLI::App& program, Action& action) {
  auto* verb =
      program.add_subcommand("verify", "The verdict on an address, a number or a name; needs no hub");
  verb->require_subcommand(1);
  add_kind(*verb, action, ValueKind::email, "email",
           "Whether it is an address, what the lists say of it, and whether its domain takes mail",
           "leadhub verify email ada@example.com --offline --json");
  add_kind(*verb, action, ValueKind::phone, "phone", "Whether it can be dialled, where, and what kind it is",
           "leadhub verify phone \"020 7946 0958\" --country GB");
  add_kind(*verb, action, ValueKind::name, "name", "The parts of a person's name",
           "leadhub verify name \"Dr. Ada King Lovelace\"");
}

}  // namespace leadhub::app
