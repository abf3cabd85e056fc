#include "pipeline/lead_retention.hpp"

#include <gmock/gmock.h>

#include "ops/limits.hpp"
#include "pipeline/hub.hpp"

namespace leadhub::pipeline {
namespace {

using namespace std::chrono_literals;
using testing::IsEmpty;
using testing::SizeIs;

constexpr auto keep_leads = std::chrono::days{1095};

/// A hub whose actions are done at once, unless the pipeline sleeps.
struct RetentionHub : test::Hub {
  LeadRetention retention() {
    return {{reader(),
             [this](const lead::Action& action) -> Result<bool> {
               log(action);
               if (pipeline_sleeps) return false;
               run();
               return true;
             }},
            keep_leads,
            clock};
  }
  void hear_from(const std::string& email) {
    auto draft = test::entry({test::event(test::form("\"email\":\"" + email + "\""))});
    draft.received_at = clock.now();
    append(std::move(draft));
  }

  bool pipeline_sleeps = false;
};

TEST(LeadRetention, ErasesWhomNothingWasHeardOfForSoLong) {
  RetentionHub hub;
  hub.hear_from("silent@example.com");
  hub.hear_from("faithful@example.com");
  hub.run();
  hub.clock.advance(keep_leads - 1h);
  hub.hear_from("faithful@example.com");
  hub.hear_from("young@example.com");
  hub.run();
  EXPECT_EQ(hub.retention().sweep(), 0U) << "an hour is left";
  hub.clock.advance(2h);
  EXPECT_EQ(hub.retention().sweep(), 1U);
  EXPECT_THAT(hub.leads_with("silent@example.com"), IsEmpty());
  EXPECT_THAT(hub.leads_with("faithful@example.com"), SizeIs(1));
  EXPECT_THAT(hub.leads_with("young@example.com"), SizeIs(1));
  EXPECT_EQ(hub.retention().sweep(), 0U);
}

TEST(LeadRetention, SparesWhoGivesASignBeforeTheirTurn) {
  RetentionHub hub;
  hub.hear_from("ada@example.com");
  hub.run();
  hub.clock.advance(keep_leads + 1h);
  hub.hear_from("ada@example.com");  // committed, but not processed yet
  EXPECT_EQ(hub.retention().sweep(), 1U) << "looked silent";
  EXPECT_THAT(hub.leads_with("ada@example.com"), SizeIs(1));
}

TEST(LeadRetention, WaitsForAPipelineThatLagsBehind) {
  RetentionHub hub;
  for (const auto* email : {"a@example.com", "b@example.com", "c@example.com"}) hub.hear_from(email);
  hub.run();
  hub.clock.advance(keep_leads + 1h);
  hub.pipeline_sleeps = true;
  EXPECT_EQ(hub.retention().sweep(), 0U);
  EXPECT_EQ(hub.inbox->head(), 4) << "one action is under way, not three";
  hub.pipeline_sleeps = false;
  EXPECT_EQ(hub.retention().sweep(), 3U);
  EXPECT_EQ(hub.reader()->count(), 0);
}

TEST(LeadRetention, GoesThroughMoreLeadsThanItReadsAtOnce) {
  RetentionHub hub;
  const auto count = limits::retention_page_leads + 3;
  for (std::int64_t i = 0; i < count; ++i) hub.hear_from("p" + std::to_string(i) + "@example.com");
  hub.run();
  std::size_t found = 0;
  std::string after;
  do {
    const auto page = hub.reader()->silent_since(hub.clock.now() + 1h, after, limits::retention_page_leads);
    ASSERT_TRUE(page);
    found += page->ids.size();
    after = page->next;
  } while (!after.empty());
  EXPECT_EQ(found, static_cast<std::size_t>(count));
}

TEST(LeadRetention, LooksAtNobodyTwiceWhoWasMerged) {
  RetentionHub hub;
  hub.hear_from("ada@example.com");
  hub.hear_from("a.lovelace@example.org");
  hub.run();
  const auto ada = hub.leads_with("ada@example.com").front();
  const auto lovelace = hub.leads_with("a.lovelace@example.org").front();
  hub.act(lead::MergeLeads{ada, lovelace});
  hub.clock.advance(keep_leads + 1h);
  EXPECT_EQ(hub.retention().sweep(), 1U);
  EXPECT_EQ(hub.reader()->count(), 0);
}

}  // namespace
}  // namespace leadhub::pipeline
