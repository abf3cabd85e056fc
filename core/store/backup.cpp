#include "store/backup.hpp"

#include <soci/soci.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "ops/key_ring.hpp"
#include "store/database.hpp"
#include "store/log_fit.hpp"
#include "store/migrations.hpp"

namespace leadhub::store {
namespace {

using nlohmann::ordered_json;
using Path = std::filesystem::path;

constexpr auto manifest_name = "manifest.json";
constexpr auto leads_name = "leadhub.db";
constexpr auto inbox_name = "leadhub-inbox.db";
constexpr auto keys_name = "leadhub.keys";
constexpr int manifest_format = 1;

/// What a database says of itself, read in one transaction.
struct LeadsFacts {
  long long schema = 0;
  std::map<std::string, Cursor> cursors;  ///< by workspace
};
struct InboxFacts {
  long long schema = 0;
  std::map<std::string, LogExtent> logs;  ///< by workspace
};

long long schema_of(Database& database) {
  long long schema = 0;
  database.session() << "SELECT COALESCE(MAX(version), 0) FROM schema_migrations", soci::into(schema);
  return schema;
}

LeadsFacts leads_facts(Database& database) {
  LeadsFacts facts;
  facts.schema = schema_of(database);
  std::string workspace;
  std::string log_id;
  long long seq = 0;
  soci::statement rows =
      (database.session().prepare
           << "SELECT w.name, COALESCE(c.log_id, ''), COALESCE(c.seq, 0) FROM workspaces w LEFT JOIN "
              "pipeline_cursor c ON c.workspace_id = w.workspace_id",
       soci::into(workspace), soci::into(log_id), soci::into(seq));
  rows.execute();
  while (rows.fetch()) facts.cursors[workspace] = {log_id, seq};
  return facts;
}

InboxFacts inbox_facts(Database& database) {
  InboxFacts facts;
  facts.schema = schema_of(database);
  std::string workspace;
  std::string log_id;
  long long next = 0;
  long long tail = 0;
  soci::statement rows =
      (database.session().prepare
           << "SELECT w.name, l.log_id, l.next_seq, COALESCE((SELECT MIN(i.seq) FROM inbox i WHERE "
              "i.workspace_id = w.workspace_id), 0) FROM workspaces w JOIN inbox_log l ON l.workspace_id = "
              "w.workspace_id",
       soci::into(workspace), soci::into(log_id), soci::into(next), soci::into(tail));
  rows.execute();
  while (rows.fetch()) facts.logs[workspace] = {log_id, next - 1, tail};
  return facts;
}

/// Error: `incompatible` where a workspace's cursor and its log do not belong together.
Result<std::vector<BackupManifest::Log>> fitted(const LeadsFacts& leads, const InboxFacts& inbox) {
  std::vector<BackupManifest::Log> logs;
  for (const auto& [workspace, log] : inbox.logs) {
    const auto found = leads.cursors.find(workspace);
    const auto cursor = found == leads.cursors.end() ? Cursor{} : found->second;
    if (auto fits = check_fit(cursor, log); !fits) return std::unexpected(fits.error());
    logs.push_back({workspace, log.log_id, cursor.seq, log.head});
  }
  for (const auto& [workspace, cursor] : leads.cursors)
    if (!cursor.log_id.empty() && !inbox.logs.contains(workspace))
      return fail(ErrorCode::incompatible,
                  "the lead store has read a log of workspace " + workspace +
                      " that the inbox does not hold; the two files do not belong together");
  return logs;
}

Result<void> check_schema(const Path& file, long long schema, std::size_t known) {
  if (schema <= static_cast<long long>(known)) return {};
  return fail(ErrorCode::incompatible, file.string() + ": has schema version " + std::to_string(schema) +
                                           ", this program knows " + std::to_string(known) +
                                           "; use the newer leadhub that made it");
}

ordered_json to_document(const BackupManifest& manifest) {
  ordered_json files;
  for (const auto* file : {&manifest.leads, &manifest.inbox, &manifest.keys}) {
    auto& entry = files[file->name];
    entry = {{"bytes", file->digest.bytes}, {"sha256", file->digest.sha256}};
    if (file->schema > 0) entry["schema"] = file->schema;
  }
  auto logs = ordered_json::array();
  for (const auto& log : manifest.logs)
    logs.push_back(
        {{"workspace", log.workspace}, {"log_id", log.log_id}, {"cursor", log.cursor}, {"head", log.head}});
  return {{"leadhub_backup", manifest_format},
          {"program", manifest.program},
          {"made_at", format_rfc3339(manifest.made_at)},
          {"files", files},
          {"logs", logs}};
}

/// Throws where the document is no manifest.
BackupManifest manifest_from(const ordered_json& document) {
  BackupManifest manifest;
  manifest.program = document.at("program").get<std::string>();
  manifest.made_at = parse_rfc3339(document.at("made_at").get<std::string>()).value();
  const auto& files = document.at("files");
  for (const auto& [file, name] :
       {std::pair{&manifest.leads, leads_name}, std::pair{&manifest.inbox, inbox_name},
        std::pair{&manifest.keys, keys_name}}) {
    const auto& entry = files.at(name);
    file->name = name;
    file->schema = entry.value("schema", std::int64_t{0});
    file->digest = {entry.at("bytes").get<std::int64_t>(), entry.at("sha256").get<std::string>()};
  }
  for (const auto& log : document.at("logs"))
    manifest.logs.push_back({log.at("workspace").get<std::string>(), log.at("log_id").get<std::string>(),
                             log.at("cursor").get<std::int64_t>(), log.at("head").get<std::int64_t>()});
  return manifest;
}

/// Whatever was made so far goes again, unless it is kept.
class Undo {
 public:
  ~Undo() {
    std::error_code ignored;
    for (auto path = paths_.rbegin(); path != paths_.rend(); ++path) std::filesystem::remove(*path, ignored);
  }
  void add(const Path& path) { paths_.push_back(path); }
  void keep() { paths_.clear(); }

 private:
  std::vector<Path> paths_;
};

/// An empty folder for its owner only. Error: `conflict` where it holds anything.
Result<void> prepare_folder(const Path& folder, Undo& undo) {
  std::error_code error;
  if (std::filesystem::exists(folder / manifest_name, error))
    return fail(ErrorCode::conflict, folder.string() + ": holds a backup already; name another folder");
  if (std::filesystem::exists(folder, error) &&
      (!std::filesystem::is_directory(folder, error) || !std::filesystem::is_empty(folder, error)))
    return fail(
        ErrorCode::conflict,
        folder.string() +
            ": is not an empty folder; it may hold a backup that was cut short. Empty it or name another");
  if (folder.has_parent_path()) std::filesystem::create_directories(folder.parent_path(), error);
  if (::mkdir(folder.c_str(), 0700) == 0) undo.add(folder);
  if (::chmod(folder.c_str(), 0700) != 0)
    return fail(ErrorCode::io, folder.string() + ": cannot be made: " + std::strerror(errno) +
                                   "; name a folder that this user may write");
  return {};
}

/// Copies one state of a live file; what `facts_of` reads is of that state.
template <class Facts>
Result<Facts> copy_live(const Path& from, const Path& to, std::size_t known_schema,
                        Facts (*facts_of)(Database&), const ops::OnBytes& on_bytes, Undo& undo) {
  auto database = Database::open(from, Access::read_only);
  if (!database) return std::unexpected(database.error());
  Facts facts;
  const auto copied = (*database)->transaction([&]() -> Result<void> {
    facts = facts_of(**database);
    if (auto known = check_schema(from, facts.schema, known_schema); !known) return known;
    return (*database)->copy_to(to, on_bytes);
  });
  if (!copied) return std::unexpected(copied.error());
  undo.add(to);
  return facts;
}

Result<void> copy_keys(const Path& from, const Path& to, Undo& undo) {
  // KeyRing::open() would make a ring where there is none.
  const auto content = ops::read_small_file(from);
  if (!content) return std::unexpected(content.error());
  if (const auto ring = ops::KeyRing::open(from); !ring) return std::unexpected(ring.error());
  if (auto written = ops::write_private_file(to, *content); !written) return written;
  undo.add(to);
  return {};
}

Result<BackupManifest::File> described(const Path& folder, const char* name, std::int64_t schema,
                                       const ops::OnBytes& on_bytes) {
  auto digest = ops::digest_of(folder / name, on_bytes);
  if (!digest) return std::unexpected(digest.error());
  return BackupManifest::File{name, schema, std::move(*digest)};
}

}  // namespace

Result<BackupManifest> make_backup(const StateFiles& state, const Path& folder, std::string_view program,
                                   const Clock& clock, const ops::OnBytes& on_bytes) {
  Undo undo;
  if (auto prepared = prepare_folder(folder, undo); !prepared) return std::unexpected(prepared.error());
  BackupManifest manifest;
  manifest.program = program;
  manifest.made_at = clock.now();
  const auto leads =
      copy_live(state.leads, folder / leads_name, leads_migrations().size(), leads_facts, on_bytes, undo);
  if (!leads) return std::unexpected(leads.error());
  const auto inbox =
      copy_live(state.inbox, folder / inbox_name, inbox_migrations().size(), inbox_facts, on_bytes, undo);
  if (!inbox) return std::unexpected(inbox.error());
  auto logs = fitted(*leads, *inbox);
  if (!logs) return std::unexpected(logs.error());
  manifest.logs = std::move(*logs);
  if (auto copied = copy_keys(state.keys, folder / keys_name, undo); !copied)
    return std::unexpected(copied.error());
  for (auto [file, name, schema] :
       {std::tuple{&manifest.leads, leads_name, leads->schema},
        std::tuple{&manifest.inbox, inbox_name, inbox->schema}, std::tuple{&manifest.keys, keys_name, 0LL}}) {
    auto described_file = described(folder, name, schema, on_bytes);
    if (!described_file) return std::unexpected(described_file.error());
    *file = std::move(*described_file);
  }
  if (auto synced = ops::sync_folder(folder); !synced) return std::unexpected(synced.error());
  if (auto written = ops::write_private_file(folder / manifest_name, to_document(manifest).dump(2) + "\n");
      !written)
    return std::unexpected(written.error());
  undo.keep();
  return manifest;
}

Result<BackupManifest> read_manifest(const Path& folder) {
  const auto content = ops::read_small_file(folder / manifest_name);
  if (!content && content.error().code == ErrorCode::not_found)
    return fail(ErrorCode::not_found, folder.string() +
                                          ": holds no backup, or one that was cut short: it has no " +
                                          manifest_name + "; name the folder of a whole one");
  if (!content) return std::unexpected(content.error());
  const auto broken = fail(ErrorCode::incompatible,
                           (folder / manifest_name).string() + ": is damaged; restore another backup");
  try {
    const auto document = ordered_json::parse(*content);
    if (const auto format = document.at("leadhub_backup").get<int>(); format > manifest_format)
      return fail(ErrorCode::incompatible, folder.string() + ": was made by leadhub " +
                                               document.value("program", "of a later version") +
                                               "; restore it with that one");
    return manifest_from(document);
  } catch (const std::exception&) {
    return broken;
  }
}

namespace {

constexpr auto unfinished = ".restoring";

Path beside(const Path& file, std::string_view ending) {
  return file.string() + std::string{ending};
}

/// A database leaves more than its file, and a log of another one would be taken for its own.
constexpr std::array database_endings{"", "-wal", "-shm", "-journal"};

Result<void> check_absent(const StateFiles& state) {
  std::error_code error;
  for (const auto& file : {state.leads, state.inbox, state.keys})
    for (const auto* ending : database_endings)
      if (const auto path = beside(file, ending);
          std::filesystem::exists(std::filesystem::symlink_status(path)))
        return fail(
            ErrorCode::conflict,
            path.string() +
                ": is there already, and nothing is restored over it; move it away with all that lies beside "
                "it, or name another file in store.url");
  return {};
}

Result<void> copy_checked(const Path& folder, const BackupManifest::File& file, const Path& to,
                          const ops::OnBytes& on_bytes) {
  const auto copied = ops::copy_private_file(folder / file.name, to, on_bytes);
  if (!copied) return std::unexpected(copied.error());
  if (*copied == file.digest) return {};
  return fail(ErrorCode::incompatible,
              (folder / file.name).string() +
                  ": is not what was backed up, its size or SHA-256 differs from the "
                  "manifest's; it is damaged, restore another backup");
}

Result<void> check_integrity(Database& database) {
  return database.guarded([&]() -> Result<void> {
    std::string verdict;
    database.session() << "PRAGMA integrity_check(1)", soci::into(verdict);
    if (verdict == "ok") return {};
    return fail(ErrorCode::incompatible,
                database.file().string() + ": the database is damaged; restore another backup");
  });
}

/// Opens a copied database, checks it, reads what it says of itself and brings its schema up to date.
template <class Facts>
Result<std::pair<std::unique_ptr<Database>, Facts>> open_copy(const Path& file,
                                                              std::span<const Migration> migrations,
                                                              Facts (*facts_of)(Database&),
                                                              const Clock& clock) {
  auto database = Database::open(file, Access::read_write);
  if (!database) return std::unexpected(database.error());
  if (auto sound = check_integrity(**database); !sound) return std::unexpected(sound.error());
  Facts facts;
  const auto read = (*database)->guarded([&]() -> Result<void> {
    facts = facts_of(**database);
    return {};
  });
  if (!read) return std::unexpected(read.error());
  if (auto migrated = migrate(**database, migrations, clock); !migrated)
    return std::unexpected(migrated.error());
  return std::pair{std::move(*database), std::move(facts)};
}

/// Behind everything that is in the log, so that a resumption of the past lifts nothing.
Result<void> pause_sending(Database& leads, const std::vector<BackupManifest::Log>& logs,
                           const Clock& clock) {
  return leads.transaction([&]() -> Result<void> {
    const long long at = to_milliseconds(clock.now());
    for (const auto& log : logs) {
      const long long head = log.head;
      leads.session()
          << "INSERT INTO pauses (workspace_id, scope, seq, reason, paused_at) SELECT workspace_id, 'hub', "
             ":s, 'restored', :t FROM workspaces WHERE name = :n ON CONFLICT (workspace_id, scope) DO UPDATE "
             "SET seq = excluded.seq, reason = excluded.reason, paused_at = excluded.paused_at, lifted_at = "
             "NULL",
          soci::use(head), soci::use(at), soci::use(log.workspace);
    }
    return {};
  });
}

/// Checks the copies against each other and the manifest, and makes them what a hub can start with.
Result<void> make_ready(const StateFiles& copies, const BackupManifest& manifest, const Clock& clock) {
  auto leads = open_copy(copies.leads, leads_migrations(), leads_facts, clock);
  if (!leads) return std::unexpected(leads.error());
  auto inbox = open_copy(copies.inbox, inbox_migrations(), inbox_facts, clock);
  if (!inbox) return std::unexpected(inbox.error());
  const auto logs = fitted(leads->second, inbox->second);
  if (!logs) return std::unexpected(logs.error());
  if (*logs != manifest.logs)
    return fail(ErrorCode::incompatible,
                "the manifest tells of other logs than the backup's inbox holds; it is damaged, restore "
                "another backup");
  if (const auto keys = ops::KeyRing::open(copies.keys); !keys) return std::unexpected(keys.error());
  return pause_sending(*leads->first, *logs, clock);
}

Result<void> give_name(const Path& copy, const Path& file, Undo& undo) {
  std::error_code error;
  // Closing moves the log into the database; a log that is left would be lost by the renaming.
  if (std::filesystem::exists(beside(copy, "-wal"), error))
    return fail(ErrorCode::io, copy.string() + ": could not be closed; free disk space and restore again");
  std::filesystem::rename(copy, file, error);
  if (error) return fail(ErrorCode::io, file.string() + ": cannot be made: " + error.message());
  undo.add(file);
  return ops::sync_folder(file.parent_path());
}

}  // namespace

Result<BackupManifest> restore_backup(const Path& folder, const StateFiles& state, const Clock& clock,
                                      const ops::OnBytes& on_bytes) {
  auto manifest = read_manifest(folder);
  if (!manifest) return manifest;
  for (const auto& [file, known] : {std::pair{manifest->leads, leads_migrations().size()},
                                    std::pair{manifest->inbox, inbox_migrations().size()}})
    if (auto readable = check_schema(folder / file.name, file.schema, known); !readable)
      return std::unexpected(readable.error());
  if (auto absent = check_absent(state); !absent) return std::unexpected(absent.error());

  const StateFiles copies{beside(state.leads, unfinished), beside(state.inbox, unfinished),
                          beside(state.keys, unfinished)};
  Undo undo;
  std::error_code ignored;
  for (const auto& [file, copy] :
       {std::pair{&manifest->leads, &copies.leads}, std::pair{&manifest->inbox, &copies.inbox},
        std::pair{&manifest->keys, &copies.keys}}) {
    for (const auto* ending : database_endings) {
      std::filesystem::remove(beside(*copy, ending), ignored);  // of a restoring that was cut short
      undo.add(beside(*copy, ending));
    }
    if (auto copied = copy_checked(folder, *file, *copy, on_bytes); !copied)
      return std::unexpected(copied.error());
  }
  if (auto ready = make_ready(copies, *manifest, clock); !ready) return std::unexpected(ready.error());
  // The inbox last: without it no hub goes on from the other two, should this end in between.
  for (const auto& [copy, file] :
       {std::pair{&copies.keys, &state.keys}, std::pair{&copies.leads, &state.leads},
        std::pair{&copies.inbox, &state.inbox}}) {
    if (auto named = give_name(*copy, *file, undo); !named) return std::unexpected(named.error());
  }
  undo.keep();
  return manifest;
}

}  // namespace leadhub::store
