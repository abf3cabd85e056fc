#include <gtest/gtest.h>
#include <leadhub/sdk/sns.hpp>
#include <leadhub/sdk/testing/sns_signer.hpp>

namespace leadhub::sdk {
namespace {

constexpr std::int64_t noon_ms = 1767614400000;  // 2026-01-05T12:00:00Z
constexpr std::int64_t day_ms = 86'400'000;
constexpr auto topic = "arn:aws:sns:eu-west-1:123456789012:mail-events";

using testing::SnsSigner;

const SnsSigner& amazon() {
  static const SnsSigner signer{noon_ms};
  return signer;
}

SnsMessage notification() {
  SnsMessage message;
  message.type = "Notification";
  message.message_id = "19ba9823-d7f2-53c1-860e-cb10e0d13dfc";
  message.topic_arn = topic;
  message.subject = "Amazon SES Email Event Notification";
  message.message = "{\"notificationType\":\"Bounce\"}";
  message.timestamp = "2026-01-05T11:59:58.000Z";
  message.signature_version = "2";
  message.signing_cert_url = "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-0123abcd.pem";
  return message;
}

SnsVerdict verify(const SnsMessage& message, std::int64_t now_ms = noon_ms) {
  return verify_sns(message, amazon().certificate(), {"arn:aws:sns:eu-west-1:123456789012:other", topic},
                    now_ms);
}

TEST(SnsSignature, IsGenuineInBothVersions) {
  for (const char* version : {"1", "2"}) {
    SnsMessage message = notification();
    message.signature_version = version;
    EXPECT_EQ(verify(amazon().sign(message)), SnsVerdict::genuine) << version;
    message.subject.reset();
    EXPECT_EQ(verify(amazon().sign(message)), SnsVerdict::genuine) << version << " without a subject";
  }
}

TEST(SnsSignature, IsOverTheMembersThatAmazonNames) {
  EXPECT_EQ(sns_signed_text(notification()),
            "Message\n{\"notificationType\":\"Bounce\"}\nMessageId\n19ba9823-d7f2-53c1-860e-cb10e0d13dfc\n"
            "Subject\nAmazon SES Email Event Notification\nTimestamp\n2026-01-05T11:59:58.000Z\n"
            "TopicArn\narn:aws:sns:eu-west-1:123456789012:mail-events\nType\nNotification\n");
  SnsMessage message = notification();
  message.type = "SubscriptionConfirmation";
  message.message = "m";
  message.message_id = "i";
  message.subscribe_url = "u";
  message.token = "t";
  message.timestamp = "s";
  EXPECT_EQ(sns_signed_text(message),
            std::string("Message\nm\nMessageId\ni\nSubscribeURL\nu\nTimestamp\ns\nToken\nt\nTopicArn\n") +
                topic + "\nType\nSubscriptionConfirmation\n");
  message.type = "Receipt";
  EXPECT_EQ(sns_signed_text(message), "");
}

TEST(SnsSignature, SeesEachChange) {
  const SnsMessage good = amazon().sign(notification());
  for (std::string SnsMessage::*member :
       {&SnsMessage::message, &SnsMessage::message_id, &SnsMessage::timestamp}) {
    SnsMessage message = good;
    message.*member += "x";
    EXPECT_EQ(verify(message), SnsVerdict::wrong);
  }
  SnsMessage message = good;
  message.subject = "another";
  EXPECT_EQ(verify(message), SnsVerdict::wrong);
  message.subject.reset();
  EXPECT_EQ(verify(message), SnsVerdict::wrong);
  message = good;
  message.type = "UnsubscribeConfirmation";
  EXPECT_EQ(verify(message), SnsVerdict::wrong);
  message = good;
  message.signature_version = "1";
  EXPECT_EQ(verify(message), SnsVerdict::wrong);
  message = good;
  message.signature = base64_encode("short");
  EXPECT_EQ(verify(message), SnsVerdict::wrong);
  EXPECT_EQ(verify(SnsSigner(noon_ms).sign(notification())), SnsVerdict::wrong) << "another key";
}

TEST(SnsSignature, KnowsWhatCanBeRefusedBeforeAnythingIsFetched) {
  const std::vector<std::string> topics{topic};
  SnsMessage message = amazon().sign(notification());
  EXPECT_EQ(check_sns_envelope(message, topics), SnsVerdict::genuine);
  EXPECT_EQ(check_sns_envelope(message, {}), SnsVerdict::foreign_topic);
  EXPECT_EQ(check_sns_envelope(message, {std::string(topic) + "2"}), SnsVerdict::foreign_topic);
  message.signing_cert_url = "https://sns.example.com/a.pem";
  EXPECT_EQ(check_sns_envelope(message, topics), SnsVerdict::foreign_certificate_url);
  for (const char* version : {"", "0", "3", "2 "}) {
    message = amazon().sign(notification());
    message.signature_version = version;
    EXPECT_EQ(check_sns_envelope(message, topics), SnsVerdict::malformed) << version;
  }
  message = amazon().sign(notification());
  message.type = "Receipt";
  EXPECT_EQ(check_sns_envelope(message, topics), SnsVerdict::malformed);
  message = amazon().sign(notification());
  message.signature = "not base64!";
  EXPECT_EQ(verify(message), SnsVerdict::malformed);
}

TEST(SnsSignature, NeedsACertificateThatIsOneAndValid) {
  const SnsMessage message = amazon().sign(notification());
  const auto under = [&](const std::string& certificate, std::int64_t now_ms = noon_ms) {
    return verify_sns(message, certificate, {topic}, now_ms);
  };
  EXPECT_EQ(under(""), SnsVerdict::bad_certificate);
  EXPECT_EQ(under("<html>"), SnsVerdict::bad_certificate);
  EXPECT_EQ(under(amazon().certificate().substr(0, 300)), SnsVerdict::bad_certificate);
  EXPECT_EQ(under(SnsSigner(noon_ms, SnsSigner::KeyKind::rsa_1024).certificate()),
            SnsVerdict::bad_certificate);
  EXPECT_EQ(under(SnsSigner(noon_ms, SnsSigner::KeyKind::p256).certificate()), SnsVerdict::bad_certificate);
  EXPECT_EQ(under(amazon().certificate(), noon_ms + 2 * day_ms), SnsVerdict::expired_certificate);
  EXPECT_EQ(under(amazon().certificate(), noon_ms - 2 * day_ms), SnsVerdict::expired_certificate);
}

TEST(SnsUrl, IsAmazonsAlone) {
  for (const char* good : {"https://sns.us-east-1.amazonaws.com/SimpleNotificationService-12345abcde.pem",
                           "https://sns.us-gov-east-1.amazonaws.com/SimpleNotificationService-1.pem",
                           "https://sns.cn-north-1.amazonaws.com.cn/SimpleNotificationService-1.pem"})
    EXPECT_TRUE(is_sns_certificate_url(good)) << good;
  for (const char* bad : {"",
                          "https://",
                          "http://sns.us-east-1.amazonaws.com/a.pem",
                          "https://sns.us-east-1.amazonaws.com",
                          "https://sns.us-east-1.amazonaws.com/a.txt",
                          "https://sns.us-east-1.amazonaws.com/a.pem?x=.pem",
                          "https://sns.us-east-1.amazonaws.com/a#.pem",
                          "https://sns.us-east-1.amazonaws.com:444/a.pem",
                          "https://me@sns.us-east-1.amazonaws.com/a.pem",
                          "https://sns.me@us-east-1.amazonaws.com/a.pem",
                          "https://sns.us-east-1.amazonaws.com.example.com/a.pem",
                          "https://sns.us-east-1.amazonaws.com.cn.cn/a.pem",
                          "https://example.com/sns.us-east-1.amazonaws.com/a.pem",
                          "https://sns.a.b.amazonaws.com/a.pem",
                          "https://sns.eu.amazonaws.com/a.pem",
                          "https://sns.s3-us-west-2.amazonaws.com/a.pem",
                          "https://sns.s3.amazonaws.com/a.pem",
                          "https://sns.eu-west.amazonaws.com/a.pem",
                          "https://sns.-west-1.amazonaws.com/a.pem",
                          "https://sns.eu-west-1-.amazonaws.com/a.pem",
                          "https://sns.amazonaws.com/a.pem",
                          "https://xsns.us-east-1.amazonaws.com/a.pem",
                          "https://sns.us-east-1.amazonaws.com/../a.pem",
                          "https://sns.us-east-1.amazonaws.com\\@example.com/a.pem",
                          "https://sns.us-east-1.amazonaws.com/a b.pem",
                          "https://sns.evil/.amazonaws.com/a.pem",
                          "https://sns.us-east-1.amazonaws.com/a\n.pem"})
    EXPECT_FALSE(is_sns_certificate_url(bad)) << bad;
  EXPECT_TRUE(is_sns_url("https://sns.us-west-2.amazonaws.com/?Action=ConfirmSubscription&TopicArn=arn"));
  EXPECT_FALSE(is_sns_url("https://sns.us-west-2.amazonaws.com.example.com/?Action=ConfirmSubscription"));
  EXPECT_FALSE(is_sns_url("https://169.254.169.254/"));
}

}  // namespace
}  // namespace leadhub::sdk
