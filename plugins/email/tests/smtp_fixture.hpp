#pragma once

#include <gmock/gmock.h>
#include <leadhub/sdk/testing/channel_driver.hpp>

#include <csignal>
#include <optional>

#include "smtp_sink.hpp"
#include "support.hpp"

namespace leadhub::email::testing {

using sdk::testing::ChannelDriver;
using sdk::testing::DeliveryOutcome;
using sdk::testing::FakeHost;

inline Mail mail_to(const std::string& to, int number = 0) {
  auto mail = a_mail();
  mail.to = to;
  mail.message_id = std::to_string(number) + "@engines.example";
  return mail;
}

inline std::vector<Mail> mails_to(const std::vector<std::string>& recipients) {
  std::vector<Mail> mails;
  mails.reserve(recipients.size());
  for (const auto& to : recipients) mails.push_back(mail_to(to, static_cast<int>(mails.size())));
  return mails;
}

inline std::vector<leadhub_delivery_state> states_of(const std::vector<DeliveryOutcome>& outcomes) {
  std::vector<leadhub_delivery_state> states;
  states.reserve(outcomes.size());
  for (const auto& outcome : outcomes) states.push_back(outcome.state);
  return states;
}

inline Behaviour rules(std::vector<std::pair<std::string, std::string>> rules) {
  Behaviour behaviour;
  behaviour.rules = std::move(rules);
  return behaviour;
}

/// The channel over SMTP against a server that does as its script says.
class Smtp : public ::testing::Test {
 protected:
  Smtp() { std::signal(SIGPIPE, SIG_IGN); }  // as `leadhub serve` does

  Json config(const Json& more) const {
    Json config{{"transport", "smtp"},
                {"url", sink_.url()},
                {"tls", "none"},
                {"connections", 1},
                {"from", "Ada <ada@engines.example>"}};
    config.update(more);
    return config;
  }
  ChannelDriver& start(const Json& more = Json::object()) {
    channel_.emplace(leadhub_plugin, host_, "mail");
    const auto document = config(more).dump();
    for (const auto& problem : channel_->check(document))
      ADD_FAILURE() << problem.pointer << " " << problem.message;
    channel_->activate(document);
    return *channel_;
  }
  std::vector<DeliveryOutcome> deliver(const std::vector<Mail>& mails, std::int64_t budget_ms = 8'000,
                                       const std::function<bool(std::size_t)>& may_leave = {}) {
    if (!channel_) start();
    std::vector<sdk::testing::DeliveryRequest> requests;
    requests.reserve(mails.size());
    for (const auto& mail : mails) requests.push_back({document_of(mail), mail.message_id, {}});
    return channel_->deliver(requests, host_.now_ms() + budget_ms, may_leave);
  }
  DeliveryOutcome deliver_one(std::int64_t budget_ms = 8'000) {
    return deliver({a_mail()}, budget_ms).front();
  }
  DeliveryOutcome with_rule(const std::string& line, const std::string& answer,
                            std::int64_t budget_ms = 8'000) {
    sink_.set_behaviour(rules({{line, answer}}));
    return deliver_one(budget_ms);
  }
  static void expect_later(const DeliveryOutcome& outcome, const std::string& message,
                           leadhub_retry_class retry_class = LEADHUB_RETRY_TRANSIENT) {
    EXPECT_EQ(outcome.state, LEADHUB_DELIVERY_FAILED) << outcome.message;
    EXPECT_EQ(outcome.retry_class, retry_class) << outcome.message;
    EXPECT_THAT(outcome.message, ::testing::HasSubstr(message));
  }

  SmtpSink sink_;
  FakeHost host_;
  std::optional<ChannelDriver> channel_;
};

}  // namespace leadhub::email::testing
