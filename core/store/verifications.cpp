#include "store/verifications.hpp"

#include <soci/soci.h>

#include "store/database.hpp"
#include "store/lead_rows.hpp"

namespace leadhub::store {

void Verifications::add(const DueVerification& due) {
  const long long w = workspace_;
  const long long at = to_milliseconds(due.due_at);
  database_.session()
      << "INSERT INTO verifications (workspace_id, canonical, due_at) VALUES (:w, :c, :t) ON CONFLICT "
         "(workspace_id, canonical) DO NOTHING",
      soci::use(w), soci::use(due.canonical), soci::use(at);
}

void Verifications::take_verdict(const lead::VerifiedContact& verified) {
  const long long w = workspace_;
  const std::string kind{to_string(verified.kind)};
  const std::string verdict{to_string(verified.verdict)};
  const long long badness = lead::badness(verified.verdict);
  database_.session()
      << "UPDATE contact_points SET verdict = :v, reason = :r WHERE workspace_id = :w AND kind = :k AND "
         "canonical = :c AND verified_at IS NULL AND CASE verdict WHEN 'unknown' THEN 0 WHEN 'valid' THEN "
         "1 WHEN 'risky' THEN 2 ELSE 3 END <= :b",
      soci::use(verdict), soci::use(verified.reason), soci::use(w), soci::use(kind),
      soci::use(verified.canonical), soci::use(badness);
}

void Verifications::settle(const lead::VerifiedContact& verified) {
  take_verdict(verified);
  const long long w = workspace_;
  if (verified.retry_at) {
    const long long at = to_milliseconds(*verified.retry_at);
    database_.session()
        << "UPDATE verifications SET due_at = :t, attempts = attempts + 1 WHERE workspace_id = :w AND "
           "canonical = :c",
        soci::use(at), soci::use(w), soci::use(verified.canonical);
  } else {
    database_.session() << "DELETE FROM verifications WHERE workspace_id = :w AND canonical = :c",
        soci::use(w), soci::use(verified.canonical);
  }
}

}  // namespace leadhub::store
