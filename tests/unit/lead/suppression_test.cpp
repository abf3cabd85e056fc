#include "lead/suppression.hpp"

#include <gmock/gmock.h>

#include "ops/limits.hpp"

namespace leadhub::lead {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using Kind = MailSign::Kind;

constexpr TimePoint now{std::chrono::milliseconds{1'767'614'400'000}};

LeadEvent about_mail(const std::string& type, std::optional<BounceKind> bounce = {}) {
  LeadEvent event;
  event.type = type;
  event.bounce = bounce;
  return event;
}

TEST(Suppression, FollowsAHardBounceAndAComplaintAtOnce) {
  EXPECT_EQ(suppression_after(about_mail("email.bounced", BounceKind::hard), now, {}),
            SuppressionReason::hard_bounce);
  EXPECT_EQ(suppression_after(about_mail("email.complained"), now, {}), SuppressionReason::complaint);
}

TEST(Suppression, FollowsNothingElseThatBefallsAMail) {
  for (const auto& event : {about_mail("email.bounced", BounceKind::block), about_mail("email.bounced"),
                            about_mail("email.delivered"), about_mail("email.opened"),
                            about_mail("email.unsubscribed"), about_mail("form.submitted")})
    EXPECT_FALSE(suppression_after(event, now, {})) << event.type;
}

TEST(Suppression, FollowsTheThirdSoftBounceWithinAMonth) {
  const auto bounce = about_mail("email.bounced", BounceKind::soft);
  const auto at = [&](std::chrono::hours before) { return MailSign{Kind::soft_bounce, now - before}; };
  EXPECT_FALSE(suppression_after(bounce, now, {at(0h), at(24h)}));
  EXPECT_EQ(suppression_after(bounce, now, {at(0h), at(24h), at(48h)}), SuppressionReason::soft_bounces);
  EXPECT_FALSE(suppression_after(bounce, now, {at(0h), at(24h), at(31 * 24h)})) << "the third is long ago";
  EXPECT_FALSE(suppression_after(bounce, now, {at(0h), at(24h), at(-24h)})) << "one is still to come";
}

TEST(Suppression, ForgetsSoftBouncesOnceAMailArrived) {
  const auto bounce = about_mail("email.bounced", BounceKind::soft);
  const MailSign arrived{Kind::arrival, now - 12h};
  EXPECT_FALSE(suppression_after(
      bounce, now,
      {{Kind::soft_bounce, now}, arrived, {Kind::soft_bounce, now - 24h}, {Kind::soft_bounce, now - 48h}}));
}

TEST(Withdrawal, IsWhatAnEventTakesBackOfMails) {
  EXPECT_THAT(withdrawn_purposes(about_mail("email.complained")), ElementsAre("*"));
  EXPECT_THAT(withdrawn_purposes(about_mail("email.bounced", BounceKind::hard)), ElementsAre("*"));
  EXPECT_THAT(withdrawn_purposes(about_mail("email.bounced", BounceKind::soft)), IsEmpty());
  EXPECT_THAT(withdrawn_purposes(about_mail("email.unsubscribed")), ElementsAre("*"))
      << "it says not from what";
  auto form = about_mail("form.submitted");
  form.consent = {{.purpose = "news", .state = ConsentState::withdrawn},
                  {.purpose = "calls", .channel = "phone", .state = ConsentState::withdrawn},
                  {.purpose = "offers", .channel = "any", .state = ConsentState::withdrawn},
                  {.purpose = "events", .state = ConsentState::granted}};
  EXPECT_THAT(withdrawn_purposes(form), ElementsAre("news", "offers"));
}

}  // namespace
}  // namespace leadhub::lead
