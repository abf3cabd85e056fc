#include <soci/soci.h>

#include <algorithm>
#include <utility>

#include "ops/crypto.hpp"
#include "store/database.hpp"
#include "store/inbox_reader_state.hpp"
#include "store/inbox_rows.hpp"
#include "store/inbox_store.hpp"
#include "store/poll_cursors.hpp"

namespace leadhub::store {

std::string_view to_string(EntryKind kind) {
  return kind_names.at(static_cast<std::size_t>(kind) - 1);
}
std::string_view to_string(EntryState state) {
  return state_names.at(static_cast<std::size_t>(state) - 1);
}

namespace {

int hexadecimal(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

/// Lower case (ASCII), %xx decoded, '+' as a blank: the form in which texts of bodies are compared.
std::string comparable(std::string_view text) {
  std::string lower;
  lower.reserve(text.size());
  for (const char c : text) lower += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  std::string out;
  out.reserve(lower.size());
  for (std::size_t i = 0; i < lower.size(); ++i) {
    if (lower[i] == '%' && i + 2 < lower.size() && hexadecimal(lower[i + 1]) >= 0 &&
        hexadecimal(lower[i + 2]) >= 0) {
      out += static_cast<char>(hexadecimal(lower[i + 1]) * 16 + hexadecimal(lower[i + 2]));
      i += 2;
    } else {
      out += lower[i] == '+' ? ' ' : lower[i];
    }
  }
  return out;
}

}  // namespace

InboxReader::InboxReader(std::unique_ptr<Implementation> implementation)
    : implementation_(std::move(implementation)) {}
InboxReader::~InboxReader() = default;

Result<std::unique_ptr<InboxReader>> InboxReader::open(const std::filesystem::path& file,
                                                       std::int64_t workspace) {
  auto database = Database::open(file, Access::read_only);
  if (!database) return std::unexpected(database.error());
  auto implementation = std::make_unique<Implementation>();
  implementation->database = std::move(*database);
  implementation->workspace = workspace;
  const auto prepared = implementation->database->guarded([&]() -> Result<void> {
    implementation->make_queries();
    implementation->prepare_next();
    return {};
  });
  if (!prepared) return std::unexpected(prepared.error());
  return std::unique_ptr<InboxReader>{new InboxReader{std::move(implementation)}};
}

Result<std::vector<InboxEntry>> InboxReader::read_after(std::int64_t seq, std::size_t entries_max,
                                                        std::size_t bytes_max) {
  auto& self = *implementation_;
  std::vector<InboxEntry> entries;
  const auto result = self.database->guarded([&]() -> Result<void> {
    std::size_t bytes = 0;
    self.after = seq;
    self.limit = static_cast<long long>(entries_max);
    self.next->execute();
    while (self.next->fetch()) {
      bytes += self.row.events.size();
      entries.push_back(self.row.entry());
      if (bytes < bytes_max) continue;
      self.prepare_next();  // ends the read, which would hold back checkpoints
      break;
    }
    return {};
  });
  if (!result) return std::unexpected(result.error());
  return entries;
}

Result<std::vector<InboxEntry>> InboxReader::list(const InboxFilter& filter) {
  std::vector<InboxEntry> entries;
  const auto result = implementation_->database->guarded([&]() -> Result<void> {
    const long long workspace = implementation_->workspace;
    const long long limit = filter.limit;
    const long long bound = filter.before.value_or(filter.after);
    const std::string channel = filter.channel.value_or("");
    const std::string state = filter.state ? std::string{to_string(*filter.state)} : "";
    std::string sql = "SELECT " + std::string{entry_columns} + " FROM inbox WHERE workspace_id = :w";
    sql += filter.before ? " AND seq < :s" : " AND seq > :s";
    EntryRow row;
    soci::statement statement{implementation_->database->session()};
    row.bind(statement);
    statement.exchange(soci::use(workspace));
    statement.exchange(soci::use(bound));
    if (filter.channel) {
      sql += " AND channel = :c";
      statement.exchange(soci::use(channel));
    }
    if (filter.state) {
      sql += " AND state = :t";
      statement.exchange(soci::use(state));
    }
    if (filter.set_aside_only) sql += " AND state <> 'accepted'";
    sql += filter.before ? " ORDER BY seq DESC LIMIT :n" : " ORDER BY seq LIMIT :n";
    statement.exchange(soci::use(limit));
    statement.alloc();
    statement.prepare(sql);
    statement.define_and_bind();
    statement.execute();
    while (statement.fetch()) entries.push_back(row.entry());
    return {};
  });
  if (!result) return std::unexpected(result.error());
  return entries;
}

Result<InboxEntryDetail> InboxReader::get(std::int64_t seq) {
  InboxEntryDetail detail;
  const auto result = implementation_->database->guarded([&]() -> Result<void> {
    const long long workspace = implementation_->workspace;
    const long long wanted = seq;
    std::string encoding;
    EntryRow row;
    auto& request = detail.request;
    soci::statement statement{implementation_->database->session()};
    row.bind(statement);
    for (auto* column : {&request.method, &request.path, &request.query, &request.headers, &request.body,
                         &encoding, &request.client_address})
      statement.exchange(soci::into(*column));
    statement.exchange(soci::use(workspace));
    statement.exchange(soci::use(wanted));
    statement.alloc();
    statement.prepare("SELECT " + std::string{entry_columns} +
                      ", method, path, query, headers, body, body_encoding, client_address FROM inbox "
                      "WHERE workspace_id = :w AND seq = :s");
    statement.define_and_bind();
    if (!statement.execute(true))
      return fail(ErrorCode::not_found,
                  "the inbox has no entry " + std::to_string(seq) +
                      "; it may be older than store.keep_raw. See `leadhub inbox list`");
    detail.entry = row.entry();
    if (encoding == "base64") {
      auto decoded = ops::base64_decode(request.body);
      if (!decoded) return fail(ErrorCode::io, "entry " + std::to_string(seq) + ": its body is damaged");
      request.body = std::move(*decoded);
    }
    return {};
  });
  if (!result) return std::unexpected(result.error());
  const auto redrives = redrives_of(seq);
  if (!redrives) return std::unexpected(redrives.error());
  if (!redrives->empty()) detail.redriven_by = redrives->back();
  auto follow_up = follow_up_of(seq);
  if (!follow_up) return std::unexpected(follow_up.error());
  detail.follow_up = *std::move(follow_up);
  return detail;
}

Result<std::vector<std::int64_t>> InboxReader::mentioning(std::span<const std::string> texts,
                                                          std::span<const std::int64_t> also) {
  std::vector<std::string> wanted;
  for (const auto& text : texts) wanted.push_back(comparable(text));
  std::vector<std::int64_t> found;
  auto& self = *implementation_;
  const auto look_at = [&](const std::string& condition, long long only) {
    const long long workspace = self.workspace;
    long long seq = 0;
    std::string events, body, encoding, query;
    soci::statement statement =
        (self.database->session().prepare
             << "SELECT seq, events, body, body_encoding, query FROM inbox WHERE workspace_id = :w AND "
             << condition,
         soci::use(workspace), soci::use(only), soci::into(seq), soci::into(events), soci::into(body),
         soci::into(encoding), soci::into(query));
    statement.execute();
    while (statement.fetch()) {
      if (encoding == "base64") body = ops::base64_decode(body).value_or("");
      events.append("\n").append(body).append("\n").append(query);
      const auto text = comparable(events);
      if (std::any_of(wanted.begin(), wanted.end(),
                      [&](const std::string& part) { return text.find(part) != text.npos; }))
        found.push_back(seq);
    }
  };
  const auto result = self.database->guarded([&]() -> Result<void> {
    look_at("state <> 'accepted' AND seq > :a", 0);
    look_at("kind = 'action' AND seq > :a", 0);
    for (const auto entry : also) look_at("seq = :a", entry);
    return {};
  });
  if (!result) return std::unexpected(result.error());
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
  return found;
}

Result<std::vector<std::int64_t>> InboxReader::redrives_of(std::int64_t seq) {
  std::vector<std::int64_t> found;
  const auto result = implementation_->database->guarded([&]() -> Result<void> {
    found = store::redrives_of(implementation_->database->session(), implementation_->workspace, seq);
    return {};
  });
  if (!result) return std::unexpected(result.error());
  return found;
}

Result<std::vector<std::string>> InboxReader::withdrawn_after(std::int64_t seq,
                                                              const std::string& address_hash) {
  std::vector<std::string> purposes;
  const auto result = implementation_->database->guarded([&]() -> Result<void> {
    auto& self = *implementation_;
    self.withdrawn_hash = address_hash;
    self.withdrawn_after = seq;
    self.withdrawn->each([&] { purposes.push_back(self.withdrawn_purpose); });
    return {};
  });
  if (!result) return std::unexpected(result.error());
  return purposes;
}

Result<std::string> InboxReader::poll_cursor(std::string_view channel) {
  std::string cursor;
  const auto result = implementation_->database->guarded([&]() -> Result<void> {
    cursor = store::poll_cursor(implementation_->database->session(), implementation_->workspace, channel);
    return {};
  });
  if (!result) return std::unexpected(result.error());
  return cursor;
}

Result<std::int64_t> InboxReader::tail() {
  long long seq = 0;
  const auto result = implementation_->database->guarded([&]() -> Result<void> {
    const long long workspace = implementation_->workspace;
    implementation_->database->session() << "SELECT COALESCE(MIN(seq), 0) FROM inbox WHERE workspace_id = :w",
        soci::use(workspace), soci::into(seq);
    return {};
  });
  if (!result) return std::unexpected(result.error());
  return seq;
}

}  // namespace leadhub::store
