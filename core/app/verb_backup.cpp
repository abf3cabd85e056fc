#include <sys/resource.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>

#include "app/hub.hpp"
#include "app/loaded_config.hpp"
#include "app/output.hpp"
#include "app/store_lock.hpp"
#include "app/transfer_file.hpp"
#include "app/verbs.hpp"
#include "ops/limits.hpp"
#include "store/backup.hpp"

namespace leadhub::app {
namespace {

struct Options {
  std::string config = "hub.yaml";
  std::string folder;
  bool as_json = false;
};
Options options;

constexpr auto mebibyte = static_cast<std::int64_t>(limits::mebibyte);

/// Here `unavailable` means a full disk or a lock, not that no hub answers.
int say(const Error& error) {
  const auto code = report(error);
  return error.code == ErrorCode::io || error.code == ErrorCode::unavailable ? exit_cannot_open : code;
}

/// The files of the hub of --config.
std::optional<HubFiles> files_of_hub() {
  auto loaded = load(options.config);
  for (const auto& diagnostic : loaded.diagnostics)
    if (!loaded.config) std::cerr << config::to_text(diagnostic) << '\n';
  if (!loaded.config) return std::nullopt;
  const auto& url = loaded.config->store.url;
  if (url.kind == config::StoreUrl::Kind::sqlite) return hub_files(url.location);
  std::cerr << "leadhub: store.url: a PostgreSQL database is backed up by its own means (pg_dump)\n";
  return std::nullopt;
}

/// A bar for so many bytes.
class BytesProgress {
 public:
  explicit BytesProgress(std::int64_t bytes)
      : progress_(!options.as_json && ::isatty(STDERR_FILENO) == 1 ? ShowProgress::yes : ShowProgress::no,
                  "MiB", bytes) {}
  [[nodiscard]] ops::OnBytes watcher() {
    return [this](std::int64_t more) {
      done_ += more;
      progress_.report(done_ / mebibyte, done_);
    };
  }

 private:
  Progress progress_;
  std::int64_t done_ = 0;
};

std::int64_t size_of(const std::filesystem::path& file) {
  std::error_code error;
  const auto size = std::filesystem::file_size(file, error);
  return error ? 0 : static_cast<std::int64_t>(size);
}

void print(const store::BackupManifest& manifest, const char* done) {
  const auto bytes = manifest.leads.digest.bytes + manifest.inbox.digest.bytes + manifest.keys.digest.bytes;
  if (options.as_json) {
    auto logs = nlohmann::ordered_json::array();
    for (const auto& log : manifest.logs)
      logs.push_back({{"workspace", log.workspace}, {"cursor", log.cursor}, {"head", log.head}});
    return print_json({{"folder", std::filesystem::absolute(options.folder).string()},
                       {"made_at", format_rfc3339(manifest.made_at)},
                       {"bytes", bytes},
                       {"logs", logs}});
  }
  std::cout << done << ' ' << options.folder << ": " << with_commas(bytes / mebibyte) << " MiB, as of "
            << format_rfc3339(manifest.made_at) << '\n';
  for (const auto& log : manifest.logs)
    std::cout << "  workspace " << log.workspace << ": " << with_commas(log.head) << " inbox entries, "
              << with_commas(log.cursor) << " of them processed\n";
}

int back_up() {
  const auto files = files_of_hub();
  if (!files) return exit_bad_config;
  // The hub's answers go first. A failure only means that the copying competes as an equal.
  ::setpriority(PRIO_PROCESS, 0, limits::pipeline_nice);
  const auto made = [&] {
    BytesProgress progress{2 * (size_of(files->leads) + size_of(files->inbox))};
    return store::make_backup({files->leads, files->inbox, files->keys}, options.folder, LEADHUB_VERSION,
                              SystemClock{}, progress.watcher());
  }();
  if (!made) return say(made.error());
  print(*made, "backed up to");
  return exit_success;
}

int restore() {
  const auto files = files_of_hub();
  if (!files) return exit_bad_config;
  const auto manifest = store::read_manifest(options.folder);
  if (!manifest) return say(manifest.error());
  const auto lock = StoreLock::take(files->lock, files->leads);
  if (!lock) return say(lock.error());
  const auto restored = [&] {
    BytesProgress progress{manifest->leads.digest.bytes + manifest->inbox.digest.bytes};
    return store::restore_backup(options.folder, {files->leads, files->inbox, files->keys}, SystemClock{},
                                 progress.watcher());
  }();
  if (!restored) return say(restored.error());
  // It speaks of a process that died at an entry of another store.
  std::error_code ignored;
  std::filesystem::remove(files->attempt, ignored);
  print(*restored, "restored");
  if (!options.as_json)
    std::cout << "Sending is paused. Start the hub, look at it, erase again whoever was erased since, and "
                 "let mails\n"
                 "leave with `leadhub sending resume`.\n";
  return exit_success;
}

void add(CLI::App& program, Action& action, const char* name, const char* text, const char* folder,
         int (*run)()) {
  auto* verb = program.add_subcommand(name, text);
  verb->add_option("DIR", options.folder, folder)->required();
  verb->add_option("-c,--config", options.config, "The configuration, which says where the store is")
      ->envname("LEADHUB_CONFIG")
      ->capture_default_str();
  verb->add_flag("--json", options.as_json, "Print JSON");
  verb->footer(std::string{"\nExample:\n  leadhub "} + name + " backups/2026-01-31 -c hub.yaml");
  verb->callback([&action, run] { action = run; });
}

}  // namespace

void add_backup(CLI::App& program, Action& action) {
  add(program, action, "backup", "Copy leads, inbox and keys of a hub, running or stopped, into a folder",
      "A folder that is empty or not there yet", back_up);
  add(program, action, "restore", "Bring a backup to where hub.yaml's store is; sending is paused then",
      "The folder of the backup", restore);
}

}  // namespace leadhub::app
