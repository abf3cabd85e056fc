#include <gmock/gmock.h>
#include <soci/soci.h>

#include "pipeline/hub.hpp"
#include "store/database.hpp"

namespace leadhub::pipeline {
namespace {

using lead::ContactKind;
using lead::Field;
using test::entry;
using test::event;
using test::form;
using test::Hub;
using testing::HasSubstr;
using testing::SizeIs;

TEST(Redrive, AppliesWhatWasInQuarantine) {
  Hub hub;
  hub.append_form(R"("name":"Ada")");
  hub.run();
  ASSERT_THAT(*hub.reader()->quarantine(0, 10), SizeIs(1));
  hub.redrive(1, {form(R"("name":"Ada","email":"ada@example.com")")});
  hub.run();
  EXPECT_THAT(*hub.reader()->quarantine(0, 10), SizeIs(0));
  EXPECT_THAT(hub.lead_with("ada@example.com").timeline, SizeIs(1));
}

TEST(Redrive, AppliesWhatWasHeld) {
  Hub hub;
  auto held = entry({event(form(R"("email":"ada@example.com")"))});
  held.state = store::EntryState::held;
  hub.append(held);
  hub.run();
  hub.redrive(1, {form(R"("email":"ada@example.com")")});
  hub.run();
  EXPECT_THAT(hub.lead_with("ada@example.com").timeline, SizeIs(1));
}

TEST(Redrive, CorrectsAFieldOfTheSameLead) {
  Hub hub;
  hub.append_form(R"("email":"ada@example.com","city":"Lodnon","company":"Engines")");
  hub.append_form(R"("email":"ada@example.com","job_title":"Analyst")");
  hub.run();
  const auto before = hub.lead_with("ada@example.com");
  hub.redrive(1, {form(R"("email":"ada@example.com","city":"London")")});
  hub.run();
  const auto after = hub.lead_with("ada@example.com");
  EXPECT_EQ(after.lead.id, before.lead.id);
  EXPECT_EQ(after.lead.field(Field::city), "London");
  EXPECT_EQ(after.lead.field(Field::company), "") << "the corrected event says nothing of it";
  EXPECT_EQ(after.lead.field(Field::job_title), "Analyst");
  EXPECT_EQ(after.lead.created_at, before.lead.created_at);
  ASSERT_THAT(after.timeline, SizeIs(2));
  EXPECT_THAT(after.lead.contact_points, SizeIs(1));
  EXPECT_EQ(hub.reader()->count(), 1);
}

TEST(Redrive, LetsALaterEventStandAgainstTheCorrection) {
  Hub hub;
  hub.append_form(R"("email":"ada@example.com","city":"Lodnon")", R"("occurred_at":"2026-01-01T00:00:00Z")");
  hub.append_form(R"("email":"ada@example.com","city":"Paris")", R"("occurred_at":"2026-01-02T00:00:00Z")");
  hub.run();
  hub.redrive(
      1, {form(R"("email":"ada@example.com","city":"London")", R"("occurred_at":"2026-01-01T00:00:00Z")")});
  hub.run();
  EXPECT_EQ(hub.lead_with("ada@example.com").lead.field(Field::city), "Paris");
}

TEST(Redrive, KeepsTheLeadWhoseAddressIsCorrected) {
  Hub hub;
  hub.append_form(R"("email":"aad@example.com")");
  hub.run();
  const auto id = hub.lead_with("aad@example.com").lead.id;
  hub.redrive(1, {form(R"("email":"ada@example.com")")});
  hub.run();
  EXPECT_EQ(hub.lead_with("ada@example.com").lead.id, id);
  EXPECT_THAT(hub.leads_with("aad@example.com"), SizeIs(0));
  EXPECT_EQ(hub.reader()->count(), 1);
}

TEST(Redrive, MovesTheEventToTheLeadThatItNamesNow) {
  Hub hub;
  hub.append_form(R"("email":"bob@example.com","city":"Rome")");
  hub.append_form(R"("email":"ada@example.com")", R"("consent":[{"purpose":"p","state":"granted"}])");
  hub.append_form(R"("email":"bob@example.com")");
  hub.run();
  hub.redrive(2, {form(R"("email":"bob@example.com")", R"("consent":[{"purpose":"q","state":"granted"}])")});
  hub.run();
  EXPECT_EQ(hub.reader()->count(), 1) << "nothing was left of the other lead";
  const auto bob = hub.lead_with("bob@example.com");
  EXPECT_THAT(bob.timeline, SizeIs(3));
  ASSERT_THAT(bob.consents, SizeIs(1));
  EXPECT_EQ(bob.consents[0].statement.purpose, "q");
  EXPECT_EQ(bob.lead.field(Field::city), "Rome");
}

TEST(Redrive, LeavesTheRestOfALeadWhoseEventMoves) {
  Hub hub;
  hub.append_form(R"("email":"ada@example.com","city":"London")");
  hub.append_form(R"("email":"ada@example.com","city":"Oslo","phone":"+442079460958")");
  hub.run();
  hub.redrive(2, {form(R"("email":"bob@example.com","city":"Oslo","phone":"+442079460958")")});
  hub.run();
  const auto ada = hub.lead_with("ada@example.com");
  EXPECT_EQ(ada.lead.field(Field::city), "London");
  EXPECT_EQ(ada.lead.primary(ContactKind::phone), nullptr);
  EXPECT_THAT(hub.lead_with("bob@example.com").timeline, SizeIs(1));
}

TEST(Redrive, ReplacesConsentAndAttachments) {
  Hub hub;
  const auto with = [](const std::string& purpose, const std::string& name) {
    return form(R"("email":"ada@example.com")", R"("consent":[{"purpose":")" + purpose +
                                                    R"(","state":"granted"}],"attachments":[{"name":")" +
                                                    name + R"(","content":"aGk="}])");
  };
  hub.append(entry({event(with("wrong", "wrong.txt"))}));
  hub.append_form(R"("email":"ada@example.com")", R"("consent":[{"purpose":"other","state":"granted"}])");
  hub.run();
  hub.redrive(1, {with("right", "right.txt")});
  hub.run();
  const auto ada = hub.lead_with("ada@example.com");
  std::vector<std::string> purposes;
  for (const auto& consent : ada.consents) purposes.push_back(consent.statement.purpose);
  EXPECT_THAT(purposes, testing::UnorderedElementsAre("other", "right"));
  ASSERT_THAT(ada.attachments, SizeIs(1));
  EXPECT_EQ(ada.attachments[0].name, "right.txt");
}

TEST(Redrive, LetsGoOfTheContentsThatNobodyHasAnyMore) {
  Hub hub;
  const auto with = [](const std::string& email, const std::vector<std::string>& contents) {
    std::string list;
    for (const auto& content : contents)
      list += (list.empty() ? "" : ",") + (R"({"name":"a","content":")" + content + R"("})");
    return form(R"("email":")" + email + R"(")", R"("attachments":[)" + list + "]");
  };
  const auto contents = [&] {
    const auto database = store::Database::open(hub.lead_file(), store::Access::read_only).value();
    std::vector<std::string> found(10);
    database->session() << "SELECT content FROM attachment_contents ORDER BY content", soci::into(found);
    return found;
  };
  hub.append(entry({event(with("ada@example.com", {"bWluZQ==", "b3Vycw==", "c2FtZQ=="}))}));
  hub.append(entry({event(with("bob@example.com", {"b3Vycw=="}))}));
  hub.run();
  ASSERT_THAT(contents(), SizeIs(3));
  hub.redrive(1, {with("ada@example.com", {"c2FtZQ==", "bmV3"})});
  hub.run();
  EXPECT_THAT(contents(), testing::ElementsAre("b3Vycw==", "bmV3", "c2FtZQ=="));
}

TEST(Redrive, MayBeDoneAgain) {
  Hub hub;
  hub.append_form(R"("email":"ada@example.com","city":"1")");
  hub.run();
  hub.redrive(1, {form(R"("email":"ada@example.com","city":"2")")});
  hub.redrive(1, {form(R"("email":"ada@example.com","city":"3")"),
                  form(R"("email":"ada@example.com","company":"c")")});
  hub.run();
  auto ada = hub.lead_with("ada@example.com");
  EXPECT_EQ(ada.lead.field(Field::city), "3");
  EXPECT_THAT(ada.timeline, SizeIs(2));
  hub.redrive(1, {form(R"("email":"ada@example.com","city":"4")")});
  hub.run();
  ada = hub.lead_with("ada@example.com");
  EXPECT_EQ(ada.lead.field(Field::city), "4");
  EXPECT_THAT(ada.timeline, SizeIs(1));
  EXPECT_EQ(ada.timeline[0].reference.seq, 4);
}

TEST(Redrive, GivesSeveralPeopleTheirOwnLeadsBack) {
  Hub hub;
  hub.append(
      entry({event(form(R"("email":"ada@example.com")")), event(form(R"("email":"bob@example.com")"))}));
  hub.run();
  const auto ada = hub.lead_with("ada@example.com").lead.id;
  const auto bob = hub.lead_with("bob@example.com").lead.id;
  hub.redrive(1, {form(R"("email":"carl@example.com")"), form(R"("email":"bob@example.com","city":"Rome")"),
                  form(R"("email":"ada@example.com","city":"London")")});
  hub.run();
  EXPECT_EQ(hub.lead_with("ada@example.com").lead.id, ada);
  EXPECT_EQ(hub.lead_with("bob@example.com").lead.id, bob);
  EXPECT_EQ(hub.lead_with("ada@example.com").lead.field(Field::city), "London");
  EXPECT_EQ(hub.reader()->count(), 3);
}

TEST(Redrive, DoesNotGiveALeadToANewcomerWhoComesFirst) {
  Hub hub;
  hub.append_form(R"("email":"ada@example.com")");
  hub.run();
  const auto ada = hub.lead_with("ada@example.com").lead.id;
  hub.redrive(1, {form(R"("email":"bob@example.com")"), form(R"("email":"ada@example.com")")});
  hub.run();
  EXPECT_EQ(hub.lead_with("ada@example.com").lead.id, ada);
  EXPECT_NE(hub.lead_with("bob@example.com").lead.id, ada);
}

TEST(Redrive, ThatCannotBeDoneIsSetAsideAndBlocksNobody) {
  Hub hub;
  hub.options.normalise.default_country = "DE";
  hub.append_form(R"("phone":"030 123456")");
  hub.append_form(R"("email":"ada@example.com","phone":"030 123456")");
  hub.run();
  hub.options.normalise.default_country = "";  // now the first line of the lead can no longer be read
  hub.open();
  const auto redrive = hub.redrive(2, {form(R"("email":"ada@example.com","city":"London")")});
  hub.append_form(R"("email":"bob@example.com")");
  hub.run();
  const auto quarantine = *hub.reader()->quarantine(0, 10);
  ASSERT_THAT(quarantine, SizeIs(1));
  EXPECT_EQ(quarantine[0].reference.seq, redrive);
  EXPECT_THAT(quarantine[0].reason, HasSubstr("can no longer be read"));
  EXPECT_THAT(hub.lead_with("ada@example.com").timeline, SizeIs(2)) << "as it was";
  EXPECT_THAT(hub.leads_with("bob@example.com"), SizeIs(1));
}

std::vector<std::int64_t> kept(Hub& hub) {
  std::vector<std::int64_t> seqs;
  const auto entries = test::value_or_throw(hub.inbox_reader()->list({}));
  for (const auto& entry : entries) seqs.push_back(entry.seq);
  return seqs;
}

TEST(Redrive, IsPossibleForWhatIsInQuarantineHoweverOldItIs) {
  Hub hub;
  hub.append_form(R"("email":"ada@example.com")");
  hub.append_form(R"("name":"Ada")");
  hub.append_form(R"("email":"bob@example.com")");
  hub.run();
  EXPECT_EQ(hub.purge(3), 2) << "the others are not held back";
  EXPECT_THAT(kept(hub), testing::ElementsAre(2));
  hub.redrive(2, {form(R"("name":"still nobody")")});
  hub.run();
  EXPECT_EQ(hub.purge(4), 0) << "its redrive is in quarantine, and it alone has the request";
  hub.redrive(2, {form(R"("email":"ada@example.com")")});
  EXPECT_EQ(hub.purge(4), 0) << "nobody knows yet what becomes of the redrive";
  hub.run();
  EXPECT_EQ(hub.purge(5), 1) << "mended";
  EXPECT_EQ(hub.purge(5), 2) << "redrives go after their original, to which they are counted until then";
  EXPECT_THAT(kept(hub), SizeIs(0));
}

TEST(Redrive, SurvivesAStartAtEachPoint) {
  Hub hub;
  hub.append_form(R"("email":"ada@example.com","city":"1")");
  hub.run();
  hub.redrive(1, {form(R"("email":"ada@example.com","city":"2")")});
  hub.open();
  ASSERT_EQ(hub.pipeline->step(), 1U);
  hub.redrive(1, {form(R"("email":"bob@example.com","city":"3")")});
  hub.open();
  ASSERT_EQ(hub.pipeline->step(), 1U);
  hub.open();
  EXPECT_EQ(hub.pipeline->step(), 0U);
  EXPECT_EQ(hub.lead_with("bob@example.com").lead.field(Field::city), "3");
  EXPECT_THAT(hub.leads_with("ada@example.com"), SizeIs(0));
}

}  // namespace
}  // namespace leadhub::pipeline
