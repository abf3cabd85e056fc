#include "route/desk.hpp"

#include <gtest/gtest.h>

#include <map>

namespace leadhub::route {
namespace {

using namespace std::chrono_literals;

const TimePoint start = *parse_rfc3339("2026-01-06T10:00:00Z");  // a Tuesday

std::chrono::sys_days day(unsigned of_january) {
  return std::chrono::sys_days{std::chrono::year{2026} / std::chrono::January / std::chrono::day{of_january}};
}

struct Office : ::testing::Test {
  Routes routes;
  Desk desk;
  lead::Lead lead;
  Rule rule;

  Office() {
    routes.time_zone = "Europe/London";
    routes.team = {member("Grace", {"US", "CA"}), member("Charles", {"GB", "IE"}), member("Mary", {})};
    routes.team[2].weight = 2;
  }

  static Member member(std::string name, std::vector<std::string> territory) {
    Member out;
    out.name = std::move(name);
    out.territory = std::move(territory);
    return out;
  }

  void country(std::string code) {
    lead.fields[static_cast<std::size_t>(lead::Field::country)].value = std::move(code);
  }

  std::string ask(Method method, TimePoint now = start, std::vector<std::string> except = {},
                  std::string_view knows_company = "") {
    rule.method = method;
    const auto* chosen = desk.choose(routes, rule, lead, knows_company, except, now);
    if (chosen == nullptr) return "nobody";
    desk.take(*chosen, now);
    return chosen->name;
  }
};

TEST_F(Office, GivesALeadToWhoeverHasItsCountry) {
  country("GB");
  EXPECT_EQ(ask(Method::territory), "Charles");
  country("CA");
  EXPECT_EQ(ask(Method::territory), "Grace");
}

TEST_F(Office, GivesALeadOfNobodysTerritoryToWhoeverHasNone) {
  country("FR");
  EXPECT_EQ(ask(Method::territory), "Mary");
  country("");
  EXPECT_EQ(ask(Method::territory), "Mary");
}

TEST_F(Office, GivesNothingToWhoeverIsAway) {
  routes.team[1].away = {{day(6), day(7)}};
  country("GB");
  EXPECT_EQ(ask(Method::territory), "Mary") << "rather than let the lead wait";
  EXPECT_EQ(ask(Method::territory, start + 48h), "Charles");
  routes.team[2].away = {{day(6), day(6)}};
  EXPECT_EQ(ask(Method::territory), "nobody");
  EXPECT_EQ(desk.next_free(routes, start), *parse_rfc3339("2026-01-07T00:00:00Z"));
}

TEST_F(Office, TakesTurnsByWeight) {
  std::map<std::string, int> got;
  for (int i = 0; i < 400; ++i) ++got[ask(Method::round_robin)];
  EXPECT_EQ(got, (std::map<std::string, int>{{"Charles", 100}, {"Grace", 100}, {"Mary", 200}}));
}

TEST_F(Office, FloodsNobodyWhoComesBack) {
  routes.team[0].away = {{day(6), day(6)}};
  for (int i = 0; i < 90; ++i) EXPECT_NE(ask(Method::round_robin), "Grace");
  std::map<std::string, int> got;
  for (int i = 0; i < 8; ++i) ++got[ask(Method::round_robin, start + 24h)];
  EXPECT_EQ(got, (std::map<std::string, int>{{"Charles", 2}, {"Grace", 2}, {"Mary", 4}}));
}

TEST_F(Office, GivesNobodyMoreThanTheyCanTake) {
  routes.team = {member("Grace", {})};
  routes.team[0].capacity = {2, 24h};
  EXPECT_EQ(ask(Method::round_robin), "Grace");
  EXPECT_EQ(ask(Method::round_robin, start + 1h), "Grace");
  EXPECT_EQ(ask(Method::round_robin, start + 2h), "nobody");
  EXPECT_EQ(desk.next_free(routes, start + 2h), start + 24h);
  EXPECT_EQ(ask(Method::round_robin, start + 24h), "Grace");
  EXPECT_EQ(ask(Method::round_robin, start + 24h), "nobody");
}

TEST_F(Office, LooksForWhoeverHasTheLeastToDo) {
  EXPECT_EQ(ask(Method::least_busy), "Mary");
  EXPECT_NE(ask(Method::least_busy), "Mary");
  for (int i = 0; i < 6; ++i) (void)ask(Method::least_busy);
  EXPECT_EQ(desk.workloads().at("Mary").open, 4) << "of eight, by weight";
  desk.settle("Charles");
  desk.settle("Charles");
  EXPECT_EQ(ask(Method::least_busy), "Charles");
}

TEST_F(Office, PrefersWhoeverKnowsTheCompany) {
  country("GB");
  EXPECT_EQ(ask(Method::sticky, start, {}, "Grace"), "Grace");
  EXPECT_EQ(ask(Method::sticky, start, {}, "Somebody who left"), "Charles");
  EXPECT_EQ(ask(Method::sticky), "Charles");
}

TEST_F(Office, PassesOverWhoeverDidNotAnswer) {
  country("GB");
  EXPECT_EQ(ask(Method::territory, start, {"Charles"}), "Mary");
  EXPECT_EQ(ask(Method::territory, start, {"Charles", "Mary"}), "nobody");
}

TEST_F(Office, KnowsItsPeopleByName) {
  rule.member = "Grace";
  country("GB");
  EXPECT_EQ(ask(Method::named), "Grace");
  routes.team[0].away = {{day(6), day(6)}};
  EXPECT_EQ(ask(Method::named), "nobody");
}

TEST_F(Office, WithoutAnybodyGivesNothing) {
  routes.team.clear();
  for (const auto method : {Method::territory, Method::round_robin, Method::least_busy, Method::sticky})
    EXPECT_EQ(ask(method), "nobody");
  EXPECT_EQ(desk.next_free(routes, start), std::nullopt);
}

}  // namespace
}  // namespace leadhub::route
