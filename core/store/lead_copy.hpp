#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "ops/clock.hpp"
#include "ops/error.hpp"

namespace leadhub::store {

/// Where a copied lead goes on: the files of a hub of its own. Neither exists yet.
struct LeadCopyTarget {
  std::filesystem::path leads;
  std::filesystem::path inbox;
  std::string log_id;  ///< of the log that goes on in `inbox`
};

/// Copies one lead out of the store of a hub, which may be running: one read-only connection.
///
/// Rows are copied as they stand, rather than made again from the lead's timeline: what people have done to
/// the lead, merges, journeys that have been changed since, verdicts of the DNS and how far each mail has got
/// are in the rows, and raw requests are kept for a time only. So the lead document of the copy is that of
/// the lead.
class LeadCopier {
 public:
  /// Errors: `not_found` where there is no such file or nothing of that workspace in it; `incompatible` where
  /// another version of this program wrote it.
  [[nodiscard]] static Result<std::unique_ptr<LeadCopier>> open(const std::filesystem::path& leads,
                                                                std::string_view workspace);
  ~LeadCopier();

  /// The workspace's number in the store, for other readers of it.
  [[nodiscard]] std::int64_t workspace() const;

  /// Copies the lead `id`, which stands for itself, and all that was merged into it, with everything that is
  /// kept beside them but the contents of attachments; and what of the hub as a whole decides what happens to
  /// it: pauses, destinations that are disabled, its broadcasts, and how busy each of the team is. Not copied
  /// are suppressions, whose hashes are of another key ring there. The log goes on behind the last entry that
  /// the lead's own hub has read. All is of one moment.
  [[nodiscard]] Result<void> copy(const std::string& id, std::span<const std::string> team,
                                  const LeadCopyTarget& target, const Clock& clock);

 private:
  struct Implementation;
  explicit LeadCopier(std::unique_ptr<Implementation> implementation);
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace leadhub::store
