#include "report/cost.hpp"

#include <algorithm>

#include "ops/local_time.hpp"

namespace leadhub::report {

std::string_view Cost::name(lead::Grouping grouping) const {
  switch (grouping) {
    case lead::Grouping::channel:
      return channel;
    case lead::Grouping::source:
      return source;
    case lead::Grouping::campaign:
      return campaign;
    default:
      return {};
  }
}

double cost_within(const Cost& cost, const Window& window, const std::string& time_zone) {
  const auto begin = local_moment(cost.from, {}, time_zone);
  const auto end = local_moment(cost.to + std::chrono::days{1}, {}, time_zone);
  const auto shared = std::min(end, window.until) - std::max(begin, window.since);
  if (shared.count() <= 0 || end <= begin) return 0;
  return cost.amount * (static_cast<double>(shared.count()) / static_cast<double>((end - begin).count()));
}

}  // namespace leadhub::report
