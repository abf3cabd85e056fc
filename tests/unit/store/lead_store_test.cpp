#include "store/lead_store.hpp"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "ops/crypto.hpp"
#include "store/lead_reader.hpp"
#include "support/drafts.hpp"
#include "support/temporary_folder.hpp"

namespace leadhub::store {
namespace {

using lead::ContactKind;
using test::start_time;
using testing::ElementsAre;

class Leads : public testing::Test {
 protected:
  void SetUp() override {
    store = LeadStore::open(folder / "leadhub.db", "main", clock).value();
    reader = LeadReader::open(folder / "leadhub.db", store->workspace()).value();
  }

  static lead::Lead lead_called(const std::string& id, const std::string& email, std::int64_t seq = 1) {
    lead::Lead lead;
    lead.id = id;
    lead.created_at = lead.updated_at = start_time;
    lead.stage_entered[0] = start_time;
    lead.contact_points.push_back(
        {ContactKind::email, email, email, lead::Verdict::unknown, std::nullopt, {seq, 0}, start_time});
    return lead;
  }

  void save(LeadChanges changes) {
    changes.cursor = {"log", ++cursor};
    const auto saved = store->save(changes);
    ASSERT_TRUE(saved) << saved.error().message;
  }

  test::TemporaryFolder folder;
  ManualClock clock{start_time};
  std::unique_ptr<LeadStore> store;
  std::unique_ptr<LeadReader> reader;
  std::int64_t cursor = 0;
};

TEST_F(Leads, GiveBackAllThatWasSaved) {
  auto lead = lead_called("id-1", "ada@example.com");
  lead.stage = lead::Stage::developing;
  lead.stage_entered[2] = start_time + std::chrono::hours{1};
  lead.warm_until = start_time + std::chrono::hours{2};
  for (std::size_t i = 0; i < lead.fields.size(); ++i)
    lead.fields[i] = {"it's \"" + std::string{lead::field_names[i]} + "\"", {1, 0}, start_time};
  lead.attributes = {{"n", {std::int64_t{7}, {1, 0}, start_time}}};
  lead.tags = {"vip"};
  lead.first_touch = lead.last_touch = lead::Touch{{{"utm_source", "s"}}, "website", start_time};
  lead.contact_points.push_back(
      {ContactKind::phone, "+442079460958", "020", lead::Verdict::valid, start_time, {1, 0}, start_time});
  LeadChanges changes;
  changes.leads = {&lead};
  changes.timeline = {{"id-1",
                       {{1, 0},
                        "website",
                        "k",
                        "form.submitted",
                        start_time,
                        start_time,
                        lead::SignalTrust::human,
                        R"({"type":"form.submitted"})"}}};
  changes.consents = {{"id-1",
                       {{1, 0},
                        0,
                        {"p", "sms", lead::ConsentState::withdrawn, "text", "u", "i", "a"},
                        "h",
                        start_time,
                        start_time}}};
  changes.attachments = {{"id-1",
                          {{ops::sha256_hex("hello"), "cv", "cv.txt", "text/plain", 5, {1, 0}},
                           0,
                           ops::base64_encode("hello")}}};
  save(changes);

  const auto record = reader->get("id-1");
  ASSERT_TRUE(record) << record.error().message;
  lead::LeadRecord expected{
      lead, {changes.timeline[0].row}, {changes.consents[0].row}, {changes.attachments[0].row.attachment}};
  EXPECT_EQ(lead::lead_document(*record, start_time).dump(2),
            lead::lead_document(expected, start_time).dump(2));
  EXPECT_EQ(record->consents[0].recorded_at, start_time);
  EXPECT_THAT(*reader->find({ContactKind::phone, "+442079460958"}), ElementsAre("id-1"));
  EXPECT_EQ(reader->attachment("id-1", ops::sha256_hex("hello")),
            (std::pair<std::string, std::string>{"hello", "text/plain"}));
  EXPECT_EQ(reader->attachment("id-2", ops::sha256_hex("hello")).error().code, ErrorCode::not_found);
  EXPECT_EQ(reader->get("id-2").error().code, ErrorCode::not_found);
  EXPECT_EQ(reader->cursor()->seq, 1);
  EXPECT_EQ(store->cursor()->log_id, "log");
  const auto loaded = store->load(std::vector<std::string>{"id-1"});
  ASSERT_EQ(loaded->size(), 1U);
  EXPECT_EQ(lead::lead_summary(loaded->front(), start_time).dump(),
            lead::lead_summary(lead, start_time).dump());
}

TEST_F(Leads, AreFoundByManyContactsAtOnceEachOnce) {
  std::vector<lead::Lead> leads;
  for (int i = 0; i < 300; ++i)
    leads.push_back(lead_called("id-" + std::to_string(i), "e" + std::to_string(i)));
  leads[7].contact_points.push_back(
      {ContactKind::phone, "e8", "", lead::Verdict::unknown, std::nullopt, {1, 0}, start_time});
  LeadChanges changes;
  for (const auto& lead : leads) changes.leads.push_back(&lead);
  save(changes);
  std::vector<ContactKey> keys{
      {ContactKind::phone, "e8"}, {ContactKind::phone, "e9"}, {ContactKind::external, "e1"}};
  for (int i = 0; i < 200; ++i) keys.push_back({ContactKind::email, "e" + std::to_string(i)});
  const auto found = store->find_by_contacts(keys);
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(found->size(), 200U);
  for (const auto& lead : *found) EXPECT_EQ(lead.contact_points.size(), lead.id == "id-7" ? 2U : 1U);
  EXPECT_EQ(store->find_by_contacts({})->size(), 0U);
  EXPECT_EQ(reader->count(), 300);
}

TEST_F(Leads, AreListedNewestFirstByFilter) {
  auto cold = lead_called("id-1", "a");
  auto hot = lead_called("id-2", "b");
  hot.hot_until = start_time + std::chrono::hours{1};
  hot.warm_until = start_time + std::chrono::hours{9};
  auto warm = lead_called("id-3", "c");
  warm.warm_until = start_time + std::chrono::hours{1};
  warm.stage = lead::Stage::customer;
  LeadChanges changes;
  changes.leads = {&cold, &hot, &warm};
  save(changes);
  const auto ids = [&](const LeadFilter& filter, TimePoint now = start_time) {
    std::vector<std::string> out;
    const auto leads = reader->list(filter, now).value();
    for (const auto& lead : leads) {
      out.push_back(lead.id);
      if (filter.temperature) {
        EXPECT_EQ(lead.temperature_at(now), *filter.temperature);
      }
    }
    return out;
  };
  EXPECT_THAT(ids({}), ElementsAre("id-3", "id-2", "id-1"));
  EXPECT_THAT(ids({.before = "id-3", .limit = 1}), ElementsAre("id-2"));
  EXPECT_THAT(ids({.stage = lead::Stage::customer}), ElementsAre("id-3"));
  EXPECT_THAT(ids({.temperature = lead::Temperature::hot}), ElementsAre("id-2"));
  EXPECT_THAT(ids({.temperature = lead::Temperature::warm}), ElementsAre("id-3"));
  EXPECT_THAT(ids({.temperature = lead::Temperature::cold}), ElementsAre("id-1"));
  EXPECT_THAT(ids({.temperature = lead::Temperature::warm}, start_time + std::chrono::hours{1}),
              ElementsAre("id-2"));
  EXPECT_THAT(ids({.stage = lead::Stage::captured, .temperature = lead::Temperature::cold, .before = "id-2"}),
              ElementsAre("id-1"));
}

TEST_F(Leads, SaveAllOrNothing) {
  const auto lead = lead_called("id-1", "a");
  LeadChanges changes;
  changes.leads = {&lead};
  const lead::TimelineEntry line{{1, 0}, "c", "k", "t", start_time, start_time, lead::SignalTrust::unknown,
                                 "{}"};
  changes.timeline = {{"id-1", line}, {"id-1", line}};  // twice the same key
  changes.cursor = {"log", 1};
  const auto saved = store->save(changes);
  ASSERT_FALSE(saved);
  EXPECT_EQ(saved.error().code, ErrorCode::conflict);
  EXPECT_EQ(reader->count(), 0);
  EXPECT_EQ(reader->cursor()->log_id, "");
  changes.timeline.pop_back();
  save(changes);
  EXPECT_EQ(reader->count(), 1) << "nothing of the failed save is left over";
}

TEST_F(Leads, ShowWhereEventsWent) {
  const auto lead = lead_called("id-1", "a");
  LeadChanges changes;
  changes.leads = {&lead};
  changes.timeline = {
      {"id-1", {{1, 0}, "c", "k", "t", start_time, start_time, lead::SignalTrust::unknown, "{}"}}};
  changes.quarantine = {{{1, 1}, "names nobody", start_time}, {{2, 0}, "other", start_time}};
  save(changes);
  const auto fates = reader->fates(1, 1);
  ASSERT_EQ(fates->size(), 2U);
  EXPECT_EQ((*fates)[0].lead_id, "id-1");
  EXPECT_EQ((*fates)[1].reason, "names nobody");
  EXPECT_EQ(reader->quarantine(0, 50)->size(), 2U);
  EXPECT_EQ(reader->quarantine(1, 50)->size(), 1U);
}

}  // namespace
}  // namespace leadhub::store
