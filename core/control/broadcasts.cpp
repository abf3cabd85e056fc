#include "control/broadcasts.hpp"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "config/units.hpp"
#include "lead/consent.hpp"
#include "ops/limits.hpp"

namespace leadhub::control {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

constexpr auto usual_purpose = "marketing_email";
constexpr int usual_sample = 20;
constexpr auto usual_decide_after = "4h";

std::unexpected<Error> wrong(const std::string& message) {
  return fail(ErrorCode::invalid, message);
}

/// Reads a body member by member; the first mistake is kept.
class Body {
 public:
  explicit Body(std::string_view text) : json_(json::parse(text, nullptr, false)) {
    if (!json_.is_object()) mistake_ = "the body is no JSON object";
  }

  std::string text(const std::string& name, const std::string& otherwise = {}) {
    const auto* value = take(name);
    if (value == nullptr) return otherwise;
    if (!value->is_string()) return mistake(name, "is a text"), otherwise;
    return value->get<std::string>();
  }
  bool flag(const std::string& name) {
    const auto* value = take(name);
    if (value != nullptr && !value->is_boolean()) mistake(name, "is true or false");
    return value != nullptr && value->is_boolean() && value->get<bool>();
  }
  int number(const std::string& name, int otherwise, int lowest, int highest) {
    const auto* value = take(name);
    if (value == nullptr) return otherwise;
    if (value->is_number_integer() && *value >= lowest && *value <= highest) return value->get<int>();
    mistake(name, "is a whole number from " + std::to_string(lowest) + " to " + std::to_string(highest));
    return otherwise;
  }
  std::vector<std::string> texts(const std::string& name) {
    const auto* value = take(name);
    std::vector<std::string> all;
    if (value == nullptr) return all;
    const bool is_good = value->is_array() && std::ranges::all_of(*value, &json::is_string);
    if (!is_good) return mistake(name, "is a list of texts"), all;
    return value->get<std::vector<std::string>>();
  }
  void mistake(const std::string& name, const std::string& what) {
    if (mistake_.empty()) mistake_ = "\"" + name + "\" " + what;
  }
  /// Members that nobody reads are mistakes that somebody should hear of.
  Result<void> end() {
    for (const auto& [name, unused] : json_.items())
      if (mistake_.empty() && std::ranges::find(taken_, name) == taken_.end())
        mistake_ = "there is no member \"" + name + "\"";
    return mistake_.empty() ? Result<void>{} : wrong(mistake_);
  }

 private:
  const json* take(const std::string& name) {
    taken_.push_back(name);
    if (!json_.is_object()) return nullptr;
    const auto found = json_.find(name);
    return found == json_.end() || found->is_null() ? nullptr : &*found;
  }

  json json_;
  std::vector<std::string> taken_;
  std::string mistake_;
};

bool is_name(std::string_view text) {
  const auto is_letter_or_digit = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  };
  return !text.empty() && text.size() <= 63 && is_letter_or_digit(text.front()) &&
         std::ranges::all_of(text, [&](char c) { return is_letter_or_digit(c) || c == '-' || c == '_'; });
}

/// "2026-12-01T09:00", as if clocks there showed UTC.
std::optional<TimePoint> local_time(const std::string& text) {
  const auto with_seconds = text.size() == 16 ? text + ":00Z" : text + "Z";
  return parse_rfc3339(with_seconds);
}

void read_time(Body& body, lead::Broadcast& broadcast, TimePoint now, const std::string& hub_zone) {
  const auto at = body.text("at");
  if (body.flag("each_zone")) broadcast.clock = lead::BroadcastClock::each_own;
  const bool is_each_own = broadcast.clock == lead::BroadcastClock::each_own;
  broadcast.at = now;
  if (at.empty()) {
    if (is_each_own) body.mistake("each_zone", "needs \"at\": the time on everybody's own clock");
    return;
  }
  const auto local = local_time(at);
  if (local) {
    broadcast.at = *local;
    if (is_each_own) return;
    broadcast.clock = lead::BroadcastClock::each_own;
    broadcast.at = lead::leaves_at(broadcast, hub_zone);
    broadcast.clock = lead::BroadcastClock::one;
    return;
  }
  const auto moment = parse_rfc3339(at);
  if (!moment)
    return body.mistake("at", "is a time like 2026-12-01T09:00, or with its zone 2026-12-01T09:00:00Z");
  if (is_each_own)
    return body.mistake("at",
                        "is a time without a zone, like 2026-12-01T09:00, where each lead has their own");
  broadcast.at = *moment;
}

void check_time(Body& body, const lead::Broadcast& broadcast, TimePoint now) {
  const bool is_each_own = broadcast.clock == lead::BroadcastClock::each_own;
  const auto last = is_each_own ? broadcast.at + limits::zones_behind : broadcast.at;
  if (last < now) body.mistake("at", "has passed; leave it out to send now");
  if (broadcast.at > now + limits::broadcast_ahead_max) body.mistake("at", "is more than a year ahead");
}

void read_tracking(Body& body, lead::Broadcast& broadcast) {
  for (const auto& what : body.texts("track")) {
    if (what == "clicks")
      broadcast.track.clicks = true;
    else if (what == "opens")
      broadcast.track.opens = true;
    else
      body.mistake("track", "has clicks and opens, and nothing else");
  }
}

void read_test(Body& body, lead::Broadcast& broadcast) {
  lead::SubjectTest test;
  test.subjects = body.texts("subjects");
  test.sample = body.number("sample", usual_sample, 1, 99);
  const auto after = config::parse_duration(body.text("decide_after", usual_decide_after));
  if (!after || after->count() == 0) body.mistake("decide_after", "is a duration like 4h");
  const auto by = lead::subject_measure_from(body.text("by", "opens"));
  if (!by) body.mistake("by", "is opens or clicks");
  if (test.subjects.empty()) return;
  if (test.subjects.size() < 2 || test.subjects.size() > limits::broadcast_subjects_max)
    body.mistake("subjects", "are 2 to " + std::to_string(limits::broadcast_subjects_max));
  for (const auto& subject : test.subjects)
    if (subject.empty() || subject.size() > limits::mail_subject_bytes_max ||
        subject.find_first_of("\r\n") != subject.npos)
      body.mistake("subjects", "are single lines of at most " +
                                   std::to_string(limits::mail_subject_bytes_max) + " bytes");
  if (broadcast.clock == lead::BroadcastClock::each_own)
    body.mistake("subjects", "need one moment for all; leave \"each_zone\" out");
  if (!after || !by) return;
  test.decide_after = *after;
  test.by = *by;
  // Without it nobody could tell.
  (test.by == lead::SubjectMeasure::opens ? broadcast.track.opens : broadcast.track.clicks) = true;
  broadcast.test = std::move(test);
}

std::string phase_of(const lead::StoredBroadcast& stored, std::int64_t waiting, TimePoint now) {
  switch (stored.progress.state) {
    case lead::BroadcastState::reaching:
      return now < lead::begins_at(stored.broadcast) ? "scheduled" : "reaching";
    case lead::BroadcastState::reached:
      return waiting > 0 ? "sending" : "done";
    case lead::BroadcastState::cancelled:
      return "cancelled";
  }
  return "unknown";
}

ordered_json subjects_of(const lead::StoredBroadcast& stored,
                         const std::map<std::string, lead::SubjectResult>& results) {
  auto subjects = ordered_json::array();
  const auto& test = *stored.broadcast.test;
  for (std::size_t i = 0; i < test.subjects.size(); ++i) {
    const auto name = lead::subject_name(i);
    const auto found = results.find(name);
    const auto result = found == results.end() ? lead::SubjectResult{} : found->second;
    subjects.push_back({{"name", name},
                        {"subject", test.subjects[i]},
                        {"sent", result.sent},
                        {"opened", result.opened},
                        {"clicked", result.clicked},
                        {"is_winner", stored.progress.winner == i}});
  }
  return subjects;
}

}  // namespace

Result<lead::Broadcast> Broadcasts::read(std::string_view text) const {
  Body body{text};
  const auto now = clock_.now();
  lead::Broadcast broadcast;
  broadcast.name = body.text("name");
  broadcast.template_name = body.text("template");
  broadcast.via = body.text("via");
  broadcast.segment = body.text("segment");
  broadcast.purpose = body.text("purpose", usual_purpose);
  if (!is_name(broadcast.name))
    body.mistake("name",
                 "has letters, digits, - and _, begins with a letter or digit, and is at most 63 long");
  if (broadcast.template_name.empty()) body.mistake("template", "is missing");
  if (broadcast.via.empty()) body.mistake("via", "is missing: the channel by which it leaves");
  if (broadcast.purpose.empty()) body.mistake("purpose", "is the consent that it needs");
  read_time(body, broadcast, now, ports_.time_zone());
  check_time(body, broadcast, now);
  read_tracking(body, broadcast);
  read_test(body, broadcast);
  if (auto good = body.end(); !good) return std::unexpected(good.error());
  return broadcast;
}

Result<lead::StoredBroadcast> Broadcasts::find(const std::string& name) {
  const std::scoped_lock lock{mutex_};
  auto found = ports_.leads->broadcasts().find(name);
  if (!found) return std::unexpected(found.error());
  if (!*found)
    return fail(ErrorCode::not_found,
                "there is no broadcast \"" + name + "\"; `leadhub broadcasts list` shows those there are");
  return *std::move(*found);
}

Result<ordered_json> Broadcasts::start(std::string_view body) {
  const auto broadcast = read(body);
  if (!broadcast) return std::unexpected(broadcast.error());
  if (auto checked = ports_.check(*broadcast); !checked) return std::unexpected(checked.error());
  if (find(broadcast->name))
    return fail(ErrorCode::conflict, "there is a broadcast \"" + broadcast->name +
                                         "\" already, and its leads have it or will; choose another name");
  const auto done = ports_.act(lead::StartBroadcast{*broadcast});
  if (!done) return std::unexpected(done.error());
  return *done ? get(broadcast->name) : ordered_json{{"status", "pending"}};
}

Result<std::string> Broadcasts::why_not(const lead::Lead& lead, const std::string& purpose, TimePoint now) {
  const auto ledger = ports_.leads->consents_of(lead.id);
  if (!ledger) return std::unexpected(ledger.error());
  auto why = lead::why_no_mail(lead, *ledger, purpose);
  if (!why.empty()) return why;
  const auto suppressed =
      ports_.leads->suppression(ports_.hash_address(lead.primary(lead::ContactKind::email)->canonical));
  if (!suppressed) return std::unexpected(suppressed.error());
  if (*suppressed) return "the address is suppressed: " + std::string{to_string((*suppressed)->reason)};
  return ports_.why_later(lead, now);
}

Result<ordered_json> Broadcasts::estimate(const std::string& segment, const std::string& purpose,
                                          const std::string& cursor) {
  std::optional<lead::Condition> condition;
  if (!segment.empty()) {
    auto found = ports_.find_segment(segment);
    if (!found) return std::unexpected(found.error());
    condition = *std::move(found);
  }
  const auto now = clock_.now();
  const std::scoped_lock lock{mutex_};
  const auto piece = ports_.leads->list({.after = cursor, .limit = limits::segment_page_leads}, now);
  if (!piece) return std::unexpected(piece.error());
  std::int64_t fits = 0;
  std::int64_t reaches = 0;
  std::map<std::string, std::int64_t> withheld;
  for (const auto& lead : *piece) {
    if (condition && !lead::holds(*condition, {lead, nullptr, now})) continue;
    ++fits;
    const auto why = why_not(lead, purpose.empty() ? usual_purpose : purpose, now);
    if (!why) return std::unexpected(why.error());
    if (why->empty())
      ++reaches;
    else
      ++withheld[*why];
  }
  ordered_json document{{"scanned", piece->size()}, {"fits", fits}, {"reaches", reaches}};
  document["withheld"] = ordered_json::object();
  for (const auto& [why, leads] : withheld) document["withheld"][why] = leads;
  document["next"] = nullptr;
  if (static_cast<std::int64_t>(piece->size()) == limits::segment_page_leads)
    document["next"] = piece->back().id;
  return document;
}

Result<ordered_json> Broadcasts::document_of(const lead::StoredBroadcast& stored) {
  const auto& [broadcast, progress] = stored;
  const std::scoped_lock lock{mutex_};
  auto store = ports_.leads->broadcasts();
  const auto mails = store.mails(broadcast.name);
  if (!mails) return std::unexpected(mails.error());
  const auto reasons = store.reasons(broadcast.name);
  if (!reasons) return std::unexpected(reasons.error());
  const auto results = store.results(broadcast.name);
  if (!results) return std::unexpected(results.error());
  const auto pauses = ports_.leads->pauses();
  if (!pauses) return std::unexpected(pauses.error());
  const auto count = [&](lead::MessageState state) {
    const auto found = mails->find(state);
    return found == mails->end() ? std::int64_t{0} : found->second;
  };
  using lead::MessageState;
  const auto waiting = count(MessageState::queued) + count(MessageState::attempting);
  const lead::PauseScope own{lead::PauseScope::Of::broadcast, broadcast.name};
  ordered_json document{
      {"name", broadcast.name},
      {"state", phase_of(stored, waiting, clock_.now())},
      {"is_paused", std::ranges::find(*pauses, own, &lead::Pause::scope) != pauses->end()},
      {"template", broadcast.template_name},
      {"via", broadcast.via},
      {"segment", broadcast.segment.empty() ? ordered_json(nullptr) : ordered_json(broadcast.segment)},
      {"purpose", broadcast.purpose},
      {"at", broadcast.clock == lead::BroadcastClock::one
                 ? format_rfc3339(broadcast.at)
                 : format_rfc3339(broadcast.at).substr(0, 16) + " on each lead's own clock"},
      {"created_at", format_rfc3339(progress.created_at)},
      {"asked", progress.asked},
      {"mails", ordered_json::object()},
      {"opened", 0},
      {"clicked", 0},
      {"reasons", ordered_json::array()}};
  for (const auto state : {MessageState::queued, MessageState::attempting, MessageState::sent,
                           MessageState::failed, MessageState::withheld, MessageState::unknown})
    document["mails"][std::string{to_string(state)}] = count(state);
  for (const auto& [unused, result] : *results) {
    document["opened"] = document["opened"].get<std::int64_t>() + result.opened;
    document["clicked"] = document["clicked"].get<std::int64_t>() + result.clicked;
  }
  for (const auto& [why, leads] : *reasons) document["reasons"].push_back({{"why", why}, {"mails", leads}});
  if (!broadcast.test) return document;
  document["subjects"] = subjects_of(stored, *results);
  document["sample"] = broadcast.test->sample;
  document["decides_at"] = format_rfc3339(*lead::decided_at(broadcast));
  document["by"] = to_string(broadcast.test->by);
  return document;
}

Result<ordered_json> Broadcasts::get(const std::string& name) {
  const auto found = find(name);
  if (!found) return std::unexpected(found.error());
  return document_of(*found);
}

Result<void> Broadcasts::check_is_there(const std::string& name) {
  const auto found = find(name);
  return found ? Result<void>{} : std::unexpected(found.error());
}

Result<ordered_json> Broadcasts::list() {
  auto all = [this] {
    const std::scoped_lock lock{mutex_};
    return ports_.leads->broadcasts().list();
  }();
  if (!all) return std::unexpected(all.error());
  ordered_json page{{"items", ordered_json::array()}};
  if (all->size() > limits::page_size_default) all->resize(limits::page_size_default);
  for (const auto& stored : *all) {
    auto document = document_of(stored);
    if (!document) return document;
    page["items"].push_back(*std::move(document));
  }
  return page;
}

Result<ordered_json> Broadcasts::cancel(const std::string& name) {
  const auto document = get(name);
  if (!document) return document;
  const auto& state = (*document)["state"];
  if (state == "done" || state == "cancelled")
    return fail(ErrorCode::conflict, "the broadcast is " + state.get<std::string>() + " already");
  const auto done = ports_.act(lead::CancelBroadcast{name});
  if (!done) return std::unexpected(done.error());
  return *done ? get(name) : ordered_json{{"status", "pending"}};
}

}  // namespace leadhub::control
