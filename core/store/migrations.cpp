#include "store/migrations.hpp"

#include <soci/soci.h>

#include <iterator>
#include <sstream>
#include <string>
#include <vector>

namespace leadhub::store {
namespace {

/// What a placeholder stands for: `without_rowid`, or `json_text COLUMN MEMBER...`, a text in a JSON column.
std::string in_dialect(const std::vector<std::string>& words) {
  if (words.front() == "without_rowid") return "WITHOUT ROWID";
  std::string path = "$";
  for (std::size_t i = 2; i < words.size(); ++i) path += "." + words[i];
  return "json_extract(" + words.at(1) + ", '" + path + "')";
}

/// The few words in which the two databases differ stand in {{braces}}.
std::string in_dialect(std::string_view sql) {
  std::string text{sql};
  for (auto begin = text.find("{{"); begin != text.npos; begin = text.find("{{", begin)) {
    const auto end = text.find("}}", begin);
    std::istringstream placeholder{text.substr(begin + 2, end - begin - 2)};
    const std::vector<std::string> words{std::istream_iterator<std::string>{placeholder}, {}};
    text.replace(begin, end + 2 - begin, in_dialect(words));
  }
  return text;
}

std::vector<std::string> statements_of(const std::string& sql) {
  std::vector<std::string> statements;
  std::size_t start = 0;
  for (auto end = sql.find(";\n"); end != sql.npos; start = end + 2, end = sql.find(";\n", start))
    statements.push_back(sql.substr(start, end - start));
  return statements;
}

Result<void> apply(Database& database, const Migration& migration, std::size_t number, const Clock& clock) {
  return database.transaction([&]() -> Result<void> {
    for (const auto& statement : statements_of(in_dialect(migration.sql))) database.session() << statement;
    const auto version = static_cast<long long>(number);
    const std::string name{migration.name};
    const long long applied_at = to_milliseconds(clock.now());
    database.session()
        << "INSERT INTO schema_migrations (version, name, applied_at) VALUES (:version, :name, :at)",
        soci::use(version), soci::use(name), soci::use(applied_at);
    return {};
  });
}

}  // namespace

Result<void> migrate(Database& database, std::span<const Migration> migrations, const Clock& clock) {
  long long current = 0;
  const auto read = database.transaction([&]() -> Result<void> {
    database.session()
        << "CREATE TABLE IF NOT EXISTS schema_migrations (version BIGINT NOT NULL PRIMARY KEY, "
           "name TEXT NOT NULL, applied_at BIGINT NOT NULL)";
    database.session() << "SELECT COALESCE(MAX(version), 0) FROM schema_migrations", soci::into(current);
    return {};
  });
  if (!read) return read;
  if (static_cast<std::size_t>(current) > migrations.size())
    return fail(ErrorCode::incompatible,
                database.file().string() + ": the store has schema version " + std::to_string(current) +
                    ", this program knows " + std::to_string(migrations.size()) +
                    "; start the newer leadhub that made it, or restore a backup of the older version");
  for (auto next = static_cast<std::size_t>(current); next < migrations.size(); ++next)
    if (auto applied = apply(database, migrations[next], next + 1, clock); !applied) return applied;
  return {};
}

Result<std::int64_t> workspace_id(Database& database, std::string_view name) {
  long long id = 0;
  const auto result = database.transaction([&]() -> Result<void> {
    const std::string text{name};
    database.session()
        << "INSERT INTO workspaces (workspace_id, name) SELECT COALESCE(MAX(workspace_id), 0) + 1, "
           ":name FROM workspaces WHERE true ON CONFLICT (name) DO NOTHING",
        soci::use(text);
    database.session() << "SELECT workspace_id FROM workspaces WHERE name = :name", soci::use(text),
        soci::into(id);
    return {};
  });
  if (!result) return std::unexpected(result.error());
  return id;
}

}  // namespace leadhub::store
