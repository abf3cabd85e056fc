#pragma once

#include <openssl/evp.h>
#include <openssl/x509.h>
#include <leadhub/sdk/crypto.hpp>
#include <leadhub/sdk/time.hpp>

#include <memory>
#include <string>
#include <vector>

#include "tests/capturing_channel.hpp"

/// The services' side: requests as each of them would send them, signed.
namespace leadhub::newsletter::testing {

using webform::testing::CapturingChannel;
using webform::testing::Json;
using webform::testing::noon_ms;
using webform::testing::Outcome;
using webform::testing::Request;

/// A key pair of the curve P-256.
class EcKey {
 public:
  EcKey() : key_(EVP_EC_gen("P-256"), &EVP_PKEY_free) {}
  [[nodiscard]] std::string public_key() const {
    unsigned char* der = nullptr;
    const int size = i2d_PUBKEY(key_.get(), &der);
    const std::string text(reinterpret_cast<const char*>(der), static_cast<std::size_t>(size));
    OPENSSL_free(der);
    return sdk::base64_encode(text);
  }
  [[nodiscard]] std::string sign(const std::string& text) const {
    const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
    EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key_.get());
    std::string signature(128, '\0');
    std::size_t size = signature.size();
    EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                   reinterpret_cast<const unsigned char*>(text.data()), text.size());
    signature.resize(size);
    return sdk::base64_encode(signature);
  }

 private:
  std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key_;
};

inline const EcKey& sendgrid_key() {
  static const EcKey key;
  return key;
}
inline const EcKey& another_key() {
  static const EcKey key;
  return key;
}

inline std::string hex_hmac(const std::string& key, const std::string& text) {
  return sdk::hex_encode(sdk::Hmac(sdk::Digest::sha256, key)({text}));
}

inline const std::string& secret_of(const std::string& provider) {
  static const std::string plain = "a secret", standard = "whsec_YSBzZWNyZXQgb2YgbWFueSBieXRlcw==";
  return provider == "resend" ? standard : plain;
}

inline Json config_of(const std::string& provider) {
  Json config{{"provider", provider}, {"list", "engine-news"}, {"purpose", "engine_mail"}, {"text", "Yes."}};
  if (provider == "sendgrid")
    config["public_key"] = sendgrid_key().public_key();
  else
    config["secret"] = secret_of(provider);
  return config;
}

/// A body that is exactly this, sent and signed at that time. Mailgun's must have a place for the signature.
inline Request sent_by(const std::string& provider, std::string body, std::int64_t now_ms = noon_ms) {
  Request request;
  request.path = "/in/esp";
  request.headers = {{"content-type", "application/json"}};
  const std::string seconds = std::to_string(now_ms / 1000);
  const std::string& secret = secret_of(provider);
  if (provider == "mailchimp") {
    request.headers = {{"content-type", "application/x-www-form-urlencoded"}};
    request.query = "secret=a+secret";
  } else if (provider == "brevo") {
    request.headers.emplace_back("authorization", "Bearer " + secret);
  } else if (provider == "listmonk" || provider == "postmark") {
    request.headers.emplace_back("authorization", "Basic " + sdk::base64_encode("user:" + secret));
  } else if (provider == "mailerlite" || provider == "mailersend") {
    request.headers.emplace_back("signature", hex_hmac(secret, body));
  } else if (provider == "sendgrid") {
    request.headers.emplace_back("x-twilio-email-event-webhook-timestamp", seconds);
    request.headers.emplace_back("x-twilio-email-event-webhook-signature",
                                 sendgrid_key().sign(seconds + body));
  } else if (provider == "resend") {
    request.headers.emplace_back("svix-id", "msg_1");
    request.headers.emplace_back("svix-timestamp", seconds);
    const sdk::Hmac hmac(sdk::Digest::sha256, *sdk::base64_decode(secret.substr(6)));
    request.headers.emplace_back("svix-signature",
                                 "v1," + sdk::base64_encode(hmac({"msg_1.", seconds, ".", body})));
  }
  request.body = std::move(body);
  return request;
}

/// {"signature": {...}, "event-data": data}
inline std::string mailgun_body(const Json& data, std::int64_t now_ms = noon_ms,
                                const std::string& token = "0123456789abcdef") {
  const std::string seconds = std::to_string(now_ms / 1000);
  return Json{{"signature",
               {{"timestamp", seconds},
                {"token", token},
                {"signature", hex_hmac(secret_of("mailgun"), seconds + token)}}},
              {"event-data", data}}
      .dump();
}

inline const std::vector<std::string>& services() {
  static const std::vector<std::string> names{"mailchimp", "brevo",    "mailerlite", "listmonk",  "sendgrid",
                                              "mailgun",   "postmark", "resend",     "mailersend"};
  return names;
}

/// Those that send JSON.
inline std::vector<std::string> json_services() {
  return {services().begin() + 1, services().end()};
}

/// A plain event of each: a click on https://example.com/, or what comes closest.
inline std::string click_of(const std::string& provider) {
  const Json email = "ada@example.com";
  const Json url = "https://example.com/";
  const Json time = "2026-01-05T12:00:00Z";
  if (provider == "mailchimp")
    return "type=subscribe&fired_at=2026-01-05+11:59:59&data[email]=ada%40example.com&data[list_id]=1";
  if (provider == "brevo")
    return Json{{"event", "click"}, {"email", email}, {"ts_epoch", noon_ms}, {"link", url}}.dump();
  if (provider == "mailerlite")
    return Json{{"event", "campaign.click"}, {"url", url}, {"subscriber", {{"email", email}}}}.dump();
  if (provider == "listmonk") return Json{{"email", email}, {"type", "hard"}, {"source", url}}.dump();
  if (provider == "sendgrid")
    return Json::array({{{"event", "click"}, {"email", email}, {"sg_event_id", url}, {"url", url}}}).dump() +
           "\r\n";
  if (provider == "mailgun") return mailgun_body({{"event", "clicked"}, {"recipient", email}, {"url", url}});
  if (provider == "postmark")
    return Json{{"RecordType", "Click"},
                {"Recipient", email},
                {"MessageID", "m1"},
                {"ReceivedAt", time},
                {"OriginalLink", url}}
        .dump();
  if (provider == "resend")
    return Json{{"type", "email.clicked"},
                {"data", {{"to", Json::array({email})}, {"click", {{"link", url}}}}}}
        .dump();
  return Json{
      {"type", "activity.clicked"},
      {"data", {{"id", url}, {"email", {{"recipient", {{"email", email}}}}}, {"morph", {{"url", url}}}}}}
      .dump();
}

/// An event that nobody has heard of, about nobody.
inline std::string novelty_of(const std::string& provider) {
  if (provider == "mailchimp") return "type=Enlightened!&data[level]=3";
  if (provider == "brevo") return R"({"event":"Enlightened!","level":3})";
  if (provider == "listmonk") return R"({"type":"Enlightened!","level":3})";
  if (provider == "sendgrid") return R"([{"event":"Enlightened!","level":3}])";
  if (provider == "mailgun") return mailgun_body({{"event", "Enlightened!"}, {"level", 3}});
  if (provider == "postmark") return R"({"RecordType":"Enlightened!","level":3})";
  if (provider == "resend") return R"({"type":"Enlightened!","data":{"level":3}})";
  return R"({"type":"Enlightened!","level":3})";
}

}  // namespace leadhub::newsletter::testing
