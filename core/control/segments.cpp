#include "control/segments.hpp"

#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "lead/lead_json.hpp"
#include "ops/limits.hpp"

namespace leadhub::control {
namespace {

using nlohmann::ordered_json;

void add_end(ordered_json& document, const std::vector<lead::Lead>& piece) {
  document["scanned"] = piece.size();
  document["next"] = nullptr;
  if (static_cast<std::int64_t>(piece.size()) == limits::segment_page_leads)
    document["next"] = piece.back().id;
}

std::string names_of(const Segments::Conditions& conditions) {
  std::string names;
  for (const auto& [name, condition] : conditions) names.append(names.empty() ? "" : ", ").append(name);
  return names.empty() ? "hub.yaml has none" : "there is: " + names;
}

}  // namespace

Result<ordered_json> Segments::counts(const std::string& cursor) {
  const auto conditions = conditions_();
  const auto now = clock_.now();
  const std::scoped_lock lock{mutex_};
  const auto piece = leads_->list({.after = cursor, .limit = limits::segment_page_leads}, now);
  if (!piece) return std::unexpected(piece.error());
  ordered_json document{{"items", ordered_json::array()}};
  for (const auto& [name, condition] : conditions) {
    std::int64_t count = 0;
    for (const auto& lead : *piece) count += lead::holds(condition, {lead, nullptr, now}) ? 1 : 0;
    document["items"].push_back({{"name", name}, {"condition", lead::describe(condition)}, {"leads", count}});
  }
  add_end(document, *piece);
  return document;
}

Result<ordered_json> Segments::leads(const std::string& segment, const std::string& cursor) {
  const auto conditions = conditions_();
  const auto found = conditions.find(segment);
  if (found == conditions.end())
    return fail(ErrorCode::not_found, "there is no segment \"" + segment + "\"; " + names_of(conditions));
  const auto now = clock_.now();
  const std::scoped_lock lock{mutex_};
  const auto piece = leads_->list({.after = cursor, .limit = limits::segment_page_leads}, now);
  if (!piece) return std::unexpected(piece.error());
  ordered_json document{{"items", ordered_json::array()}};
  for (const auto& lead : *piece)
    if (lead::holds(found->second, {lead, nullptr, now}))
      document["items"].push_back(lead::lead_summary(lead, now));
  add_end(document, *piece);
  return document;
}

}  // namespace leadhub::control
