#include <pthread.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <optional>
#include <string>
#include <utility>

#include "app/hub.hpp"
#include "app/running_hub.hpp"
#include "app/verbs.hpp"
#include "ops/limits.hpp"
#include "ops/log.hpp"

namespace leadhub::app {
namespace {

void print(const std::vector<config::Diagnostic>& diagnostics) {
  for (const auto& diagnostic : diagnostics) std::cerr << config::to_text(diagnostic) << '\n';
}

/// What somebody who has just started the hub wants to know.
void print_welcome(const Hub& hub) {
  const auto& config = hub.config();
  const auto generation = hub.generation();
  std::cout << "leadhub " << LEADHUB_VERSION << ", workspace " << config.workspace << "\n\n";
  for (const auto* channel : generation->active()) {
    std::cout << "  " << channel->name << " (" << channel->plugin << ")\n";
    if (generation->captures(channel->name))
      std::cout << "      POST " << config.public_url << "/in/" << channel->name << '\n';
    if (generation->is_polled(channel->name)) std::cout << "      is polled\n";
    if (generation->mail_transports().contains(channel->name)) std::cout << "      sends mails\n";
    if (generation->chat_transports().contains(channel->name)) std::cout << "      sends replies\n";
    if (generation->shows_form(channel->name))
      std::cout << "      form " << config.public_url << "/f/" << channel->name << '\n';
  }
  for (const auto& channel : generation->inactive())
    std::cout << "  " << channel.name << ": not active, " << channel.reason << '\n';
  if (const auto pause = hub.sending_pause(); !pause.empty())
    std::cout << "\n  Sending is paused: " << pause << ". `leadhub sending resume` lets mails leave.\n";
  std::cout << "\n  edge     " << hub.edge_url() << "\n  control  " << hub.control_url() << "\n  store    "
            << hub.files().leads.string() << "\n  token    "
            << (hub.token().is_new
                    ? hub.token().text + "  (shown once; kept in " + hub.files().token.string() + ")"
                    : "in " + hub.files().token.string())
            << "\n\nReady. Ctrl-C stops it.\n"
            << std::flush;
}

/// A store that failed leaves nothing that could be answered or saved: the process ends at once, and what was
/// acknowledged is on disk.
void end_process(const Error& error) {
  log::error("hub", error.message + "; nothing is acknowledged any more, leadhub ends");
  std::fflush(nullptr);
  std::_Exit(exit_internal);
}

/// Whether a file is another one than at the last look, by what a look costs nothing at.
class Watch {
 public:
  explicit Watch(std::filesystem::path file) : file_(std::move(file)), seen_(look()), settled_(seen_) {}

  /// True once for each change, as soon as the file has been the same twice: an editor may still be writing.
  [[nodiscard]] bool has_changed() {
    const auto now = look();
    const bool is_quiet = now == std::exchange(seen_, now);
    return is_quiet && std::exchange(settled_, now) != now;
  }

 private:
  using Stamp = std::pair<std::filesystem::file_time_type, std::uintmax_t>;
  [[nodiscard]] Stamp look() const {
    std::error_code ignored;
    return {std::filesystem::last_write_time(file_, ignored), std::filesystem::file_size(file_, ignored)};
  }

  std::filesystem::path file_;
  Stamp seen_;
  Stamp settled_;
};

/// Waits for the signal to stop. Until then a hangup, or a changed file where it is watched, means to read
/// the configuration again; the hub logs what came of it.
void wait_for_stop(Hub& hub, const sigset_t& signals, std::optional<Watch> watch) {
  const timespec interval{0, std::chrono::nanoseconds{limits::config_watch_interval}.count()};
  while (true) {
    const int signal = watch ? sigtimedwait(&signals, nullptr, &interval) : sigwaitinfo(&signals, nullptr);
    if (signal == SIGINT || signal == SIGTERM) return;
    if (signal != SIGHUP && !(watch && watch->has_changed())) continue;
    if (const auto notices = hub.reload())
      for (const auto& notice : *notices) log::info("hub", notice);
  }
}

struct ServeOptions {
  std::string file = "hub.yaml";
  bool watches = false;
} options;

int serve() {
  const auto& file = options.file;
  // Blocked before any thread is made, so that only sigwait below takes them.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGHUP);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);

  auto loaded = load(file);
  print(loaded.diagnostics);
  if (!loaded.config) return exit_bad_config;
  const SystemClock clock;
  auto hub = Hub::start(std::move(loaded), clock, end_process);
  if (!hub) {
    std::cerr << "leadhub: " << hub.error().message << '\n';
    return hub.error().code == ErrorCode::incompatible ? exit_bad_config : exit_cannot_open;
  }
  remember_hub({std::filesystem::absolute(file), (*hub)->control_url(), (*hub)->files().token});
  print_welcome(**hub);

  wait_for_stop(**hub, signals, options.watches ? std::optional<Watch>{Watch{file}} : std::nullopt);
  log::info("hub", "stopping: accepted requests are being answered");
  // A second signal means: now.
  pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
  std::signal(SIGINT, SIG_DFL);
  std::signal(SIGTERM, SIG_DFL);
  (*hub)->stop();
  log::info("hub", "stopped");
  return exit_success;
}

}  // namespace

void add_serve(CLI::App& program, Action& action) {
  auto* verb = program.add_subcommand(
      "serve", "Run the hub until SIGTERM or Ctrl-C; SIGHUP reads the configuration again");
  verb->add_option("-c,--config", options.file, "The configuration")->capture_default_str();
  verb->add_flag("--watch", options.watches, "Read the configuration again whenever the file changes");
  verb->footer("\nExample:\n  leadhub serve -c examples/hub.yaml");
  verb->callback([&action] { action = serve; });
}

}  // namespace leadhub::app
