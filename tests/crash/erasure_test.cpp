// The hub is killed beside every commit that an erasure makes: either it did not happen, or nothing of the
// person is left once the hub has been started again.
#include <gtest/gtest.h>

#include <csignal>
#include <iostream>
#include <nlohmann/json.hpp>
#include <thread>

#include "crash/http_connection.hpp"
#include "crash/hub_process.hpp"
#include "crash/ledger.hpp"

namespace leadhub::crash {
namespace {

constexpr std::size_t erased = 4711;
constexpr std::size_t other = 4712;

class KilledErasure : public testing::TestWithParam<const char*> {
 protected:
  static void fill(const HubFolder& folder) {
    HubProcess hub{folder};
    ASSERT_TRUE(hub.wait_until_ready()) << folder.log();
    HttpConnection connection{hub.edge_port()};
    for (const auto number : {erased, other}) ASSERT_TRUE(post(connection, number)->is_success());
    ASSERT_TRUE(hub.wait_until_caught_up());
    hub.signal(SIGTERM);
    ASSERT_EQ(hub.wait(10s), 0);
  }

  static std::optional<HttpAnswer> erase(const HubProcess& hub) {
    HttpConnection connection{hub.control_port()};
    connection.send("POST /api/v1/leads/" + email_of(erased) +
                    "/erase HTTP/1.1\r\nhost: localhost\r\ncontent-length: 0\r\nauthorization: Bearer " +
                    std::string{control_token} + "\r\n\r\n");
    return connection.read_answer();
  }

  static bool is_in(const std::string& text) { return text.find(email_of(erased)) != std::string::npos; }

  /// The hub started once more, in peace; whether the person is still there.
  static bool survives(const HubFolder& folder) {
    HubProcess hub{folder};
    EXPECT_TRUE(hub.wait_until_ready()) << folder.log();
    EXPECT_TRUE(hub.wait_until_caught_up());
    EXPECT_FALSE(hub.document("/api/v1/leads/" + email_of(other)).is_null());
    const auto lead = hub.document("/api/v1/leads/" + email_of(erased));
    const bool is_there = lead.contains("id");
    if (!is_there)
      for (int i = 0; i < 200 && is_in(hub.document("/api/v1/inbox/1").dump()); ++i)
        std::this_thread::sleep_for(50ms);
    hub.signal(SIGTERM);
    EXPECT_EQ(hub.wait(10s), 0);
    return is_there;
  }
};

TEST_P(KilledErasure, HappensWhollyOrNotAtAll) {
  int deaths = 0;
  for (int passage = 1; passage < 40; ++passage) {
    const HubFolder folder;
    fill(folder);
    std::optional<HttpAnswer> answer;
    bool is_alive = false;
    {
      HubProcess hub{folder,
                     {"LEADHUB_FAILPOINT=" + std::string{GetParam()} + ":" + std::to_string(passage)}};
      if (!hub.wait_until_ready()) continue;  // one of the commits of a start
      answer = erase(hub);
      is_alive = !hub.wait(300ms);
      hub.signal(SIGKILL);
      static_cast<void>(hub.wait(10s));
    }
    const bool is_promised = answer && answer->is_success();
    const bool is_there = survives(folder);
    EXPECT_FALSE(is_promised && is_there) << GetParam() << ':' << passage;
    if (!is_there) {
      EXPECT_FALSE(is_in(content_of(folder.leads()))) << GetParam() << ':' << passage;
      EXPECT_FALSE(is_in(content_of(folder.inbox()))) << GetParam() << ':' << passage;
    }
    if (is_alive) break;
    ++deaths;
  }
  EXPECT_GT(deaths, 0) << "no commit of an erasure passed there";
  std::cout << deaths << " deaths at " << GetParam() << '\n';
}

INSTANTIATE_TEST_SUITE_P(BesideEachCommit, KilledErasure,
                         testing::Values("leadhub-inbox.before_commit", "leadhub-inbox.after_commit",
                                         "leadhub.before_commit", "leadhub.after_commit"));

}  // namespace
}  // namespace leadhub::crash
