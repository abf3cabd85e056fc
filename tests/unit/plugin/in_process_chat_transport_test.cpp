#include "plugin/in_process_chat_transport.hpp"

#include <gmock/gmock.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "ops/limits.hpp"
#include "plugin/plugin_host.hpp"
#include "plugin/test_plugins.hpp"

namespace leadhub::plugin {
namespace {

using deliver::Delivery;
using deliver::OutgoingChat;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

OutgoingChat reply(std::string text = "Good morning.\nHow can we help?") {
  return {"0198-reply", {"telegram", "7"}, std::move(text), from_milliseconds(1'767'614'400'123)};
}

class ChatPostman : public ::testing::Test {
 protected:
  static HostServices in_folder(HostServices services, const std::filesystem::path& folder) {
    services.folder = folder;
    return services;
  }

  const Registry registry_ = Registry::search(std::vector<std::filesystem::path>{TEST_PLUGINS});
  const test::TemporaryFolder folder_;
  test::TestServices test_;
  const HostServices services_ = in_folder(test_.services, folder_.path());
  PluginHost host_{registry_, services_};
  std::unique_ptr<deliver::ChatTransport> transport_ =
      *host_.make_chat_transport({"chat", "postman", R"({"password": "open-sesame"})"});
};

TEST_F(ChatPostman, HandsOverTheReplyAsADocument) {
  EXPECT_EQ(transport_->name(), "chat");
  const auto result = transport_->deliver(reply());
  EXPECT_EQ(result.outcome, Delivery::sent) << result.detail;
  EXPECT_EQ(test::read_file(folder_.path() / "mailbag.json"),
            "0198-reply\n60000\n0\n"
            R"({"type":"chat","version":1,"conversation":{"system":"telegram","id":"7"},)"
            R"("text":"Good morning.\nHow can we help?","date":"2026-01-05T12:00:00.123Z"})");
}

TEST_F(ChatPostman, OutcomesKeepTheirMeaning) {
  EXPECT_EQ(transport_->deliver(reply("rejected")).outcome, Delivery::rejected);
  EXPECT_EQ(transport_->deliver(reply("later")).outcome, Delivery::retry);
  EXPECT_EQ(transport_->deliver(reply("later")).retry_after, std::chrono::seconds{90});
  EXPECT_EQ(transport_->deliver(reply("unknown")).outcome, Delivery::unknown);
}

TEST_F(ChatPostman, RefusesWhatNoChatShouldGet) {
  auto no_text = reply("");
  EXPECT_THAT(chat_fault(no_text), HasSubstr("the text is empty"));
  EXPECT_EQ(transport_->deliver(no_text).outcome, Delivery::rejected);
  EXPECT_THAT(chat_fault(reply(std::string(limits::chat_text_bytes_max + 1, 'a'))),
              HasSubstr("at most 4096"));
  EXPECT_THAT(chat_fault(reply("a\rb")), HasSubstr("CR"));
  EXPECT_THAT(chat_fault(reply("\xff")), HasSubstr("no UTF-8"));
  auto split = reply();
  split.conversation.id = "7\n8";
  EXPECT_THAT(chat_fault(split), HasSubstr("control character"));
  split.conversation.id.clear();
  EXPECT_THAT(chat_fault(split), HasSubstr("empty"));
  EXPECT_THAT(chat_fault(reply(std::string(limits::chat_text_bytes_max, 'a'))), IsEmpty());
}

TEST_F(ChatPostman, IsNoneWhereTheChannelOnlyListens) {
  const auto listener = host_.make_chat_transport({"listener", "postman", R"({"password": "x"})"});
  ASSERT_TRUE(listener) << listener.error().message;
  EXPECT_EQ(*listener, nullptr);
  const auto without = host_.make_chat_transport({"website", "good", R"({"greeting": "Hello"})"});
  ASSERT_TRUE(without) << without.error().message;
  EXPECT_EQ(*without, nullptr);
}

TEST(ChatSchema, SaysWhatTheHostHandsOver) {
  std::ifstream file{LEADHUB_SOURCE_DIR "/sdk/chat.schema.json"};
  const auto schema = nlohmann::json::parse(file);
  const auto document = nlohmann::json::parse(to_document(reply()));
  std::set<std::string> required, given;
  for (const auto& name : schema.at("required")) required.insert(name.get<std::string>());
  for (const auto& [name, value] : document.items()) {
    given.insert(name);
    EXPECT_TRUE(schema.at("properties").contains(name)) << name;
  }
  EXPECT_EQ(given, required);
  const auto& properties = schema.at("properties");
  EXPECT_EQ(properties.at("type").at("const"), document.at("type"));
  EXPECT_EQ(properties.at("version").at("const"), document.at("version"));
  EXPECT_EQ(properties.at("text").at("maxLength").get<std::size_t>(), limits::chat_text_bytes_max);
  for (const auto* part : {"system", "id"})
    EXPECT_EQ(properties.at("conversation").at("properties").at(part).at("maxLength").get<std::size_t>(),
              limits::event_field_bytes_max);
}

}  // namespace
}  // namespace leadhub::plugin
