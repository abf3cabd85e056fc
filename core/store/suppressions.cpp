#include "store/suppressions.hpp"

#include <soci/soci.h>

#include <string_view>

#include "store/database.hpp"
#include "store/in_query.hpp"

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

Result<std::map<std::string, lead::SuppressionReason>> Suppressions::find(
    std::span<const std::string> address_hashes) {
  std::map<std::string, lead::SuppressionReason> found;
  const auto read = database_.guarded([&]() -> Result<void> {
    std::string hash, reason;
    InQuery suppressed{
        database_.session(),
        "SELECT address_hash, reason FROM suppressions WHERE workspace_id = :w AND address_hash IN ",
        workspace_, [&](soci::statement& statement) {
          statement.exchange(soci::into(hash));
          statement.exchange(soci::into(reason));
        }};
    const std::vector<std::string_view> wanted{address_hashes.begin(), address_hashes.end()};
    suppressed.each(wanted, [&] {
      if (const auto known = lead::suppression_reason_from(reason)) found.emplace(hash, *known);
    });
    return {};
  });
  if (!read) return std::unexpected(read.error());
  return found;
}

}  // namespace leadhub::store
