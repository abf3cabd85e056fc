#include "store/suppressions.hpp"

#include <soci/soci.h>

#include "store/database.hpp"

namespace leadhub::store {

void Suppressions::add(const lead::Suppression& suppression) {
  const long long workspace = workspace_;
  const long long seq = suppression.source.seq;
  const long long index = suppression.source.index;
  const long long at = to_milliseconds(suppression.at);
  const std::string reason{to_string(suppression.reason)};
  database_.session() << "INSERT INTO suppressions (workspace_id, address_hash, address, reason, seq, idx, "
                         "suppressed_at) VALUES (:w, :h, :a, :r, :s, :i, :t) ON CONFLICT (workspace_id, "
                         "address_hash) DO NOTHING",
      soci::use(workspace), soci::use(suppression.address_hash), soci::use(suppression.address),
      soci::use(reason), soci::use(seq), soci::use(index), soci::use(at);
}

void Suppressions::lift(const std::string& address_hash) {
  const long long workspace = workspace_;
  database_.session() << "DELETE FROM suppressions WHERE workspace_id = :w AND address_hash = :h",
      soci::use(workspace), soci::use(address_hash);
}

void Suppressions::forget_addresses_of(const std::string& lead_id) {
  const long long workspace = workspace_;
  database_.session() << "UPDATE suppressions SET address = '' WHERE workspace_id = :w AND address <> '' AND "
                         "address IN (SELECT canonical FROM contact_points WHERE workspace_id = :w2 AND "
                         "lead_id = :l AND kind = 'email')",
      soci::use(workspace), soci::use(workspace), soci::use(lead_id);
}

Result<std::optional<lead::SuppressionReason>> Suppressions::find(const std::string& address_hash) {
  std::optional<lead::SuppressionReason> found;
  const auto read = database_.guarded([&]() -> Result<void> {
    const long long workspace = workspace_;
    std::string reason;
    database_.session() << "SELECT reason FROM suppressions WHERE workspace_id = :w AND address_hash = :h",
        soci::use(workspace), soci::use(address_hash), soci::into(reason);
    if (database_.session().got_data()) found = lead::suppression_reason_from(reason);
    return {};
  });
  if (!read) return std::unexpected(read.error());
  return found;
}

}  // namespace leadhub::store
