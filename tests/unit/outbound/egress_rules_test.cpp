#include "outbound/egress_rules.hpp"

#include <gtest/gtest.h>

#include <string>

namespace leadhub::outbound {
namespace {

EgressRules rules() {
  return {{"api.telegram.org", "*.api.mailchimp.com"},
          {{"http", "127.0.0.1", 9090}, {"https", "chat.example.com", 443}, {"http", "[::1]", 80}}};
}

TEST(EgressRules, LetAPluginAskTheHostsThatItNames) {
  for (const std::string url : {"https://api.telegram.org/bot1/sendMessage", "https://API.Telegram.ORG./x",
                                "https://api.telegram.org:443/", "https://us6.api.mailchimp.com/3.0/"})
    EXPECT_EQ(allow(rules(), url), Egress::public_only) << url;
}

TEST(EgressRules, RefuseEveryOtherHostPortAndScheme) {
  for (const std::string url : {"https://example.com/",
                                "http://api.telegram.org/",
                                "https://api.telegram.org:8443/",
                                "https://api.mailchimp.com/",
                                "https://evil-api.mailchimp.com/",
                                "https://api.telegram.org.evil.com/",
                                "https://evil.com/api.telegram.org",
                                "https://evil.com?https://api.telegram.org/",
                                "https://evil.com#@api.telegram.org/",
                                "https://api.telegram.org@evil.com/",
                                "https://evil.com@api.telegram.org/",
                                "ftp://api.telegram.org/",
                                "file:///etc/passwd",
                                "gopher://api.telegram.org/",
                                "https://127.0.0.1/",
                                "http://127.0.0.1/",
                                "http://127.0.0.1:9091/",
                                "https://127.0.0.1:9090/",
                                "nonsense",
                                ""})
    EXPECT_FALSE(allow(rules(), url)) << url;
}

TEST(EgressRules, TakeTheOperatorsWordForAnOrigin) {
  for (const std::string url : {"http://127.0.0.1:9090/x", "https://chat.example.com/api", "http://[::1]/"})
    EXPECT_EQ(allow(rules(), url), Egress::anywhere) << url;
}

TEST(EgressRules, ReadOddlyWrittenAddressesAsTheClientDoes) {
  // What libcurl makes of it is what is asked, so it is what is judged.
  EXPECT_EQ(allow(rules(), "http://0x7f.1:9090/"), Egress::anywhere);
  EXPECT_FALSE(allow(rules(), "https://2130706433/"));
}

TEST(EgressRules, SayWhatToAddToTheConfiguration) {
  const auto refused = allow(rules(), "https://hooks.example.com:8443/secret-path?token=1");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message,
            "the channel may not send requests to https://hooks.example.com:8443; to allow it, add this "
            "origin to plugins.egress in hub.yaml");
}

}  // namespace
}  // namespace leadhub::outbound
