#include "store/merges.hpp"

#include <soci/soci.h>

#include "store/database.hpp"

namespace leadhub::store {

void Merges::add(const Merge& merge) {
  const long long w = workspace_;
  const long long seq = merge.seq;
  const long long at = to_milliseconds(merge.at);
  for (const auto* table : {"timeline", "attachments", "messages", "consents"}) {
    // A withdrawal that was bound to both stays where it is: the other side has the same line.
    const std::string only_new = table == std::string_view{"consents"}
                                     ? " AND NOT EXISTS (SELECT 1 FROM consents AS own WHERE "
                                       "own.workspace_id = consents.workspace_id AND own.lead_id = :i2 AND "
                                       "own.seq = consents.seq AND own.idx = consents.idx AND own.line = "
                                       "consents.line)"
                                     : " AND :i2 <> ''";
    database_.session()
        << "UPDATE " << table
        << " SET home_id = CASE home_id WHEN '' THEN lead_id ELSE home_id END, lead_id = :i WHERE "
           "workspace_id = :w AND lead_id = :m"
        << only_new,
        soci::use(merge.into), soci::use(w), soci::use(merge.merged), soci::use(merge.into);
  }
  database_.session() << "DELETE FROM contact_points WHERE workspace_id = :w AND lead_id = :m", soci::use(w),
      soci::use(merge.merged);
  database_.session() << "DELETE FROM enrolments WHERE workspace_id = :w AND lead_id = :m", soci::use(w),
      soci::use(merge.merged);
  database_.session()
      << "INSERT INTO merges (workspace_id, merged_id, into_id, reason, seq, merged_at) VALUES (:w, "
         ":m, :i, :r, :s, :t)",
      soci::use(w), soci::use(merge.merged), soci::use(merge.into), soci::use(merge.reason), soci::use(seq),
      soci::use(at);
  carry_proposals(merge.merged, merge.into);
}

void Merges::carry_proposals(const std::string& merged, const std::string& into) {
  const long long w = workspace_;
  constexpr auto other = "CASE first_id WHEN :m THEN second_id ELSE first_id END";
  database_.session()
      << "INSERT INTO merge_proposals (workspace_id, first_id, second_id, reason, seq, idx, "
         "proposed_at, dismissed_at) SELECT workspace_id, CASE WHEN "
      << other << " < :i THEN " << other << " ELSE :i END, CASE WHEN " << other << " < :i THEN :i ELSE "
      << other
      << " END, reason, seq, idx, proposed_at, dismissed_at FROM merge_proposals WHERE workspace_id = "
         ":w AND (first_id = :m OR second_id = :m) AND "
      << other << " <> :i ON CONFLICT (workspace_id, first_id, second_id) DO NOTHING",
      soci::use(merged, "m"), soci::use(into, "i"), soci::use(w, "w");
  database_.session()
      << "DELETE FROM merge_proposals WHERE workspace_id = :w AND (first_id = :m OR second_id = :m)",
      soci::use(w, "w"), soci::use(merged, "m");
}

void Merges::undo(const Unmerge& undone) {
  const long long w = workspace_;
  for (const auto* table : {"timeline", "attachments", "messages", "consents"})
    for (const auto& member : undone.members) {
      // Bound values must outlive the statement, which runs at the end of the full expression.
      const std::string home = member == undone.id ? std::string{} : member;
      database_.session() << "UPDATE " << table
                          << " SET lead_id = :l, home_id = :h WHERE workspace_id = :w AND lead_id = "
                             ":f AND home_id = :m",
          soci::use(undone.id), soci::use(home), soci::use(w), soci::use(undone.from), soci::use(member);
    }
  database_.session() << "DELETE FROM merges WHERE workspace_id = :w AND merged_id = :l", soci::use(w),
      soci::use(undone.id);
}

void Merges::propose(const MergeProposal& proposal) {
  const long long w = workspace_;
  const long long seq = proposal.source.seq;
  const long long index = proposal.source.index;
  const long long at = to_milliseconds(proposal.at);
  database_.session()
      << "INSERT INTO merge_proposals (workspace_id, first_id, second_id, reason, seq, idx, "
         "proposed_at) VALUES (:w, :a, :b, :r, :s, :i, :t) ON CONFLICT (workspace_id, first_id, "
         "second_id) DO NOTHING",
      soci::use(w), soci::use(proposal.first), soci::use(proposal.second), soci::use(proposal.reason),
      soci::use(seq), soci::use(index), soci::use(at);
}

void Merges::dismiss(const MergeProposal& proposal) {
  const long long w = workspace_;
  const long long at = to_milliseconds(proposal.at);
  database_.session()
      << "UPDATE merge_proposals SET dismissed_at = :t WHERE workspace_id = :w AND first_id = :a AND "
         "second_id = :b",
      soci::use(at), soci::use(w), soci::use(proposal.first), soci::use(proposal.second);
}

}  // namespace leadhub::store
