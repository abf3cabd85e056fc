#include "sns_sender.hpp"

#include <leadhub/sdk/outbound.hpp>
#include <leadhub/sdk/time.hpp>

#include <nlohmann/json.hpp>

#include "bounds.hpp"
#include "json_body.hpp"
#include "provider_event.hpp"

namespace leadhub::newsletter {
namespace {

using sdk::RetryClass;
using sdk::SnsVerdict;

std::string explain(SnsVerdict verdict) {
  switch (verdict) {
    case SnsVerdict::foreign_topic:
      return "the message is of a topic that \"topics\" in hub.yaml does not name, or of none; is raw "
             "message "
             "delivery on? SNS signs nothing then, so switch it off";
    case SnsVerdict::foreign_certificate_url:
      return "the certificate is not at an address of SNS";
    case SnsVerdict::bad_certificate:
      return "what lies at the certificate's address is no certificate of SNS";
    case SnsVerdict::expired_certificate:
      return "the certificate was not valid when the message was signed";
    case SnsVerdict::wrong:
      return "the signature is not of this message";
    case SnsVerdict::malformed:
    case SnsVerdict::genuine:
      break;
  }
  return "this is no message of SNS";
}

/// When the message was signed, by itself.
std::optional<std::int64_t> signed_at_ms(const sdk::SnsMessage& message) {
  return sdk::parse_rfc3339(message.timestamp);
}

std::string memory_key(const std::string& url) {
  return "sns_certificate:" + webform::key_of_content(url);
}

/// What SNS itself answers to a GET. Throws ChannelError for all but 200. It takes no credentials, so that
/// 401 and 403 are for good, too.
std::string ask(const std::string& url, const char* what, const webform::Errand& errand) {
  sdk::OutboundRequest request;
  request.method = "GET";
  request.url = url;
  sdk::HttpResponse answer = sdk::send(errand.host, request, errand.deadline_ms);
  if (answer.status == 200) return std::move(answer.body);
  const RetryClass retry_class = sdk::retry_class_of(answer.status);
  sdk::ChannelError error{"SNS answered " + std::to_string(answer.status) + " when it was asked for " + what,
                          LEADHUB_ERROR_UNAVAILABLE,
                          retry_class == RetryClass::auth ? RetryClass::permanent : retry_class};
  error.retry_after_ms = sdk::retry_after_ms(answer);
  throw error;
}

std::string fetch_certificate(const std::string& url, const webform::Errand& errand) {
  std::string certificate = ask(url, "the certificate", errand);
  if (certificate.size() > bounds::certificate_bytes_max)
    throw sdk::ChannelError(explain(SnsVerdict::bad_certificate), LEADHUB_ERROR_DENIED,
                            RetryClass::permanent);
  return certificate;
}

}  // namespace

sdk::SnsMessage sns_message_of(const nlohmann::json& body) {
  using webform::text_at;
  sdk::SnsMessage message;
  message.type = text_at(body, "Type");
  message.message_id = text_at(body, "MessageId");
  message.topic_arn = text_at(body, "TopicArn");
  message.message = text_at(body, "Message");
  message.timestamp = text_at(body, "Timestamp");
  if (std::string subject = text_at(body, "Subject"); !subject.empty()) message.subject = std::move(subject);
  message.token = text_at(body, "Token");
  message.subscribe_url = text_at(body, "SubscribeURL");
  message.signature_version = text_at(body, "SignatureVersion");
  message.signature = text_at(body, "Signature");
  message.signing_cert_url = text_at(body, "SigningCertURL");
  return message;
}

std::optional<SnsSender::Refusal> SnsSender::refuse(const sdk::SnsMessage& message, std::int64_t now_ms) {
  if (const SnsVerdict verdict = sdk::check_sns_envelope(message, topics_); verdict != SnsVerdict::genuine)
    return Refusal{403, explain(verdict)};
  const bool confirms = message.type == "SubscriptionConfirmation";
  if (confirms && !sdk::is_sns_url(message.subscribe_url))
    return Refusal{403, "the SubscribeURL is not an address of SNS"};
  if (message.signing_cert_url.size() > bounds::sns_url_bytes_max ||
      message.subscribe_url.size() > bounds::sns_url_bytes_max)
    return Refusal{403, "an address in the message is longer than those of SNS are"};
  const std::optional<std::int64_t> time_ms = signed_at_ms(message);
  if (!time_ms) return Refusal{403, "the message has no Timestamp"};
  if (now_ms - *time_ms > bounds::sns_age_ms_max)
    return Refusal{403, "the message is older than SNS goes on repeating one: an hour"};
  if (*time_ms - now_ms > bounds::sns_ahead_ms_max) return Refusal{403, "the message is from the future"};
  if (const Certificate certificate = known(message.signing_cert_url)) {
    const SnsVerdict verdict = certificate->verify(message, *time_ms);
    if (verdict == SnsVerdict::genuine) return std::nullopt;
    return Refusal{403, explain(verdict)};
  }
  if (may_wait_for_proof(now_ms)) return std::nullopt;
  return Refusal{503, "too many messages wait for the certificate of SNS to be fetched; send it again later"};
}

void SnsSender::prove(const sdk::SnsMessage& message, const webform::Errand& errand) {
  const auto deny = [](SnsVerdict verdict) {
    throw sdk::ChannelError(explain(verdict), LEADHUB_ERROR_DENIED, RetryClass::permanent);
  };
  const std::string& url = message.signing_cert_url;
  if (const SnsVerdict verdict = sdk::check_sns_envelope(message, topics_); verdict != SnsVerdict::genuine)
    deny(verdict);
  const std::optional<std::int64_t> time_ms = signed_at_ms(message);
  if (!time_ms) deny(SnsVerdict::malformed);

  Certificate certificate = known(url);
  const sdk::Memory memory(errand.host);
  std::string fetched;
  if (certificate == nullptr) {
    std::optional<std::string> pem = memory.get(memory_key(url));
    if (!pem) pem = fetched = fetch_certificate(url, errand);
    certificate = std::make_shared<const sdk::SnsCertificate>(*pem);
  }
  if (const SnsVerdict verdict = certificate->verify(message, *time_ms); verdict != SnsVerdict::genuine)
    deny(verdict);
  if (!fetched.empty())
    memory.put(memory_key(url), fetched, errand.host.now_ms() + bounds::certificate_kept_ms);
  remember(url, std::move(certificate));
}

void SnsSender::confirm(const sdk::SnsMessage& message, const webform::Errand& errand) {
  if (!sdk::is_sns_url(message.subscribe_url))
    throw sdk::ChannelError("the SubscribeURL is not an address of SNS", LEADHUB_ERROR_DENIED,
                            RetryClass::permanent);
  static_cast<void>(ask(message.subscribe_url, "the confirmation of the subscription", errand));
}

SnsSender::Certificate SnsSender::known(const std::string& url) const {
  const std::lock_guard lock{mutex_};
  const auto found = certificates_.find(url);
  return found == certificates_.end() ? nullptr : found->second;
}

void SnsSender::remember(const std::string& url, Certificate certificate) {
  const std::lock_guard lock{mutex_};
  if (certificates_.size() >= bounds::certificates_max && !certificates_.contains(url)) certificates_.clear();
  certificates_.insert_or_assign(url, std::move(certificate));
}

bool SnsSender::may_wait_for_proof(std::int64_t now_ms) {
  const std::lock_guard lock{mutex_};
  const bool is_over = now_ms - window_began_ms_ >= bounds::unproven_window_ms || now_ms < window_began_ms_;
  if (is_over) {
    window_began_ms_ = now_ms;
    unproven_ = 0;
  }
  return unproven_++ < bounds::unproven_max;
}

}  // namespace leadhub::newsletter
