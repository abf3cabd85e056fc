#include "verify/verification_queue.hpp"

#include <gmock/gmock.h>

#include "pipeline/hub.hpp"
#include "support/smtp_server.hpp"
#include "support/wild_server.hpp"

namespace leadhub::verify {
namespace {

using namespace std::chrono_literals;
using lead::Verdict;
using testing::IsEmpty;
using testing::SizeIs;

/// shop.test has a mail host, null.test takes no mail, every host is on loopback.
std::string shop_and_null(std::string_view question, test::Transport) {
  test::Reply reply;
  const auto name = test::name_asked(question);
  const auto type = test::type_asked(question);
  constexpr int a = 1;
  constexpr int mx = 15;
  if (type == a) reply.answer.add(test::to_question, a, 600, std::string("\x7f\0\0\1", 4));
  if (type == mx && name.find("shop") != name.npos)
    reply.answer.add(test::to_question, mx, 600, std::string("\0\x0a\x02mx\x04shop\x04test\0", 16));
  if (type == mx && name.find("null") != name.npos)
    reply.answer.add(test::to_question, mx, 600, std::string("\0\0\0", 3));
  return reply.to(question);
}

std::string ada_only(const std::string& local_part) {
  if (local_part == "ada") return "250 2.1.5 ok";
  if (local_part == "grey") return "451 4.7.1 later";
  return "550 5.1.1 nobody";
}

class VerificationQueueTest : public testing::Test {
 protected:
  VerificationQueueTest() { hub.options.ask_dns = true; }

  void know(const std::string& email) {
    hub.append_form("\"email\":\"" + email + "\"");
    hub.run();
  }

  Result<std::size_t> step(MailboxProbe* probe) {
    VerificationQueue queue{{hub.reader(),
                             [this](const lead::Action& action) -> Result<bool> {
                               store::DraftEntry draft;
                               draft.kind = store::EntryKind::action;
                               draft.received_at = hub.clock.now();
                               draft.events = {test::event(lead::to_json(action))};
                               hub.append(std::move(draft));
                               hub.run();
                               return true;
                             }},
                            checker,
                            probe,
                            hub.clock};
    return queue.step();
  }

  lead::ContactPoint mailbox(const std::string& email) {
    return *hub.lead_with(email).lead.primary(lead::ContactKind::email);
  }
  std::vector<store::DueVerification> due() {
    return test::value_or_throw(hub.reader()->due_verifications(hub.clock.now(), 100));
  }

  test::Hub hub;
  test::WildServer dns{shop_and_null};
  std::unique_ptr<DnsResolver> resolver = test::value_or_throw(DnsResolver::start({{dns.address()}, 2s}));
  DomainChecker checker{*resolver, hub.clock};
};

TEST_F(VerificationQueueTest, BringsWhatDnsSaysToTheLeads) {
  know("ada@null.example.com");
  know("byron@shop.example.com");
  EXPECT_EQ(step(nullptr), 2U);
  EXPECT_EQ(mailbox("ada@null.example.com").verdict, Verdict::invalid);
  EXPECT_EQ(mailbox("ada@null.example.com").reason, "null_mx");
  EXPECT_EQ(mailbox("byron@shop.example.com").verdict, Verdict::valid);
  EXPECT_EQ(mailbox("byron@shop.example.com").reason, "mx");
  EXPECT_THAT(due(), IsEmpty());
  EXPECT_EQ(step(nullptr), 0U);
}

TEST_F(VerificationQueueTest, AsksTheMailServerWhereThatIsWished) {
  const test::SmtpServer server{test::polite(ada_only)};
  MailboxProbeSettings settings;
  settings.helo_name = "hub.leadhub.test";
  settings.port = server.port();
  settings.timeout = 5s;
  settings.domain_interval = 0s;
  settings.reachable = ReachableHosts::any;
  const auto probe = test::value_or_throw(MailboxProbe::start(settings, *resolver, hub.clock));
  for (const auto* email : {"ada@shop.example.com", "missing@shop.example.com", "grey@shop.example.com"}) {
    know(email);
    while (!due().empty()) {
      ASSERT_TRUE(step(probe.get()));
      if (std::string_view{email}.starts_with("grey")) break;
    }
  }
  EXPECT_EQ(mailbox("ada@shop.example.com").reason, "mailbox_accepted");
  EXPECT_EQ(mailbox("missing@shop.example.com").verdict, Verdict::invalid);
  EXPECT_EQ(mailbox("missing@shop.example.com").reason, "no_such_mailbox");
  EXPECT_EQ(mailbox("grey@shop.example.com").verdict, Verdict::valid) << "the domain's verdict stands";
  EXPECT_THAT(due(), IsEmpty());
  hub.clock.advance(6h);
  EXPECT_THAT(due(), SizeIs(1)) << "who was greylisted is asked again";
}

}  // namespace
}  // namespace leadhub::verify
