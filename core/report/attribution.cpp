#include "report/attribution.hpp"

namespace leadhub::report {
namespace {

void add_money(Money& sums, const Money& more) {
  for (const auto& [currency, amount] : more) sums[currency] += amount;
}

}  // namespace

void Yield::add(const Yield& other) {
  leads += other.leads;
  converted += other.converted;
  add_money(value, other.value);
}

void AttributionTally::add(const AttributionTally& other) {
  first.add(other.first);
  last.add(other.last);
  add_money(cost, other.cost);
}

Efficiency efficiency(double cost, std::string_view currency, const Yield& yield) {
  Efficiency result;
  if (yield.leads > 0) result.per_lead = cost / static_cast<double>(yield.leads);
  if (yield.converted > 0) result.per_conversion = cost / static_cast<double>(yield.converted);
  const auto value = yield.value.find(currency);
  if (cost > 0) result.returned = value == yield.value.end() ? 0 : value->second / cost;
  return result;
}

}  // namespace leadhub::report
