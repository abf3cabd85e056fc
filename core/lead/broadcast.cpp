#include "lead/broadcast.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "ops/crypto.hpp"
#include "ops/limits.hpp"
#include "ops/local_time.hpp"

namespace leadhub::lead {
namespace {

using nlohmann::json;
using std::chrono::days;
using std::chrono::floor;
using std::chrono::milliseconds;
using std::chrono::minutes;

constexpr std::array<std::string_view, 2> measure_names{"opens", "clicks"};
constexpr std::array<std::string_view, 3> state_names{"reaching", "reached", "cancelled"};
constexpr std::string_view each_own_clock = "each_own";
constexpr std::string_view one_clock = "one";

template <class Value, std::size_t count>
std::optional<Value> named(const std::array<std::string_view, count>& names, std::string_view name) {
  const auto found = std::ranges::find(names, name);
  if (found == names.end()) return std::nullopt;
  return static_cast<Value>(found - names.begin() + 1);
}

SubjectTest test_from(const json& document) {
  SubjectTest test;
  test.subjects = document.at("subjects").get<std::vector<std::string>>();
  test.sample = document.at("sample").get<int>();
  test.decide_after = milliseconds{document.at("decide_after_ms").get<std::int64_t>()};
  test.by = subject_measure_from(document.at("by").get<std::string>()).value();
  return test;
}

double share(const SubjectResult& result, SubjectMeasure by) {
  const auto good = by == SubjectMeasure::opens ? result.opened : result.clicked;
  return result.sent == 0 ? 0.0 : static_cast<double>(good) / static_cast<double>(result.sent);
}

}  // namespace

std::string_view to_string(SubjectMeasure measure) {
  return measure_names.at(static_cast<std::size_t>(measure) - 1);
}
std::optional<SubjectMeasure> subject_measure_from(std::string_view name) {
  return named<SubjectMeasure>(measure_names, name);
}
std::string_view to_string(BroadcastState state) {
  return state_names.at(static_cast<std::size_t>(state) - 1);
}
std::optional<BroadcastState> broadcast_state_from(std::string_view name) {
  return named<BroadcastState>(state_names, name);
}

json broadcast_document(const Broadcast& broadcast) {
  json document{{"name", broadcast.name},
                {"template", broadcast.template_name},
                {"via", broadcast.via},
                {"segment", broadcast.segment},
                {"purpose", broadcast.purpose},
                {"at", format_rfc3339(broadcast.at)},
                {"clock", broadcast.clock == BroadcastClock::one ? one_clock : each_own_clock},
                {"track", {{"clicks", broadcast.track.clicks}, {"opens", broadcast.track.opens}}}};
  if (const auto& test = broadcast.test)
    document["test"] = {{"subjects", test->subjects},
                        {"sample", test->sample},
                        {"decide_after_ms", test->decide_after.count()},
                        {"by", to_string(test->by)}};
  return document;
}

Result<Broadcast> broadcast_from(const json& document) {
  try {
    const auto text = [&](const char* member) { return document.at(member).get<std::string>(); };
    Broadcast broadcast{text("name"), text("template"), text("via"), text("segment"), text("purpose")};
    broadcast.at = parse_rfc3339(text("at")).value();
    broadcast.clock = text("clock") == each_own_clock ? BroadcastClock::each_own : BroadcastClock::one;
    const auto& track = document.at("track");
    broadcast.track = {track.at("clicks").get<bool>(), track.at("opens").get<bool>()};
    if (const auto test = document.find("test"); test != document.end()) broadcast.test = test_from(*test);
    return broadcast;
  } catch (const std::exception&) {
    return fail(ErrorCode::invalid, "this is no broadcast that this program knows");
  }
}

TimePoint begins_at(const Broadcast& broadcast) {
  return broadcast.clock == BroadcastClock::one ? broadcast.at : broadcast.at - limits::zones_ahead;
}

TimePoint leaves_at(const Broadcast& broadcast, const std::string& time_zone) {
  if (broadcast.clock == BroadcastClock::one) return broadcast.at;
  const auto day = floor<days>(broadcast.at);
  return local_moment(day, floor<minutes>(broadcast.at - day), time_zone);
}

std::optional<TimePoint> decided_at(const Broadcast& broadcast) {
  if (!broadcast.test) return std::nullopt;
  return broadcast.at + broadcast.test->decide_after;
}

std::optional<std::size_t> subject_of(const Broadcast& broadcast, std::string_view lead_id) {
  if (!broadcast.test) return std::nullopt;
  const auto digest = ops::sha256(broadcast.name + "/" + std::string{lead_id});
  const auto number = static_cast<unsigned>(digest[0]) << 16U | static_cast<unsigned>(digest[1]) << 8U |
                      static_cast<unsigned>(digest[2]);
  if (static_cast<int>(number % 100) >= broadcast.test->sample) return std::nullopt;
  return number / 100 % broadcast.test->subjects.size();
}

std::string subject_name(std::size_t subject) {
  return {static_cast<char>('a' + subject)};
}

std::optional<std::size_t> subject_from(std::string_view name) {
  if (name.size() != 1 || name.front() < 'a' || name.front() > 'z') return std::nullopt;
  return static_cast<std::size_t>(name.front() - 'a');
}

std::size_t best_of(const SubjectTest& test, const std::vector<SubjectResult>& results) {
  std::size_t best = 0;
  for (std::size_t i = 1; i < std::min(test.subjects.size(), results.size()); ++i)
    if (share(results[i], test.by) > share(results[best], test.by)) best = i;
  return best;
}

}  // namespace leadhub::lead
