// How fast the parts behind the answer are, each alone: normalising, the pipeline into a real store, the
// inbox's commits.
#include <benchmark/benchmark.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "config/deliver_section.hpp"
#include "config/qualify_section.hpp"
#include "config/route_section.hpp"
#include "normalise/normalise.hpp"
#include "ops/limits.hpp"
#include "pipeline/pipeline.hpp"
#include "support/drafts.hpp"
#include "support/temporary_folder.hpp"

namespace leadhub {
namespace {

using test::start_time;

/// What a contact form gives, about 700 bytes; each number is another person.
std::string typical_event(std::int64_t number) {
  const auto n = std::to_string(number);
  return R"({"type":"form.submitted","key":"evt_)" + n +
         R"(","occurred_at":"2026-01-05T11:59:58Z","person":{"email":"Person.)" + n +
         R"(@Example.com","phone":"+44 7400 )" + std::to_string(100'000 + number % 900'000) +
         R"(","first_name":"Ada","last_name":"Lovelace","company":"Analytical Engines Ltd","country":"United Kingdom"},)"
         R"("consent":[{"purpose":"newsletter","channel":"email","state":"granted","text":"Yes, send me the newsletter.",)"
         R"("url":"https://www.example.com/contact"}],"attribution":{"landing_page":)"
         R"("https://www.example.com/contact?utm_source=google&utm_medium=cpc&utm_campaign=spring&gclid=Cj0KCQjw8vnMBRDg"},)"
         R"("message":"I would like to know more about the engine.","attributes":{"budget":5000,"topics":["engines","looms"]}})";
}

void normalise_one_event(benchmark::State& state) {
  const auto json = typical_event(1);
  const normalise::Options options{"GB"};
  for (auto _ : state) {
    auto event = normalise::normalise({{1, 0}, "website", start_time, json}, options);
    if (!event) state.SkipWithError(event.error().message.c_str());
    benchmark::DoNotOptimize(event);
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(normalise_one_event);

void parse_one_event(benchmark::State& state) {
  const auto json = typical_event(1);
  for (auto _ : state) benchmark::DoNotOptimize(lead::parse_event(json));
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(parse_one_event);

std::vector<store::DraftEntry> drafts(std::int64_t first, std::size_t count, bool keyed) {
  std::vector<store::DraftEntry> out;
  for (std::size_t i = 0; i < count; ++i) {
    const auto number = first + static_cast<std::int64_t>(i);
    auto draft = test::entry(
        {test::event(typical_event(number), keyed ? std::to_string(number) : "")},
        "email=person" + std::to_string(number) +
            "%40example.com&first_name=Ada&last_name=Lovelace"
            "&company=Analytical+Engines+Ltd&message=I+would+like+to+know+more+about+the+engine.");
    draft.received_at = start_time + std::chrono::milliseconds{number / 20};  // 20,000 a second: ids grow
    draft.request.headers =
        "content-type: application/x-www-form-urlencoded\nuser-agent: Mozilla/5.0 (X11; Linux "
        "x86_64)\nreferer: https://www.example.com/contact\n";
    out.push_back(std::move(draft));
  }
  return out;
}

/// How many of forty score rules hold for each event.
enum class Funnel { built_in = 1, four_of_fifty, twenty_of_fifty };

/// 40 score rules, 9 of temperature and stage, one of route: one lead of ten goes to a team of ten, who are
/// written to, and one of ten to a destination.
void add_fifty_rules(pipeline::StageOptions& options, Funnel funnel) {
  const int step = funnel == Funnel::four_of_fifty ? 1'250 : 250;  // the events have a budget of 5,000
  using nlohmann::json;
  auto score = json::array();
  for (int i = 0; i < 40; ++i)
    score.push_back(
        {{"name", "rule " + std::to_string(i)},
         {"when", {{"lead.attributes.budget", {{"gte", step * (i + 1)}}}, {"lead.country", {"GB", "IE"}}}},
         {"add", i % 5 - 1},
         {"group", i % 2 == 0 ? "fit" : "engagement"},
         {"once", i % 4 == 0}});
  auto temperature = json::array({{{"is", "hot"}, {"when", {{"lead.phone", {{"matches", "0$"}}}}}}});
  for (int i = 0; i < 4; ++i)
    temperature.push_back({{"is", "warm"}, {"when", {{"lead.score", {{"gte", 10 * (i + 1)}}}}}});
  json stages{
      {"registered", {{"when", {{"lead.verified", true}}}}},
      {"developing", {{"when", {{"lead.stage", "registered"}, {"lead.temperature", {"warm", "hot"}}}}}},
      {"converted", {{"when", {{"event.type", "purchase.completed"}}}}},
      {"customer", {{"when", {{"lead.stage", "converted"}, {"event.type", "purchase.completed"}}}}}};
  options.rules = config::qualify_of({{"score", score},
                                      {"decay", {{"group", "engagement"}, {"half_life", "30d"}}},
                                      {"temperature", temperature},
                                      {"stages", stages}},
                                     {});
  auto team = json::array();
  for (int i = 0; i < 10; ++i)
    team.push_back({{"name", "Member " + std::to_string(i)},
                    {"email", "member" + std::to_string(i) + "@example.com"},
                    {"capacity", "1000000 per 1d"},
                    {"weight", i % 3 + 1}});
  options.routes = config::route_of(
      {{"team", team},
       {"working_hours", {{"from", "09:00"}, {"to", "18:00"}}},
       {"rules",
        json::array(
            {{{"when", {{"lead.temperature", "hot"}}}, {"assign", "round_robin"}, {"answer_within", "1h"}}})},
       {"notify", {{"via", "mail"}, {"template", "hand-off"}}}},
      {}, "Europe/London");
  options.deliver = config::deliver_of(
      {{"rules", json::array({{{"when", {{"lead.temperature", "hot"}}}, {"via", "crm"}}})}}, {});
}

/// Entries of the log to rows of leads, in batches as the pipeline takes them. Argument: of 100 events, how
/// many come from people known already.
void pipeline_into_store(benchmark::State& state, Funnel funnel) {
  const auto known = state.range(0);
  constexpr std::int64_t entries = 20'000;
  for (auto _ : state) {
    state.PauseTiming();
    const test::TemporaryFolder folder;
    const ManualClock clock{start_time};
    auto inbox = store::InboxWriterStore::open(folder / "inbox.db", "main", clock).value();
    std::int64_t person = 0;
    for (std::int64_t i = 0; i < entries; i += 500) {
      std::vector<store::DraftEntry> batch;
      for (std::int64_t j = i; j < i + 500; ++j) {
        const bool again = j % 100 < known && person > 0;
        auto one = drafts(again ? (j * 7919) % person : person++, 1, false);
        one.front().received_at = start_time + std::chrono::milliseconds{j / 20};
        batch.push_back(std::move(one.front()));
      }
      if (!inbox->append(batch)) state.SkipWithError("append failed");
    }
    pipeline::StageOptions options;
    options.normalise.default_country = "GB";
    if (funnel != Funnel::built_in) add_fifty_rules(options, funnel);
    auto pipeline =
        pipeline::Pipeline::open(store::InboxReader::open(folder / "inbox.db", inbox->workspace()).value(),
                                 store::LeadStore::open(folder / "leadhub.db", "main", clock).value(),
                                 std::move(options), inbox->log_id(), inbox->head(), folder / "attempt",
                                 clock, [](const Error&) {})
            .value();
    state.ResumeTiming();
    while (pipeline->cursor() < inbox->head())
      if (const auto taken = pipeline->step(); !taken)
        return state.SkipWithError(taken.error().message.c_str());
    state.PauseTiming();
    if (pipeline->statistics().quarantined_events != 0) state.SkipWithError("events were quarantined");
    pipeline.reset();
    state.ResumeTiming();
  }
  state.SetItemsProcessed(state.iterations() * entries);
}
BENCHMARK_CAPTURE(pipeline_into_store, built_in_rules, Funnel::built_in)
    ->Arg(0)
    ->Arg(50)
    ->Unit(benchmark::kMillisecond)
    ->Iterations(1)
    ->UseRealTime();
BENCHMARK_CAPTURE(pipeline_into_store, fifty_rules_four_hold, Funnel::four_of_fifty)
    ->Arg(0)
    ->Arg(50)
    ->Unit(benchmark::kMillisecond)
    ->Iterations(1)
    ->UseRealTime();
BENCHMARK_CAPTURE(pipeline_into_store, fifty_rules_twenty_hold, Funnel::twenty_of_fifty)
    ->Arg(0)
    ->Arg(50)
    ->Unit(benchmark::kMillisecond)
    ->Iterations(1)
    ->UseRealTime();

/// Commits of 64 entries, as under load. Argument: whether the events have keys of their own.
void append_to_inbox(benchmark::State& state) {
  const bool keyed = state.range(0) != 0;
  const test::TemporaryFolder folder;
  const ManualClock clock{start_time};
  auto inbox = store::InboxWriterStore::open(folder / "inbox.db", "main", clock).value();
  std::int64_t number = 0;
  for (auto _ : state) {
    state.PauseTiming();
    const auto group = drafts(number, 64, keyed);
    number += 64;
    state.ResumeTiming();
    if (!inbox->append(group) || !inbox->checkpoint_if_due()) state.SkipWithError("append failed");
  }
  state.SetItemsProcessed(state.iterations() * 64);
}
BENCHMARK(append_to_inbox)->Arg(0)->Arg(1)->Unit(benchmark::kMicrosecond)->Iterations(500)->UseRealTime();

}  // namespace
}  // namespace leadhub

BENCHMARK_MAIN();
