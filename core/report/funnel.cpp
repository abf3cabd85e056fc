#include "report/funnel.hpp"

namespace leadhub::report {
namespace {

std::optional<double> share(std::int64_t part, std::int64_t whole) {
  if (whole == 0) return std::nullopt;
  return static_cast<double>(part) / static_cast<double>(whole);
}

}  // namespace

void FunnelTally::add(const StageTimes& times) {
  for (std::size_t i = 0; i < times.size(); ++i)
    if (times.at(i)) ++entered.at(i);
  for (std::size_t i = 0; i < went_on.size(); ++i)
    if (times.at(i) && times.at(i + 1)) ++went_on.at(i);
}

void FunnelTally::add(const FunnelTally& other) {
  for (std::size_t i = 0; i < entered.size(); ++i) entered.at(i) += other.entered.at(i);
  for (std::size_t i = 0; i < went_on.size(); ++i) went_on.at(i) += other.went_on.at(i);
}

std::optional<double> FunnelTally::share_of_previous(lead::Stage stage) const {
  const auto at = static_cast<std::size_t>(stage) - 1;
  if (at == 0 || at >= funnel_stage_count) return std::nullopt;
  return share(went_on.at(at - 1), entered.at(at - 1));
}

std::optional<double> FunnelTally::share_of_captured(lead::Stage stage) const {
  return share(entered.at(static_cast<std::size_t>(stage) - 1), entered[0]);
}

}  // namespace leadhub::report
