#include "qualify/temperature.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace leadhub::qualify {
namespace {

using lead::Temperature;
using namespace std::chrono_literals;

constexpr TimePoint start{std::chrono::milliseconds{1'767'614'400'000}};

lead::NormalisedEvent event(std::string type, TimePoint at) {
  lead::NormalisedEvent out;
  out.event.type = std::move(type);
  out.occurred_at = at;
  return out;
}

TEST(Temperature, FollowsTheRulesOfTheDomain) {
  for (const auto* type : {"purchase.completed", "cart.updated", "chat.started", "chat.message",
                           "account.registered", "demo.requested"})
    EXPECT_EQ(temperature_of(type), Temperature::hot) << type;
  for (const auto* type : {"form.submitted", "product.liked"})
    EXPECT_EQ(temperature_of(type), Temperature::warm) << type;
  for (const auto* type :
       {"page.viewed", "content.downloaded", "questionnaire.completed", "newsletter.subscribed"})
    EXPECT_EQ(temperature_of(type), Temperature::cold) << type;
  for (const auto* type : {"email.delivered", "email.bounced", "newsletter.unsubscribed", "x.acme.seen", ""})
    EXPECT_EQ(temperature_of(type), std::nullopt) << type;
}

TEST(Temperature, IsTheHottestThatStillHolds) {
  lead::Lead lead;
  EXPECT_EQ(lead.temperature_at(start), Temperature::cold);
  warm(lead, event("page.viewed", start));
  EXPECT_EQ(lead.temperature_at(start), Temperature::cold);
  warm(lead, event("form.submitted", start + 240h));
  warm(lead, event("demo.requested", start));
  EXPECT_EQ(lead.temperature_at(start), Temperature::hot);
  EXPECT_EQ(lead.temperature_at(start + rule_holds_for - 1ms), Temperature::hot);
  EXPECT_EQ(lead.temperature_at(start + rule_holds_for), Temperature::warm);
  EXPECT_EQ(lead.temperature_at(start + 240h + rule_holds_for), Temperature::cold);
}

TEST(Temperature, IsNotShortenedByAnOlderEvent) {
  lead::Lead lead;
  warm(lead, event("demo.requested", start));
  warm(lead, event("demo.requested", start - 100h));
  EXPECT_EQ(lead.hot_until, start + rule_holds_for);
  warm(lead, event("purchase.completed", start + 1h));
  EXPECT_EQ(lead.hot_until, start + 1h + rule_holds_for);
}

}  // namespace
}  // namespace leadhub::qualify
