#include "store/lead_ledgers.hpp"

#include <soci/soci.h>

#include <utility>

#include "store/database.hpp"

namespace leadhub::store {

struct LeadLedgers::Implementation {
  std::unique_ptr<Database> database;
  long long workspace = 0;

  /// Calls `take` with three texts of each row, the first of which is the lead.
  template <class Take>
  void each(const std::string& sql, const std::string& after, const std::string& last, const Take& take) {
    std::string lead;
    std::string first;
    std::string second;
    soci::statement statement = (database->session().prepare << sql, soci::use(workspace), soci::use(after),
                                 soci::use(last), soci::into(lead), soci::into(first), soci::into(second));
    statement.execute();
    while (statement.fetch()) take(lead, first, second);
  }
};

LeadLedgers::LeadLedgers(std::unique_ptr<Implementation> implementation)
    : implementation_(std::move(implementation)) {}
LeadLedgers::~LeadLedgers() = default;

Result<std::unique_ptr<LeadLedgers>> LeadLedgers::open(const std::filesystem::path& file,
                                                       std::int64_t workspace) {
  auto database = Database::open(file, Access::read_only);
  if (!database) return std::unexpected(database.error());
  auto implementation = std::make_unique<Implementation>();
  implementation->database = *std::move(database);
  implementation->workspace = workspace;
  return std::unique_ptr<LeadLedgers>{new LeadLedgers{std::move(implementation)}};
}

Result<std::map<std::string, LedgerLines>> LeadLedgers::between(const std::string& after,
                                                                const std::string& last) {
  auto& self = *implementation_;
  std::map<std::string, LedgerLines> lines;
  const auto read = self.database->guarded([&]() -> Result<void> {
    self.each(
        "SELECT lead_id, kind, channel FROM messages WHERE workspace_id = :w AND lead_id > :a AND "
        "lead_id <= :l ORDER BY lead_id, created_at, id",
        after, last, [&](const std::string& lead, const std::string& kind, const std::string& channel) {
          lines[lead].messages.push_back(kind + " of " + channel);
        });
    std::map<std::string, std::map<std::string, std::string>> latest;
    self.each(
        "SELECT lead_id, purpose, state FROM consents WHERE workspace_id = :w AND lead_id > :a AND "
        "lead_id <= :l ORDER BY lead_id, occurred_at, seq, idx, line",
        after, last, [&](const std::string& lead, const std::string& purpose, const std::string& state) {
          latest[lead][purpose] = state;
        });
    for (const auto& [lead, states] : latest)
      for (const auto& [purpose, state] : states)
        lines[lead].consents.emplace_back(purpose).append(": ").append(state);
    return {};
  });
  if (!read) return std::unexpected(read.error());
  return lines;
}

}  // namespace leadhub::store
