#include "store/inbox_replay.hpp"

#include <soci/soci.h>

#include <utility>

#include "ops/crypto.hpp"
#include "store/database.hpp"
#include "store/inbox_rows.hpp"

namespace leadhub::store {

struct InboxReplay::Implementation {
  std::unique_ptr<Database> database;
  long long workspace = 0;

  /// The first entry from `seq` on that stands at its own time: a redrive has the time of its original.
  bool entry_from(long long seq, long long& found, long long& received_at) {
    database->session() << "SELECT seq, received_at FROM inbox WHERE workspace_id = :w AND seq >= :s AND "
                           "kind <> 'redrive' ORDER BY seq LIMIT 1",
        soci::use(workspace), soci::use(seq), soci::into(found), soci::into(received_at);
    return database->session().got_data();
  }
};

InboxReplay::InboxReplay(std::unique_ptr<Implementation> implementation)
    : implementation_(std::move(implementation)) {}
InboxReplay::~InboxReplay() = default;

Result<std::unique_ptr<InboxReplay>> InboxReplay::open(const std::filesystem::path& file,
                                                       std::string_view workspace) {
  auto database = Database::open(file, Access::read_only);
  if (!database) return std::unexpected(database.error());
  auto implementation = std::make_unique<Implementation>();
  implementation->database = *std::move(database);
  const auto found = implementation->database->guarded([&]() -> Result<void> {
    const std::string name{workspace};
    auto& session = implementation->database->session();
    session << "SELECT workspace_id FROM workspaces WHERE name = :n", soci::use(name),
        soci::into(implementation->workspace);
    if (session.got_data()) return {};
    return fail(ErrorCode::not_found, file.string() + ": there is nothing of the workspace \"" + name +
                                          "\" in it; is it the store of this configuration?");
  });
  if (!found) return std::unexpected(found.error());
  return std::unique_ptr<InboxReplay>{new InboxReplay{std::move(implementation)}};
}

Result<std::int64_t> InboxReplay::before(TimePoint time) {
  auto& self = *implementation_;
  long long low = 1;
  const auto searched = self.database->guarded([&]() -> Result<void> {
    long long head = 0;
    self.database->session() << "SELECT COALESCE(MAX(seq), 0) FROM inbox WHERE workspace_id = :w",
        soci::use(self.workspace), soci::into(head);
    auto high = head + 1;
    while (low < high) {
      const auto middle = low + (high - low) / 2;
      long long seq = 0;
      long long received_at = 0;
      const bool is_later =
          !self.entry_from(middle, seq, received_at) || received_at >= to_milliseconds(time);
      if (is_later)
        high = middle;
      else
        low = seq + 1;
    }
    return {};
  });
  if (!searched) return std::unexpected(searched.error());
  return low - 1;
}

Result<std::vector<InboxEntryDetail>> InboxReplay::next(std::int64_t seq, std::size_t entries_max,
                                                        std::size_t bytes_max) {
  auto& self = *implementation_;
  std::vector<InboxEntryDetail> entries;
  const auto read = self.database->guarded([&]() -> Result<void> {
    const long long after = seq;
    const auto limit = static_cast<long long>(entries_max);
    std::string encoding;
    EntryRow row;
    StoredRequest request;
    soci::statement statement{self.database->session()};
    row.bind(statement);
    for (auto* column : {&request.method, &request.path, &request.query, &request.headers, &request.body,
                         &encoding, &request.client_address})
      statement.exchange(soci::into(*column));
    statement.exchange(soci::use(self.workspace));
    statement.exchange(soci::use(after));
    statement.exchange(soci::use(limit));
    statement.alloc();
    statement.prepare("SELECT " + std::string{entry_columns} +
                      ", method, path, query, headers, body, body_encoding, client_address FROM inbox "
                      "WHERE workspace_id = :w AND seq > :s ORDER BY seq LIMIT :n");
    statement.define_and_bind();
    statement.execute();
    std::size_t bytes = 0;
    while (bytes < bytes_max && statement.fetch()) {
      InboxEntryDetail detail;
      detail.entry = row.entry();
      detail.request = request;
      if (encoding == "base64") detail.request.body = ops::base64_decode(request.body).value_or("");
      bytes += detail.entry.events.size() + detail.request.body.size();
      entries.push_back(std::move(detail));
    }
    return {};
  });
  if (!read) return std::unexpected(read.error());
  return entries;
}

}  // namespace leadhub::store
