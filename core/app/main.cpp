#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>
#include <string>
#include <vector>

#include "app/verbs.hpp"
#include "config/suggestion.hpp"
#include "plugin/module.hpp"

namespace {

/// What is wrong with the command line, for somebody who does not know the verbs by heart.
std::string explain(const CLI::App* program, const CLI::Error& error) {
  std::string name = program->get_name();
  const auto* place = program;
  while (!place->get_subcommands().empty()) {
    place = place->get_subcommands().back();
    name += " " + place->get_name();
  }
  std::vector<std::string> verbs;
  for (const auto* verb : place->get_subcommands([](const CLI::App*) { return true; }))
    if (!verb->get_name().empty()) verbs.push_back(verb->get_name());  // else a group of options
  std::string message = error.what();
  if (const auto words = program->remaining(true); !verbs.empty())
    message = words.empty() ? "a verb is missing: " + leadhub::config::listed(verbs)
                            : "there is no verb " + leadhub::config::in_quotes(words.front()) + "; " +
                                  leadhub::config::suggestion(words.front(), verbs, "verbs");
  return name + ": " + message + "\nRun `" + name + " --help` for an example.\n";
}

constexpr auto footer = R"(
The first steps:
  leadhub validate hub.yaml                          check a configuration
  leadhub serve -c hub.yaml                          run it
  leadhub leads show ada.lovelace@example.com        see a lead
`leadhub VERB --help` shows an example of each verb.

Exit codes: 0 done, 1 refused or not found, 69 no hub answers, 70 the hub had to stop, 73 a store, address or file
cannot be had, 78 the configuration has errors, 100 and above: the command line is wrong.)";

}  // namespace

int main(int argc, char** argv) {
  CLI::App program{"leadhub: leads from every marketing channel, in one model, durable before it answers",
                   "leadhub"};
  program.set_version_flag("--version", LEADHUB_VERSION, "Print the version");
  program.require_subcommand(1);
  program.failure_message(explain);
  program.get_formatter()->column_width(36);

  leadhub::app::Action action;
  leadhub::app::add_serve(program, action);
  leadhub::app::add_validate(program, action);
  leadhub::app::add_schema(program, action);
  leadhub::app::add_graph(program, action);
  leadhub::app::add_reload(program, action);
  leadhub::app::add_plan(program, action);
  leadhub::app::add_simulate(program, action);
  leadhub::app::add_test(program, action);
  leadhub::app::add_template(program, action);
  leadhub::app::add_leads(program, action);
  leadhub::app::add_report(program, action);
  leadhub::app::add_inbox(program, action);
  leadhub::app::add_keys(program, action);
  leadhub::app::add_plugin(program, action);
  leadhub::app::add_suppressions(program, action);
  leadhub::app::add_tap(program, action);
  leadhub::app::add_messages(program, action);
  leadhub::app::add_broadcasts(program, action);
  leadhub::app::add_segments(program, action);
  leadhub::app::add_sending(program, action);
  leadhub::app::add_backup(program, action);
  leadhub::app::add_verify(program, action);
  program.footer(footer);  // last: a verb takes over the footer that its parent has when it is added
  try {
    program.parse(argc, argv);
    const int code = action();
    leadhub::plugin::Module::deinit_all();  // every channel has gone with its verb
    return code;
  } catch (const CLI::ParseError& error) {
    return program.exit(error);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "leadhub: %s\n", error.what());
    return leadhub::app::exit_internal;
  }
}
