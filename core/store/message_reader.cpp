#include "store/message_reader.hpp"

#include <soci/soci.h>

#include <utility>

#include "store/database.hpp"
#include "store/lead_rows.hpp"
#include "store/message_rows.hpp"

namespace leadhub::store {

struct MessageReader::Implementation {
  std::unique_ptr<Database> database;
  long long workspace = 0;

  template <class Bind>
  std::vector<lead::Message> select(const std::string& rest, Bind&& bind) {
    std::vector<lead::Message> messages;
    MessageRow row;
    soci::statement statement{database->session()};
    row.bind(statement);
    statement.exchange(soci::use(workspace));
    bind(statement);
    statement.alloc();
    statement.prepare("SELECT " + std::string{message_columns} + " FROM messages WHERE workspace_id = :w" +
                      rest);
    statement.define_and_bind();
    statement.execute();
    while (statement.fetch()) messages.push_back(row.message());
    return messages;
  }

  std::int64_t count(const std::string& channel, const std::string& state) {
    long long count = 0;
    database->session() << "SELECT COUNT(*) FROM messages WHERE workspace_id = :w AND kind IN ('delivery', "
                           "'hand_off') AND channel = :c AND state = :s",
        soci::use(workspace), soci::use(channel), soci::use(state), soci::into(count);
    return count;
  }
};

MessageReader::MessageReader(std::unique_ptr<Implementation> implementation)
    : implementation_(std::move(implementation)) {}
MessageReader::~MessageReader() = default;

Result<std::unique_ptr<MessageReader>> MessageReader::open(const std::filesystem::path& file,
                                                           std::int64_t workspace) {
  auto database = Database::open(file, Access::read_only);
  if (!database) return std::unexpected(database.error());
  auto implementation = std::make_unique<Implementation>();
  implementation->database = std::move(*database);
  implementation->workspace = workspace;
  return std::unique_ptr<MessageReader>{new MessageReader{std::move(implementation)}};
}

Result<std::vector<lead::Message>> MessageReader::list(const MessageFilter& filter) {
  std::vector<lead::Message> messages;
  const std::string kind{filter.kind ? lead::to_string(*filter.kind) : ""};
  const std::string state{filter.state ? lead::to_string(*filter.state) : ""};
  const auto channel = filter.channel.value_or("");
  std::vector<std::pair<const char*, const std::string*>> tests;
  for (const auto& [sql, value] : {std::pair{" AND kind = :k", &kind},
                                   {" AND channel = :c", &channel},
                                   {" AND state = :s", &state},
                                   {" AND id < :b", &filter.before}})
    if (!value->empty()) tests.emplace_back(sql, value);
  std::string rest;
  for (const auto& [sql, value] : tests) rest += sql;
  const long long limit = filter.limit;
  const auto read = implementation_->database->guarded([&]() -> Result<void> {
    messages = implementation_->select(rest + " ORDER BY id DESC LIMIT :n", [&](soci::statement& statement) {
      for (const auto& [sql, value] : tests) statement.exchange(soci::use(*value));
      statement.exchange(soci::use(limit));
    });
    return {};
  });
  if (!read) return std::unexpected(read.error());
  return messages;
}

Result<lead::Message> MessageReader::get(const std::string& id) {
  std::vector<lead::Message> messages;
  const auto read = implementation_->database->guarded([&]() -> Result<void> {
    messages = implementation_->select(
        " AND id = :i", [&](soci::statement& statement) { statement.exchange(soci::use(id)); });
    return {};
  });
  if (!read) return std::unexpected(read.error());
  if (messages.empty()) return fail(ErrorCode::not_found, "there is no message " + id);
  return std::move(messages.front());
}

Result<FeedbackTally> MessageReader::tally(const std::string& channel, TimePoint since) {
  FeedbackTally tally;
  const auto read = implementation_->database->guarded([&]() -> Result<void> {
    const auto count = [&](const std::string& which) {
      const long long from = to_milliseconds(since);
      long long number = 0;
      implementation_->database->session()
          << "SELECT COUNT(*) FROM messages WHERE workspace_id = :w AND channel = :c AND kind IN ('journey', "
             "'broadcast') AND " +
                 which,
          soci::use(implementation_->workspace), soci::use(channel), soci::use(from), soci::into(number);
      return number;
    };
    // Of the same mails: what comes back late of earlier ones says nothing about these.
    const std::string of_these =
        " AND (sent_at >= " + std::to_string(to_milliseconds(since)) + " OR sent_at IS NULL)";
    tally.bounced = count("bounced_at >= :t" + of_these);
    tally.complained = count("complained_at >= :t" + of_these);
    tally.tried = count("sent_at >= :t") + count("bounced_at >= :t AND sent_at IS NULL");
    return {};
  });
  if (!read) return std::unexpected(read.error());
  return tally;
}

Result<DestinationState> MessageReader::destination(const std::string& channel) {
  DestinationState state;
  state.channel = channel;
  const auto read = implementation_->database->guarded([&]() -> Result<void> {
    state.waiting = implementation_->count(channel, "queued");
    state.failed = implementation_->count(channel, "failed");
    std::string reason;
    OptionalInteger since;
    implementation_->database->session()
        << "SELECT reason, disabled_at FROM disabled_destinations WHERE workspace_id = :w AND channel = :c",
        soci::use(implementation_->workspace), soci::use(channel), soci::into(reason),
        soci::into(since.value, since.indicator);
    if (implementation_->database->session().got_data())
      state.disabled = lead::DisabledDestination{channel, reason, from_milliseconds(since.value)};
    return {};
  });
  if (!read) return std::unexpected(read.error());
  return state;
}

}  // namespace leadhub::store
