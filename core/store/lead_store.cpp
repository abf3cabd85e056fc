#include "store/lead_store.hpp"

#include <soci/soci.h>

#include <algorithm>
#include <set>
#include <unordered_map>

#include "ops/limits.hpp"
#include "ops/uuid.hpp"
#include "store/database.hpp"
#include "store/in_query.hpp"
#include "store/lead_rows.hpp"
#include "store/merges.hpp"
#include "store/migrations.hpp"
#include "store/planner_statistics.hpp"
#include "store/row_writer.hpp"
#include "store/verifications.hpp"

namespace leadhub::store {
namespace {

using enum ColumnType;

/// Every column of a lead but its key, set to the row's own on conflict.
std::string lead_upsert() {
  std::string columns{lead_columns};
  columns.append(", ").append(lead_repeated_columns).append(", ");
  std::string out = "ON CONFLICT (workspace_id, id) DO UPDATE SET ";
  bool first = true;
  for (std::size_t start = 0, end = columns.find(", "); end != columns.npos;
       start = end + 2, end = columns.find(", ", start)) {
    const auto name = columns.substr(start, end - start);
    if (name == "id" || name == "created_at") continue;
    out.append(first ? "" : ", ").append(name).append(" = excluded.").append(name);
    first = false;
  }
  return out;
}

std::vector<ColumnType> lead_column_types() {
  std::vector<ColumnType> types{integer, text, text};
  types.insert(types.end(), lead::stage_count + 2, integer);
  types.insert(types.end(), lead::field_names.size() + 5, text);
  types.insert(types.end(), {integer, integer, text, text, text, integer, integer, integer, integer});
  types.insert(types.end(), 9, text);
  return types;
}

void write_time(RowWriter& writer, const std::optional<TimePoint>& time) {
  if (time)
    writer.integer(to_milliseconds(*time));
  else
    writer.null();
}

/// Channel, source and campaign, as reports name them.
void write_touch(RowWriter& writer, const std::optional<lead::Touch>& touch) {
  writer.text(touch ? std::string_view{touch->channel} : "");
  for (const auto* name : {"utm_source", "utm_campaign"})
    writer.text(touch ? lead::attribution_of(*touch, name, limits::report_name_bytes_max) : "");
}

}  // namespace

struct LeadStore::Implementation {
  Implementation(std::unique_ptr<Database> opened, std::int64_t workspace_number, std::string holder)
      : database(std::move(opened)),
        workspace(workspace_number),
        leads(session(),
              "INSERT INTO leads (workspace_id, " + std::string{lead_columns} + ", " +
                  std::string{lead_repeated_columns} + ") VALUES",
              lead_column_types(), lead_upsert()),
        contacts(
            session(),
            "INSERT INTO contact_points (workspace_id, " + std::string{contact_columns} + ") VALUES",
            {integer, text, text, text, text, text, integer, integer, integer, integer, text, text, text},
            "ON CONFLICT (workspace_id, kind, canonical, lead_id) DO UPDATE SET as_given = "
            "excluded.as_given, "
            "verdict = excluded.verdict, verified_at = excluded.verified_at, seq = excluded.seq, "
            "idx = excluded.idx, occurred_at = excluded.occurred_at, reason = excluded.reason, "
            "marks = excluded.marks, home_id = excluded.home_id"),
        timeline(session(),
                 "INSERT INTO timeline (workspace_id, lead_id, " + std::string{timeline_columns} + ") VALUES",
                 {integer, text, integer, integer, text, text, text, integer, integer, text, text, text}),
        consents(
            session(),
            "INSERT INTO consents (workspace_id, lead_id, seq, idx, line, purpose, channel, state, text, "
            "text_sha256, url, ip, user_agent, occurred_at, recorded_at, home_id, bound_from, confirms) "
            "VALUES",
            {integer, text, integer, integer, integer, text, text, text, text, text, text, text, text,
             integer, integer, text, text, text},
            "ON CONFLICT (workspace_id, lead_id, seq, idx, line) DO NOTHING"),
        attachments(session(),
                    "INSERT INTO attachments (workspace_id, lead_id, seq, idx, line, sha256, field, name, "
                    "content_type, bytes, home_id) VALUES",
                    {integer, text, integer, integer, integer, text, text, text, text, integer, text}),
        contents(session(), "INSERT INTO attachment_contents (workspace_id, sha256, content) VALUES",
                 {integer, text, text}, "ON CONFLICT (workspace_id, sha256) DO NOTHING"),
        scores(session(),
               "INSERT INTO scores (workspace_id, lead_id, " + std::string{score_columns} + ") VALUES",
               {integer, text, integer, integer, integer, text, text, integer, integer}),
        assignments(
            session(),
            "INSERT INTO assignments (workspace_id, lead_id, " + std::string{assignment_columns} + ") VALUES",
            {integer, text, integer, text, text, text, integer, integer, integer, integer, integer, text},
            "ON CONFLICT (workspace_id, lead_id, round) DO UPDATE SET answer_by = "
            "excluded.answer_by, answered_at = excluded.answered_at, state = excluded.state"),
        enrolments(
            session(),
            "INSERT INTO enrolments (workspace_id, journey, lead_id, state, step, entered_at, due_at, "
            "ended_at) VALUES",
            {integer, text, text, text, text, integer, integer, integer},
            "ON CONFLICT (workspace_id, journey, lead_id) DO UPDATE SET state = excluded.state, step = "
            "excluded.step, entered_at = excluded.entered_at, due_at = excluded.due_at, ended_at = "
            "excluded.ended_at"),
        quarantine(
            session(), "INSERT INTO quarantine (workspace_id, seq, idx, reason, quarantined_at) VALUES",
            {integer, integer, integer, text, integer}, "ON CONFLICT (workspace_id, seq, idx) DO NOTHING"),
        leads_by_id(session(),
                    "SELECT " + std::string{lead_columns} + " FROM leads WHERE workspace_id = :w AND id IN ",
                    workspace_number, [this](soci::statement& statement) { lead_row.bind(statement); }),
        ids_by_email(
            session(),
            "SELECT lead_id FROM contact_points WHERE workspace_id = :w AND kind = 'email' AND canonical IN ",
            workspace_number,
            [this](soci::statement& statement) { statement.exchange(soci::into(found_id)); }),
        outbox(*database, workspace_number, std::move(holder)) {}

  soci::session& session() { return database->session(); }

  /// One contact point, and some of the leads that share it.
  void prepare_sharing() {
    sharing = std::make_unique<soci::statement>(session());
    sharing->exchange(soci::into(found_id));
    sharing->exchange(soci::use(workspace_value));
    sharing->exchange(soci::use(sharing_kind));
    sharing->exchange(soci::use(sharing_canonical));
    sharing->alloc();
    sharing->prepare(
        "SELECT lead_id FROM contact_points WHERE workspace_id = :w AND kind = :k AND canonical = :c "
        "ORDER BY lead_id LIMIT " +
        std::to_string(limits::sharing_leads_max + 1));
    sharing->define_and_bind();
  }

  void add_sharing_leads(const ContactKey& key, std::set<std::string>& ids) {
    if (!sharing) prepare_sharing();
    sharing_kind = lead::to_string(key.kind);
    sharing_canonical = key.canonical;
    sharing->execute();
    while (sharing->fetch()) ids.insert(found_id);
  }

  std::unique_ptr<Database> database;
  std::int64_t workspace;
  RowWriter leads;
  RowWriter contacts;
  RowWriter timeline;
  RowWriter consents;
  RowWriter attachments;
  RowWriter contents;
  RowWriter scores;
  RowWriter assignments;
  RowWriter enrolments;
  RowWriter quarantine;
  LeadRow lead_row;
  ContactRow contact_row;
  std::string found_id;
  InQuery leads_by_id;
  InQuery ids_by_email;
  long long workspace_value = workspace;
  std::string sharing_kind;
  std::string sharing_canonical;
  std::unique_ptr<soci::statement> sharing;
  std::string contacts_of;
  std::unique_ptr<soci::statement> contacts_by_lead;
  Outbox outbox;
  Pauses pauses{*database, workspace};
  Broadcasts broadcasts{*database, workspace};
  Destinations destinations{*database, workspace};
  Suppressions suppressions{*database, workspace};
  ChannelNotes channel_notes{*database, workspace};
  Merges merges{*database, workspace};
  Verifications verifications{*database, workspace};
  std::set<std::string> released_contents;  ///< by the redrive that is being saved

  [[nodiscard]] std::array<RowWriter*, 10> writers() {
    return {&leads,    &contacts, &timeline,    &consents,   &attachments,
            &contents, &scores,   &assignments, &enrolments, &quarantine};
  }

  void discard() {
    for (auto* writer : writers()) writer->discard();
  }

  /// What one query says of a lead. `sql` asks for the columns of the row, by workspace and lead.
  template <class Row, class Read>
  auto rows_of(const std::string& lead_id, const std::string& sql, const Read& read)
      -> Result<std::vector<decltype(read(std::declval<const Row&>()))>> {
    std::vector<decltype(read(std::declval<const Row&>()))> rows;
    const auto result = database->guarded([&]() -> Result<void> {
      Row row;
      soci::statement statement{session()};
      row.bind(statement);
      statement.exchange(soci::use(workspace_value));
      statement.exchange(soci::use(lead_id));
      statement.alloc();
      statement.prepare(sql);
      statement.define_and_bind();
      statement.execute();
      while (statement.fetch()) rows.push_back(read(row));
      return {};
    });
    if (!result) return std::unexpected(result.error());
    return rows;
  }

  std::vector<lead::Lead> load(std::span<const std::string_view> ids) {
    std::vector<lead::Lead> found;
    std::unordered_map<std::string, std::size_t> places;
    leads_by_id.each(ids, [&] {
      if (places.try_emplace(lead_row.id, found.size()).second) found.push_back(lead_row.lead());
    });
    for (auto& lead : found) add_contacts(lead);
    return found;
  }

  /// One lead at a time: for a list of leads SQLite 3.40 would rather walk through all contact points.
  void add_contacts(lead::Lead& lead) {
    if (!contacts_by_lead) prepare_contacts();
    contacts_of = lead.id;
    contacts_by_lead->execute();
    while (contacts_by_lead->fetch()) lead.contact_points.push_back(contact_row.contact_point());
  }

  void prepare_contacts() {
    contacts_by_lead = std::make_unique<soci::statement>(session());
    contact_row.bind(*contacts_by_lead);
    contacts_by_lead->exchange(soci::use(workspace_value));
    contacts_by_lead->exchange(soci::use(contacts_of));
    contacts_by_lead->alloc();
    contacts_by_lead->prepare("SELECT " + std::string{contact_columns} +
                              " FROM contact_points WHERE workspace_id = :w AND lead_id = :l "
                              "ORDER BY kind, canonical");
    contacts_by_lead->define_and_bind();
  }

  void write_lead(const lead::Lead& lead) {
    leads.integer(workspace).text(lead.id).text(to_string(lead.stage));
    for (const auto& entered : lead.stage_entered) write_time(leads, entered);
    write_time(leads, lead.warm_until);
    write_time(leads, lead.hot_until);
    for (const auto& field : lead.fields) leads.text(field.value);
    leads.text(lead::strings_to_json(lead.tags)).text(lead::attributes_to_json(lead));
    leads.text(lead::touch_to_json(lead.first_touch)).text(lead::touch_to_json(lead.last_touch));
    leads.text(lead::provenance_to_json(lead));
    leads.integer(to_milliseconds(lead.created_at)).integer(to_milliseconds(lead.updated_at));
    leads.text(lead.merged_into);
    leads.text(lead::qualification_to_json(lead)).text(lead.owner());
    const auto& assignment = lead.routing.assignment;
    write_time(leads, assignment ? std::optional{assignment->assigned_at} : std::nullopt);
    write_time(leads, assignment ? assignment->answer_by : std::nullopt);
    write_time(leads, assignment ? assignment->answered_at : std::nullopt);
    write_time(leads, lead.merged_into.empty() ? lead.wake_at : std::nullopt);
    leads.text(lead.channel);
    const auto* email = lead.primary(lead::ContactKind::email);
    const auto* phone = lead.primary(lead::ContactKind::phone);
    leads.text(email == nullptr ? "" : email->canonical).text(phone == nullptr ? "" : phone->canonical);
    write_touch(leads, lead.first_touch);
    write_touch(leads, lead.last_touch);
    leads.end_row();
  }

  void write_contacts(const lead::Lead& lead, std::int64_t first_seq) {
    for (const auto& point : lead.contact_points) {
      if (point.source.seq < first_seq) continue;
      contacts.integer(workspace).text(lead.id).text(to_string(point.kind)).text(point.canonical);
      contacts.text(point.as_given).text(to_string(point.verdict));
      write_time(contacts, point.verified_at);
      contacts.integer(point.source.seq).integer(point.source.index).integer(to_milliseconds(point.at));
      contacts.text(point.reason).text(lead::to_string(point.marks)).text(point.home).end_row();
    }
  }

  void write_timeline(const std::string& lead_id, const lead::TimelineEntry& entry) {
    timeline.integer(workspace).text(lead_id).integer(entry.reference.seq).integer(entry.reference.index);
    timeline.text(entry.channel).text(entry.key).text(entry.type);
    timeline.integer(to_milliseconds(entry.occurred_at)).integer(to_milliseconds(entry.received_at));
    timeline.text(to_string(entry.trust)).text(entry.document).text(entry.home).end_row();
  }

  void write_consent(const std::string& lead_id, const lead::ConsentEntry& entry) {
    const auto& statement = entry.statement;
    consents.integer(workspace).text(lead_id).integer(entry.reference.seq).integer(entry.reference.index);
    consents.integer(entry.line)
        .text(statement.purpose)
        .text(statement.channel)
        .text(to_string(statement.state));
    consents.text(statement.text).text(entry.text_hash).text(statement.url).text(statement.ip);
    consents.text(statement.user_agent).integer(to_milliseconds(entry.occurred_at));
    consents.integer(to_milliseconds(entry.recorded_at)).text(entry.home).text(entry.bound_from);
    consents.text(statement.confirms).end_row();
  }

  void write_score(const std::string& lead_id, const lead::ScoreEntry& entry) {
    scores.integer(workspace).text(lead_id).integer(entry.reference.seq).integer(entry.reference.index);
    scores.integer(entry.line).text(entry.rule).text(to_string(entry.group)).integer(entry.points);
    scores.integer(to_milliseconds(entry.at)).end_row();
  }

  void write_assignment(const std::string& lead_id, const lead::Assignment& assignment) {
    assignments.integer(workspace).text(lead_id).integer(assignment.round).text(assignment.owner);
    assignments.text(assignment.rule).text(assignment.method).integer(assignment.source.seq);
    assignments.integer(assignment.source.index).integer(to_milliseconds(assignment.assigned_at));
    write_time(assignments, assignment.answer_by);
    write_time(assignments, assignment.answered_at);
    assignments.text(to_string(assignment.state)).end_row();
  }

  void write_enrolment(const std::string& lead_id, const lead::Enrolment& enrolment) {
    enrolments.integer(workspace).text(enrolment.journey).text(lead_id).text(to_string(enrolment.state));
    enrolments.text(enrolment.step).integer(to_milliseconds(enrolment.entered_at));
    write_time(enrolments, enrolment.due_at);
    write_time(enrolments, enrolment.ended_at);
    enrolments.end_row();
  }

  void write_conversion(const std::string& lead_id, const Conversion& conversion) {
    const long long w = workspace;
    const long long seq = conversion.reference.seq;
    const long long idx = conversion.reference.index;
    const long long at = to_milliseconds(conversion.at);
    double value = conversion.value.value_or(0);
    auto known = conversion.value ? soci::i_ok : soci::i_null;
    session() << "INSERT INTO conversions (workspace_id, lead_id, seq, idx, value, currency, occurred_at) "
                 "VALUES (:w, :l, :s, :i, :v, :c, :t)",
        soci::use(w), soci::use(lead_id), soci::use(seq), soci::use(idx), soci::use(value, known),
        soci::use(conversion.currency), soci::use(at);
  }

  void write_turn(const std::string& name, std::int64_t value) {
    const long long w = workspace;
    const long long turn = value;
    session() << "INSERT INTO team_turns (workspace_id, name, turn) VALUES (:w, :n, :t) ON CONFLICT "
                 "(workspace_id, name) DO UPDATE SET turn = excluded.turn",
        soci::use(w), soci::use(name), soci::use(turn);
  }

  void write_trust(const JudgedSignal& signal) {
    const long long w = workspace;
    const long long seq = signal.event.seq;
    const long long idx = signal.event.index;
    const std::string trust{to_string(signal.trust)};
    session() << "UPDATE timeline SET trust = :t WHERE workspace_id = :w AND seq = :s AND idx = :i",
        soci::use(trust), soci::use(w), soci::use(seq), soci::use(idx);
  }

  /// Forgets what the rules have made of a lead's events, before it is written anew.
  void clear_judged(const std::string& lead_id) {
    const long long w = workspace;
    for (const auto* table : {"scores", "conversions"})
      session() << "DELETE FROM " << table << " WHERE workspace_id = :w AND lead_id = :l", soci::use(w),
          soci::use(lead_id);
  }

  void write_attachment(const std::string& lead_id, const NewAttachment& added) {
    const auto& attachment = added.attachment;
    attachments.integer(workspace).text(lead_id).integer(attachment.reference.seq);
    attachments.integer(attachment.reference.index).integer(added.line).text(attachment.sha256);
    attachments.text(attachment.field).text(attachment.name).text(attachment.content_type);
    attachments.integer(attachment.bytes).text(attachment.home).end_row();
    contents.integer(workspace).text(attachment.sha256).text(added.content).end_row();
  }

  void supersede(const Superseded& superseded) {
    const long long w = workspace;
    const long long seq = superseded.seq;
    const long long by = superseded.by;
    session() << "UPDATE timeline SET superseded_by = :b WHERE workspace_id = :w AND seq = :s AND "
                 "channel <> 'leadhub' AND superseded_by IS NULL",
        soci::use(by), soci::use(w), soci::use(seq);
    session() << "DELETE FROM quarantine WHERE workspace_id = :w AND seq = :s", soci::use(w), soci::use(seq);
    std::string hash;
    soci::statement held =
        (session().prepare << "SELECT DISTINCT sha256 FROM attachments WHERE workspace_id = "
                              ":w AND seq = :s",
         soci::use(w), soci::use(seq), soci::into(hash));
    held.execute();
    while (held.fetch()) released_contents.insert(hash);
    session() << "DELETE FROM attachments WHERE workspace_id = :w AND seq = :s", soci::use(w), soci::use(seq);
  }

  /// Forgets those released contents that no attachment has any more; all attachments are written.
  void remove_orphaned_contents() {
    const long long w = workspace;
    for (const auto& hash : released_contents)
      session() << "DELETE FROM attachment_contents WHERE workspace_id = :w AND sha256 = :h AND NOT EXISTS "
                   "(SELECT 1 FROM attachments WHERE workspace_id = :w2 AND sha256 = :h2)",
          soci::use(w), soci::use(hash), soci::use(w), soci::use(hash);
  }

  /// Forgets what is derived from a lead's events, before it is written anew.
  void clear_derived(const std::string& lead_id) {
    const long long w = workspace;
    session() << "DELETE FROM contact_points WHERE workspace_id = :w AND lead_id = :l", soci::use(w),
        soci::use(lead_id);
    session() << "DELETE FROM consents WHERE workspace_id = :w AND lead_id = :l AND bound_from = ''",
        soci::use(w), soci::use(lead_id);
  }

  void remove_lead(const std::string& lead_id) {
    clear_derived(lead_id);
    clear_judged(lead_id);
    const long long w = workspace;
    session() << "DELETE FROM leads WHERE workspace_id = :w AND id = :l", soci::use(w), soci::use(lead_id);
  }

  void erase(const Erasure& erasure) {
    const long long w = workspace;
    const long long by = erasure.erased_by;
    for (const auto& id : erasure.ids) {
      suppressions.forget_addresses_of(id);
      // What was answered in a chat stands in the log as an action, and in no timeline.
      for (const auto* rows : {"timeline WHERE", "messages WHERE kind = 'chat_reply' AND"})
        session() << "INSERT INTO erasures (workspace_id, erased_by, seq, idx) SELECT workspace_id, :b, seq, "
                     "idx FROM "
                  << rows
                  << " workspace_id = :w AND lead_id = :l ON CONFLICT (workspace_id, erased_by, seq, idx) DO "
                     "NOTHING",
            soci::use(by), soci::use(w), soci::use(id);
      std::string hash;
      soci::statement held =
          (session().prepare << "SELECT DISTINCT sha256 FROM attachments WHERE workspace_id = "
                                ":w AND lead_id = :l",
           soci::use(w), soci::use(id), soci::into(hash));
      held.execute();
      while (held.fetch()) released_contents.insert(hash);
      session()
          << "DELETE FROM verifications WHERE workspace_id = :w AND canonical IN (SELECT canonical FROM "
             "contact_points WHERE workspace_id = :w AND lead_id = :l)",
          soci::use(w, "w"), soci::use(id, "l");
      for (const auto* table : {"timeline", "contact_points", "consents", "attachments", "messages", "scores",
                                "assignments", "conversions", "enrolments"})
        session() << "DELETE FROM " << table << " WHERE workspace_id = :w AND lead_id = :l", soci::use(w),
            soci::use(id);
      session() << "DELETE FROM leads WHERE workspace_id = :w AND id = :l", soci::use(w), soci::use(id);
      session() << "DELETE FROM merges WHERE workspace_id = :w AND (merged_id = :l OR into_id = :l)",
          soci::use(w, "w"), soci::use(id, "l");
      session()
          << "DELETE FROM merge_proposals WHERE workspace_id = :w AND (first_id = :l OR second_id = :l)",
          soci::use(w, "w"), soci::use(id, "l");
    }
    for (const auto entry : erasure.entries) {
      const long long seq = entry;
      session()
          << "INSERT INTO erasures (workspace_id, erased_by, seq, idx) VALUES (:w, :b, :s, -1) ON CONFLICT "
             "(workspace_id, erased_by, seq, idx) DO NOTHING",
          soci::use(w), soci::use(by), soci::use(seq);
      session() << "DELETE FROM quarantine WHERE workspace_id = :w AND seq = :s", soci::use(w),
          soci::use(seq);
    }
  }

  void write_cursor(const Cursor& cursor) {
    const long long w = workspace;
    const long long seq = cursor.seq;
    session() << "INSERT INTO pipeline_cursor (workspace_id, log_id, seq) VALUES (:w, :l, :s) "
                 "ON CONFLICT (workspace_id) DO UPDATE SET log_id = excluded.log_id, seq = excluded.seq",
        soci::use(w), soci::use(cursor.log_id), soci::use(seq);
  }
};

LeadStore::LeadStore(std::unique_ptr<Implementation> implementation)
    : implementation_(std::move(implementation)) {}
LeadStore::~LeadStore() = default;

Result<std::unique_ptr<LeadStore>> LeadStore::open(const std::filesystem::path& file,
                                                   std::string_view workspace, const Clock& clock,
                                                   Access access) {
  auto database = Database::open(file, access);
  if (!database) return std::unexpected(database.error());
  if (auto migrated = migrate(**database, leads_migrations(), clock); !migrated)
    return std::unexpected(migrated.error());
  if (auto told = tell_planner(**database, leads_statistics()); !told) return std::unexpected(told.error());
  const auto number = workspace_id(**database, workspace);
  if (!number) return std::unexpected(number.error());
  std::unique_ptr<Implementation> implementation;
  auto& opened = **database;
  const auto made = opened.guarded([&]() -> Result<void> {
    implementation =
        std::make_unique<Implementation>(std::move(*database), *number, ops::make_uuid(clock.now()));
    return {};
  });
  if (!made) return std::unexpected(made.error());
  return std::unique_ptr<LeadStore>{new LeadStore{std::move(implementation)}};
}

Result<std::vector<std::string>> LeadStore::merged_into(const std::string& id) {
  std::vector<std::string> members{id};
  const auto result = implementation_->database->guarded([&]() -> Result<void> {
    const long long workspace = implementation_->workspace;
    for (std::size_t i = 0; i < members.size(); ++i) {
      std::string member;
      const auto of = members[i];
      soci::statement statement =
          (implementation_->session().prepare
               << "SELECT merged_id FROM merges WHERE workspace_id = :w AND into_id = :i ORDER BY merged_id",
           soci::use(workspace), soci::use(of), soci::into(member));
      statement.execute();
      while (statement.fetch()) members.push_back(member);
    }
    return {};
  });
  if (!result) return std::unexpected(result.error());
  return members;
}

Result<std::vector<std::int64_t>> LeadStore::quarantined_entries() {
  std::vector<std::int64_t> entries;
  const auto result = implementation_->database->guarded([&]() -> Result<void> {
    const long long workspace = implementation_->workspace;
    long long seq = 0;
    soci::statement statement =
        (implementation_->session().prepare << "SELECT DISTINCT seq FROM quarantine WHERE workspace_id = :w",
         soci::use(workspace), soci::into(seq));
    statement.execute();
    while (statement.fetch()) entries.push_back(seq);
    return {};
  });
  if (!result) return std::unexpected(result.error());
  return entries;
}

Result<std::int64_t> LeadStore::merge_entry(const std::string& merged_id) {
  long long seq = 0;
  const auto result = implementation_->database->guarded([&]() -> Result<void> {
    const long long workspace = implementation_->workspace;
    implementation_->session() << "SELECT seq FROM merges WHERE workspace_id = :w AND merged_id = :m",
        soci::use(workspace), soci::use(merged_id), soci::into(seq);
    return {};
  });
  if (!result) return std::unexpected(result.error());
  return seq;
}

Result<Cursor> LeadStore::cursor() {
  Cursor cursor;
  const auto result = implementation_->database->guarded([&]() -> Result<void> {
    const long long workspace = implementation_->workspace;
    long long seq = 0;
    implementation_->session() << "SELECT log_id, seq FROM pipeline_cursor WHERE workspace_id = :w",
        soci::use(workspace), soci::into(cursor.log_id), soci::into(seq);
    cursor.seq = seq;
    return {};
  });
  if (!result) return std::unexpected(result.error());
  return cursor;
}

Result<std::vector<lead::Lead>> LeadStore::find_by_contacts(std::span<const ContactKey> keys) {
  std::vector<lead::Lead> leads;
  const auto result = implementation_->database->guarded([&]() -> Result<void> {
    std::vector<std::string_view> addresses;
    std::set<std::string> ids;
    for (const auto& key : keys)
      if (key.kind == lead::ContactKind::email && key.sharing == Sharing::by_few)
        addresses.push_back(key.canonical);
      else
        implementation_->add_sharing_leads(key, ids);
    implementation_->ids_by_email.each(addresses, [&] { ids.insert(implementation_->found_id); });
    const std::vector<std::string_view> views{ids.begin(), ids.end()};
    leads = implementation_->load(views);
    return {};
  });
  if (!result) return std::unexpected(result.error());
  return leads;
}

Result<std::vector<lead::Lead>> LeadStore::load(std::span<const std::string> ids) {
  std::vector<lead::Lead> leads;
  const auto result = implementation_->database->guarded([&]() -> Result<void> {
    const std::vector<std::string_view> views{ids.begin(), ids.end()};
    leads = implementation_->load(views);
    return {};
  });
  if (!result) return std::unexpected(result.error());
  return leads;
}

Result<std::vector<std::string>> LeadStore::leads_of_entry(std::int64_t seq) {
  std::vector<std::string> ids;
  const auto result = implementation_->database->guarded([&]() -> Result<void> {
    const long long workspace = implementation_->workspace;
    const long long wanted = seq;
    std::string id;
    soci::statement statement =
        (implementation_->session().prepare
             << "SELECT DISTINCT lead_id FROM timeline WHERE workspace_id = :w AND seq = :s "
                "AND superseded_by IS NULL ORDER BY lead_id",
         soci::use(workspace), soci::use(wanted), soci::into(id));
    statement.execute();
    while (statement.fetch()) ids.push_back(id);
    return {};
  });
  if (!result) return std::unexpected(result.error());
  return ids;
}

Result<std::vector<lead::TimelineEntry>> LeadStore::timeline_of(const std::string& lead_id) {
  return implementation_->rows_of<TimelineRow>(
      lead_id,
      "SELECT " + std::string{timeline_columns} +
          " FROM timeline WHERE workspace_id = :w AND lead_id = :l AND superseded_by IS NULL "
          "ORDER BY seq, idx",
      [](const TimelineRow& row) { return row.entry(); });
}

Result<std::vector<lead::ConsentEntry>> LeadStore::consents_of(const std::string& lead_id) {
  return implementation_->rows_of<ConsentRow>(
      lead_id,
      "SELECT " + std::string{consent_columns} +
          " FROM consents WHERE workspace_id = :w AND lead_id = :l ORDER BY seq, idx, line",
      [](const ConsentRow& row) { return row.entry(); });
}

Result<std::map<std::string, std::vector<lead::ConsentEntry>>> LeadStore::consents_of(
    std::span<const std::string> lead_ids) {
  std::map<std::string, std::vector<lead::ConsentEntry>> ledgers;
  const auto result = implementation_->database->guarded([&]() -> Result<void> {
    ConsentRow row;
    std::string lead_id;
    InQuery consents{implementation_->session(),
                     "SELECT " + std::string{consent_columns} +
                         ", lead_id FROM consents WHERE workspace_id = :w AND lead_id IN ",
                     implementation_->workspace, [&](soci::statement& statement) {
                       row.bind(statement);
                       statement.exchange(soci::into(lead_id));
                     }};
    const std::set<std::string_view> distinct{lead_ids.begin(), lead_ids.end()};
    const std::vector<std::string_view> wanted{distinct.begin(), distinct.end()};
    consents.each(wanted, [&] { ledgers[lead_id].push_back(row.entry()); });
    return {};
  });
  if (!result) return std::unexpected(result.error());
  const auto in_the_log = [](const lead::ConsentEntry& entry) {
    return std::pair{entry.reference, entry.line};
  };
  for (auto& [lead_id, ledger] : ledgers) std::ranges::sort(ledger, {}, in_the_log);
  return ledgers;
}

Result<std::vector<lead::ScoreEntry>> LeadStore::scores_of(const std::string& lead_id) {
  return implementation_->rows_of<ScoreRow>(
      lead_id,
      "SELECT " + std::string{score_columns} +
          " FROM scores WHERE workspace_id = :w AND lead_id = :l ORDER BY seq, idx, line",
      [](const ScoreRow& row) { return row.entry(); });
}

Result<std::vector<lead::Assignment>> LeadStore::assignments_of(const std::string& lead_id) {
  return implementation_->rows_of<AssignmentRow>(
      lead_id,
      "SELECT " + std::string{assignment_columns} +
          " FROM assignments WHERE workspace_id = :w AND lead_id = :l ORDER BY round",
      [](const AssignmentRow& row) { return row.assignment(); });
}

Result<StoredWorkload> LeadStore::workload_of(const std::string& name, std::size_t taken_max) {
  StoredWorkload workload;
  const auto result = implementation_->database->guarded([&]() -> Result<void> {
    auto& session = implementation_->session();
    const long long workspace = implementation_->workspace;
    const auto limit = static_cast<long long>(taken_max);
    long long turn = 0;
    long long open = 0;
    long long taken_at = 0;
    session << "SELECT turn FROM team_turns WHERE workspace_id = :w AND name = :n", soci::use(workspace),
        soci::use(name), soci::into(turn);
    session << "SELECT COUNT(*) FROM assignments WHERE workspace_id = :w AND owner = :n AND state = 'open'",
        soci::use(workspace), soci::use(name), soci::into(open);
    soci::statement statement =
        (session.prepare
             << "SELECT assigned_at FROM assignments WHERE workspace_id = :w AND owner = :n ORDER "
                "BY assigned_at DESC LIMIT :l",
         soci::use(workspace), soci::use(name), soci::use(limit), soci::into(taken_at));
    statement.execute();
    while (statement.fetch()) workload.taken.push_back(from_milliseconds(taken_at));
    std::ranges::reverse(workload.taken);
    workload.turn = turn;
    workload.open = open;
    return {};
  });
  if (!result) return std::unexpected(result.error());
  return workload;
}

Result<std::string> LeadStore::owner_of_company(const std::string& company) {
  std::string owner;
  const auto result = implementation_->database->guarded([&]() -> Result<void> {
    const long long workspace = implementation_->workspace;
    implementation_->session()
        << "SELECT owner FROM leads WHERE workspace_id = :w AND company = :c AND owner <> '' AND company <> "
           "'' AND merged_into = '' ORDER BY updated_at DESC LIMIT 1",
        soci::use(workspace), soci::use(company), soci::into(owner);
    return {};
  });
  if (!result) return std::unexpected(result.error());
  return owner;
}

Result<std::string> LeadStore::lead_of_event(lead::EventReference reference) {
  std::string id;
  const auto result =
      implementation_->database->guarded(
          [&]() -> Result<void> {
            const long long workspace = implementation_->workspace;
            const long long seq = reference.seq;
            const long long idx = reference.index;
            implementation_->session()
                << "SELECT lead_id FROM timeline WHERE workspace_id = :w AND seq = :s AND idx = "
                   ":i AND superseded_by IS NULL",
                soci::use(workspace), soci::use(seq), soci::use(idx), soci::into(id);
            if (id.empty())
              return fail(ErrorCode::not_found,
                          "there is no event " + lead::to_string(reference) + " in any timeline");
            return {};
          });
  if (!result) return std::unexpected(result.error());
  return id;
}

Broadcasts& LeadStore::broadcasts() {
  return implementation_->broadcasts;
}

Pauses& LeadStore::pauses() {
  return implementation_->pauses;
}

Outbox& LeadStore::outbox() {
  return implementation_->outbox;
}

Destinations& LeadStore::destinations() {
  return implementation_->destinations;
}

Suppressions& LeadStore::suppressions() {
  return implementation_->suppressions;
}

ChannelNotes& LeadStore::channel_notes() {
  return implementation_->channel_notes;
}

Result<void> LeadStore::save(const LeadChanges& changes) {
  auto& self = *implementation_;
  self.released_contents.clear();
  auto saved = self.database->transaction([&]() -> Result<void> {
    for (const auto& superseded : changes.superseded) self.supersede(superseded);
    for (const auto& merge : changes.merges) self.merges.add(merge);
    for (const auto& undone : changes.unmerges) self.merges.undo(undone);
    for (const auto& erasure : changes.erasures) self.erase(erasure);
    if (changes.sending) self.pauses.apply(*changes.sending);
    for (const auto* lead : changes.rebuilt) self.clear_derived(lead->id);
    for (const auto& id : changes.rejudged) self.clear_judged(id);
    for (const auto& id : changes.removed) self.remove_lead(id);
    for (const auto* lead : changes.leads) {
      self.write_lead(*lead);
      if (!lead->merged_into.empty()) continue;  // its contact points are the other's now
      self.write_contacts(*lead, changes.with_all_contacts.contains(lead) ? 0 : changes.first_seq);
    }
    for (const auto& [name, turn] : changes.turns) self.write_turn(name, turn);
    for (const auto& [lead_id, entry] : changes.timeline) self.write_timeline(lead_id, entry);
    for (const auto& [lead_id, entry] : changes.consents) self.write_consent(lead_id, entry);
    for (const auto& [lead_id, entry] : changes.scores) self.write_score(lead_id, entry);
    for (const auto& [lead_id, assignment] : changes.assignments) self.write_assignment(lead_id, assignment);
    for (const auto& [lead_id, enrolment] : changes.enrolments) self.write_enrolment(lead_id, enrolment);
    for (const auto& [lead_id, conversion] : changes.conversions) self.write_conversion(lead_id, conversion);
    for (const auto& [lead_id, attachment] : changes.attachments) self.write_attachment(lead_id, attachment);
    for (const auto& event : changes.quarantine) {
      self.quarantine.integer(self.workspace).integer(event.reference.seq).integer(event.reference.index);
      self.quarantine.text(event.reason).integer(to_milliseconds(event.at)).end_row();
    }
    for (auto* writer : self.writers()) writer->flush();
    for (const auto& signal : changes.signals) self.write_trust(signal);
    self.remove_orphaned_contents();
    for (const auto& suppression : changes.suppressions) self.suppressions.add(suppression);
    for (const auto& hash : changes.lifted) self.suppressions.lift(hash);
    for (const auto& due : changes.to_verify) self.verifications.add(due);
    for (const auto& verified : changes.verified) self.verifications.settle(verified);
    for (const auto& [action, at] : changes.broadcasts) self.broadcasts.apply(action, at);
    self.outbox.add(changes.messages);
    for (const auto& one : changes.feedback) self.outbox.note(one);
    for (const auto& one : changes.settled) self.outbox.settle_unknown(one.id, one.to, one.at);
    for (const auto& ended : changes.ended_journeys) self.outbox.withhold(ended);
    for (const auto& [channel, at] : changes.redriven) self.destinations.redrive(channel, at);
    for (const auto& proposal : changes.proposals) self.merges.propose(proposal);
    for (const auto& proposal : changes.dismissed) self.merges.dismiss(proposal);
    self.write_cursor(changes.cursor);
    return {};
  });
  if (!saved) self.discard();
  return saved;
}

Result<void> LeadStore::wake_enrolled(TimePoint now) {
  auto& self = *implementation_;
  return self.database->transaction([&]() -> Result<void> {
    const long long w = self.workspace;
    const long long at = to_milliseconds(now);
    self.session()
        << "UPDATE leads SET wake_at = :t WHERE workspace_id = :w AND wake_at > :t2 AND id IN (SELECT "
           "lead_id FROM enrolments WHERE workspace_id = :w2 AND state = 'running')",
        soci::use(at), soci::use(w), soci::use(at), soci::use(w);
    return {};
  });
}

Result<void> LeadStore::checkpoint_if_due() {
  return implementation_->database->checkpoint_after(limits::leads_checkpoint_bytes);
}

std::int64_t LeadStore::workspace() const {
  return implementation_->workspace;
}

}  // namespace leadhub::store
