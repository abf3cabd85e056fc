#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "ops/clock.hpp"
#include "store/inbox_store.hpp"

namespace leadhub::test {

inline constexpr TimePoint start_time{std::chrono::milliseconds{1'767'614'400'000}};  // 2026-01-05T12:00:00Z

inline store::DraftEvent event(std::string json, const std::string& key = "") {
  return {std::move(json), key.empty() ? "" : "hash of " + key, key.empty() ? "" : "body"};
}

/// A canonical form of addresses that is enough for tests without the normalising stage.
inline std::string lower_case(std::string_view address) {
  std::string out{address};
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return out;
}

/// An accepted request with these events, received at start_time.
inline store::DraftEntry entry(std::vector<store::DraftEvent> events, std::string body = "a=b") {
  store::DraftEntry draft;
  draft.channel = "website";
  draft.received_at = start_time;
  draft.request = {"POST", "/in/website", "q=1", "content-type: text/plain\n", std::move(body), "192.0.2.1"};
  draft.events = std::move(events);
  return draft;
}

/// A filled-in form: `members` are those of the event, `person` those of the person.
inline std::string form(const std::string& person, const std::string& members = "") {
  return R"({"type":"form.submitted",)" + members + (members.empty() ? "" : ",") + R"("person":{)" + person +
         "}}";
}

}  // namespace leadhub::test
