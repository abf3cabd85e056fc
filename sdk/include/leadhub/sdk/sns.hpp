#pragma once

#include <openssl/pem.h>
#include <openssl/x509.h>
#include <leadhub/sdk/crypto.hpp>
#include <leadhub/sdk/signature_ecdsa.hpp>

#include <algorithm>
#include <cstdint>
#include <ctime>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// Messages of Amazon SNS, by which SES reports: signed by RSA under a certificate that the message names by
/// address (AWS, "Verifying the signatures of Amazon SNS messages"). Pure functions: whoever has the
/// certificate, fetched from an address that is_sns_certificate_url() takes, asks them. Header-only, C++17;
/// link LeadHub::sdk_signature.
namespace leadhub::sdk {

/// The members of a message's JSON, as they came.
struct SnsMessage {
  std::string type;  ///< Notification, SubscriptionConfirmation, UnsubscribeConfirmation
  std::string message_id, topic_arn, message, timestamp;
  std::optional<std::string> subject;  ///< of a notification that has one
  std::string token, subscribe_url;    ///< of the two confirmations
  std::string signature_version;       ///< "1": SHA-1, "2": SHA-256
  std::string signature;               ///< base64
  std::string signing_cert_url;
};

namespace detail {

/// Words of letters and a number, as Amazon names regions: "eu-west-1", "us-gov-east-1".
inline bool is_aws_region(std::string_view name) {
  const auto all = [](std::string_view text, char first, char last) {
    return !text.empty() &&
           std::all_of(text.begin(), text.end(), [=](char c) { return c >= first && c <= last; });
  };
  int words = 0;
  std::size_t dash = name.find('-');
  for (; dash != std::string_view::npos && all(name.substr(0, dash), 'a', 'z'); dash = name.find('-')) {
    name.remove_prefix(dash + 1);
    ++words;
  }
  return words >= 2 && all(name, '0', '9');
}

}  // namespace detail

/// Where Amazon's own servers of SNS answer: https://sns.<region>.amazonaws.com/..., or .amazonaws.com.cn. No
/// port, no user, no other host, whatever comes after. Anything else may be anybody's, or a server of our own
/// network: sns.s3-us-west-2.amazonaws.com, for one, serves what the owner of a bucket "sns" puts there.
inline bool is_sns_url(std::string_view url) {
  constexpr std::string_view scheme = "https://sns.";
  if (url.substr(0, scheme.size()) != scheme) return false;
  url.remove_prefix(scheme.size());
  const std::size_t slash = url.find('/');
  if (slash == std::string_view::npos) return false;
  std::string_view host = url.substr(0, slash);
  constexpr std::string_view china = ".cn";
  if (host.size() > china.size() && host.substr(host.size() - china.size()) == china)
    host.remove_suffix(china.size());
  constexpr std::string_view domain = ".amazonaws.com";
  if (host.size() < domain.size() || host.substr(host.size() - domain.size()) != domain) return false;
  host.remove_suffix(domain.size());
  const bool is_plain = std::all_of(url.begin(), url.end(), [](char c) { return c > ' ' && c < 0x7F; });
  return detail::is_aws_region(host) && is_plain;
}

/// The same for a certificate's address: a path that ends with ".pem", without query and fragment.
inline bool is_sns_certificate_url(std::string_view url) {
  constexpr std::string_view suffix = ".pem";
  return is_sns_url(url) && url.find_first_of("?#\\%") == std::string_view::npos &&
         url.find("..") == std::string_view::npos && url.substr(url.size() - suffix.size()) == suffix;
}

/// The text that is signed: name and value of each member that the type has, one a line, by name. Empty for a
/// type that SNS does not send.
inline std::string sns_signed_text(const SnsMessage& message) {
  const bool is_notification = message.type == "Notification";
  if (!is_notification && message.type != "SubscriptionConfirmation" &&
      message.type != "UnsubscribeConfirmation")
    return {};
  std::string text;
  const auto add = [&](std::string_view name, std::string_view value) {
    text.append(name).append("\n").append(value).append("\n");
  };
  add("Message", message.message);
  add("MessageId", message.message_id);
  if (is_notification && message.subject) add("Subject", *message.subject);
  if (!is_notification) add("SubscribeURL", message.subscribe_url);
  add("Timestamp", message.timestamp);
  if (!is_notification) add("Token", message.token);
  add("TopicArn", message.topic_arn);
  add("Type", message.type);
  return text;
}

enum class SnsVerdict {
  genuine = 1,
  foreign_topic,            ///< a topic that is not ours: Amazon signs everybody's
  foreign_certificate_url,  ///< not an address of SNS
  malformed,                ///< a type, version or signature that SNS does not send
  bad_certificate,          ///< no X.509 certificate of an RSA key of 2048 bits or more
  expired_certificate,      ///< not valid at that time
  wrong,                    ///< signed by another key, or changed since
};

/// What can be said before the certificate is there, so that nothing is fetched for a stranger: everything
/// but the last three. `topics`: the ARNs that we subscribed.
inline SnsVerdict check_sns_envelope(const SnsMessage& message, const std::vector<std::string>& topics) {
  if (std::find(topics.begin(), topics.end(), message.topic_arn) == topics.end())
    return SnsVerdict::foreign_topic;
  if (!is_sns_certificate_url(message.signing_cert_url)) return SnsVerdict::foreign_certificate_url;
  const bool has_version = message.signature_version == "1" || message.signature_version == "2";
  if (!has_version || sns_signed_text(message).empty()) return SnsVerdict::malformed;
  return base64_decode(message.signature) ? SnsVerdict::genuine : SnsVerdict::malformed;
}

/// A certificate that SNS signs under, parsed once, because that takes longer than checking a signature does.
/// Any number of threads may ask it at once.
class SnsCertificate {
 public:
  /// `pem`: what lies at a message's signing_cert_url; anything else makes one that proves nothing.
  explicit SnsCertificate(std::string_view pem) {
    const std::unique_ptr<BIO, decltype(&BIO_free)> source(
        BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), &BIO_free);
    if (source == nullptr) return;
    certificate_.reset(PEM_read_bio_X509(source.get(), nullptr, nullptr, nullptr));
    EVP_PKEY* const key = certificate_ == nullptr ? nullptr : X509_get0_pubkey(certificate_.get());
    constexpr int key_bits_min = 2048;
    if (key != nullptr && EVP_PKEY_is_a(key, "RSA") == 1 && EVP_PKEY_get_bits(key) >= key_bits_min)
      key_ = key;
  }

  /// What check_sns_envelope() leaves open of a message that it found genuine; `now_ms`: milliseconds since
  /// 1970.
  [[nodiscard]] SnsVerdict verify(const SnsMessage& message, std::int64_t now_ms) const {
    if (key_ == nullptr) return SnsVerdict::bad_certificate;
    auto now = static_cast<std::time_t>(now_ms / 1000);
    if (X509_cmp_time(X509_get0_notBefore(certificate_.get()), &now) != -1 ||
        X509_cmp_time(X509_get0_notAfter(certificate_.get()), &now) != 1)
      return SnsVerdict::expired_certificate;
    const std::optional<std::string> signature = base64_decode(message.signature);
    if (!signature) return SnsVerdict::malformed;
    const EVP_MD* const digest = message.signature_version == "1" ? EVP_sha1() : EVP_sha256();
    return detail::is_signed_by(key_, digest, sns_signed_text(message), *signature) ? SnsVerdict::genuine
                                                                                    : SnsVerdict::wrong;
  }

 private:
  struct Free {
    void operator()(X509* certificate) const { X509_free(certificate); }
  };
  std::unique_ptr<X509, Free> certificate_;
  EVP_PKEY* key_ = nullptr;  ///< of certificate_; null: none that SNS would have
};

/// Whether a message is Amazon's and of one of `topics`. `certificate_pem`: what lies at its
/// signing_cert_url; `now_ms`: milliseconds since 1970.
inline SnsVerdict verify_sns(const SnsMessage& message, std::string_view certificate_pem,
                             const std::vector<std::string>& topics, std::int64_t now_ms) {
  const SnsVerdict verdict = check_sns_envelope(message, topics);
  return verdict == SnsVerdict::genuine ? SnsCertificate(certificate_pem).verify(message, now_ms) : verdict;
}

}  // namespace leadhub::sdk
