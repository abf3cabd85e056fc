#include "store/planner_statistics.hpp"

#include <soci/soci.h>

#include <array>
#include <string>

namespace leadhub::store {
namespace {

constexpr std::array<IndexStatistic, 5> inbox_list{
    {{"inbox", "sqlite_autoindex_inbox_1", "1000000 1000000 1"},
     {"inbox", "inbox_set_aside", "1000 1000 300 1"},
     {"inbox", "inbox_redrives", "1000 1000 1"},
     {"inbox", "inbox_actions", "1000 1000 1"},
     {"inbox_keys", "inbox_keys", "1000000 1000000 1"}}};

constexpr std::array<IndexStatistic, 33> leads_list{
    {{"leads", "leads", "1000000 1000000 1"},
     {"leads", "leads_for_reports", "1000000 1000000 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1"},
     {"leads", "leads_wake", "500000 500000 2"},
     {"leads", "leads_of_owner", "200000 200000 1000"},
     {"scores", "scores", "3000000 3000000 3 1 1"},
     {"assignments", "assignments", "300000 300000 2 1"},
     {"leads", "leads_of_company", "200000 200000 3 1"},
     {"assignments", "assignments_open", "10000 10000 1000"},
     {"assignments", "assignments_of_owner", "300000 300000 10000 1"},
     {"conversions", "conversions", "100000 100000 2 1 1"},
     {"conversions", "conversions_by_time", "100000 100000 1"},
     {"contact_points", "contact_points", "2000000 2000000 700000 1 1"},
     {"contact_points", "contact_points_of_lead", "2000000 2000000 2"},
     {"timeline", "sqlite_autoindex_timeline_1", "3000000 3000000 3 1 1"},
     {"timeline", "timeline_of_entry", "3000000 3000000 1"},
     {"consents", "consents", "1000000 1000000 1 1 1 1"},
     {"attachments", "attachments", "100000 100000 2 1 1 1"},
     {"attachments", "attachments_of_entry", "100000 100000 2"},
     {"attachments", "attachments_of_content", "100000 100000 2"},
     {"quarantine", "quarantine", "1000 1000 1 1"},
     {"merges", "merges", "100000 100000 1"},
     {"merges", "merges_into", "100000 100000 1 1"},
     {"merge_proposals", "merge_proposals", "1000 1000 1 1"},
     {"merge_proposals", "merge_proposals_of_second", "1000 1000 1 1"},
     {"verifications", "verifications", "100000 100000 1"},
     {"verifications", "verifications_due", "100000 100000 1"},
     {"erasures", "erasures", "1000 1000 3 1 1"},
     {"messages", "messages", "1000000 1000000 1"},
     {"messages", "messages_occurrence", "1000000 1000000 1"},
     {"messages", "messages_due", "1000000 1000000 500000 200000 2"},
     {"messages", "messages_of_channel", "1000000 1000000 500000 200000 100000 2"},
     {"messages", "messages_to", "1000000 1000000 2 1"},
     {"messages", "messages_of_lead", "1000000 1000000 2"}}};

}  // namespace

std::span<const IndexStatistic> inbox_statistics() {
  return inbox_list;
}
std::span<const IndexStatistic> leads_statistics() {
  return leads_list;
}

Result<void> tell_planner(Database& database, std::span<const IndexStatistic> statistics) {
  return database.transaction([&]() -> Result<void> {
    auto& session = database.session();
    session << "ANALYZE workspaces";  // a tiny table: makes sqlite_stat1 where it is missing
    session << "DELETE FROM sqlite_stat1";
    for (const auto& statistic : statistics) {
      const std::string table{statistic.table};
      const std::string index{statistic.index};
      const std::string rows{statistic.rows};
      session << "INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES (:t, :i, :s)", soci::use(table),
          soci::use(index), soci::use(rows);
    }
    session << "ANALYZE sqlite_schema";  // reads them
    return {};
  });
}

}  // namespace leadhub::store
