#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "ops/error.hpp"

namespace leadhub::store {

/// What stands beside a lead in the ledgers, in words that can be compared.
struct LedgerLines {
  std::vector<std::string> messages;  ///< "opt_in of news", in order
  std::vector<std::string> consents;  ///< "marketing_email: granted": the latest for each purpose
};

/// Reads the ledgers of many leads at once: one read-only connection. Used by one thread at a time.
class LeadLedgers {
 public:
  [[nodiscard]] static Result<std::unique_ptr<LeadLedgers>> open(const std::filesystem::path& file,
                                                                 std::int64_t workspace);
  ~LeadLedgers();

  /// Of the leads behind `after`, up to `last`, by id; none for a lead without any line.
  [[nodiscard]] Result<std::map<std::string, LedgerLines>> between(const std::string& after,
                                                                   const std::string& last);

 private:
  struct Implementation;
  explicit LeadLedgers(std::unique_ptr<Implementation> implementation);
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace leadhub::store
