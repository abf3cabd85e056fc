#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>

#include "app/verbs.hpp"

namespace {

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
  program.footer(footer);
  program.require_subcommand(1);
  program.get_formatter()->column_width(36);

  leadhub::app::Action action;
  leadhub::app::add_serve(program, action);
  leadhub::app::add_validate(program, action);
  leadhub::app::add_schema(program, action);
  leadhub::app::add_leads(program, action);
  leadhub::app::add_inbox(program, action);
  leadhub::app::add_plugin(program, action);
  leadhub::app::add_tap(program, action);
  try {
    program.parse(argc, argv);
    return action();
  } catch (const CLI::ParseError& error) {
    return program.exit(error);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "leadhub: %s\n", error.what());
    return leadhub::app::exit_internal;
  }
}
