#include "identify/matcher.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <random>

namespace leadhub::identify {
namespace {

using lead::ContactKind;

/// "e:ada p:1 x:crm:7 v:cookie" names contact points by kind.
template <class Add>
void each_point(std::string_view points, Add&& add) {
  while (!points.empty()) {
    const auto word = points.substr(0, points.find(' '));
    points.remove_prefix(std::min(points.size(), word.size() + 1));
    const auto kind = word[0] == 'e'   ? ContactKind::email
                      : word[0] == 'p' ? ContactKind::phone
                      : word[0] == 'x' ? ContactKind::external
                                       : ContactKind::anonymous;
    add(kind, std::string{word.substr(2)});
  }
}

lead::Lead lead_with(std::string id, std::string_view points) {
  lead::Lead lead;
  lead.id = std::move(id);
  each_point(points, [&](ContactKind kind, std::string canonical) {
    lead.contact_points.push_back({kind, std::move(canonical), "", lead::Verdict::unknown, {}, {}, {}});
  });
  return lead;
}

lead::NormalisedEvent event_with(std::string_view points) {
  lead::NormalisedEvent event;
  each_point(points, [&](ContactKind kind, std::string canonical) {
    event.contacts.push_back({kind, std::move(canonical), "", lead::Verdict::unknown});
  });
  return event;
}

struct Case {
  const char* name;
  const char* event;
  std::vector<std::pair<const char*, const char*>> leads;
  const char* expected;  ///< id of the lead; empty: a new person
  MatchReason reason;
};

TEST(Match, FollowsTheRules) {
  const std::vector<Case> cases{
      {"nobody is known", "e:ada", {}, "", MatchReason::nobody},
      {"same e-mail", "e:ada", {{"1", "e:ada"}}, "1", MatchReason::email},
      {"same e-mail among several", "e:ada", {{"1", "e:bob e:ada"}}, "1", MatchReason::email},
      {"e-mail before everything else",
       "e:ada p:1 x:7 v:c",
       {{"1", "p:1 x:7 v:c"}, {"2", "e:ada"}},
       "2",
       MatchReason::email},
      {"several with the e-mail: the oldest",
       "e:ada",
       {{"2", "e:ada"}, {"1", "e:ada"}},
       "1",
       MatchReason::email},
      {"phone without e-mails", "p:1", {{"1", "p:1"}}, "1", MatchReason::phone},
      {"phone, the event has an e-mail, the lead none", "e:ada p:1", {{"1", "p:1"}}, "1", MatchReason::phone},
      {"phone, the lead has an e-mail, the event none", "p:1", {{"1", "e:ada p:1"}}, "1", MatchReason::phone},
      {"phone, but the e-mails contradict", "e:bob p:1", {{"1", "e:ada p:1"}}, "", MatchReason::nobody},
      {"external id, but the e-mails contradict", "e:bob x:7", {{"1", "e:ada x:7"}}, "", MatchReason::nobody},
      {"visitor, but the e-mails contradict", "e:bob v:c", {{"1", "e:ada v:c"}}, "", MatchReason::nobody},
      {"external id before phone", "x:7 p:1", {{"1", "p:1"}, {"2", "x:7"}}, "2", MatchReason::external_id},
      {"phone before visitor", "p:1 v:c", {{"1", "v:c"}, {"2", "p:1"}}, "2", MatchReason::phone},
      {"visitor", "v:c", {{"1", "v:c"}}, "1", MatchReason::visitor},
      {"a visitor who now gives an e-mail", "e:ada v:c", {{"1", "v:c"}}, "1", MatchReason::visitor},
      {"two with the phone, one without e-mail",
       "p:1",
       {{"1", "e:ada p:1"}, {"2", "p:1"}},
       "2",
       MatchReason::phone},
      {"two with the phone, both with e-mail",
       "p:1",
       {{"1", "e:ada p:1"}, {"2", "e:bob p:1"}},
       "",
       MatchReason::nobody},
      {"two with the phone, both without", "p:1", {{"1", "p:1"}, {"2", "p:1 v:c"}}, "", MatchReason::nobody},
      {"undecided by phone, decided by visitor",
       "p:1 v:c",
       {{"1", "p:1"}, {"2", "p:1 v:c"}},
       "2",
       MatchReason::visitor},
      {"the kinds do not mix", "p:7", {{"1", "x:7 v:7 e:7"}}, "", MatchReason::nobody},
  };
  for (const auto& test : cases) {
    std::vector<lead::Lead> leads;
    for (const auto& [id, points] : test.leads) leads.push_back(lead_with(id, points));
    std::vector<const lead::Lead*> candidates;
    for (const auto& lead : leads) candidates.push_back(&lead);
    const auto found = match(event_with(test.event), candidates);
    EXPECT_EQ(found.lead == nullptr ? "" : found.lead->id, test.expected) << test.name;
    EXPECT_EQ(found.reason, test.reason) << test.name;
  }
}

RC_GTEST_PROP(Match, DoesNotDependOnTheOrderOfTheCandidates, ()) {
  const auto some_points = [] {
    std::string points;
    for (const auto pick : *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 8)))
      points += (points.empty() ? "" : " ") + std::string{"epxv"[pick / 2]} + ":" + std::to_string(pick % 2);
    return points;
  };
  std::vector<lead::Lead> leads;
  for (int i = *rc::gen::inRange(0, 5); i > 0; --i)
    leads.push_back(lead_with(std::to_string(i), some_points()));
  const auto event = event_with(some_points());
  std::vector<const lead::Lead*> candidates;
  for (const auto& lead : leads) candidates.push_back(&lead);
  const auto expected = match(event, candidates);
  std::shuffle(candidates.begin(), candidates.end(), std::mt19937{*rc::gen::arbitrary<std::uint32_t>()});
  const auto found = match(event, candidates);
  RC_ASSERT(found.lead == expected.lead);
  RC_ASSERT(found.reason == expected.reason);
}

}  // namespace
}  // namespace leadhub::identify
