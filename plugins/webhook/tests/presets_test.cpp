// The presets against fakes of the services that they are for, over real sockets.
#include "preset.hpp"

#include <gmock/gmock.h>
#include <leadhub/sdk/channel.hpp>

#include <memory>

#include "fake_crms.hpp"

namespace leadhub::webhook {
namespace {

using namespace testing;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

struct Crm {
  std::string preset;
  std::unique_ptr<FakeService> (*make)();
  std::string field,
      attribute_field;  ///< where it keeps a lead's last name or name, and a field of one's own
  std::string name;
  bool wants_email;
  Json refused_fields;        ///< a configuration that makes it refuse a lead
  std::string refused_words;  ///< what it says then
};

template <class Fake>
std::unique_ptr<FakeService> make() {
  return std::make_unique<Fake>();
}

const Crm crms[] = {
    {"hubspot",
     &make<FakeHubSpot>,
     "lastname",
     "company_size",
     "Lovelace",
     true,
     {{"no_such_field", "{{email}}"}},
     "\"no_such_field\" does not exist"},
    {"salesforce",
     &make<FakeSalesforce>,
     "LastName",
     "Size__c",
     "Lovelace",
     false,
     {{"NoSuch__c", "{{email}}"}},
     "INVALID_FIELD: No such column"},
    {"pipedrive",
     &make<FakePipedrive>,
     "name",
     "custom_fields.abc123",
     "Ada Lovelace",
     true,
     {{"no_such_field", "{{email}}"}},
     "\"no_such_field\" is not allowed"},
    {"espocrm",
     &make<FakeEspoCrm>,
     "lastName",
     "cSize",
     "Lovelace",
     true,
     {{"lastName", ""}},
     "validationFailure"},
};

class EveryCrm : public ::testing::TestWithParam<Crm> {
 protected:
  EveryCrm() { connect(host_); }

  [[nodiscard]] Json config(const Json& more) const {
    Json config{{"preset", GetParam().preset}, {"token", crm_token}, {"url", service_->url()}};
    config.update(more);
    return config;
  }
  DeliveryOutcome deliver(const Json& lead = ada(), const Json& more = Json::object()) {
    Channel channel{host_, config(more)};
    return channel.deliver(lead);
  }
  [[nodiscard]] Json only_record() const {
    EXPECT_EQ(service_->records.size(), 1U);
    return service_->records.empty() ? Json() : service_->records.begin()->second;
  }

  FakeHost host_;
  std::unique_ptr<FakeService> service_ = GetParam().make();
};

INSTANTIATE_TEST_SUITE_P(Crms, EveryCrm, ::testing::ValuesIn(crms),
                         [](const auto& about) { return about.param.preset; });

TEST_P(EveryCrm, MakesARecord) {
  const auto outcome = deliver();
  EXPECT_EQ(outcome.state, LEADHUB_DELIVERY_DONE) << outcome.message;
  EXPECT_NE(outcome.provider_id, "");
  EXPECT_EQ(only_record().at(GetParam().field), GetParam().name);
  EXPECT_THAT(only_record().dump(), AllOf(HasSubstr("ada.lovelace@example.com"), HasSubstr("+442079460958")));
  EXPECT_THAT(only_record().dump(), Not(HasSubstr("null")));
}

TEST_P(EveryCrm, BringsTheSameRecordUpToDate) {
  const auto first = deliver();
  Json later = ada();
  later["last_name"] = "King";
  later["name"] = "Ada King";
  const auto second = deliver(later);
  EXPECT_EQ(second.state, LEADHUB_DELIVERY_DONE) << second.message;
  EXPECT_EQ(second.provider_id, first.provider_id);
  EXPECT_THAT(only_record().at(GetParam().field).get<std::string>(), HasSubstr("King"));
}

TEST_P(EveryCrm, TakesFieldsOfOnesOwn) {
  const auto outcome =
      deliver(ada(), {{"fields", {{GetParam().attribute_field, "{{attributes.company_size}}"}}}});
  EXPECT_EQ(outcome.state, LEADHUB_DELIVERY_DONE) << outcome.message;
  EXPECT_THAT(only_record().dump(), HasSubstr("250"));
}

TEST_P(EveryCrm, TakesALeadOfWhomLittleIsKnown) {
  Json little = ada();
  for (const char* key : {"phone", "name", "first_name", "last_name", "company", "country", "city"})
    little[key] = nullptr;
  const auto outcome = deliver(little);
  EXPECT_EQ(outcome.state, LEADHUB_DELIVERY_DONE) << outcome.message;
  EXPECT_THAT(only_record().dump(), AllOf(Not(HasSubstr("null")), Not(HasSubstr("phone"))));
}

TEST_P(EveryCrm, RefusesWhomItCouldNotFindAgain) {
  Json nobody = ada();
  nobody["email"] = nullptr;
  const auto outcome = deliver(nobody);
  if (!GetParam().wants_email) {
    EXPECT_EQ(outcome.state, LEADHUB_DELIVERY_DONE) << outcome.message;
    return;
  }
  EXPECT_EQ(outcome.retry_class, LEADHUB_RETRY_PERMANENT);
  EXPECT_THAT(outcome.message, HasSubstr("has no e-mail address"));
  EXPECT_EQ(service_->requests, 0);
}

TEST_P(EveryCrm, WaitsForABetterToken) {
  const auto outcome = deliver(ada(), {{"token", "wrong"}});
  EXPECT_EQ(outcome.state, LEADHUB_DELIVERY_FAILED);
  EXPECT_EQ(outcome.retry_class, LEADHUB_RETRY_AUTH);
  EXPECT_THAT(outcome.message, AllOf(HasSubstr("401"), Not(HasSubstr("wrong"))));
  EXPECT_TRUE(service_->records.empty());
}

TEST_P(EveryCrm, WaitsWhereItIsTooMuch) {
  service_->mood = Mood::limited;
  const auto outcome = deliver();
  EXPECT_EQ(outcome.retry_class, LEADHUB_RETRY_RATE_LIMITED);
  EXPECT_EQ(outcome.retry_after_ms, 7'000);
  service_->mood = Mood::broken;
  EXPECT_EQ(deliver().retry_class, LEADHUB_RETRY_TRANSIENT);
}

TEST_P(EveryCrm, TriesAgainWhereTheAnswerIsNonsense) {
  for (const Mood mood : {Mood::page, Mood::odd}) {
    service_->mood = mood;
    const auto outcome = deliver();
    EXPECT_EQ(outcome.state, LEADHUB_DELIVERY_FAILED);
    EXPECT_EQ(outcome.retry_class, LEADHUB_RETRY_TRANSIENT);
    EXPECT_THAT(outcome.message, HasSubstr("something else than its API does"));
  }
}

TEST_P(EveryCrm, TriesAgainWhereNobodyAnswers) {
  service_->stop();
  EXPECT_EQ(deliver().retry_class, LEADHUB_RETRY_TRANSIENT);
}

TEST_P(EveryCrm, SaysForGoodWhatItRefusesWithoutPersonalData) {
  const auto outcome = deliver(ada(), {{"fields", GetParam().refused_fields}});
  EXPECT_EQ(outcome.retry_class, LEADHUB_RETRY_PERMANENT);
  EXPECT_THAT(outcome.message,
              AllOf(HasSubstr("answered 400"), HasSubstr(GetParam().refused_words), Not(HasSubstr("ada."))));
}

// --- What is particular to one of them

TEST(HubSpot, WordsAboutAnAddressDoNotNameIt) {
  FakeHubSpot service;
  FakeHost host;
  connect(host);
  Channel channel{host, {{"preset", "hubspot"}, {"token", crm_token}, {"url", service.url()}}};
  Json lead = ada();
  lead["email"] = "no-address-at-all";
  const auto outcome = channel.deliver(lead);
  EXPECT_EQ(outcome.retry_class, LEADHUB_RETRY_PERMANENT);
  EXPECT_THAT(outcome.message, HasSubstr("VALIDATION_ERROR: Email address *** is invalid"));
}

TEST(HubSpot, GoesToItsOwnAddressUnlessToldOtherwise) {
  FakeHost host;
  Channel channel{host, {{"preset", "hubspot"}, {"token", crm_token}}};
  EXPECT_EQ(channel.deliver().state, LEADHUB_DELIVERY_FAILED);
  EXPECT_EQ(host.sent_requests().front().url, "https://api.hubapi.com/crm/v3/objects/contacts/batch/upsert");
}

TEST(HubSpot, AnEmptiedFieldIsLeftOut) {
  FakeHubSpot service;
  FakeHost host;
  connect(host);
  Channel channel{
      host,
      {{"preset", "hubspot"}, {"token", crm_token}, {"url", service.url()}, {"fields", {{"lastname", ""}}}}};
  EXPECT_EQ(channel.deliver().state, LEADHUB_DELIVERY_DONE);
  EXPECT_FALSE(service.records.begin()->second.contains("lastname"));
  EXPECT_TRUE(service.records.begin()->second.contains("firstname"));
}

TEST(HubSpot, APartialFailureIsOne) {
  FakeHost host;
  host.set_service([](const SentRequest&) -> ServiceAnswer {
    return {207,
            {},
            R"({"status":"COMPLETE","results":[],"numErrors":1,
      "errors":[{"status":"error","category":"OBJECT_NOT_FOUND","message":"Could not upsert"}]})",
            0};
  });
  Channel channel{host, {{"preset", "hubspot"}, {"token", crm_token}}};
  const auto outcome = channel.deliver();
  EXPECT_EQ(outcome.retry_class, LEADHUB_RETRY_PERMANENT);
  EXPECT_THAT(outcome.message, HasSubstr("OBJECT_NOT_FOUND: Could not upsert"));
}

TEST(Salesforce, AnUpdateMayBeAnsweredWithNothing) {
  FakeSalesforce service;
  service.answers_empty_on_update = true;
  FakeHost host;
  connect(host);
  Channel channel{host, {{"preset", "salesforce"}, {"token", crm_token}, {"url", service.url() + "/"}}};
  EXPECT_EQ(channel.deliver().state, LEADHUB_DELIVERY_DONE);
  EXPECT_EQ(channel.deliver().state, LEADHUB_DELIVERY_DONE);
  EXPECT_EQ(service.records.size(), 1U);
  EXPECT_EQ(service.records.begin()->first, ada().at("id").get<std::string>());
}

TEST(Salesforce, SaysThatTheFieldIsMissing) {
  FakeSalesforce service;
  FakeHost host;
  connect(host);
  Channel channel{
      host,
      {{"preset", "salesforce"}, {"token", crm_token}, {"url", service.url()}, {"external_id", "Other__c"}}};
  const auto outcome = channel.deliver();
  EXPECT_EQ(outcome.retry_class, LEADHUB_RETRY_PERMANENT);
  EXPECT_THAT(outcome.message, HasSubstr("NOT_FOUND"));
}

TEST(Pipedrive, AnUpdateKeepsTheNumbersThatSomebodyAdded) {
  FakePipedrive service;
  FakeHost host;
  connect(host);
  Channel channel{host, {{"preset", "pipedrive"}, {"token", crm_token}, {"url", service.url()}}};
  EXPECT_EQ(channel.deliver().state, LEADHUB_DELIVERY_DONE);
  service.records.begin()->second["phones"].push_back({{"value", "+441632960000"}});
  EXPECT_EQ(channel.deliver().state, LEADHUB_DELIVERY_DONE);
  EXPECT_EQ(service.records.begin()->second["phones"].size(), 2U);
}

TEST(Pipedrive, ARecordThatGoesBetweenFindingAndWritingIsTriedAgain) {
  FakeHost host;
  host.set_service([](const SentRequest& sent) -> ServiceAnswer {
    if (sent.method == "GET") return {200, {}, R"({"data":{"items":[{"item":{"id":12}}]}})", 0};
    return {404, {}, "{}", 0};
  });
  Channel channel{host, {{"preset", "pipedrive"}, {"token", crm_token}}};
  EXPECT_EQ(channel.deliver().retry_class, LEADHUB_RETRY_TRANSIENT);
  EXPECT_EQ(host.sent_requests().back().url, "https://api.pipedrive.com/api/v2/persons/12");
}

TEST(Pipedrive, ASearchThatIsRefusedSaysNothingOfTheLead) {
  FakeHost host;
  host.set_service([](const SentRequest&) -> ServiceAnswer { return {404, {}, "{}", 0}; });
  Channel channel{host, {{"preset", "pipedrive"}, {"token", crm_token}}};
  EXPECT_EQ(channel.deliver().retry_class, LEADHUB_RETRY_TRANSIENT);
}

TEST(Pipedrive, AnIdThatCouldLeadElsewhereIsNone) {
  for (const char* id : {R"("../../users")", R"("")", "1.5", "null", R"({"a":1})", R"("1?x=2")"}) {
    FakeHost host;
    host.set_service([id](const SentRequest&) -> ServiceAnswer {
      return {200, {}, R"({"data":{"items":[{"item":{"id":)" + std::string(id) + "}}]}}", 0};
    });
    Channel channel{host, {{"preset", "pipedrive"}, {"token", crm_token}}};
    EXPECT_EQ(channel.deliver().retry_class, LEADHUB_RETRY_TRANSIENT) << id;
    EXPECT_EQ(host.sent_requests().size(), 1U) << id;
  }
}

TEST(EspoCrm, TakesNamesakesAndTheOldestOfTwins) {
  FakeEspoCrm service;
  FakeHost host;
  connect(host);
  Channel channel{host, {{"preset", "espocrm"}, {"token", crm_token}, {"url", service.url()}}};
  Json other = ada();
  other["email"] = "namesake+1@example.com";
  EXPECT_EQ(channel.deliver().state, LEADHUB_DELIVERY_DONE);
  EXPECT_EQ(channel.deliver(other).state, LEADHUB_DELIVERY_DONE);
  EXPECT_EQ(channel.deliver(other).state, LEADHUB_DELIVERY_DONE);
  EXPECT_EQ(service.records.size(), 2U);
  service.records["twin"] = {{"emailAddress", "ada.lovelace@example.com"}};
  EXPECT_EQ(channel.deliver().state, LEADHUB_DELIVERY_DONE);
  EXPECT_EQ(service.records.size(), 3U);
}

TEST(Presets, MayBeRepeatedWhereNobodyKnows) {
  for (const char* preset : {"hubspot", "salesforce", "pipedrive", "espocrm"}) {
    FakeHost host;
    host.set_service([](const SentRequest& sent) -> ServiceAnswer {
      if (sent.method == "GET") return {200, {}, R"({"data":{"items":[]},"list":[]})", 0};
      return {0, {}, {}, LEADHUB_ERROR_TIMEOUT};
    });
    Channel channel{host, {{"preset", preset}, {"token", crm_token}, {"url", "https://my.example.com"}}};
    EXPECT_EQ(channel.deliver().retry_class, LEADHUB_RETRY_TRANSIENT) << preset;
  }
}

TEST(Presets, ThatCannotBeReadSayWhy) {
  for (const char* yaml : {"", "[", "service: X", "service: X\nsend: {method: GET}\nfind: {method: GET}\n"})
    EXPECT_THROW(static_cast<void>(read_preset("broken", yaml)), sdk::ChannelError) << yaml;
  EXPECT_EQ(find_preset("fax"), nullptr);
}

}  // namespace
}  // namespace leadhub::webhook
