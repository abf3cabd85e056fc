// A day of 10,000 leads through the channels of examples/hub.yaml, on the virtual clock; what the reports say
// of it is compared with what this file reckons by itself, from the script alone.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "app/loaded_config.hpp"
#include "app/test_story.hpp"
#include "control/reports.hpp"
#include "lead/deed.hpp"

namespace leadhub::app {
namespace {

using Json = nlohmann::ordered_json;
using Minutes = std::int64_t;

constexpr std::size_t people = 10'000;
constexpr Minutes hour = 60;
constexpr Minutes day = 24 * hour;
/// A Tuesday; in January London keeps UTC.
const TimePoint midnight = parse_rfc3339("2026-01-06T00:00:00Z").value();

TimePoint at(Minutes minute) {
  return midnight + std::chrono::minutes{minute};
}

/// What somebody does, each at its minute after midnight. Whoever buys has been there before.
struct Person {
  std::string channel, country, email, phone;
  Minutes captured = 0;
  std::optional<Minutes> confirms, fills_in_a_form, buys, buys_again;
  std::optional<Minutes> answered_after;  ///< by whoever of the team got them; none: nobody ever answers

  [[nodiscard]] std::optional<Minutes> hot_from() const {
    return channel == "demo" || channel == "telegram" ? std::optional{captured} : buys;
  }
};

// --- The script

class Script {
 public:
  std::vector<Person> write() {
    std::vector<Person> all;
    for (std::size_t i = 0; i < people; ++i) all.push_back(person(i));
    return all;
  }

 private:
  bool chance(int percent) { return between(1, 100) <= percent; }
  Minutes between(Minutes least, Minutes most) {
    return std::uniform_int_distribution<Minutes>{least, most}(random_);
  }

  Person person(std::size_t i) {
    constexpr std::array<const char*, 5> channels{"website", "demo", "news", "telegram", "ads"};
    constexpr std::array<const char*, 3> countries{"GB", "US", "FR"};
    Person one;
    one.channel = channels.at(static_cast<std::size_t>(between(0, 4)));
    one.country = countries.at(static_cast<std::size_t>(between(0, 2)));
    one.email = "person" + std::to_string(i) + "@example.com";
    one.phone = phone_of(one.country, i);
    one.captured = between(0, day - 1);
    const bool is_american = one.country == "US";
    if (one.channel == "news" && chance(80)) {
      one.confirms = one.captured + between(1, 600);
      if (chance(50)) one.fills_in_a_form = *one.confirms + between(1, day);
    }
    // Americans do not buy here, so that Grace's leads of the day are those of the demos alone.
    const auto seen = one.fills_in_a_form.value_or(one.captured);
    const bool may_buy = one.channel != "telegram" && (one.channel != "news" || one.fills_in_a_form);
    if (may_buy && !is_american && chance(25)) {
      one.buys = seen + between(1, 2 * day);
      if (chance(30)) one.buys_again = *one.buys + between(1, day);
    }
    if (one.channel != "telegram" && (is_american || chance(60))) one.answered_after = between(1, 59);
    return one;
  }

  static std::string phone_of(const std::string& country, std::size_t i) {
    const auto digits = std::to_string(10'000 + i).substr(1);
    if (country == "GB") return "+44207946" + digits;
    if (country == "US") return "+1212555" + digits;
    return "+3314068" + digits;
  }

  std::mt19937_64 random_{20'260'106};
};

// --- What must come of it

/// Sixty minutes of Monday to Friday, 9 to 18, counted one by one.
Minutes answer_by(Minutes from) {
  constexpr int tuesday = 1;
  auto minute = from;
  for (int left = 60; left > 0; ++minute) {
    const bool works = (tuesday + minute / day) % 7 < 5;
    const auto of_day = minute % day;
    if (works && of_day >= 9 * hour && of_day < 18 * hour) --left;
  }
  return minute;
}

struct Times {
  std::vector<Minutes> minutes;
  [[nodiscard]] Json document() {
    std::sort(minutes.begin(), minutes.end());
    Json out{{"count", minutes.size()}};
    for (const auto& [name, percent] : {std::pair{"p50_s", 50U}, {"p90_s", 90U}, {"p99_s", 99U}}) {
      const auto rank = (minutes.size() * percent + 99) / 100;
      out[name] = minutes.empty() ? Json(nullptr) : Json(minutes.at(rank - 1) * 60);
    }
    return out;
  }
};

struct Expected {
  std::map<std::string, std::int64_t> stages;
  std::map<std::string, Times> spans;
  std::int64_t kept = 0, missed = 0;
};

struct Reckoning {
  std::map<std::string, Expected> by_channel;  ///< "": all
  std::map<std::string, std::pair<std::int64_t, std::int64_t>> answers_by_owner;

  explicit Reckoning(const std::vector<Person>& all) {
    for (const auto& one : all)
      for (const auto& channel : {std::string{}, one.channel}) count(by_channel[channel], one);
    hand_over(all);
  }

 private:
  static void count(Expected& expected, const Person& one) {
    const auto developing = one.fills_in_a_form;
    const auto enter = [&](const char* stage, std::optional<Minutes> when) {
      expected.stages[stage] += when ? 1 : 0;
    };
    enter("captured", one.captured);
    enter("registered", one.confirms);
    enter("developing", developing);
    enter("converted", one.buys);
    enter("customer", one.buys_again);
    const auto span = [&](const char* name, std::optional<Minutes> from, std::optional<Minutes> to) {
      if (from && to) expected.spans[name].minutes.push_back(*to - *from);
    };
    span("lead_time", one.captured, one.buys);
    span("captured_to_registered", one.captured, one.confirms);
    span("registered_to_developing", one.confirms, developing);
    span("developing_to_converted", developing, one.buys);
    span("converted_to_customer", one.buys, one.buys_again);
    if (one.hot_from() && one.answered_after)
      expected.spans["hand_off_to_answer"].minutes.push_back(*one.answered_after);
  }

  /// Charles has Britain, Grace the first twenty of America, Mary everybody else and whom they did not
  /// answer.
  void hand_over(const std::vector<Person>& all) {
    std::vector<const Person*> hot;
    for (const auto& one : all)
      if (one.hot_from()) hot.push_back(&one);
    std::stable_sort(hot.begin(), hot.end(),
                     [](const auto* a, const auto* b) { return *a->hot_from() < *b->hot_from(); });
    int american = 0;
    for (const auto* one : hot) {
      const bool is_known = one->channel != "telegram" && one->channel != "ads" && one->channel != "news";
      const auto country = is_known ? one->country : "";
      const std::string owner = country == "GB"                      ? "Charles"
                                : country == "US" && american++ < 20 ? "Grace"
                                                                     : "Mary";
      add(*one, owner, one->answered_after.has_value());
      if (!one->answered_after && owner != "Mary") add(*one, "Mary", false);
    }
  }

  void add(const Person& one, const std::string& owner, bool is_kept) {
    for (const auto& channel : {std::string{}, one.channel})
      (is_kept ? by_channel[channel].kept : by_channel[channel].missed)++;
    auto& [kept, missed] = answers_by_owner[owner];
    (is_kept ? kept : missed)++;
  }
};

// --- The day

class ScriptedDay : public ::testing::Test {
 protected:
  void happen(const std::vector<Person>& all) {
    struct Line {
      Minutes minute;
      int order;  ///< of one minute: who comes, what they do, what the team does
      std::function<void()> act;
    };
    std::vector<Line> lines;
    for (std::size_t i = 0; i < all.size(); ++i) {
      const auto& one = all[i];
      const auto add = [&](std::optional<Minutes> minute, int order, std::function<void()> act) {
        if (minute) lines.push_back({*minute, order, std::move(act)});
      };
      add(one.captured, 0, [this, &one, i] { come(one, i); });
      add(one.confirms, 1, [this, &one] { tell({{"confirm", one.email}}); });
      add(one.fills_in_a_form, 1, [this, &one] {
        tell({{"channel", "website"}, {"post", {{"your-email", one.email}}}});
      });
      for (const auto& bought : {one.buys, one.buys_again}) add(bought, 1, [this, &one] { buy(one); });
      if (one.hot_from() && one.answered_after)
        add(*one.hot_from() + *one.answered_after, 2, [this, &one] { answer(one); });
    }
    std::stable_sort(lines.begin(), lines.end(), [](const Line& a, const Line& b) {
      return std::pair{a.minute, a.order} < std::pair{b.minute, b.order};
    });
    for (const auto& line : lines) {
      const auto waited = story_->go_on_until(at(line.minute));
      ASSERT_TRUE(waited) << waited.error().message;
      line.act();
      if (HasFatalFailure()) return;
    }
    const auto ended = story_->go_on_until(at(7 * day));
    ASSERT_TRUE(ended) << ended.error().message;
  }

  Json report(const std::string& kind, const std::string& by) {
    auto reports = control::Reports::open(story_->hub().files().leads, story_->hub().leads_workspace(),
                                          story_->clock(), [] { return report::Rules{}; });
    if (!reports) throw std::runtime_error(reports.error().message);
    auto made = (*reports)->make(control::report_query(kind, by, "30d").value());
    if (!made) throw std::runtime_error(made.error().message);
    return *std::move(made);
  }

  static Json line_of(const Json& report, const std::string& group) {
    if (group.empty()) return report["total"];
    for (const auto& line : report["groups"])
      if (line["group"] == group) return line;
    return {};
  }

  LoadedConfig loaded_ = load(LEADHUB_SOURCE_DIR "/examples/hub.yaml");
  std::unique_ptr<Story> story_ = Story::begin(loaded_, midnight).value();

 private:
  void tell(const Json& line) {
    const auto told = story_->tell(line);
    ASSERT_TRUE(told) << told.error().message << ": " << line;
  }

  void come(const Person& one, std::size_t i) {
    const auto number = std::to_string(i + 1);
    Json post;
    if (one.channel == "website") post = {{"your-email", one.email}, {"tel", one.phone}};
    if (one.channel == "demo") post = {{"email", one.email}, {"phone", one.phone}};
    if (one.channel == "news") post = {{"email", one.email}};
    if (one.channel == "telegram")
      post = {{"update_id", i},
              {"message",
               {{"message_id", i},
                {"date", std::chrono::floor<std::chrono::seconds>(story_->now().time_since_epoch()).count()},
                {"chat", {{"id", i + 1'000}, {"type", "private"}}},
                {"from", {{"id", i + 1'000}, {"is_bot", false}, {"first_name", "Ada"}}},
                {"text", "Hello"}}}};
    if (one.channel == "ads")
      post = {{"lead_id", "lead-" + number},
              {"google_key", "google-key"},
              {"is_test", false},
              {"user_column_data", Json::array({{{"column_id", "EMAIL"}, {"string_value", one.email}}})}};
    tell({{"channel", one.channel}, {"post", post}});
  }

  void buy(const Person& one) {
    tell({{"channel", "website"},
          {"event",
           {{"type", "purchase.completed"},
            {"value", 100},
            {"currency", "EUR"},
            {"person", {{"email", one.email}}}}}});
  }

  void answer(const Person& one) {
    const auto lead = story_->lead(one.email);
    ASSERT_TRUE(lead && *lead);
    const auto done = story_->act(
        lead::RecordDeed{(**lead)["id"].get<std::string>(), Json{{"type", lead::deed::answered}}.dump()});
    ASSERT_TRUE(done) << done.error().message;
  }
};

TEST(AnswerBy, CountsWorkingMinutesOnly) {
  EXPECT_EQ(answer_by(10 * hour), 11 * hour);
  EXPECT_EQ(answer_by(0), 10 * hour);
  EXPECT_EQ(answer_by(17 * hour + 30), day + 9 * hour + 30);
  EXPECT_EQ(answer_by(3 * day + 17 * hour + 30), 6 * day + 9 * hour + 30) << "a Friday";
}

TEST_F(ScriptedDay, IsReportedAsItWas) {
  const auto all = Script{}.write();
  Reckoning expected{all};
  happen(all);
  ASSERT_FALSE(HasFatalFailure());

  const auto funnel = report("funnel", "channel");
  const auto lead_time = report("lead-time", "channel");
  for (auto& [channel, reckoned] : expected.by_channel) {
    const auto name = channel.empty() ? "all" : channel;
    const auto stages = line_of(funnel, channel);
    for (const auto& [stage, leads] : reckoned.stages)
      EXPECT_EQ(stages[stage]["leads"], leads) << name << ' ' << stage;
    const auto line = line_of(lead_time, channel);
    for (const auto* span : {"lead_time", "captured_to_registered", "registered_to_developing",
                             "developing_to_converted", "converted_to_customer", "hand_off_to_answer"})
      EXPECT_EQ(line[span], reckoned.spans[span].document()) << name << ' ' << span;
    EXPECT_EQ(line["answers"], (Json{{"kept", reckoned.kept}, {"missed", reckoned.missed}, {"open", 0}}))
        << name;
  }
  const auto by_owner = report("lead-time", "owner");
  for (const auto& [owner, answers] : expected.answers_by_owner)
    EXPECT_EQ(line_of(by_owner, owner)["answers"],
              (Json{{"kept", answers.first}, {"missed", answers.second}, {"open", 0}}))
        << owner;
}

}  // namespace
}  // namespace leadhub::app
