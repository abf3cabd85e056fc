#include <atomic>
#include <chrono>
#include <thread>

#include "smtp_fixture.hpp"

// Rates and the warm-up plan, over SMTP.
namespace leadhub::email {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::Json;
using testing::mail_to;
using testing::mails_to;
using Rates = testing::Smtp;
using testing::rules;
using testing::states_of;

TEST_F(Rates, WhatIsOverItsDomainsRateComesBackInOrder) {
  start({{"rate", {{"per_domain", {{"gmail.com", 2}}}}}});
  const auto mails = mails_to({"a@gmail.com", "b@GMAIL.com", "c@gmail.com", "d@example.com", "e@gmail.com"});
  const auto outcomes = deliver(mails);
  EXPECT_THAT(states_of(outcomes),
              ElementsAre(LEADHUB_DELIVERY_DONE, LEADHUB_DELIVERY_DONE, LEADHUB_DELIVERY_UNTRIED,
                          LEADHUB_DELIVERY_DONE, LEADHUB_DELIVERY_UNTRIED));
  EXPECT_EQ(outcomes[2].retry_after_ms, 1'000);
  EXPECT_EQ(outcomes[4].retry_after_ms, 1'000);
  EXPECT_THAT(outcomes[2].message, HasSubstr("rate"));
  host_.advance_ms(1'000);
  EXPECT_EQ(deliver({mail_to("f@gmail.com", 77)}).front().retry_after_ms, 1'000) << "behind those two";
  EXPECT_THAT(states_of(deliver({mails[2], mails[4]})), ::testing::Each(LEADHUB_DELIVERY_DONE));
}

TEST_F(Rates, WhatAPauseHasHeldDoesNotLeaveAllAtOnce) {
  start({{"rate", {{"per_domain", {{"gmail.com", 1}}}}}});
  const auto mails = mails_to({"a@gmail.com", "b@gmail.com", "c@gmail.com", "d@gmail.com"});
  EXPECT_EQ(deliver(mails)[3].retry_after_ms, 3'000);
  host_.advance_ms(60'000);
  const auto outcomes = deliver({mails[1], mails[2], mails[3]});
  EXPECT_THAT(states_of(outcomes),
              ElementsAre(LEADHUB_DELIVERY_DONE, LEADHUB_DELIVERY_UNTRIED, LEADHUB_DELIVERY_UNTRIED));
  EXPECT_EQ(outcomes[1].retry_after_ms, 1'000);
  EXPECT_EQ(outcomes[2].retry_after_ms, 2'000);
}

TEST_F(Rates, AClockThatIsSetBackHoldsNothing) {
  constexpr std::int64_t hour_ms = 3'600'000;
  start({{"rate", {{"per_second", 2}, {"per_domain", {{"gmail.com", 1}}}}}});
  const auto mails = mails_to({"a@gmail.com", "b@gmail.com", "c@example.com"});
  EXPECT_THAT(states_of(deliver(mails)),
              ElementsAre(LEADHUB_DELIVERY_DONE, LEADHUB_DELIVERY_UNTRIED, LEADHUB_DELIVERY_DONE));
  host_.set_now_ms(host_.now_ms() - hour_ms);
  EXPECT_EQ(deliver({mails[1]}).front().state, LEADHUB_DELIVERY_DONE) << "neither its time nor the windows";
  host_.set_now_ms(host_.now_ms() - hour_ms);
  EXPECT_EQ(deliver({mail_to("d@example.com", 7)}).front().state, LEADHUB_DELIVERY_DONE);
}

TEST_F(Rates, TheRateOfAllIsWaitedForAsLongAsThereIsTime) {
  start({{"rate", {{"per_second", 2}}}});
  std::atomic<bool> is_over{false};
  std::thread clock{[&] {
    while (!is_over) {
      std::this_thread::sleep_for(std::chrono::milliseconds{10});
      host_.advance_ms(10);
    }
  }};
  const auto begun = host_.now_ms();
  std::vector<Mail> mails;
  mails.reserve(5);
  for (int i = 0; i < 5; ++i) mails.push_back(mail_to("ada@example.com", i));
  const auto outcomes = deliver(mails, 20'000);
  is_over = true;
  clock.join();
  EXPECT_THAT(states_of(outcomes), ::testing::Each(LEADHUB_DELIVERY_DONE));
  EXPECT_GE(host_.now_ms() - begun, 2'000) << "2, 2 and 1";
}

TEST_F(Rates, WithoutTimeToWaitForTheRateTheRestIsUntried) {
  start({{"rate", {{"per_second", 1}}}});
  const auto outcomes = deliver(mails_to({"a@example.com", "b@example.com"}), 1'000);
  EXPECT_THAT(states_of(outcomes), ElementsAre(LEADHUB_DELIVERY_DONE, LEADHUB_DELIVERY_UNTRIED));
  EXPECT_GT(outcomes[1].retry_after_ms, 0);
}

TEST_F(Rates, TheWarmUpPlanCountsByTheDayAndSurvivesARestart) {
  constexpr std::int64_t half_a_day_ms = 43'200'000;
  constexpr std::int64_t noon_ms = 1'796'126'400'000;  // 2026-12-01T12:00:00Z
  host_.set_now_ms(noon_ms);
  const Json plan{{"warm_up", {{"start", "2026-12-01"}, {"days", {2, 3}}}}};
  start(plan);
  auto outcomes = deliver(mails_to({"a@example.com", "b@example.com", "c@example.com"}));
  EXPECT_THAT(states_of(outcomes),
              ElementsAre(LEADHUB_DELIVERY_DONE, LEADHUB_DELIVERY_DONE, LEADHUB_DELIVERY_UNTRIED));
  EXPECT_EQ(outcomes[2].retry_after_ms, half_a_day_ms) << "midnight UTC";
  channel_.reset();
  start(plan);
  EXPECT_EQ(deliver_one().state, LEADHUB_DELIVERY_UNTRIED) << "the day is full still";
  host_.advance_ms(half_a_day_ms);
  EXPECT_EQ(deliver_one().state, LEADHUB_DELIVERY_DONE);
  sink_.set_behaviour(rules({{"CONNECT", "421 later\r\n<close>"}}));
  channel_.reset();
  start(plan);
  EXPECT_EQ(deliver_one().state, LEADHUB_DELIVERY_FAILED) << "and does not count";
  sink_.set_behaviour({});
  EXPECT_THAT(states_of(deliver(mails_to({"a@example.com", "b@example.com", "c@example.com"}))),
              ElementsAre(LEADHUB_DELIVERY_DONE, LEADHUB_DELIVERY_DONE, LEADHUB_DELIVERY_UNTRIED));
  host_.advance_ms(2 * half_a_day_ms);
  std::vector<Mail> many;
  many.reserve(10);
  for (int i = 0; i < 10; ++i) many.push_back(mail_to("ada@example.com", i));
  EXPECT_THAT(states_of(deliver(many)), ::testing::Each(LEADHUB_DELIVERY_DONE)) << "the plan is over";
}

}  // namespace
}  // namespace leadhub::email
