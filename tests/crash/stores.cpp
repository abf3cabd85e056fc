#include "crash/stores.hpp"

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <csignal>
#include <functional>
#include <nlohmann/json.hpp>
#include <set>
#include <stdexcept>

namespace leadhub::crash {
namespace {

class File {
 public:
  explicit File(const std::filesystem::path& file) {
    if (sqlite3_open_v2(file.c_str(), &database_, SQLITE_OPEN_READWRITE, nullptr) != SQLITE_OK)
      throw std::runtime_error(file.string() + ": " + sqlite3_errmsg(database_));
    sqlite3_busy_timeout(database_, 5'000);
  }
  ~File() { sqlite3_close(database_); }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  void leave_as_it_is() { sqlite3_db_config(database_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr); }

  void each(const std::string& sql, const std::function<void(sqlite3_stmt*)>& row) {
    sqlite3_stmt* statement = nullptr;
    int result = sqlite3_prepare_v2(database_, sql.c_str(), -1, &statement, nullptr);
    while (result == SQLITE_OK || result == SQLITE_ROW)
      if (result = sqlite3_step(statement); result == SQLITE_ROW) row(statement);
    sqlite3_finalize(statement);
    if (result != SQLITE_DONE) throw std::runtime_error(sql + ": " + sqlite3_errmsg(database_));
  }

  long long number(const std::string& sql) {
    long long value = 0;
    each(sql, [&](sqlite3_stmt* row) { value = sqlite3_column_int64(row, 0); });
    return value;
  }

  std::map<std::string, std::size_t> count_texts(const std::string& sql) {
    std::map<std::string, std::size_t> counts;
    each(sql,
         [&](sqlite3_stmt* row) { ++counts[reinterpret_cast<const char*>(sqlite3_column_text(row, 0))]; });
    return counts;
  }

 private:
  sqlite3* database_ = nullptr;
};

/// All leads by their e-mail, page by page.
std::multiset<std::string> emails_of(const HubProcess& hub) {
  std::multiset<std::string> emails;
  std::string path = "/api/v1/leads?limit=500";
  while (true) {
    const auto page = hub.document(path);
    if (!page.is_object()) return emails;
    for (const auto& lead : page["items"]) emails.insert(lead["email"].get<std::string>());
    if (!page.contains("next") || page["next"].is_null()) return emails;
    path = "/api/v1/leads?limit=500&cursor=" + page["next"].get<std::string>();
  }
}

void expect_control_api_agrees(const HubProcess& hub, std::size_t keys) {
  const auto emails = emails_of(hub);
  EXPECT_EQ(emails.size(), keys);
  for (std::size_t number = 0; number < keys; ++number)
    EXPECT_EQ(emails.count(email_of(number)), 1U) << email_of(number);
  for (std::size_t number = 0; number < keys; number += keys / 50 + 1) {
    const auto lead = hub.document("/api/v1/leads/" + email_of(number));
    ASSERT_TRUE(lead.is_object()) << email_of(number);
    EXPECT_EQ(lead["timeline"].size(), 1U) << email_of(number);
  }
}

}  // namespace

Stores read_stores(const HubFolder& folder) {
  Stores stores;
  File inbox{folder.inbox()};
  File leads{folder.leads()};
  stores.inbox_keys =
      inbox.count_texts("SELECT json_extract(event.value, '$.key') FROM inbox, json_each(events) event");
  stores.timeline = leads.count_texts(
      "SELECT event_key || ' ' || canonical FROM timeline JOIN contact_points USING (workspace_id, lead_id) "
      "WHERE kind = 'email'");
  stores.leads = static_cast<std::size_t>(leads.number("SELECT COUNT(*) FROM leads"));
  stores.quarantined = static_cast<std::size_t>(leads.number("SELECT COUNT(*) FROM quarantine"));
  stores.entries = static_cast<std::size_t>(inbox.number("SELECT COUNT(*) FROM inbox"));
  stores.first_seq = inbox.number("SELECT MIN(seq) FROM inbox");
  stores.last_seq = inbox.number("SELECT MAX(seq) FROM inbox");
  stores.next_seq = inbox.number("SELECT next_seq FROM inbox_log");
  stores.cursor = leads.number("SELECT seq FROM pipeline_cursor");
  for (auto* file : {&inbox, &leads})
    for (const auto& [text, count] : file->count_texts("PRAGMA integrity_check"))
      stores.integrity += (stores.integrity.empty() ? "" : " ") + text;
  return stores;
}

std::size_t count_known_keys(const HubFolder& folder) {
  File inbox{folder.inbox()};
  inbox.leave_as_it_is();
  return static_cast<std::size_t>(inbox.number("SELECT COUNT(*) FROM inbox_keys"));
}

bool is_all_processed(const HubFolder& folder) {
  File inbox{folder.inbox()};
  File leads{folder.leads()};
  inbox.leave_as_it_is();
  leads.leave_as_it_is();
  return leads.number("SELECT seq FROM pipeline_cursor") ==
         inbox.number("SELECT next_seq - 1 FROM inbox_log");
}

long long read_number(const std::filesystem::path& file, const std::string& query) {
  File opened{file};
  opened.leave_as_it_is();
  return opened.number(query);
}

std::vector<StoredMail> read_mails(const HubFolder& folder) {
  std::vector<StoredMail> mails;
  File leads{folder.leads()};
  leads.leave_as_it_is();
  leads.each("SELECT id, kind, state, address, template FROM messages ORDER BY id", [&](sqlite3_stmt* row) {
    const auto text = [&](int column) {
      return std::string{reinterpret_cast<const char*>(sqlite3_column_text(row, column))};
    };
    mails.push_back({text(0), text(1), text(2), text(3), text(4)});
  });
  return mails;
}

void change_file(const std::filesystem::path& file, const std::string& statement) {
  File{file}.each(statement, [](sqlite3_stmt*) {});
}

Verdict judge(const Stores& stores, const Ledger& ledger) {
  Verdict verdict;
  for (std::size_t number = 0; number < ledger.totals().keys; ++number) {
    const auto entry = stores.inbox_keys.find(key_of(number));
    const auto line = stores.timeline.find(key_of(number) + " " + email_of(number));
    const auto entries = entry == stores.inbox_keys.end() ? 0 : entry->second;
    const auto lines = line == stores.timeline.end() ? 0 : line->second;
    if (ledger.is_acked(number) && (entries == 0 || lines == 0)) ++verdict.lost;
    if (entries > 1 || lines > 1) ++verdict.twice;
  }
  return verdict;
}

Verdict expect_all_is_there_once(const HubFolder& folder, Ledger& ledger) {
  HubProcess hub{folder};
  EXPECT_TRUE(hub.wait_until_ready()) << folder.log();
  if (testing::Test::HasFailure()) return {};
  HttpConnection connection{hub.edge_port()};
  while (const auto number = ledger.take_unanswered()) {
    const auto answer = post(connection, *number);
    EXPECT_TRUE(answer && answer->is_success()) << key_of(*number);
    if (answer && answer->is_success()) ledger.acknowledge(*number);
  }
  const auto keys = ledger.totals().keys;
  EXPECT_EQ(ledger.totals().acked, keys);
  EXPECT_TRUE(hub.wait_until_caught_up()) << folder.log();
  expect_control_api_agrees(hub, keys);
  hub.signal(SIGTERM);
  EXPECT_EQ(hub.wait(30s), 0) << folder.log();

  const auto stores = read_stores(folder);
  const auto verdict = judge(stores, ledger);
  EXPECT_EQ(verdict.lost, 0U);
  EXPECT_EQ(verdict.twice, 0U);
  EXPECT_EQ(stores.inbox_keys.size(), keys);
  EXPECT_EQ(stores.timeline.size(), keys) << "a line of its own lead for each, and no others";
  EXPECT_EQ(stores.leads, keys);
  EXPECT_EQ(stores.quarantined, 0U);
  EXPECT_EQ(stores.entries, keys);
  EXPECT_EQ(stores.first_seq, 1);
  EXPECT_EQ(stores.last_seq, static_cast<long long>(keys)) << "without gaps";
  EXPECT_EQ(stores.next_seq, stores.last_seq + 1);
  EXPECT_EQ(stores.cursor, stores.last_seq);
  EXPECT_EQ(stores.integrity, "ok ok");
  return verdict;
}

}  // namespace leadhub::crash
