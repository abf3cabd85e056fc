#include <dlfcn.h>
#include <netdb.h>

#include <atomic>
#include <chrono>
#include <stdexcept>
#include <string_view>
#include <thread>

#include "smtp_fixture.hpp"

// What can happen to connections besides the relay's answers.
namespace {

std::atomic<bool> is_name_server_silent{false};

}  // namespace

/// libcurl's calls come here, because the program's symbols go before those of libraries.
extern "C" int getaddrinfo(const char* name, const char* service, const addrinfo* hints, addrinfo** found) {
  if (name != nullptr && std::string_view{name} == "hanging.example") {
    for (int i = 0; i < 400 && is_name_server_silent; ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds{10});
    return EAI_AGAIN;
  }
  using Function = int (*)(const char*, const char*, const addrinfo*, addrinfo**);
  static const auto real = reinterpret_cast<Function>(::dlsym(RTLD_NEXT, "getaddrinfo"));
  return real(name, service, hints, found);
}

namespace leadhub::email {
namespace {

using testing::Behaviour;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::mail_to;
using testing::mails_to;
using ::testing::Not;
using SmtpConnections = testing::Smtp;
using testing::states_of;

TEST_F(SmtpConnections, ANameThatIsLookedUpForeverHoldsNoCall) {
  is_name_server_silent = true;
  start({{"url", "smtp://hanging.example:25"}});
  const auto begun = std::chrono::steady_clock::now();
  EXPECT_EQ(deliver_one(400).state, LEADHUB_DELIVERY_UNTRIED);
  channel_.reset();
  EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds{2});
  is_name_server_silent = false;
}

TEST_F(SmtpConnections, WithAUserNothingLeavesWithoutALogin) {
  host_.set_secret("/password", "open sesame");
  start({{"user", "ada"}, {"password", {{"$secret", "/password"}}}});
  const auto outcomes = deliver(mails_to({"a@example.com", "b@example.com"}), 8'000,
                                [](std::size_t) { return ADD_FAILURE() << "claimed", true; });
  for (const auto& outcome : outcomes) expect_later(outcome, "offers no login", LEADHUB_RETRY_AUTH);
  EXPECT_THAT(sink_.lines(), Not(Contains(HasSubstr("MAIL"))));
  EXPECT_EQ(sink_.sessions(), 1);
}

TEST_F(SmtpConnections, ACallThatFailsLeavesNoMailToTheNext) {
  start({{"connections", 2}});
  Behaviour slow;
  slow.rules = {{"RCPT TO:<slow@", "<drip>250 2.1.5 slowly\r\n"}};
  sink_.set_behaviour(slow);
  const auto failed =
      deliver(mails_to({"slow@example.com", "b@example.com"}), 8'000, [](std::size_t index) -> bool {
        if (index == 1) throw std::runtime_error("the host has no memory left");
        return true;
      });
  EXPECT_THAT(states_of(failed), ElementsAre(LEADHUB_DELIVERY_UNKNOWN, LEADHUB_DELIVERY_UNTRIED));
  EXPECT_EQ(deliver({mail_to("c@example.com", 3)}).front().state, LEADHUB_DELIVERY_DONE);
  ASSERT_EQ(sink_.mails().size(), 1);
  EXPECT_EQ(sink_.mails()[0].recipient, "c@example.com");
}

}  // namespace
}  // namespace leadhub::email
