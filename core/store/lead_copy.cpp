#include "store/lead_copy.hpp"

#include <soci/soci.h>

#include <array>
#include <charconv>
#include <utility>
#include <vector>

#include "ops/limits.hpp"
#include "store/database.hpp"
#include "store/migrations.hpp"
#include "store/row_writer.hpp"

namespace leadhub::store {
namespace {

/// Rows of a table; `where` may ask for one value, as `:v`.
struct Rows {
  std::string table;
  std::string where;
  std::string value;
};

struct Column {
  std::string name;
  ColumnType type;
};

/// Without the number of the workspace, which is another one in the copy.
std::vector<Column> columns_of(soci::session& session, const std::string& table) {
  std::vector<Column> columns;
  std::string name;
  std::string type;
  soci::statement statement =
      (session.prepare << "SELECT name, type FROM pragma_table_info('" + table + "') ORDER BY cid",
       soci::into(name), soci::into(type));
  statement.execute();
  while (statement.fetch())
    if (name != "workspace_id")
      columns.push_back({name, type == "BIGINT" ? ColumnType::integer : ColumnType::text});
  return columns;
}

std::string listed(const std::vector<Column>& columns) {
  std::string list;
  for (const auto& column : columns) list += (list.empty() ? "" : ", ") + column.name;
  return list;
}

/// Numbers with a fraction go as text, which SQLite reads back into the same number.
std::string text_of(double number) {
  std::array<char, 32> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), number).ptr;
  return {text.data(), end};
}

void copy_cell(const soci::row& row, std::size_t column, RowWriter& writer) {
  if (row.get_indicator(column) == soci::i_null) {
    writer.null();
    return;
  }
  switch (row.get_properties(column).get_data_type()) {
    case soci::dt_string:
      writer.text(row.get<std::string>(column));
      return;
    case soci::dt_double:
      writer.text(text_of(row.get<double>(column)));
      return;
    case soci::dt_integer:
      writer.integer(row.get<int>(column));
      return;
    default:
      writer.integer(row.get<long long>(column));
  }
}

struct Side {
  soci::session& session;
  long long workspace = 0;
};

void copy_rows(const Rows& rows, const Side& from, const Side& to) {
  const auto columns = columns_of(from.session, rows.table);
  std::vector<ColumnType> types{ColumnType::integer};
  for (const auto& column : columns) types.push_back(column.type);
  RowWriter writer{to.session,
                   "INSERT INTO " + rows.table + " (workspace_id, " + listed(columns) + ") VALUES",
                   std::move(types), "ON CONFLICT DO NOTHING"};
  soci::row row;
  soci::statement statement{from.session};
  statement.exchange(soci::into(row));
  statement.exchange(soci::use(from.workspace));
  if (!rows.value.empty()) statement.exchange(soci::use(rows.value));
  statement.alloc();
  statement.prepare("SELECT " + listed(columns) + " FROM " + rows.table + " WHERE workspace_id = :w" +
                    (rows.where.empty() ? "" : " AND " + rows.where));
  statement.define_and_bind();
  statement.execute();
  while (statement.fetch()) {
    writer.integer(to.workspace);
    for (std::size_t i = 0; i < columns.size(); ++i) copy_cell(row, i, writer);
    writer.end_row();
  }
  writer.flush();
}

/// What is kept of one lead.
std::vector<Rows> rows_of(const std::string& id) {
  std::vector<Rows> all{{"leads", "id = :v", id},
                        {"merges", "merged_id = :v", id},
                        {"broadcasts",
                         "name IN (SELECT m.journey FROM messages m WHERE m.workspace_id = "
                         "broadcasts.workspace_id AND m.lead_id = :v AND m.kind = 'broadcast')",
                         id}};
  for (const auto* table : {"contact_points", "timeline", "consents", "attachments", "scores", "assignments",
                            "conversions", "enrolments", "messages"})
    all.push_back({table, "lead_id = :v", id});
  return all;
}

/// What belongs to nobody alone. channel_memory: by which journeys the leads were looked at last.
std::vector<Rows> common_rows(std::span<const std::string> team) {
  std::vector<Rows> all{{"pauses", {}, {}},
                        {"disabled_destinations", {}, {}},
                        {"team_turns", {}, {}},
                        {"channel_memory", "channel = 'leadhub'", {}}};
  for (const auto& name : team) {
    all.push_back({"assignments", "owner = :v AND state = 'open'", name});
    all.push_back(
        {"assignments",
         "owner = :v ORDER BY assigned_at DESC LIMIT " + std::to_string(limits::simulation_assignments),
         name});
  }
  return all;
}

/// The lead, and all that were merged into it, directly or by way of another.
std::vector<std::string> family_of(const std::string& id, const Side& from) {
  std::vector<std::string> family{id};
  for (std::size_t i = 0; i < family.size(); ++i) {
    const auto into = family[i];
    std::string member;
    soci::statement statement =
        (from.session.prepare
             << "SELECT merged_id FROM merges WHERE workspace_id = :w AND into_id = :i ORDER BY merged_id",
         soci::use(from.workspace), soci::use(into), soci::into(member));
    statement.execute();
    while (statement.fetch()) family.push_back(member);
  }
  return family;
}

long long cursor_of(const Side& from) {
  long long seq = 0;
  from.session << "SELECT seq FROM pipeline_cursor WHERE workspace_id = :w", soci::use(from.workspace),
      soci::into(seq);
  return seq;
}

/// A new file of a scratch hub, with its schema.
Result<std::pair<std::unique_ptr<Database>, std::int64_t>> make(const std::filesystem::path& file,
                                                                std::span<const Migration> migrations,
                                                                const std::string& workspace,
                                                                const Clock& clock) {
  auto database = Database::open(file, Access::scratch);
  if (!database) return std::unexpected(database.error());
  if (auto migrated = migrate(**database, migrations, clock); !migrated)
    return std::unexpected(migrated.error());
  const auto number = workspace_id(**database, workspace);
  if (!number) return std::unexpected(number.error());
  return std::pair{*std::move(database), *number};
}

}  // namespace

struct LeadCopier::Implementation {
  std::unique_ptr<Database> database;
  std::string name;  ///< of the workspace
  long long workspace = 0;

  Side side() { return {database->session(), workspace}; }

  Result<void> check_schema() {
    const auto known = static_cast<long long>(leads_migrations().size());
    long long version = 0;
    database->session() << "SELECT COALESCE(MAX(version), 0) FROM schema_migrations", soci::into(version);
    if (version == known) return {};
    return fail(ErrorCode::incompatible,
                database->file().string() + ": the store has schema version " + std::to_string(version) +
                    ", this program has " + std::to_string(known) +
                    "; use the leadhub that serves it, or restart the hub with this one");
  }

  Result<void> find_workspace() {
    database->session() << "SELECT workspace_id FROM workspaces WHERE name = :n", soci::use(name),
        soci::into(workspace);
    if (database->session().got_data()) return {};
    return fail(ErrorCode::not_found, database->file().string() + ": there is nothing of the workspace \"" +
                                          name + "\" in it; is it the store of this configuration?");
  }

  /// The entry of the log behind which the copy goes on.
  Result<long long> copy_into(Database& target, std::int64_t number, const std::string& id,
                              std::span<const std::string> team, const std::string& log_id) {
    long long seq = 0;
    const auto copied = target.transaction([&]() -> Result<void> {
      const Side from = side();
      const Side to{target.session(), number};
      seq = cursor_of(from);
      for (const auto& member : family_of(id, from))
        for (const auto& rows : rows_of(member)) copy_rows(rows, from, to);
      for (const auto& rows : common_rows(team)) copy_rows(rows, from, to);
      to.session << "INSERT INTO pipeline_cursor (workspace_id, log_id, seq) VALUES (:w, :l, :s)",
          soci::use(to.workspace), soci::use(log_id), soci::use(seq);
      return {};
    });
    if (!copied) return std::unexpected(copied.error());
    return seq;
  }
};

LeadCopier::LeadCopier(std::unique_ptr<Implementation> implementation)
    : implementation_(std::move(implementation)) {}
LeadCopier::~LeadCopier() = default;

std::int64_t LeadCopier::workspace() const {
  return implementation_->workspace;
}

Result<std::unique_ptr<LeadCopier>> LeadCopier::open(const std::filesystem::path& leads,
                                                     std::string_view workspace) {
  auto database = Database::open(leads, Access::read_only);
  if (!database) return std::unexpected(database.error());
  auto implementation = std::make_unique<Implementation>();
  implementation->database = *std::move(database);
  implementation->name = workspace;
  const auto found = implementation->database->guarded([&]() -> Result<void> {
    if (auto same = implementation->check_schema(); !same) return same;
    return implementation->find_workspace();
  });
  if (!found) return std::unexpected(found.error());
  return std::unique_ptr<LeadCopier>{new LeadCopier{std::move(implementation)}};
}

Result<void> LeadCopier::copy(const std::string& id, std::span<const std::string> team,
                              const LeadCopyTarget& target, const Clock& clock) {
  auto& self = *implementation_;
  auto leads = make(target.leads, leads_migrations(), self.name, clock);
  if (!leads) return std::unexpected(leads.error());
  auto inbox = make(target.inbox, inbox_migrations(), self.name, clock);
  if (!inbox) return std::unexpected(inbox.error());
  long long seq = 0;
  const auto copied = self.database->transaction([&]() -> Result<void> {
    const auto cursor = self.copy_into(*leads->first, leads->second, id, team, target.log_id);
    if (!cursor) return std::unexpected(cursor.error());
    seq = *cursor;
    return {};
  });
  if (!copied) return copied;
  return inbox->first->transaction([&]() -> Result<void> {
    const long long number = inbox->second;
    const long long next = seq + 1;
    inbox->first->session() << "INSERT INTO inbox_log (workspace_id, log_id, next_seq) VALUES (:w, :l, :n)",
        soci::use(number), soci::use(target.log_id), soci::use(next);
    return {};
  });
}

}  // namespace leadhub::store
