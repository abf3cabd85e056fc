#pragma once

#include <leadhub/sdk/testing/sns_signer.hpp>
#include <leadhub/sdk/time.hpp>

#include <string>

#include "senders.hpp"
#include "sns_sender.hpp"

/// Amazon's side: messages of SNS, signed under a certificate that is served where they say.
namespace leadhub::newsletter::testing {

inline constexpr auto ses_topic = "arn:aws:sns:eu-west-1:123456789012:mail-events";
inline constexpr auto certificate_url =
    "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-0123abcd.pem";

using sdk::testing::SnsSigner;

/// `body` with its Signature made by `signer`, version 2.
inline Json signed_by(const SnsSigner& signer, Json body) {
  body["SignatureVersion"] = "2";
  body["Signature"] = signer.sign(sns_message_of(nlohmann::json::parse(body.dump()))).signature;
  return body;
}

inline const SnsSigner& amazon() {
  static const SnsSigner signer{noon_ms};
  return signer;
}

/// A notification that is yet to be signed.
inline Json notification_of(const Json& report, std::int64_t time_ms = noon_ms) {
  return Json{{"Type", "Notification"},
              {"MessageId", "19ba9823-d7f2-53c1-860e-cb10e0d13dfc"},
              {"TopicArn", ses_topic},
              {"Subject", "Amazon SES Email Event Notification"},
              {"Message", report.is_string() ? report.get<std::string>() : report.dump()},
              {"Timestamp", sdk::format_rfc3339(time_ms)},
              {"SigningCertURL", certificate_url}};
}

inline Json confirmation(const std::string& subscribe_url) {
  return Json{{"Type", "SubscriptionConfirmation"},
              {"MessageId", "165545c9-2a5c-472c-8df2-7ff2be2b3b1b"},
              {"Token", "a-token"},
              {"TopicArn", ses_topic},
              {"Message", "You have chosen to subscribe."},
              {"SubscribeURL", subscribe_url},
              {"Timestamp", "2026-01-05T12:00:00Z"},
              {"SigningCertURL", certificate_url}};
}

inline Request sns_request(const Json& body) {
  Request request;
  request.path = "/in/esp";
  request.headers = {{"content-type", "text/plain; charset=UTF-8"},
                     {"x-amz-sns-message-type", body.value("Type", std::string{})}};
  request.body = body.dump();
  return request;
}

}  // namespace leadhub::newsletter::testing
