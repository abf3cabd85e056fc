// What 10,000 due steps of journeys cost among many enrolments: bench_wake_up FOLDER ENROLLED makes a store
// in FOLDER (the workspace "bench") in which so many leads are on a journey, of which 10,000 are due at one
// moment, and prints a line of a table: the milliseconds for finding them in the index and logging them (ten
// entries, each on disk), and for the pipeline to take the step of each, which writes a tag to its lead.
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>

#include "config/nurture_section.hpp"
#include "pipeline/due_leads.hpp"
#include "pipeline/pipeline.hpp"
#include "support/drafts.hpp"

namespace leadhub {
namespace {

using namespace std::chrono_literals;
using Milliseconds = std::chrono::duration<double, std::milli>;
using Steady = std::chrono::steady_clock;

constexpr std::int64_t due_at_once = 10'000;
constexpr std::int64_t entries_at_once = 500;

template <class T>
T value_or_throw(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().message);
  return std::move(*result);
}

class Store {
 public:
  explicit Store(const std::filesystem::path& folder) : folder_(folder) {
    pipeline::StageOptions options;
    options.nurture = config::nurture_of(
        nlohmann::json::parse(R"({"journeys": {"long": {"enter": {"event.type": "newsletter.subscribed"},
          "steps": [{"wait": "1d"}, {"tag": "waited"}, {"wait": "300d"}]}}})"),
        {}, "UTC");
    inbox_ = value_or_throw(store::InboxWriterStore::open(folder_ / "leadhub-inbox.db", "bench", clock_));
    pipeline_ = value_or_throw(pipeline::Pipeline::open(
        value_or_throw(store::InboxReader::open(folder_ / "leadhub-inbox.db", inbox_->workspace())),
        value_or_throw(store::LeadStore::open(folder_ / "leadhub.db", "bench", clock_)), std::move(options),
        inbox_->log_id(), inbox_->head(), folder_ / "attempt", clock_, [](const Error&) {}));
  }

  /// The first 10,000 sign up two hours before the others.
  void enrol(std::int64_t count) {
    for (std::int64_t number = 0; number < count; number += entries_at_once) {
      if (number == due_at_once) clock_.advance(2h);
      std::vector<store::DraftEntry> batch;
      for (std::int64_t i = number; i < std::min(number + entries_at_once, count); ++i) {
        batch.push_back(test::entry({test::event(
            R"({"type":"newsletter.subscribed","person":{"email":"person.)" + std::to_string(i) +
            R"(@example.com","first_name":"Ada","company":"Analytical Engines Ltd"},"consent":[{"purpose":"marketing_email","channel":"email","state":"granted","text":"Send me Engine News."}]})")}));
        batch.back().received_at = clock_.now();
      }
      static_cast<void>(value_or_throw(inbox_->append(batch)));
      take();
    }
  }

  /// Prints what it costs to wake those who are due.
  void wake(std::int64_t enrolled) {
    clock_.advance(begin_ + 24h + 1min - clock_.now());
    Milliseconds logging{0}, taking{0};
    pipeline::DueLeads due{
        {value_or_throw(store::LeadReader::open(folder_ / "leadhub.db", inbox_->workspace())),
         [&](const lead::Action& action) -> Result<bool> {
           const auto began = Steady::now();
           store::DraftEntry draft;
           draft.kind = store::EntryKind::action;
           draft.received_at = clock_.now();
           draft.events = {{lead::to_json(action), {}, {}, {}}};
           static_cast<void>(value_or_throw(inbox_->append(std::span{&draft, 1})));
           const auto logged = Steady::now();
           take();
           logging += logged - began;
           taking += Steady::now() - logged;
           return true;
         }},
        clock_};
    const auto began = Steady::now();
    const auto woken = value_or_throw(due.sweep());
    const Milliseconds all = Steady::now() - began;
    if (woken != due_at_once) throw std::runtime_error(std::to_string(woken) + " were due");
    std::printf("| %9lld | %8.1f | %8.1f | %8.0f |\n", static_cast<long long>(enrolled),
                (all - logging - taking).count(), logging.count(), taking.count());
  }

 private:
  void take() {
    while (pipeline_->cursor() < inbox_->head()) static_cast<void>(value_or_throw(pipeline_->step()));
  }

  std::filesystem::path folder_;
  /// So that, by the real clock, the others are due only after whoever looks at the store afterwards.
  TimePoint begin_ = SystemClock{}.now() - 24h - 2min;
  ManualClock clock_{begin_};
  std::unique_ptr<store::InboxWriterStore> inbox_;
  std::unique_ptr<pipeline::Pipeline> pipeline_;
};

}  // namespace
}  // namespace leadhub

int main(int count, char** arguments) {
  if (count != 3) {
    std::fputs("usage: bench_wake_up FOLDER ENROLLED\n", stderr);
    return 2;
  }
  try {
    const auto enrolled = std::stoll(arguments[2]);
    leadhub::Store store{arguments[1]};
    store.enrol(enrolled);
    store.wake(enrolled);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench_wake_up: %s\n", error.what());
    return 1;
  }
}
