#include "crash/ledger.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <ctime>
#include <stdexcept>
#include <string_view>

namespace leadhub::crash {
namespace {

std::string base64(const unsigned char* data, std::size_t size) {
  std::string text(4 * ((size + 2) / 3), '\0');
  EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), data, static_cast<int>(size));
  return text;
}

const std::string& webhook_key() {
  static const std::string key = [] {
    const std::string_view text = std::string_view{webhook_secret}.substr(6);
    std::string decoded(text.size(), '\0');
    const int size =
        EVP_DecodeBlock(reinterpret_cast<unsigned char*>(decoded.data()),
                        reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size()));
    if (size < 0 || text.ends_with('='))
      throw std::logic_error("the secret has to be base64 without padding");
    decoded.resize(static_cast<std::size_t>(size));
    return decoded;
  }();
  return key;
}

std::string sign(const std::string& text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  HMAC(EVP_sha256(), webhook_key().data(), static_cast<int>(webhook_key().size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data(), &size);
  return base64(digest.data(), size);
}

/// Of many sizes, so that a commit is now one page and now hundreds.
std::string body_of(std::size_t number) {
  return R"({"email":")" + email_of(number) + R"(","about":")" + std::string(number * 7919 % 3'000, 'x') +
         "\"}";
}

}  // namespace

std::string key_of(std::size_t number) {
  return "evt_" + std::to_string(number);
}

std::string email_of(std::size_t number) {
  return "person." + std::to_string(number) + "@example.com";
}

std::string request_of(std::size_t number) {
  const auto body = body_of(number);
  const auto timestamp = std::to_string(std::time(nullptr));
  return "POST /in/demo HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nwebhook-id: " +
         key_of(number) + "\r\nwebhook-timestamp: " + timestamp + "\r\nwebhook-signature: v1," +
         sign(key_of(number) + "." + timestamp + "." + body) +
         "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

std::optional<HttpAnswer> post(HttpConnection& connection, std::size_t number) {
  if (!connection.is_open() || !connection.send(request_of(number))) return std::nullopt;
  return connection.read_answer();
}

void Ledger::allow_new(std::size_t count) {
  const std::scoped_lock lock{mutex_};
  new_left_ = count;
}

std::size_t Ledger::take() {
  if (const auto unanswered = take_unanswered()) return *unanswered;
  const std::scoped_lock lock{mutex_};
  ++totals_.sent;
  if (new_left_ > 0 || totals_.acked == 0) {
    new_left_ -= new_left_ > 0 ? 1 : 0;
    acked_.push_back(false);
    return totals_.keys++;
  }
  ++totals_.sent_again;
  do repeat_next_ = (repeat_next_ + 1) % totals_.keys;
  while (!acked_[repeat_next_]);
  return repeat_next_;
}

std::optional<std::size_t> Ledger::take_unanswered() {
  const std::scoped_lock lock{mutex_};
  if (unanswered_.empty()) return std::nullopt;
  const auto number = unanswered_.front();
  unanswered_.pop_front();
  ++totals_.sent;
  ++totals_.retried;
  return number;
}

void Ledger::acknowledge(std::size_t number) {
  const std::scoped_lock lock{mutex_};
  if (acked_[number]) return;
  acked_[number] = true;
  ++totals_.acked;
}

void Ledger::give_back(std::size_t number, const std::optional<HttpAnswer>& answer) {
  const std::scoped_lock lock{mutex_};
  if (answer) ++totals_.refused;
  if (!acked_[number]) unanswered_.push_back(number);
}

Ledger::Totals Ledger::totals() const {
  const std::scoped_lock lock{mutex_};
  return totals_;
}

bool Ledger::is_acked(std::size_t number) const {
  const std::scoped_lock lock{mutex_};
  return number < acked_.size() && acked_[number];
}

}  // namespace leadhub::crash
