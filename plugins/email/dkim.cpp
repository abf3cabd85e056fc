#include "dkim.hpp"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <sys/types.h>
#include <leadhub/sdk/channel.hpp>
#include <leadhub/sdk/crypto.hpp>

// libopendkim's header wants C's name for bool, and sys/types.h before it.
#define _Bool bool  // NOLINT(bugprone-reserved-identifier)
#include <opendkim/dkim.h>
#undef _Bool

#include <array>
#include <utility>

#include "dkim_canonical.hpp"
#include "limits.hpp"

namespace leadhub::email {
namespace {

constexpr std::string_view field = "DKIM-Signature: ";

[[noreturn]] void refuse(const std::string& why) {
  throw sdk::ChannelError(why, LEADHUB_ERROR_INVALID, sdk::RetryClass::permanent);
}

[[noreturn]] void fail_signing() {
  throw sdk::ChannelError("the mail cannot be signed by DKIM; look at dkim in hub.yaml",
                          LEADHUB_ERROR_INTERNAL, sdk::RetryClass::transient);
}

/// What libopendkim takes: it changes nothing, and has no const.
unsigned char* bytes_of(const char* text) {
  return reinterpret_cast<unsigned char*>(const_cast<char*>(text));
}

struct FreeBio {
  void operator()(BIO* bio) const { BIO_free(bio); }
};
struct FreeDigest {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
struct FreeKey {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};

/// Nobody is there to be asked for a passphrase.
int no_passphrase(char*, int, int, void*) {
  return -1;
}

int algorithm_of(const std::string& pem) {
  const std::unique_ptr<BIO, FreeBio> bio{BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()))};
  const std::unique_ptr<EVP_PKEY, FreeKey> key{
      PEM_read_bio_PrivateKey(bio.get(), nullptr, &no_passphrase, nullptr)};
  if (!key)
    refuse(
        "is no private key in PEM without a passphrase; make one as in `openssl genpkey -algorithm "
        "ed25519`, or `openssl genpkey -algorithm rsa -pkeyopt rsa_keygen_bits:2048`");
  const int type = EVP_PKEY_get_base_id(key.get());
  if (type == EVP_PKEY_ED25519) return DKIM_SIGN_ED25519SHA256;
  if (type != EVP_PKEY_RSA) refuse("is neither an RSA key nor an Ed25519 key, and DKIM knows no others");
  if (EVP_PKEY_get_bits(key.get()) < dkim_rsa_bits_min)
    refuse("is an RSA key of " + std::to_string(EVP_PKEY_get_bits(key.get())) +
           " bits, which receivers do not accept; make one of 2048");
  return DKIM_SIGN_RSASHA256;
}

constexpr std::array signed_headers{"From",
                                    "To",
                                    "Cc",
                                    "Subject",
                                    "Date",
                                    "Message-ID",
                                    "Reply-To",
                                    "In-Reply-To",
                                    "References",
                                    "MIME-Version",
                                    "Content-Type",
                                    "Content-Transfer-Encoding",
                                    "List-Id",
                                    "List-Unsubscribe",
                                    "List-Unsubscribe-Post",
                                    "List-Help",
                                    "Feedback-ID",
                                    "Auto-Submitted",
                                    "Precedence"};
constexpr std::array guarded_headers{"From", "To", "Cc", "Subject", "Date", "Message-ID", "Reply-To"};

void set_headers(DKIM_LIB* library) {
  const auto set = [&](int option, const auto& names) {
    std::vector<unsigned char*> list;
    list.reserve(names.size() + 1);
    for (const char* name : names) list.push_back(bytes_of(name));
    list.push_back(nullptr);
    void* const start = static_cast<void*>(list.data());
    return dkim_options(library, DKIM_OP_SETOPT, option, start, sizeof start) == DKIM_STAT_OK;
  };
  if (!set(DKIM_OPTS_SIGNHDRS, signed_headers) || !set(DKIM_OPTS_OVERSIGNHDRS, guarded_headers))
    fail_signing();
}

/// The names of what a signature covers, each as often as the message has it; those that nobody may add once
/// more.
std::vector<std::string> covered_names(const MessageParts& message) {
  std::vector<std::string> names;
  for (const std::string name : signed_headers)
    for (const auto field_text : message.fields)
      if (field_text.size() > name.size() && field_text[name.size()] == ':' &&
          relaxed_header(field_text).starts_with(relaxed_header(name + ":")))
        names.push_back(name);
  names.insert(names.end(), guarded_headers.begin(), guarded_headers.end());
  return names;
}

/// The list h=, in lines of a few names.
std::string name_list(const std::vector<std::string>& names) {
  std::string list;
  for (std::size_t i = 0; i < names.size(); ++i)
    list += (i == 0 ? "" : i % dkim_names_per_line == 0 ? ":\r\n\t " : ":") + names[i];
  return list;
}

/// A signature by Ed25519 of the hash, as RFC 8463 has it.
std::string ed25519_signature(const std::string& pem, const std::string& data) {
  const std::unique_ptr<BIO, FreeBio> bio{BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()))};
  const std::unique_ptr<EVP_PKEY, FreeKey> key{
      PEM_read_bio_PrivateKey(bio.get(), nullptr, &no_passphrase, nullptr)};
  const std::unique_ptr<EVP_MD_CTX, FreeDigest> context{EVP_MD_CTX_new()};
  const std::string hash = sdk::sha256(data);
  std::array<unsigned char, ed25519_signature_bytes> out{};
  std::size_t size = out.size();
  if (!key || !context || EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key.get()) != 1 ||
      EVP_DigestSign(context.get(), out.data(), &size, bytes_of(hash.data()), hash.size()) != 1)
    fail_signing();
  return {reinterpret_cast<const char*>(out.data()), size};
}

/// One signature in the making.
struct FreeDkim {
  void operator()(DKIM* dkim) const { dkim_free(dkim); }
};

}  // namespace

void DkimKey::Close::operator()(dkim_lib* library) const {
  dkim_close(library);
}

DkimKey::DkimKey(std::string domain, std::string selector, std::string key)
    : domain_(std::move(domain)),
      selector_(std::move(selector)),
      key_(std::move(key)),
      algorithm_(algorithm_of(key_)),
      library_(dkim_init(nullptr, nullptr)) {
  if (!library_) fail_signing();
  set_headers(library_.get());
}

std::string DkimKey::signature(std::string_view message, std::int64_t now_ms) const {
  return algorithm_ == DKIM_SIGN_ED25519SHA256 ? signature_by_ed25519(message, now_ms)
                                               : signature_by_rsa(message, now_ms);
}

/// libopendkim 2.11 makes these, too, and keeps half a kilobyte of each for good.
std::string DkimKey::signature_by_ed25519(std::string_view message, std::int64_t now_ms) const {
  const MessageParts parts = parts_of(message);
  const std::vector<std::string> names = covered_names(parts);
  const std::string unsigned_field = std::string{field} +
                                     "v=1; a=ed25519-sha256; c=relaxed/relaxed; d=" + domain_ +
                                     "; s=" + selector_ + ";\r\n\tt=" + std::to_string(now_ms / 1'000) +
                                     "; bh=" + sdk::base64_encode(sdk::sha256(relaxed_body(parts.body))) +
                                     ";\r\n\th=" + name_list(names) + ";\r\n\tb=";
  const std::string covered = relaxed_headers(parts, names) + relaxed_header(unsigned_field);
  return unsigned_field + sdk::base64_encode(ed25519_signature(key_, covered)) + "\r\n";
}

std::string DkimKey::signature_by_rsa(std::string_view message, std::int64_t now_ms) const {
  auto now_s = static_cast<std::uint64_t>(now_ms / 1'000);
  dkim_options(library_.get(), DKIM_OP_SETOPT, DKIM_OPTS_FIXEDTIME, &now_s, sizeof now_s);
  DKIM_STAT status = DKIM_STAT_OK;
  const std::unique_ptr<DKIM, FreeDkim> dkim{dkim_sign(
      library_.get(), bytes_of("mail"), nullptr, bytes_of(key_.c_str()), bytes_of(selector_.c_str()),
      bytes_of(domain_.c_str()), DKIM_CANON_RELAXED, DKIM_CANON_RELAXED, algorithm_, -1, &status)};
  if (!dkim) fail_signing();
  const bool is_read = !message.empty() &&
                       dkim_chunk(dkim.get(), bytes_of(&message.front()), message.size()) == DKIM_STAT_OK &&
                       dkim_chunk(dkim.get(), nullptr, 0) == DKIM_STAT_OK &&
                       dkim_eom(dkim.get(), nullptr) == DKIM_STAT_OK;
  unsigned char* value = nullptr;
  std::size_t size = 0;
  if (!is_read || dkim_getsighdr_d(dkim.get(), field.size(), &value, &size) != DKIM_STAT_OK) fail_signing();
  return std::string{field} + std::string{reinterpret_cast<const char*>(value), size} + "\r\n";
}

std::string sign(const std::vector<DkimKey>& keys, std::string message, std::int64_t now_ms) {
  std::string signatures;
  for (const DkimKey& key : keys) signatures += key.signature(message, now_ms);
  return signatures.empty() ? std::move(message) : signatures + message;
}

}  // namespace leadhub::email
