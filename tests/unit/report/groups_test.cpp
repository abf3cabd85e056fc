#include "report/groups.hpp"

#include <gmock/gmock.h>

#include <numeric>

#include "report/funnel.hpp"

namespace leadhub::report {
namespace {

using testing::ElementsAre;

struct Count {
  std::size_t leads = 0;
  void add(const Count& other) { leads += other.leads; }
  [[nodiscard]] std::size_t size() const { return leads; }
};

std::vector<std::string> names(const std::vector<std::pair<std::string, Count>>& groups) {
  std::vector<std::string> out;
  for (const auto& [name, count] : groups) out.push_back(name);
  return out;
}

TEST(Groups, ComeLargestFirstThenByName) {
  Groups<Count> groups;
  for (const auto* name : {"b", "c", "a", "c", "c", "b"}) ++groups.of(name).leads;
  ++groups.of("0").leads;
  EXPECT_THAT(names(groups.take(Order::largest_first)), ElementsAre("c", "b", "0", "a"));
}

TEST(Groups, ComeByNameWhereThatIsTheirOrder) {
  Groups<Count> groups;
  for (const auto* name : {"2026-W02", "2025-W52", "2026-W02"}) ++groups.of(name).leads;
  EXPECT_THAT(names(groups.take(Order::by_name)), ElementsAre("2025-W52", "2026-W02"));
}

TEST(Groups, PutTheSmallestTogetherWhereThereAreTooMany) {
  Groups<Count> groups;
  const auto many = limits::report_groups_max + 3;
  for (std::size_t i = 0; i < many; ++i) groups.of(std::to_string(i)).leads = i + 1;
  const auto taken = groups.take(Order::largest_first);
  ASSERT_EQ(taken.size(), limits::report_groups_max + 1);
  EXPECT_EQ(taken.front().first, std::to_string(many - 1));
  EXPECT_EQ(taken.back().first, other);
  EXPECT_EQ(taken.back().second.leads, 1 + 2 + 3);
}

TEST(Groups, KeepTheLastWeeks) {
  Groups<Count> groups;
  for (std::size_t i = 0; i <= limits::report_groups_max; ++i)
    groups.of("w" + std::to_string(1'000 + i)).leads = 1;
  const auto taken = groups.take(Order::by_name);
  EXPECT_EQ(taken.front().first, "w1001");
  EXPECT_EQ(taken.back().first, other);
  EXPECT_EQ(taken.back().second.leads, 1);
}

TEST(Groups, CountEverybodyHoweverManyNamesAreMadeUp) {
  Groups<Count> groups;
  const auto many = limits::report_groups_counted_max + 1'000;
  for (std::size_t i = 0; i < many; ++i) ++groups.of("campaign " + std::to_string(i)).leads;
  const auto taken = groups.take(Order::largest_first);
  EXPECT_EQ(taken.size(), limits::report_groups_max + 1);
  EXPECT_EQ(std::accumulate(taken.begin(), taken.end(), std::size_t{0},
                            [](std::size_t sum, const auto& group) { return sum + group.second.leads; }),
            many);
}

}  // namespace
}  // namespace leadhub::report
