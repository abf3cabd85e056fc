#include "store/transcript_reader.hpp"

#include <soci/soci.h>

#include <algorithm>
#include <utility>

#include "ops/limits.hpp"
#include "store/database.hpp"
#include "store/lead_rows.hpp"
#include "store/message_rows.hpp"

namespace leadhub::store {
namespace {

/// The newest ones where somebody begins to read, else what follows.
std::string order_by(const char* column, bool is_beginning) {
  return std::string{" ORDER BY "} + column + (is_beginning ? " DESC" : "") + " LIMIT :n";
}

}  // namespace

struct TranscriptReader::Implementation {
  std::unique_ptr<Database> database;
  long long workspace = 0;

  /// Runs a statement and calls `row` for each row. `bind` binds first the columns, then the parameters.
  template <class Bind, class Row>
  void run(const std::string& sql, Bind&& bind, Row&& row) {
    soci::statement statement{database->session()};
    bind(statement);
    statement.alloc();
    statement.prepare(sql);
    statement.define_and_bind();
    statement.execute();
    while (statement.fetch()) row();
  }

  void read_written(const TranscriptQuery& query, Transcript& transcript);
  void read_replies(const TranscriptQuery& query, Transcript& transcript);
};

TranscriptReader::TranscriptReader(std::unique_ptr<Implementation> implementation)
    : implementation_(std::move(implementation)) {}
TranscriptReader::~TranscriptReader() = default;

Result<std::unique_ptr<TranscriptReader>> TranscriptReader::open(const std::filesystem::path& file,
                                                                 std::int64_t workspace) {
  auto database = Database::open(file, Access::read_only);
  if (!database) return std::unexpected(database.error());
  auto implementation = std::make_unique<Implementation>();
  implementation->database = std::move(*database);
  implementation->workspace = workspace;
  return std::unique_ptr<TranscriptReader>{new TranscriptReader{std::move(implementation)}};
}

void TranscriptReader::Implementation::read_written(const TranscriptQuery& query, Transcript& transcript) {
  const bool is_beginning = query.since.seq == 0;
  const auto canonical = lead::external_contact(query.conversation.system, query.conversation.id);
  // "0" follows "/": the keys of this conversation, and no other's.
  const auto& first_key = query.conversation.id;
  const auto behind_last_key = query.conversation.id + "0";
  const long long since = query.since.seq;
  const long long limit = limits::transcript_messages_max;
  TimelineRow row;
  run(
      "SELECT t.seq, t.idx, t.channel, t.event_key, t.type, t.occurred_at, t.received_at, t.trust, "
      "t.document, "
      "t.home_id FROM contact_points AS c JOIN timeline AS t ON t.workspace_id = c.workspace_id AND "
      "t.lead_id = "
      "c.lead_id WHERE c.workspace_id = :w AND c.kind = 'external' AND c.canonical = :c AND t.seq > :s AND "
      "t.channel = :ch AND t.event_key >= :f AND t.event_key < :l AND t.type IN ('chat.started', "
      "'chat.message') AND t.superseded_by IS NULL" +
          order_by("t.seq", is_beginning),
      [&](soci::statement& statement) {
        row.bind(statement);
        statement.exchange(soci::use(workspace));
        statement.exchange(soci::use(canonical));
        statement.exchange(soci::use(since));
        statement.exchange(soci::use(query.channel));
        statement.exchange(soci::use(first_key));
        statement.exchange(soci::use(behind_last_key));
        statement.exchange(soci::use(limit));
      },
      [&] { transcript.written.push_back(row.entry()); });
  if (is_beginning) std::ranges::reverse(transcript.written);
  for (const auto& line : transcript.written)
    transcript.next.seq = std::max(transcript.next.seq, line.reference.seq);
}

void TranscriptReader::Implementation::read_replies(const TranscriptQuery& query, Transcript& transcript) {
  const bool is_beginning = query.since.sent_at == TimePoint{};
  const auto canonical = lead::external_contact(query.conversation.system, query.conversation.id);
  const long long since =
      is_beginning ? 0 : to_milliseconds(query.since.sent_at - limits::transcript_overlap);
  const long long limit = limits::transcript_messages_max;
  MessageRow row;
  run(
      "SELECT " + std::string{message_columns} +
          " FROM messages WHERE workspace_id = :w AND canonical = :c AND kind = 'chat_reply' AND channel = "
          ":ch "
          "AND state = 'sent' AND sent_at >= :s" +
          order_by("sent_at", is_beginning),
      [&](soci::statement& statement) {
        row.bind(statement);
        statement.exchange(soci::use(workspace));
        statement.exchange(soci::use(canonical));
        statement.exchange(soci::use(query.channel));
        statement.exchange(soci::use(since));
        statement.exchange(soci::use(limit));
      },
      [&] { transcript.replies.push_back(row.message()); });
  if (is_beginning) std::ranges::reverse(transcript.replies);
  for (const auto& reply : transcript.replies)
    transcript.next.sent_at = std::max(transcript.next.sent_at, *reply.sent_at);
}

Result<Transcript> TranscriptReader::read(const TranscriptQuery& query) {
  Transcript transcript;
  transcript.next = query.since;
  const auto result = implementation_->database->guarded([&]() -> Result<void> {
    implementation_->read_written(query, transcript);
    implementation_->read_replies(query, transcript);
    return {};
  });
  if (!result) return std::unexpected(result.error());
  return transcript;
}

}  // namespace leadhub::store
