#pragma once

#include <openssl/rsa.h>
#include <leadhub/sdk/sns.hpp>
#include <leadhub/sdk/time.hpp>

#include <memory>
#include <string>

#include "senders.hpp"

/// Amazon's side: messages of SNS, signed under a certificate that is served where they say.
namespace leadhub::newsletter::testing {

inline constexpr auto ses_topic = "arn:aws:sns:eu-west-1:123456789012:mail-events";
inline constexpr auto certificate_url =
    "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-0123abcd.pem";

/// A key with a certificate, valid for a day around `noon`.
class SnsSigner {
 public:
  explicit SnsSigner(std::int64_t valid_around_ms = noon_ms)
      : key_(EVP_RSA_gen(2048), &EVP_PKEY_free), certificate_(X509_new(), &X509_free) {
    constexpr std::int64_t day_ms = 86'400'000;
    ASN1_INTEGER_set(X509_get_serialNumber(certificate_.get()), 1);
    ASN1_TIME_set(X509_getm_notBefore(certificate_.get()), (valid_around_ms - day_ms) / 1000);
    ASN1_TIME_set(X509_getm_notAfter(certificate_.get()), (valid_around_ms + day_ms) / 1000);
    X509_set_pubkey(certificate_.get(), key_.get());
    X509_sign(certificate_.get(), key_.get(), EVP_sha256());
  }

  [[nodiscard]] std::string certificate() const {
    const std::unique_ptr<BIO, decltype(&BIO_free)> out(BIO_new(BIO_s_mem()), &BIO_free);
    PEM_write_bio_X509(out.get(), certificate_.get());
    char* data = nullptr;
    const long size = BIO_get_mem_data(out.get(), &data);
    return {data, static_cast<std::size_t>(size)};
  }

  /// `body` with its Signature made, version 2.
  [[nodiscard]] Json sign(Json body) const {
    body["SignatureVersion"] = "2";
    sdk::SnsMessage message;
    const auto text = [&](const char* name) { return body.value(name, std::string{}); };
    message.type = text("Type");
    message.message_id = text("MessageId");
    message.topic_arn = text("TopicArn");
    message.message = text("Message");
    message.timestamp = text("Timestamp");
    if (body.contains("Subject")) message.subject = text("Subject");
    message.token = text("Token");
    message.subscribe_url = text("SubscribeURL");
    const std::string signed_text = sdk::sns_signed_text(message);
    const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
    EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key_.get());
    std::string signature(512, '\0');
    std::size_t size = signature.size();
    EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                   reinterpret_cast<const unsigned char*>(signed_text.data()), signed_text.size());
    signature.resize(size);
    body["Signature"] = sdk::base64_encode(signature);
    return body;
  }

 private:
  std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key_;
  std::unique_ptr<X509, decltype(&X509_free)> certificate_;
};

inline const SnsSigner& amazon() {
  static const SnsSigner signer;
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
