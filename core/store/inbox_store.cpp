#include "store/inbox_store.hpp"

#include <soci/soci.h>

#include <algorithm>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "lead/event.hpp"
#include "ops/crypto.hpp"
#include "ops/limits.hpp"
#include "ops/uuid.hpp"
#include "store/database.hpp"
#include "store/follow_ups.hpp"
#include "store/in_query.hpp"
#include "store/inbox_purge.hpp"
#include "store/inbox_rows.hpp"
#include "store/migrations.hpp"
#include "store/planner_statistics.hpp"
#include "store/poll_cursors.hpp"
#include "store/row_writer.hpp"
#include "store/stored_text.hpp"

namespace leadhub::store {
namespace {

/// What is known of a key.
struct KnownKey {
  std::int64_t seq = 0;
  std::string body_hash;
};

void join(std::string& list, const std::string& json) {
  (list += list.empty() ? "[" : ",") += json;
}

std::vector<ColumnType> inbox_columns() {
  using enum ColumnType;
  return {integer, integer, text, text, text, text, integer, text,   text,
          text,    text,    text, text, text, text, integer, integer};
}

}  // namespace

std::size_t DraftEntry::bytes() const {
  std::size_t total = request.body.size() + request.headers.size() + request.query.size() + 512;
  for (const auto& event : events) total += event.json.size();
  if (follows) total += follows->detail.size();
  if (poll_cursor) total += poll_cursor->size();
  return total;
}

struct InboxWriterStore::Implementation {
  Implementation(std::unique_ptr<Database> opened, std::int64_t workspace_number, std::string log,
                 std::int64_t next)
      : database(std::move(opened)),
        workspace(workspace_number),
        log_id(std::move(log)),
        next_seq(next),
        entries(database->session(),
                "INSERT INTO inbox (workspace_id, seq, kind, state, reason, channel, received_at, method, "
                "path, query, "
                "headers, body, body_encoding, client_address, events, redrive_of, follows) VALUES",
                inbox_columns()),
        keys(database->session(), "INSERT INTO inbox_keys (workspace_id, key_hash, seq, body_hash) VALUES",
             {ColumnType::integer, ColumnType::text, ColumnType::integer, ColumnType::text},
             "ON CONFLICT (workspace_id, key_hash) DO NOTHING"),
        withdrawals(database->session(),
                    "INSERT INTO withdrawals (workspace_id, address_hash, seq, purpose, received_at) VALUES",
                    {ColumnType::integer, ColumnType::text, ColumnType::integer, ColumnType::text,
                     ColumnType::integer},
                    "ON CONFLICT (workspace_id, address_hash, seq, purpose) DO NOTHING"),
        lookup(database->session(),
               "SELECT key_hash, seq, body_hash FROM inbox_keys WHERE workspace_id = :w AND key_hash IN ",
               workspace_number, [this](soci::statement& statement) {
                 statement.exchange(soci::into(found_key));
                 statement.exchange(soci::into(found_seq));
                 statement.exchange(soci::into(found_body));
               }) {}

  std::unique_ptr<Database> database;
  std::int64_t workspace;
  std::string log_id;
  std::int64_t next_seq;
  std::int64_t scrubbed_up_to = 0;
  RowWriter entries;
  RowWriter keys;
  RowWriter withdrawals;
  std::string found_key;
  std::string found_body;
  long long found_seq = 0;
  InQuery lookup;
  std::unordered_map<std::string, KnownKey> known;

  void look_up_keys(std::span<const DraftEntry> drafts) {
    known.clear();
    std::vector<std::string_view> wanted;
    for (const auto& draft : drafts) {
      for (const auto& event : draft.events)
        if (!event.key_hash.empty()) wanted.push_back(event.key_hash);
      if (draft.events.empty() && draft.follow_up_key) wanted.push_back(*draft.follow_up_key);
    }
    lookup.each(wanted, [&] { known.insert_or_assign(found_key, KnownKey{found_seq, found_body}); });
  }

  void add(const std::optional<std::int64_t>& number) {
    if (number)
      entries.integer(*number);
    else
      entries.null();
  }

  void add_entry(const DraftEntry& draft, EntryState state, std::string_view reason, std::string_view events,
                 std::int64_t seq) {
    const bool plain = is_plain_text(draft.request.body);
    entries.integer(workspace).integer(seq).text(to_string(draft.kind)).text(to_string(state)).text(reason);
    entries.text(draft.channel).integer(to_milliseconds(draft.received_at));
    entries.text(draft.request.method)
        .text(draft.request.path)
        .text(draft.request.query)
        .text(draft.request.headers);
    if (plain)
      entries.text(draft.request.body).text("text");
    else
      entries.text(ops::base64_encode(draft.request.body)).text("base64");
    entries.text(draft.request.client_address).text(events);
    add(draft.redrive_of);
    add(draft.follows ? std::optional{draft.follows->seq} : std::nullopt);
    entries.end_row();
  }

  void remember_key(const DraftEvent& event, std::int64_t seq) {
    if (event.key_hash.empty()) return;
    keys.integer(workspace).text(event.key_hash).integer(seq).text(event.body_hash).end_row();
    known.try_emplace(event.key_hash, KnownKey{seq, event.body_hash});
  }

  void remember_withdrawals(const DraftEntry& draft, const DraftEvent& event, std::int64_t seq) {
    if (draft.state != EntryState::accepted) return;  // nobody has decided yet that it counts
    for (const auto& withdrawal : event.withdrawals)
      withdrawals.integer(workspace)
          .text(withdrawal.address_hash)
          .integer(seq)
          .text(withdrawal.purpose)
          .integer(to_milliseconds(draft.received_at))
          .end_row();
  }

  AppendOutcome add(const DraftEntry& draft) {
    if (draft.poll_cursor) {
      move_poll_cursor(database->session(), workspace, draft.channel, *draft.poll_cursor, draft.received_at);
      if (draft.events.empty()) return {.kind = AppendOutcome::Kind::committed, .seq = next_seq - 1};
    }
    if (draft.redrive_of) return add_redrive(draft, *draft.redrive_of);
    if (!draft.follows) return add_request(draft);
    settle_follow_up(database->session(), workspace, draft.channel, *draft.follows);
    if (draft.events.empty()) return {.kind = AppendOutcome::Kind::committed, .seq = draft.follows->seq};
    return add_request(draft);
  }

  /// A request without events is known again by what it asks for.
  bool is_known_follow_up(const DraftEntry& draft) const {
    return draft.events.empty() && draft.follow_up_key && known.contains(*draft.follow_up_key);
  }

  void add_follow_up(const DraftEntry& draft, std::int64_t seq) {
    if (draft.events.empty()) remember_key({{}, *draft.follow_up_key, {}}, seq);
    start_follow_up(database->session(), workspace, seq, draft.channel, draft.received_at);
  }

  /// Splits the draft's events into new ones, retries and twins, and stores what has to be stored.
  AppendOutcome add_request(const DraftEntry& draft) {
    std::string fresh;
    std::string twins;
    std::int64_t first_known = 0;
    AppendOutcome outcome;
    if (is_known_follow_up(draft))
      return {.kind = AppendOutcome::Kind::duplicate, .seq = known.at(*draft.follow_up_key).seq};
    const auto seq = next_seq;
    for (const auto& event : draft.events) {
      const auto found = known.find(event.key_hash);
      if (event.key_hash.empty() || found == known.end()) {
        join(fresh, event.json);
        ++outcome.fresh_events;
        remember_key(event, seq);
        remember_withdrawals(draft, event, seq);
      } else {
        first_known = found->second.seq;
        if (found->second.body_hash == event.body_hash) continue;
        join(twins, event.json);
        ++outcome.twin_events;
      }
    }
    if (fresh.empty() && twins.empty() && !draft.events.empty())
      return {.kind = AppendOutcome::Kind::duplicate, .seq = first_known};
    outcome.seq = seq;
    if (!fresh.empty() || draft.events.empty()) {
      if (draft.follow_up_key) add_follow_up(draft, seq);
      add_entry(draft, draft.state, draft.reason, fresh.empty() ? "[]" : fresh + "]", next_seq++);
    }
    if (!twins.empty()) {
      outcome.kind = AppendOutcome::Kind::conflict;
      outcome.seq = next_seq;
      add_entry(draft, EntryState::conflict,
                "its key came before, in entry " + std::to_string(first_known) + ", with another content",
                twins + "]", next_seq++);
    }
    return outcome;
  }

  /// Stores those of the draft's events that no other entry has brought.
  AppendOutcome add_redrive(const DraftEntry& draft, std::int64_t original) {
    // An earlier redrive of the same entry may stand in this very transaction.
    entries.flush();
    keys.flush();
    auto replaced = redrives_of(database->session(), workspace, original);
    replaced.push_back(original);
    std::string kept;
    std::int64_t holder = 0;
    std::unordered_set<std::string_view> seen;
    for (const auto& event : draft.events) {
      if (!event.key_hash.empty()) {
        if (!seen.insert(event.key_hash).second) continue;
        if (const auto found = known.find(event.key_hash); found == known.end()) {
          remember_key(event, next_seq);
        } else if (std::find(replaced.begin(), replaced.end(), found->second.seq) == replaced.end()) {
          holder = found->second.seq;
          continue;
        } else {
          correct_key(event, found->second);
        }
      }
      join(kept, event.json);
      remember_withdrawals(draft, event, next_seq);
    }
    if (kept.empty() && holder != 0) return {.kind = AppendOutcome::Kind::duplicate, .seq = holder};
    add_entry(draft, draft.state, draft.reason, kept.empty() ? "[]" : kept + "]", next_seq);
    return {.kind = AppendOutcome::Kind::committed, .seq = next_seq++};
  }

  /// What a redrive replaced, or a follow-up followed, holds the same person: the request, and what was read
  /// from it before.
  void scrub_replaced_by(std::int64_t redrive) {
    const long long w = workspace;
    const long long seq = redrive;
    long long original = 0;
    soci::indicator is_redrive = soci::i_null;
    database->session()
        << "SELECT COALESCE(redrive_of, follows) FROM inbox WHERE workspace_id = :w AND seq = :s",
        soci::use(w), soci::use(seq), soci::into(original, is_redrive);
    if (!database->session().got_data() || is_redrive != soci::i_ok) return;
    scrub({0, original, -1});
    for (const auto earlier : redrives_of(database->session(), workspace, original))
      if (earlier < redrive) scrub({0, earlier, -1});
  }

  void scrub(const ErasedEvent& event) {
    const long long w = workspace;
    const long long seq = event.seq;
    std::string documents;
    database->session() << "SELECT events FROM inbox WHERE workspace_id = :w AND seq = :s", soci::use(w),
        soci::use(seq), soci::into(documents);
    if (!database->session().got_data()) return;  // older than keep_raw
    std::string kept;
    std::int32_t index = 0;
    for (const auto document : lead::event_documents(documents)) {
      const bool erased = event.index < 0 || event.index == index++;
      join(kept, std::string{erased ? lead::erased_event : document});
    }
    kept = kept.empty() ? "[]" : kept + "]";
    forget_follow_up(database->session(), workspace, event.seq);  // what it would look at is gone
    database->session()
        << "UPDATE inbox SET events = :e, query = '', headers = '', body = '', body_encoding = "
           "'', client_address = '' WHERE workspace_id = :w AND seq = :s",
        soci::use(kept), soci::use(w), soci::use(seq);
  }

  /// From now on the sender's retries give the corrected event: they are duplicates, not twins.
  void correct_key(const DraftEvent& event, KnownKey& key) {
    if (key.body_hash == event.body_hash) return;
    key.body_hash = event.body_hash;
    const long long w = workspace;
    database->session() << "UPDATE inbox_keys SET body_hash = :b WHERE workspace_id = :w AND key_hash = :k",
        soci::use(event.body_hash), soci::use(w), soci::use(event.key_hash);
  }
};

InboxWriterStore::InboxWriterStore(std::unique_ptr<Implementation> implementation)
    : implementation_(std::move(implementation)) {}
InboxWriterStore::~InboxWriterStore() = default;

Result<std::unique_ptr<InboxWriterStore>> InboxWriterStore::open(const std::filesystem::path& file,
                                                                 std::string_view workspace,
                                                                 const Clock& clock, Access access) {
  auto database = Database::open(file, access);
  if (!database) return std::unexpected(database.error());
  if (auto migrated = migrate(**database, inbox_migrations(), clock); !migrated)
    return std::unexpected(migrated.error());
  if (auto told = tell_planner(**database, inbox_statistics()); !told) return std::unexpected(told.error());
  const auto number = workspace_id(**database, workspace);
  if (!number) return std::unexpected(number.error());

  std::string log_id;
  long long next_seq = 1;
  long long scrubbed_up_to = 0;
  std::unique_ptr<Implementation> implementation;
  const auto prepared = (*database)->transaction([&]() -> Result<void> {
    auto& session = (*database)->session();
    const long long id = *number;
    const std::string fresh_log = ops::make_uuid(clock.now());
    session << "INSERT INTO inbox_log (workspace_id, log_id, next_seq) VALUES (:w, :l, 1) "
               "ON CONFLICT (workspace_id) DO NOTHING",
        soci::use(id), soci::use(fresh_log);
    session << "SELECT log_id, next_seq, scrubbed_up_to FROM inbox_log WHERE workspace_id = :w",
        soci::use(id), soci::into(log_id), soci::into(next_seq), soci::into(scrubbed_up_to);
    return {};
  });
  if (!prepared) return std::unexpected(prepared.error());
  const auto made = (*database)->guarded([&]() -> Result<void> {
    implementation = std::make_unique<Implementation>(std::move(*database), *number, log_id, next_seq);
    implementation->scrubbed_up_to = scrubbed_up_to;
    return {};
  });
  if (!made) return std::unexpected(made.error());
  return std::unique_ptr<InboxWriterStore>{new InboxWriterStore{std::move(implementation)}};
}

Result<std::vector<AppendOutcome>> InboxWriterStore::append(std::span<const DraftEntry> drafts) {
  auto& self = *implementation_;
  const auto first_seq = self.next_seq;
  std::vector<AppendOutcome> outcomes;
  outcomes.reserve(drafts.size());
  const auto stored = self.database->transaction([&]() -> Result<void> {
    self.look_up_keys(drafts);
    for (const auto& draft : drafts) outcomes.push_back(self.add(draft));
    if (self.next_seq == first_seq) return {};
    self.entries.flush();
    self.keys.flush();
    self.withdrawals.flush();
    const long long next = self.next_seq;
    const long long workspace = self.workspace;
    self.database->session() << "UPDATE inbox_log SET next_seq = :n WHERE workspace_id = :w", soci::use(next),
        soci::use(workspace);
    return {};
  });
  if (!stored) {
    self.next_seq = first_seq;
    self.entries.discard();
    self.keys.discard();
    self.withdrawals.discard();
    return std::unexpected(stored.error());
  }
  return outcomes;
}

Result<void> InboxWriterStore::checkpoint_if_due() {
  return implementation_->database->checkpoint_after(limits::inbox_checkpoint_bytes);
}

Result<PurgeStep> InboxWriterStore::purge(const PurgeOrder& order) {
  auto& self = *implementation_;
  PurgeStep step;
  std::vector<std::int64_t> old;
  std::vector<Redrive> redrives;
  const auto read = self.database->guarded([&]() -> Result<void> {
    old = purgeable(self.database->session(), self.workspace, order, step.next);
    if (!old.empty())
      redrives = redrives_between(self.database->session(), self.workspace, old.front(), old.back());
    return {};
  });
  if (!read) return std::unexpected(read.error());
  if (old.empty()) return step;

  auto asked = old;
  for (const auto& redrive : redrives) asked.push_back(redrive.seq);
  const auto found = order.in_quarantine(asked);
  if (!found) return std::unexpected(found.error());
  std::unordered_set<std::int64_t> kept{found->begin(), found->end()};
  for (const auto& redrive : redrives)
    if (kept.contains(redrive.seq)) kept.insert(redrive.original);
  std::erase_if(old, [&](std::int64_t seq) { return kept.contains(seq); });
  if (old.empty()) return step;

  const auto deleted = self.database->transaction([&]() -> Result<void> {
    remove_entries(self.database->session(), self.workspace, old);
    return {};
  });
  if (!deleted) return std::unexpected(deleted.error());
  step.purged = static_cast<std::int64_t>(old.size());
  return step;
}

Result<void> InboxWriterStore::forget_withdrawals(TimePoint before, std::int64_t processed) {
  auto& self = *implementation_;
  const long long workspace = self.workspace;
  const long long time = to_milliseconds(before);
  const long long seq = processed;
  bool are_there = false;
  const auto looked = self.database->guarded([&]() -> Result<void> {
    long long oldest = 0;
    self.database->session()
        << "SELECT seq FROM withdrawals WHERE workspace_id = :w AND received_at < :t AND seq <= :s LIMIT 1",
        soci::use(workspace), soci::use(time), soci::use(seq), soci::into(oldest);
    are_there = self.database->session().got_data();
    return {};
  });
  if (!looked || !are_there) return looked;  // no commit for nothing
  return self.database->transaction([&]() -> Result<void> {
    self.database->session()
        << "DELETE FROM withdrawals WHERE workspace_id = :w AND received_at < :t AND seq <= :s",
        soci::use(workspace), soci::use(time), soci::use(seq);
    return {};
  });
}

Result<void> InboxWriterStore::scrub(std::span<const ErasedEvent> events) {
  auto& self = *implementation_;
  if (events.empty()) return {};
  const auto erased_by = events.front().erased_by;
  const auto scrubbed = self.database->transaction([&]() -> Result<void> {
    for (const auto& event : events) {
      self.scrub(event);
      self.scrub_replaced_by(event.seq);
    }
    const long long by = erased_by;
    const long long workspace = self.workspace;
    self.database->session() << "UPDATE inbox_log SET scrubbed_up_to = :b WHERE workspace_id = :w",
        soci::use(by), soci::use(workspace);
    return {};
  });
  if (!scrubbed) return scrubbed;
  self.scrubbed_up_to = erased_by;
  return self.database->checkpoint_after(0);
}

std::int64_t InboxWriterStore::scrubbed_up_to() const {
  return implementation_->scrubbed_up_to;
}

const std::string& InboxWriterStore::log_id() const {
  return implementation_->log_id;
}
std::int64_t InboxWriterStore::head() const {
  return implementation_->next_seq - 1;
}
std::int64_t InboxWriterStore::workspace() const {
  return implementation_->workspace;
}

}  // namespace leadhub::store
