#include "plugin/counters.hpp"

#include <gmock/gmock.h>

#include <thread>

namespace leadhub::plugin {
namespace {

std::uint64_t value_of(const ChannelCounters& counters, const std::string& name) {
  for (const auto& counter : counters.values())
    if (counter.name == name) return counter.value;
  return 0;
}

TEST(ChannelCounters, AddsUp) {
  ChannelCounters counters;
  counters.count("held", 1);
  counters.count("refused", 5);
  counters.count("held", 2);
  EXPECT_EQ(value_of(counters, "held"), 3);
  EXPECT_EQ(value_of(counters, "refused"), 5);
}

TEST(ChannelCounters, DropsNamesThatMetricsCannotShow) {
  ChannelCounters counters;
  for (const auto* name : {"", "Upper", "1st", "with space", "with\"quote", "with-dash"})
    counters.count(name, 1);
  counters.count(std::string(41, 'a'), 1);
  EXPECT_TRUE(counters.values().empty());
  counters.count(std::string(40, 'a'), 1);
  EXPECT_EQ(counters.values().size(), 1);
}

TEST(ChannelCounters, DropsNamesBeyondTheLimitAndKeepsTheOthers) {
  ChannelCounters counters;
  for (int i = 0; i < 100; ++i) counters.count("n" + std::to_string(i), 1);
  counters.count("n0", 1);
  EXPECT_EQ(counters.values().size(), limits::plugin_counters_max);
  EXPECT_EQ(value_of(counters, "n0"), 2);
  EXPECT_EQ(value_of(counters, "n99"), 0);
}

TEST(ChannelCounters, LosesNothingBetweenThreads) {
  ChannelCounters counters;
  std::vector<std::jthread> threads;
  for (int thread = 0; thread < 4; ++thread)
    threads.emplace_back([&] {
      for (int i = 0; i < 1'000; ++i)
        for (const auto* name : {"a", "b", "c", "d", "e"}) counters.count(name, 1);
    });
  threads.clear();
  for (const auto* name : {"a", "b", "c", "d", "e"}) EXPECT_EQ(value_of(counters, name), 4'000) << name;
}

TEST(Counters, OutliveTheirChannel) {
  Counters counters;
  counters.of("website")->count("held", 2);
  counters.of("website")->count("held", 1);
  counters.of("demo")->count("held", 7);
  const auto values = counters.values();
  ASSERT_EQ(values.size(), 2);
  EXPECT_EQ(values[0].channel, "demo");
  EXPECT_EQ(values[1].channel, "website");
  EXPECT_EQ(values[1].value, 3);
}

}  // namespace
}  // namespace leadhub::plugin
