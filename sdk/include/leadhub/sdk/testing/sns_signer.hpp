#pragma once

#include <openssl/rsa.h>
#include <leadhub/sdk/sns.hpp>

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>

namespace leadhub::sdk::testing {

/// Amazon SNS's side, for tests: a key with a certificate that names it, valid for a day either side of a
/// moment.
class SnsSigner {
 public:
  enum class KeyKind { rsa_2048 = 1, rsa_1024, p256 };  ///< SNS signs with the first

  /// `valid_around_ms`: milliseconds since 1970.
  explicit SnsSigner(std::int64_t valid_around_ms, KeyKind kind = KeyKind::rsa_2048)
      : key_(new_key(kind), &EVP_PKEY_free), certificate_(X509_new(), &X509_free) {
    constexpr std::int64_t day_ms = 86'400'000;
    ASN1_INTEGER_set(X509_get_serialNumber(certificate_.get()), 1);
    ASN1_TIME_set(X509_getm_notBefore(certificate_.get()), (valid_around_ms - day_ms) / 1000);
    ASN1_TIME_set(X509_getm_notAfter(certificate_.get()), (valid_around_ms + day_ms) / 1000);
    X509_set_pubkey(certificate_.get(), key_.get());
    X509_sign(certificate_.get(), key_.get(), EVP_sha256());
  }

  /// In PEM, as it is served.
  [[nodiscard]] std::string certificate() const {
    const std::unique_ptr<BIO, decltype(&BIO_free)> out(BIO_new(BIO_s_mem()), &BIO_free);
    PEM_write_bio_X509(out.get(), certificate_.get());
    char* data = nullptr;
    const long size = BIO_get_mem_data(out.get(), &data);
    return {data, static_cast<std::size_t>(size)};
  }

  /// The message with its signature, by the version that it says. Throws std::runtime_error where OpenSSL
  /// does not sign.
  [[nodiscard]] SnsMessage sign(SnsMessage message) const {
    const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
    const std::string text = sns_signed_text(message);
    EVP_DigestSignInit(context.get(), nullptr, message.signature_version == "1" ? EVP_sha1() : EVP_sha256(),
                       nullptr, key_.get());
    std::string signature(512, '\0');
    std::size_t size = signature.size();
    if (EVP_DigestSign(context.get(), detail::bytes_of(signature), &size,
                       detail::bytes_of(std::string_view(text)), text.size()) != 1)
      throw std::runtime_error("OpenSSL did not sign the message");
    signature.resize(size);
    message.signature = base64_encode(signature);
    return message;
  }

 private:
  static EVP_PKEY* new_key(KeyKind kind) {
    if (kind == KeyKind::p256) return EVP_EC_gen("P-256");
    return EVP_RSA_gen(kind == KeyKind::rsa_1024 ? 1024 : 2048);
  }

  std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key_;
  std::unique_ptr<X509, decltype(&X509_free)> certificate_;
};

}  // namespace leadhub::sdk::testing
