#include "settings.hpp"

#include <gmock/gmock.h>

#include "support.hpp"

namespace leadhub::email {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::Json;

std::vector<std::string> pointers(const Json& config) {
  std::vector<std::string> found;
  for (const auto& problem : read_settings(config.dump()).problems) found.push_back(problem.pointer);
  return found;
}

TEST(Settings, ReadsTheExample) {
  const auto reading = read_settings(R"({"transport": "maildir", "directory": "/srv/data/mail",
    "from": "Ada at Analytical Engines <ada@analytical-engines.example>",
    "reply_to": "hello@analytical-engines.example", "postal_address": "12 St James's Square, London",
    "rate": {"per_second": 50, "per_domain": {"gmail.com": 10}}})");
  EXPECT_THAT(reading.problems, IsEmpty());
  EXPECT_EQ(reading.settings.transport, TransportKind::maildir);
  EXPECT_EQ(reading.settings.directory, "/srv/data/mail");
  EXPECT_EQ(reading.settings.sender.from.name, "Ada at Analytical Engines");
  EXPECT_EQ(reading.settings.sender.from.address, "ada@analytical-engines.example");
  ASSERT_TRUE(reading.settings.sender.reply_to);
  EXPECT_EQ(reading.settings.sender.reply_to->address, "hello@analytical-engines.example");
}

TEST(Settings, AddressesAreOneEach) {
  const Json good{{"transport", "maildir"}, {"directory", "/m"}, {"from", "ada@example.com"}};
  EXPECT_THAT(pointers(good), IsEmpty());
  for (const auto* bad :
       {"Ada", "ada@example.com, eve@example.com", "ada@example.com\nBcc: eve@example.com"}) {
    auto config = good;
    config["from"] = bad;
    config["reply_to"] = bad;
    EXPECT_THAT(pointers(config), ElementsAre("/from", "/reply_to")) << bad;
  }
  EXPECT_THAT(pointers({{"transport", "maildir"}, {"directory", "m"}, {"from", "a@b"}}),
              ElementsAre("/directory"));
  EXPECT_THAT(pointers("no object"), ElementsAre(""));
}

TEST(Settings, OtherTransportsAreAnnounced) {
  for (const auto* name : {"smtp", "sendgrid", "mailgun", "postmark", "ses", "brevo"}) {
    const auto reading = read_settings(Json{{"transport", name}, {"from", "ada@example.com"}}.dump());
    EXPECT_THAT(reading.problems, IsEmpty());
    EXPECT_EQ(reading.settings.transport, TransportKind::announced);
  }
}

}  // namespace
}  // namespace leadhub::email
