#include "ops/metrics.hpp"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

namespace leadhub::ops {

std::string to_prometheus_text(const std::vector<Metric>& metrics) {
  std::vector<prometheus::MetricFamily> families;
  for (const auto& metric : metrics) {
    const bool counts = metric.kind == Metric::Kind::counter;
    if (families.empty() || families.back().name != metric.name)
      families.push_back({metric.name,
                          metric.help,
                          counts ? prometheus::MetricType::Counter : prometheus::MetricType::Gauge,
                          {}});
    prometheus::ClientMetric sample;
    for (const auto& [name, value] : metric.labels) sample.label.push_back({name, value});
    (counts ? sample.counter.value : sample.gauge.value) = metric.value;
    families.back().metric.push_back(std::move(sample));
  }
  return prometheus::TextSerializer{}.Serialize(families);
}

}  // namespace leadhub::ops
