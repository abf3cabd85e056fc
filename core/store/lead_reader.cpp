#include "store/lead_reader.hpp"

#include <soci/soci.h>

#include <algorithm>
#include <tuple>
#include <unordered_map>
#include <utility>

#include "ops/crypto.hpp"
#include "store/database.hpp"
#include "store/in_query.hpp"
#include "store/lead_rows.hpp"
#include "store/message_rows.hpp"
#include "store/pauses.hpp"
#include "store/prepared_query.hpp"

namespace leadhub::store {

struct LeadReader::Implementation {
  Implementation(std::unique_ptr<Database> opened, std::int64_t of_workspace)
      : database(std::move(opened)), workspace(of_workspace) {}

  std::unique_ptr<Database> database;
  long long workspace;

  // What is asked for every mail.
  std::string wanted;
  LeadRow lead_row;
  PreparedQuery lead_by_id = query_of_wanted(
      lead_row, "SELECT " + std::string{lead_columns} + " FROM leads WHERE workspace_id = :w AND id = :l");
  ContactRow contact_row;
  PreparedQuery contacts_of_lead =
      query_of_wanted(contact_row, "SELECT " + std::string{contact_columns} +
                                       " FROM contact_points WHERE workspace_id = :w AND lead_id = :l ORDER "
                                       "BY kind, seq, idx, canonical");
  Pauses pauses{*database, workspace};

  soci::session& session() { return database->session(); }

  template <class Row>
  PreparedQuery query_of_wanted(Row& row, std::string sql) {
    return {session(), std::move(sql), [this, &row](soci::statement& statement) {
              row.bind(statement);
              statement.exchange(soci::use(workspace));
              statement.exchange(soci::use(wanted));
            }};
  }

  /// Runs a query and calls `row` for each row. `bind` binds first the columns, then the parameters.
  template <class Bind, class Row>
  void query(const std::string& sql, Bind&& bind, Row&& row) {
    soci::statement statement{session()};
    bind(statement);
    statement.alloc();
    statement.prepare(sql);
    statement.define_and_bind();
    statement.execute();
    while (statement.fetch()) row();
  }

  /// The same for the rows of one lead.
  template <class RowType, class Row>
  void rows_of_lead(RowType& columns, const std::string& sql, const std::string& lead_id, Row&& row) {
    query(
        sql,
        [&](soci::statement& statement) {
          columns.bind(statement);
          statement.exchange(soci::use(workspace));
          statement.exchange(soci::use(lead_id));
        },
        row);
  }

  /// The lead with that id, or the one that it became part of, with its contact points.
  Result<lead::Lead> read_lead(const std::string& id) {
    lead::Lead lead;
    // A merged lead is shown as the one that it became part of.
    for (lead.merged_into = id; !lead.merged_into.empty();) {
      wanted = lead.merged_into;
      bool found = false;
      lead_by_id.each([&] {
        lead = lead_row.lead();
        found = true;
      });
      if (!found) return fail(ErrorCode::not_found, "there is no such lead; see `leadhub leads list`");
    }
    wanted = lead.id;
    contacts_of_lead.each([&] { lead.contact_points.push_back(contact_row.contact_point()); });
    return lead;
  }

  /// Of many leads at once, in the same order.
  void read_contacts(std::vector<lead::Lead>& leads) {
    std::unordered_map<std::string_view, lead::Lead*> by_id;
    std::vector<std::string_view> ids;
    for (auto& lead : leads) {
      by_id.emplace(lead.id, &lead);
      ids.push_back(lead.id);
    }
    ContactRow row;
    InQuery rows{database->session(),
                 "SELECT " + std::string{contact_columns} +
                     " FROM contact_points WHERE workspace_id = :w AND lead_id IN ",
                 workspace, [&](soci::statement& statement) { row.bind(statement); }};
    rows.each(ids, [&] { by_id.at(row.lead_id)->contact_points.push_back(row.contact_point()); });
    const auto order = [](const lead::ContactPoint& point) {
      return std::tuple{to_string(point.kind), point.source, std::string_view{point.canonical}};
    };
    for (auto& lead : leads) std::ranges::sort(lead.contact_points, {}, order);
  }

  void read_aliases(lead::LeadRecord& record) {
    std::string merged;
    for (std::size_t next = 0; next <= record.aliases.size(); ++next) {
      const auto into = next == 0 ? record.lead.id : record.aliases[next - 1];
      query(
          "SELECT merged_id FROM merges WHERE workspace_id = :w AND into_id = :i ORDER BY merged_id",
          [&](soci::statement& statement) {
            statement.exchange(soci::into(merged));
            statement.exchange(soci::use(workspace));
            statement.exchange(soci::use(into));
          },
          [&] { record.aliases.push_back(merged); });
    }
  }

  void read_timeline(lead::LeadRecord& record) {
    TimelineRow row;
    rows_of_lead(row,
                 "SELECT " + std::string{timeline_columns} +
                     " FROM timeline WHERE workspace_id = :w AND lead_id = :l AND superseded_by IS NULL "
                     "ORDER BY occurred_at, seq, idx",
                 record.lead.id, [&] { record.timeline.push_back(row.entry()); });
  }

  void read_consents(lead::LeadRecord& record);
  void read_attachments(lead::LeadRecord& record);
  void read_messages(lead::LeadRecord& record);
  void read_judgements(lead::LeadRecord& record);
};

namespace {

struct AttachmentRow {
  long long seq = 0, idx = 0, bytes = 0;
  std::string sha256, field, name, content_type;

  void bind(soci::statement& statement) {
    for (auto* number : {&seq, &idx}) statement.exchange(soci::into(*number));
    for (auto* column : {&sha256, &field, &name, &content_type}) statement.exchange(soci::into(*column));
    statement.exchange(soci::into(bytes));
  }
};

}  // namespace

void LeadReader::Implementation::read_consents(lead::LeadRecord& record) {
  ConsentRow row;
  rows_of_lead(
      row,
      "SELECT " + std::string{consent_columns} +
          " FROM consents WHERE workspace_id = :w AND lead_id = :l ORDER BY occurred_at, seq, idx, line",
      record.lead.id, [&] { record.consents.push_back(row.entry()); });
}

void LeadReader::Implementation::read_attachments(lead::LeadRecord& record) {
  AttachmentRow row;
  rows_of_lead(row,
               "SELECT seq, idx, sha256, field, name, content_type, bytes FROM attachments WHERE "
               "workspace_id = :w AND "
               "lead_id = :l ORDER BY seq, idx, line",
               record.lead.id, [&] {
                 record.attachments.push_back({row.sha256,
                                               row.field,
                                               row.name,
                                               row.content_type,
                                               row.bytes,
                                               {row.seq, static_cast<std::int32_t>(row.idx)}});
               });
}

void LeadReader::Implementation::read_messages(lead::LeadRecord& record) {
  MessageRow row;
  rows_of_lead(row,
               "SELECT " + std::string{message_columns} +
                   " FROM messages WHERE workspace_id = :w AND lead_id = :l ORDER BY created_at, id",
               record.lead.id, [&] { record.messages.push_back(row.message()); });
}

void LeadReader::Implementation::read_judgements(lead::LeadRecord& record) {
  ScoreRow score;
  rows_of_lead(score,
               "SELECT " + std::string{score_columns} +
                   " FROM scores WHERE workspace_id = :w AND lead_id = :l ORDER BY seq, idx, line",
               record.lead.id, [&] { record.scores.push_back(score.entry()); });
  AssignmentRow assignment;
  rows_of_lead(assignment,
               "SELECT " + std::string{assignment_columns} +
                   " FROM assignments WHERE workspace_id = :w AND lead_id = :l ORDER BY round",
               record.lead.id, [&] { record.assignments.push_back(assignment.assignment()); });
}

LeadReader::LeadReader(std::unique_ptr<Implementation> implementation)
    : implementation_(std::move(implementation)) {}
LeadReader::~LeadReader() = default;

Result<std::unique_ptr<LeadReader>> LeadReader::open(const std::filesystem::path& file,
                                                     std::int64_t workspace) {
  auto database = Database::open(file, Access::read_only);
  if (!database) return std::unexpected(database.error());
  auto implementation = std::make_unique<Implementation>(*std::move(database), workspace);
  return std::unique_ptr<LeadReader>{new LeadReader{std::move(implementation)}};
}

Result<std::vector<lead::Lead>> LeadReader::list(const LeadFilter& filter, TimePoint now) {
  std::vector<lead::Lead> leads;
  auto& self = *implementation_;
  const auto result = self.database->guarded([&]() -> Result<void> {
    LeadRow row;
    const long long limit = filter.limit;
    const long long time = to_milliseconds(now);
    const std::string stage = filter.stage ? std::string{to_string(*filter.stage)} : "";
    const std::string before = filter.before.value_or("");
    const std::string after = filter.after.value_or("");
    std::string sql =
        "SELECT " + std::string{lead_columns} + " FROM leads WHERE workspace_id = :w AND merged_into = ''";
    self.query(
        // The text grows while its parameters are bound, in the same order.
        [&] {
          if (filter.before) sql += " AND id < :b";
          if (filter.after) sql += " AND id > :a";
          if (filter.stage) sql += " AND stage = :s";
          if (filter.temperature) {
            sql += " AND CASE WHEN hot_until > :t1 THEN 3 WHEN warm_until > :t2 THEN 2 ELSE 1 END = " +
                   std::to_string(static_cast<int>(*filter.temperature));
          }
          return sql + " ORDER BY id " + (filter.after ? "ASC" : "DESC") + " LIMIT :n";
        }(),
        [&](soci::statement& statement) {
          row.bind(statement);
          statement.exchange(soci::use(self.workspace));
          if (filter.before) statement.exchange(soci::use(before));
          if (filter.after) statement.exchange(soci::use(after));
          if (filter.stage) statement.exchange(soci::use(stage));
          if (filter.temperature) {
            statement.exchange(soci::use(time));
            statement.exchange(soci::use(time));
          }
          statement.exchange(soci::use(limit));
        },
        [&] { leads.push_back(row.lead()); });
    self.read_contacts(leads);
    return {};
  });
  if (!result) return std::unexpected(result.error());
  return leads;
}

Result<lead::LeadRecord> LeadReader::get(const std::string& id) {
  lead::LeadRecord record;
  auto& self = *implementation_;
  const auto result = self.database->guarded([&]() -> Result<void> {
    auto lead = self.read_lead(id);
    if (!lead) return std::unexpected(lead.error());
    record.lead = *std::move(lead);
    self.read_aliases(record);
    self.read_timeline(record);
    self.read_consents(record);
    self.read_attachments(record);
    self.read_messages(record);
    self.read_judgements(record);
    return {};
  });
  if (!result) return std::unexpected(result.error());
  return record;
}

Result<lead::Lead> LeadReader::lead(const std::string& id) {
  lead::Lead found;
  const auto result = implementation_->database->guarded([&]() -> Result<void> {
    auto lead = implementation_->read_lead(id);
    if (!lead) return std::unexpected(lead.error());
    found = *std::move(lead);
    return {};
  });
  if (!result) return std::unexpected(result.error());
  return found;
}

Result<std::vector<std::string>> LeadReader::due(TimePoint now, std::int64_t limit) {
  std::vector<std::string> ids;
  auto& self = *implementation_;
  const auto result = self.database->guarded([&]() -> Result<void> {
    const long long time = to_milliseconds(now);
    const long long count = limit;
    std::string id;
    self.query(
        "SELECT id FROM leads WHERE workspace_id = :w AND wake_at IS NOT NULL AND wake_at <= :t ORDER BY "
        "wake_at, id LIMIT :n",
        [&](soci::statement& statement) {
          statement.exchange(soci::into(id));
          statement.exchange(soci::use(self.workspace));
          statement.exchange(soci::use(time));
          statement.exchange(soci::use(count));
        },
        [&] { ids.push_back(id); });
    return {};
  });
  if (!result) return std::unexpected(result.error());
  return ids;
}

Result<std::optional<TimePoint>> LeadReader::next_due() {
  std::optional<TimePoint> next;
  auto& self = *implementation_;
  const auto result = self.database->guarded([&]() -> Result<void> {
    long long time = 0;
    self.query(
        "SELECT wake_at FROM leads WHERE workspace_id = :w AND wake_at IS NOT NULL ORDER BY wake_at LIMIT 1",
        [&](soci::statement& statement) {
          statement.exchange(soci::into(time));
          statement.exchange(soci::use(self.workspace));
        },
        [&] { next = from_milliseconds(time); });
    return {};
  });
  if (!result) return std::unexpected(result.error());
  return next;
}

Result<lead::Message> LeadReader::message(const std::string& occurrence) {
  std::optional<lead::Message> found;
  auto& self = *implementation_;
  const auto result = self.database->guarded([&]() -> Result<void> {
    MessageRow row;
    self.query(
        "SELECT " + std::string{message_columns} +
            " FROM messages WHERE workspace_id = :w AND occurrence = :o",
        [&](soci::statement& statement) {
          row.bind(statement);
          statement.exchange(soci::use(self.workspace));
          statement.exchange(soci::use(occurrence));
        },
        [&] { found = row.message(); });
    if (!found) return fail(ErrorCode::not_found, "there is no such message (any more)");
    return {};
  });
  if (!result) return std::unexpected(result.error());
  return *std::move(found);
}

Result<std::vector<std::string>> LeadReader::find(const ContactKey& key) {
  std::vector<std::string> ids;
  auto& self = *implementation_;
  const auto result = self.database->guarded([&]() -> Result<void> {
    const std::string kind{to_string(key.kind)};
    std::string id;
    self.query(
        "SELECT lead_id FROM contact_points WHERE workspace_id = :w AND kind = :k AND canonical = :c ORDER "
        "BY lead_id",
        [&](soci::statement& statement) {
          statement.exchange(soci::into(id));
          statement.exchange(soci::use(self.workspace));
          statement.exchange(soci::use(kind));
          statement.exchange(soci::use(key.canonical));
        },
        [&] { ids.push_back(id); });
    return {};
  });
  if (!result) return std::unexpected(result.error());
  return ids;
}

Result<std::pair<std::string, std::string>> LeadReader::attachment(const std::string& lead_id,
                                                                   const std::string& sha256) {
  std::pair<std::string, std::string> content;
  auto& self = *implementation_;
  const auto result = self.database->guarded([&]() -> Result<void> {
    bool found = false;
    std::string encoded;
    self.query(
        "SELECT c.content, a.content_type FROM attachments AS a JOIN attachment_contents AS c ON "
        "c.workspace_id = "
        "a.workspace_id AND c.sha256 = a.sha256 WHERE a.workspace_id = :w AND a.lead_id = :l AND a.sha256 = "
        ":h LIMIT 1",
        [&](soci::statement& statement) {
          statement.exchange(soci::into(encoded));
          statement.exchange(soci::into(content.second));
          statement.exchange(soci::use(self.workspace));
          statement.exchange(soci::use(lead_id));
          statement.exchange(soci::use(sha256));
        },
        [&] { found = true; });
    auto decoded = ops::base64_decode(encoded);
    if (!found || !decoded) return fail(ErrorCode::not_found, "this lead has no such attachment");
    content.first = std::move(*decoded);
    return {};
  });
  if (!result) return std::unexpected(result.error());
  return content;
}

Result<std::vector<EventFate>> LeadReader::fates(std::int64_t first_seq, std::int64_t last_seq) {
  std::vector<EventFate> fates;
  auto& self = *implementation_;
  const auto result = self.database->guarded([&]() -> Result<void> {
    const long long first = first_seq;
    const long long last = last_seq;
    long long seq = 0;
    long long idx = 0;
    std::string text;
    const auto bind = [&](soci::statement& statement) {
      statement.exchange(soci::into(seq));
      statement.exchange(soci::into(idx));
      statement.exchange(soci::into(text));
      statement.exchange(soci::use(self.workspace));
      statement.exchange(soci::use(first));
      statement.exchange(soci::use(last));
    };
    const auto reference = [&] { return lead::EventReference{seq, static_cast<std::int32_t>(idx)}; };
    self.query(
        "SELECT seq, idx, lead_id FROM timeline WHERE workspace_id = :w AND seq >= :f AND seq <= :l AND "
        "superseded_by "
        "IS NULL ORDER BY seq, idx",
        bind, [&] {
          fates.push_back({reference(), text, ""});
        });
    self.query(
        "SELECT seq, idx, reason FROM quarantine WHERE workspace_id = :w AND seq >= :f AND seq <= :l ORDER "
        "BY seq, idx",
        bind, [&] {
          fates.push_back({reference(), "", text});
        });
    return {};
  });
  if (!result) return std::unexpected(result.error());
  return fates;
}

Result<std::vector<QuarantinedEvent>> LeadReader::quarantine(std::int64_t after, std::int64_t limit) {
  std::vector<QuarantinedEvent> events;
  auto& self = *implementation_;
  const auto result = self.database->guarded([&]() -> Result<void> {
    const long long bound = after;
    const long long count = limit;
    long long seq = 0;
    long long idx = 0;
    long long at = 0;
    std::string reason;
    self.query(
        "SELECT seq, idx, reason, quarantined_at FROM quarantine WHERE workspace_id = :w AND seq > :s ORDER "
        "BY seq, idx "
        "LIMIT :n",
        [&](soci::statement& statement) {
          statement.exchange(soci::into(seq));
          statement.exchange(soci::into(idx));
          statement.exchange(soci::into(reason));
          statement.exchange(soci::into(at));
          statement.exchange(soci::use(self.workspace));
          statement.exchange(soci::use(bound));
          statement.exchange(soci::use(count));
        },
        [&] {
          events.push_back({{seq, static_cast<std::int32_t>(idx)}, reason, from_milliseconds(at)});
        });
    return {};
  });
  if (!result) return std::unexpected(result.error());
  return events;
}

Result<std::vector<std::int64_t>> LeadReader::quarantined_entries(std::int64_t after, std::int64_t limit) {
  std::vector<std::int64_t> found;
  auto& self = *implementation_;
  const auto result = self.database->guarded([&]() -> Result<void> {
    const long long bound = after;
    const long long count = limit;
    long long seq = 0;
    self.query(
        "SELECT DISTINCT seq FROM quarantine WHERE workspace_id = :w AND seq > :s ORDER BY seq LIMIT :n",
        [&](soci::statement& statement) {
          statement.exchange(soci::into(seq));
          statement.exchange(soci::use(self.workspace));
          statement.exchange(soci::use(bound));
          statement.exchange(soci::use(count));
        },
        [&] { found.push_back(seq); });
    return {};
  });
  if (!result) return std::unexpected(result.error());
  return found;
}

Result<std::vector<std::int64_t>> LeadReader::in_quarantine(std::span<const std::int64_t> entries) {
  std::vector<std::int64_t> found;
  auto& self = *implementation_;
  const auto result = self.database->guarded([&]() -> Result<void> {
    long long seq = 0;
    long long events = 0;
    soci::statement statement =
        (self.session().prepare << "SELECT COUNT(*) FROM quarantine WHERE workspace_id = :w AND seq = :s",
         soci::use(self.workspace), soci::use(seq), soci::into(events));
    for (const auto entry : entries) {
      seq = entry;
      statement.execute(true);
      if (events > 0) found.push_back(entry);
    }
    return {};
  });
  if (!result) return std::unexpected(result.error());
  return found;
}

Result<LeadReader::SilentLeads> LeadReader::silent_since(TimePoint since, const std::string& after,
                                                         std::int64_t limit) {
  SilentLeads silent;
  auto& self = *implementation_;
  const auto result = self.database->guarded([&]() -> Result<void> {
    const long long time = to_milliseconds(since);
    const long long at_most = limit;
    std::string id, stage, merged_into;
    long long created_at = 0, updated_at = 0, rows = 0;
    self.query(
        "SELECT id, stage, merged_into, created_at, updated_at FROM leads WHERE workspace_id = :w AND id > "
        ":a "
        "ORDER BY id LIMIT :n",
        [&](soci::statement& statement) {
          for (auto* text : {&id, &stage, &merged_into}) statement.exchange(soci::into(*text));
          for (auto* at : {&created_at, &updated_at}) statement.exchange(soci::into(*at));
          statement.exchange(soci::use(self.workspace));
          statement.exchange(soci::use(after));
          statement.exchange(soci::use(at_most));
        },
        [&] {
          ++rows;
          silent.next = id;
          const bool buys = stage == to_string(lead::Stage::customer);
          if (updated_at < time && merged_into.empty() && !buys) silent.ids.push_back(id);
        });
    if (rows < at_most || created_at >= time) silent.next.clear();
    return {};
  });
  if (!result) return std::unexpected(result.error());
  return silent;
}

Result<std::vector<lead::ConsentEntry>> LeadReader::consents_of(const std::string& lead_id) {
  std::vector<lead::ConsentEntry> ledger;
  auto& self = *implementation_;
  const auto result = self.database->guarded([&]() -> Result<void> {
    ConsentRow row;
    self.rows_of_lead(row,
                      "SELECT " + std::string{consent_columns} +
                          " FROM consents WHERE workspace_id = :w AND lead_id = :l ORDER BY seq, idx, line",
                      lead_id, [&] { ledger.push_back(row.entry()); });
    return {};
  });
  if (!result) return std::unexpected(result.error());
  return ledger;
}

Broadcasts LeadReader::broadcasts() {
  return {*implementation_->database, implementation_->workspace};
}

Result<std::optional<TimePoint>> LeadReader::pause_lifted_at(const lead::PauseScope& scope) {
  return Pauses{*implementation_->database, implementation_->workspace}.lifted_at(scope);
}

Result<std::vector<lead::Pause>> LeadReader::pauses() {
  return implementation_->pauses.list();
}

Result<Cursor> LeadReader::cursor() {
  Cursor cursor;
  auto& self = *implementation_;
  const auto result = self.database->guarded([&]() -> Result<void> {
    long long seq = 0;
    self.session() << "SELECT log_id, seq FROM pipeline_cursor WHERE workspace_id = :w",
        soci::use(self.workspace), soci::into(cursor.log_id), soci::into(seq);
    cursor.seq = seq;
    return {};
  });
  if (!result) return std::unexpected(result.error());
  return cursor;
}

Result<std::pair<std::string, lead::TimelineEntry>> LeadReader::event(lead::EventReference reference) {
  std::pair<std::string, lead::TimelineEntry> found;
  auto& self = *implementation_;
  const auto result = self.database->guarded([&]() -> Result<void> {
    TimelineRow row;
    std::string lead_id;
    const long long seq = reference.seq;
    const long long index = reference.index;
    self.query(
        "SELECT " + std::string{timeline_columns} +
            ", lead_id FROM timeline WHERE workspace_id = :w AND seq = :s AND idx = :i AND superseded_by IS "
            "NULL",
        [&](soci::statement& statement) {
          row.bind(statement);
          statement.exchange(soci::into(lead_id));
          statement.exchange(soci::use(self.workspace));
          statement.exchange(soci::use(seq));
          statement.exchange(soci::use(index));
        },
        [&] {
          found = {lead_id, row.entry()};
        });
    if (found.first.empty()) return fail(ErrorCode::not_found, "no lead has this event");
    return {};
  });
  if (!result) return std::unexpected(result.error());
  return found;
}

Result<std::vector<DueVerification>> LeadReader::due_verifications(TimePoint now, std::int64_t limit) {
  std::vector<DueVerification> due;
  auto& self = *implementation_;
  const auto result = self.database->guarded([&]() -> Result<void> {
    const long long time = to_milliseconds(now);
    const long long count = limit;
    std::string canonical;
    long long at = 0;
    long long attempts = 0;
    self.query(
        "SELECT canonical, due_at, attempts FROM verifications WHERE workspace_id = :w AND due_at <= :t "
        "ORDER BY "
        "due_at, canonical LIMIT :n",
        [&](soci::statement& statement) {
          statement.exchange(soci::into(canonical));
          statement.exchange(soci::into(at));
          statement.exchange(soci::into(attempts));
          statement.exchange(soci::use(self.workspace));
          statement.exchange(soci::use(time));
          statement.exchange(soci::use(count));
        },
        [&] {
          due.push_back({canonical, from_milliseconds(at), attempts});
        });
    return {};
  });
  if (!result) return std::unexpected(result.error());
  return due;
}

Result<std::vector<ErasedEvent>> LeadReader::erased_after(std::int64_t after) {
  std::vector<ErasedEvent> erased;
  auto& self = *implementation_;
  const auto result = self.database->guarded([&]() -> Result<void> {
    const long long bound = after;
    long long by = 0;
    long long seq = 0;
    long long idx = 0;
    self.query(
        "SELECT erased_by, seq, idx FROM erasures WHERE workspace_id = :w AND erased_by = (SELECT "
        "MIN(erased_by) "
        "FROM erasures WHERE workspace_id = :w2 AND erased_by > :a) ORDER BY seq, idx",
        [&](soci::statement& statement) {
          for (auto* number : {&by, &seq, &idx}) statement.exchange(soci::into(*number));
          statement.exchange(soci::use(self.workspace));
          statement.exchange(soci::use(self.workspace));
          statement.exchange(soci::use(bound));
        },
        [&] {
          erased.push_back({by, seq, static_cast<std::int32_t>(idx)});
        });
    return {};
  });
  if (!result) return std::unexpected(result.error());
  return erased;
}

namespace {

constexpr std::string_view suppression_columns = "address_hash, address, reason, seq, idx, suppressed_at";

struct SuppressionRow {
  std::string hash, address, reason;
  long long seq = 0, idx = 0, at = 0;

  void bind(soci::statement& statement) {
    for (auto* text : {&hash, &address, &reason}) statement.exchange(soci::into(*text));
    for (auto* number : {&seq, &idx, &at}) statement.exchange(soci::into(*number));
  }
  [[nodiscard]] lead::Suppression suppression() const {
    return {hash,
            address,
            lead::suppression_reason_from(reason).value_or(lead::SuppressionReason::by_operator),
            {seq, static_cast<std::int32_t>(idx)},
            from_milliseconds(at)};
  }
};

}  // namespace

Result<std::vector<lead::Suppression>> LeadReader::suppressions(const std::string& after,
                                                                std::int64_t limit) {
  std::vector<lead::Suppression> found;
  auto& self = *implementation_;
  const auto result = self.database->guarded([&]() -> Result<void> {
    SuppressionRow row;
    const long long count = limit;
    self.query(
        "SELECT " + std::string{suppression_columns} +
            " FROM suppressions WHERE workspace_id = :w AND address_hash > :a ORDER BY address_hash LIMIT :n",
        [&](soci::statement& statement) {
          row.bind(statement);
          statement.exchange(soci::use(self.workspace));
          statement.exchange(soci::use(after));
          statement.exchange(soci::use(count));
        },
        [&] { found.push_back(row.suppression()); });
    return {};
  });
  if (!result) return std::unexpected(result.error());
  return found;
}

Result<std::optional<lead::Suppression>> LeadReader::suppression(const std::string& address_hash) {
  std::optional<lead::Suppression> found;
  auto& self = *implementation_;
  const auto result = self.database->guarded([&]() -> Result<void> {
    SuppressionRow row;
    self.query(
        "SELECT " + std::string{suppression_columns} +
            " FROM suppressions WHERE workspace_id = :w AND address_hash = :h",
        [&](soci::statement& statement) {
          row.bind(statement);
          statement.exchange(soci::use(self.workspace));
          statement.exchange(soci::use(address_hash));
        },
        [&] { found = row.suppression(); });
    return {};
  });
  if (!result) return std::unexpected(result.error());
  return found;
}

Result<std::vector<MergeProposal>> LeadReader::proposals(std::int64_t limit) {
  std::vector<MergeProposal> proposals;
  auto& self = *implementation_;
  const auto result = self.database->guarded([&]() -> Result<void> {
    MergeProposal row;
    const long long count = limit;
    long long seq = 0;
    long long idx = 0;
    long long at = 0;
    self.query(
        "SELECT first_id, second_id, reason, seq, idx, proposed_at FROM merge_proposals WHERE workspace_id = "
        ":w "
        "AND dismissed_at IS NULL ORDER BY proposed_at, first_id, second_id LIMIT :n",
        [&](soci::statement& statement) {
          for (auto* text : {&row.first, &row.second, &row.reason}) statement.exchange(soci::into(*text));
          for (auto* number : {&seq, &idx, &at}) statement.exchange(soci::into(*number));
          statement.exchange(soci::use(self.workspace));
          statement.exchange(soci::use(count));
        },
        [&] {
          row.source = {seq, static_cast<std::int32_t>(idx)};
          row.at = from_milliseconds(at);
          proposals.push_back(row);
        });
    return {};
  });
  if (!result) return std::unexpected(result.error());
  return proposals;
}

Result<std::int64_t> LeadReader::count() {
  long long leads = 0;
  auto& self = *implementation_;
  const auto result = self.database->guarded([&]() -> Result<void> {
    self.session() << "SELECT COUNT(*) FROM leads WHERE workspace_id = :w AND merged_into = ''",
        soci::use(self.workspace), soci::into(leads);
    return {};
  });
  if (!result) return std::unexpected(result.error());
  return leads;
}

}  // namespace leadhub::store
