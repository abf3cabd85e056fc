#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "lead/lead.hpp"
#include "ops/clock.hpp"
#include "ops/error.hpp"

namespace leadhub::store {

/// A sale, and by which clicks whoever bought had come.
struct SoldLead {
  std::string lead_id;
  lead::EventReference reference;
  std::optional<double> value;  ///< none: not told
  std::string currency;         ///< ISO 4217; empty: not told
  TimePoint at{};
  std::optional<lead::Touch> first_touch;
  std::optional<lead::Touch> last_touch;
};

/// Where a page of sales ended.
struct SaleCursor {
  std::int64_t at = 0;  ///< milliseconds
  std::int64_t seq = 0;
  std::int64_t index = 0;
};

/// Reads sales, over a read-only connection of its own. Used by one thread at a time.
class ConversionReader {
 public:
  [[nodiscard]] static Result<std::unique_ptr<ConversionReader>> open(const std::filesystem::path& file,
                                                                      std::int64_t workspace);
  ~ConversionReader();

  /// Up to `limit` sales behind the cursor, the oldest first.
  [[nodiscard]] Result<std::vector<SoldLead>> after(const SaleCursor& cursor, std::int64_t limit);

 private:
  struct Implementation;
  explicit ConversionReader(std::unique_ptr<Implementation> implementation);
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace leadhub::store
