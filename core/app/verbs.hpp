#pragma once

#include <functional>

namespace CLI {
class App;
}

namespace leadhub::app {

/// Exit codes of every verb, after sysexits.h where that has one.
enum ExitCode : int {
  exit_success = 0,
  exit_failure = 1,       ///< not found, refused
  exit_unavailable = 69,  ///< no hub answers
  exit_internal = 70,     ///< the hub can no longer keep its promises
  exit_cannot_open = 73,  ///< store, address or file cannot be had
  exit_bad_config = 78,   ///< hub.yaml has errors
};

/// What the chosen verb does; its result is the exit code.
using Action = std::function<int()>;

// Each adds its verb to the command line and, when it was chosen, sets `action`.
void add_serve(CLI::App& program, Action& action);
void add_reload(CLI::App& program, Action& action);
void add_plan(CLI::App& program, Action& action);
void add_simulate(CLI::App& program, Action& action);
void add_test(CLI::App& program, Action& action);
void add_graph(CLI::App& program, Action& action);
void add_validate(CLI::App& program, Action& action);
void add_schema(CLI::App& program, Action& action);
void add_leads(CLI::App& program, Action& action);
void add_explain(CLI::App& leads, Action& action);  ///< below `leads`
void add_leads_deeds(CLI::App& leads, Action& action);
void add_leads_conversions(CLI::App& leads, Action& action);
void add_leads_chat(CLI::App& leads, Action& action);
void add_leads_transfer(CLI::App& leads, Action& action);  // import and export, below `leads`
void add_inbox(CLI::App& program, Action& action);
void add_keys(CLI::App& program, Action& action);
void add_plugin(CLI::App& program, Action& action);
void add_suppressions(CLI::App& program, Action& action);
void add_tap(CLI::App& program, Action& action);
void add_broadcasts(CLI::App& program, Action& action);
void add_messages(CLI::App& program, Action& action);
void add_report(CLI::App& program, Action& action);
void add_segments(CLI::App& program, Action& action);
void add_sending(CLI::App& program, Action& action);
void add_backup(CLI::App& program, Action& action);  // and restore
void add_template(CLI::App& program, Action& action);
void add_verify(CLI::App& program, Action& action);

}  // namespace leadhub::app
