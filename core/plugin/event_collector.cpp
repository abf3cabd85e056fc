#include "plugin/event_collector.hpp"

#include "ops/limits.hpp"
#include "plugin/text.hpp"

namespace leadhub::plugin {

void EventCollector::add_event(leadhub_string json) {
  if (json.data == nullptr || json.size == 0) {
    complain("gave a lead event that is a null pointer or empty");
  } else if (events_.size() == limits::events_per_request_max) {
    complain("gave more than " + std::to_string(limits::events_per_request_max) + " lead events " +
             std::string{where_});
  } else if (json.size > limits::plugin_events_bytes_max - event_bytes_) {
    complain("gave lead events that claim more than " + std::to_string(limits::plugin_events_bytes_max) +
             " bytes " + std::string{where_});
  } else if (!is_utf8({json.data, json.size})) {
    complain("gave a lead event that is no UTF-8");
  } else {
    event_bytes_ += json.size;
    events_.emplace_back(json.data, json.size);
  }
}

}  // namespace leadhub::plugin
