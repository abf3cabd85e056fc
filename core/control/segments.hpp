#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "lead/condition.hpp"
#include "ops/clock.hpp"
#include "ops/error.hpp"
#include "store/lead_reader.hpp"

namespace leadhub::control {

/// Who is in which segment of hub.yaml. A condition is no index, so every lead is looked at: a piece of them
/// a request, limits::segment_page_leads, so that none takes long. Thread-safe; has a connection of its own.
class Segments {
 public:
  using Conditions = std::map<std::string, lead::Condition, std::less<>>;

  /// `conditions`: those in force; asked once a request.
  Segments(std::unique_ptr<store::LeadReader> leads, const Clock& clock,
           std::function<Conditions()> conditions)
      : leads_(std::move(leads)), clock_(clock), conditions_(std::move(conditions)) {}

  /// {"items": [{"name", "condition" in words, "leads": how many of this piece}], "scanned", "next": cursor
  /// or null}. `cursor`: `next` of the piece before; empty: from the first lead.
  [[nodiscard]] Result<nlohmann::ordered_json> counts(const std::string& cursor);
  /// {"items": [leads, flat], "scanned", "next"}. Error: `not_found` where there is no such segment.
  [[nodiscard]] Result<nlohmann::ordered_json> leads(const std::string& segment, const std::string& cursor);

 private:
  std::mutex mutex_;
  std::unique_ptr<store::LeadReader> leads_;
  const Clock& clock_;
  std::function<Conditions()> conditions_;
};

}  // namespace leadhub::control
