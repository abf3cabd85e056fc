#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "crash/hub_process.hpp"
#include "crash/ledger.hpp"

namespace leadhub::crash {

/// What lies in the files, read with SQLite alone and not by the code under test.
struct Stores {
  std::map<std::string, std::size_t> inbox_keys;  ///< how many events of the inbox have this key
  std::map<std::string, std::size_t> timeline;    ///< "key email": how many lines of such a lead
  std::size_t leads = 0;
  std::size_t quarantined = 0;
  std::size_t entries = 0;
  long long first_seq = 0;
  long long last_seq = 0;
  long long next_seq = 0;
  long long cursor = 0;
  std::string integrity;  ///< "ok ok"
};

/// Of a hub that has ended.
[[nodiscard]] Stores read_stores(const HubFolder& folder);

/// How many keys the inbox knows, of a hub that may run or die meanwhile. Leaves the files as they are.
[[nodiscard]] std::size_t count_known_keys(const HubFolder& folder);

/// Whether the pipeline has taken everything that the inbox holds. Leaves the files as they are.
[[nodiscard]] bool is_all_processed(const HubFolder& folder);

/// The one number that a query gives. Leaves the file as it is.
[[nodiscard]] long long read_number(const std::filesystem::path& file, const std::string& query);

/// A mail of the outbox.
struct StoredMail {
  std::string id;
  std::string kind;
  std::string state;
  std::string address;
  std::string name;  ///< of the template
};
/// All of them, of a hub that has ended or died. Leaves the files as they are.
[[nodiscard]] std::vector<StoredMail> read_mails(const HubFolder& folder);

/// Runs one statement on a file that no hub has open.
void change_file(const std::filesystem::path& file, const std::string& statement);

/// What was promised, compared with what is there.
struct Verdict {
  std::size_t lost = 0;   ///< acknowledged numbers that are not in the inbox, or are nobody's lead
  std::size_t twice = 0;  ///< numbers that are in the inbox, or on a timeline, more than once
};
[[nodiscard]] Verdict judge(const Stores& stores, const Ledger& ledger);

/// Starts the hub once more in peace, sends what has no answer yet, waits for the pipeline, stops the hub and
/// expects of the ledger, the control API and the files that every number is one entry, one lead and one line
/// of its timeline. Returns what it counted.
Verdict expect_all_is_there_once(const HubFolder& folder, Ledger& ledger);

}  // namespace leadhub::crash
