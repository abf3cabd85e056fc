#include "plugin/in_process_lead_transport.hpp"

#include <gmock/gmock.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "lead/lead_json.hpp"
#include "ops/limits.hpp"
#include "plugin/plugin_host.hpp"
#include "plugin/test_plugins.hpp"

namespace leadhub::plugin {
namespace {

using deliver::Delivery;
using ::testing::HasSubstr;

constexpr std::string_view message_id = "019b0b2e-0000-7000-8000-000000000001";

class LeadPostman : public ::testing::Test {
 protected:
  static HostServices in_folder(HostServices services, const std::filesystem::path& folder) {
    services.folder = folder;
    return services;
  }
  deliver::DeliveryResult deliver(const std::string& document) {
    return transport_->deliver(std::string{message_id}, document);
  }

  const Registry registry_ = Registry::search(std::vector<std::filesystem::path>{TEST_PLUGINS});
  const test::TemporaryFolder folder_;
  test::TestServices test_;
  const HostServices services_ = in_folder(test_.services, folder_.path());
  PluginHost host_{registry_, services_};
  std::unique_ptr<deliver::LeadTransport> transport_ =
      *host_.make_lead_transport({"crm", "postman", R"({"password": "open-sesame"})"});
};

TEST_F(LeadPostman, HandsOverTheDocumentAsItIs) {
  EXPECT_EQ(transport_->name(), "crm");
  const auto result = deliver(R"({"type":"lead","lead":{}})");
  EXPECT_EQ(result.outcome, Delivery::sent) << result.detail;
  EXPECT_EQ(test::read_file(folder_.path() / "mailbag.json"),
            std::string{message_id} + "\n60000\n0\n" + R"({"type":"lead","lead":{}})");
}

TEST_F(LeadPostman, OutcomesKeepTheirMeaning) {
  EXPECT_EQ(deliver("rejected").outcome, Delivery::rejected);
  EXPECT_EQ(deliver("later").outcome, Delivery::retry);
  EXPECT_EQ(deliver("later").retry_after, std::chrono::seconds{90});
  EXPECT_EQ(deliver("unknown").outcome, Delivery::unknown);
  const auto gone = deliver("nobody here");
  EXPECT_EQ(gone.outcome, Delivery::gone);
  EXPECT_THAT(gone.detail, HasSubstr("gone: this address takes nothing any more"));
}

TEST_F(LeadPostman, ForOneRecipientOfManyGoneIsRejected) {
  EXPECT_EQ(one_of_many({Delivery::gone, "gone", {}}).outcome, Delivery::rejected);
  EXPECT_EQ(one_of_many({Delivery::retry, "busy", {}}).outcome, Delivery::retry);
}

TEST_F(LeadPostman, RefusesWhatNoDestinationShouldGet) {
  const auto refused = [&](const std::string& key, const std::string& document) {
    const auto result = transport_->deliver(key, document);
    EXPECT_EQ(result.outcome, Delivery::rejected);
    return result.detail;
  };
  EXPECT_THAT(refused("", "{}"), HasSubstr("its id is empty"));
  EXPECT_THAT(refused("a\nb", "{}"), HasSubstr("its id"));
  EXPECT_THAT(refused("id", "\xff\xff"), HasSubstr("no UTF-8"));
  EXPECT_THAT(refused("id", std::string(limits::outbound_body_bytes_max + 1, ' ')), HasSubstr("at most"));
}

TEST_F(LeadPostman, IsAnErrorWhereTheChannelDoesNotDeliver) {
  const auto without = host_.make_lead_transport({"website", "good", R"({"greeting": "Hello"})"});
  ASSERT_FALSE(without);
  EXPECT_THAT(without.error().message, HasSubstr("leadhub.deliver/1"));
}

TEST(LeadDeliverySchema, DescribesTheLeadDocument) {
  std::ifstream file{LEADHUB_SOURCE_DIR "/sdk/lead-delivery.schema.json"};
  const auto lead = nlohmann::json::parse(file).at("properties").at("lead");
  lead::LeadRecord record;
  record.lead.id = "019b0b2e-0000-7000-8000-000000000002";
  const auto document = nlohmann::json(lead::lead_document(record, from_milliseconds(1'767'614'400'123)));
  for (const auto& name : lead.at("required"))
    EXPECT_TRUE(document.contains(name.get<std::string>())) << name;
  for (const auto& [name, about] : lead.at("properties").items()) {
    ASSERT_TRUE(document.contains(name)) << name;
    if (!about.contains("type")) continue;
    const std::string types = about.at("type").dump();
    const std::string type = document.at(name).is_number() ? "integer" : document.at(name).type_name();
    EXPECT_THAT(types, HasSubstr(type)) << name;
  }
}

}  // namespace
}  // namespace leadhub::plugin
