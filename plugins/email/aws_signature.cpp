#include "aws_signature.hpp"

#include <leadhub/sdk/crypto.hpp>

#include <array>
#include <chrono>
#include <cstdio>

namespace leadhub::email {
namespace {

std::string hmac(const std::string& key, const std::string& text) {
  return sdk::Hmac{sdk::Digest::sha256, key}({text});
}

}  // namespace

std::string aws_authorization(const AwsCredentials& credentials, const AwsRequest& request,
                              const std::string& date) {
  std::string headers;
  std::string names;
  for (const auto& [name, value] : request.headers) {
    headers.append(name).append(":").append(value).append("\n");
    names += (names.empty() ? "" : ";") + name;
  }
  const std::string canonical = request.method + "\n" + request.path + "\n" + request.query + "\n" + headers +
                                "\n" + names + "\n" + sdk::hex_encode(sdk::sha256(request.body));
  const std::string day = date.substr(0, 8);
  const std::string scope = day + "/" + credentials.region + "/" + credentials.service + "/aws4_request";
  const std::string to_sign =
      "AWS4-HMAC-SHA256\n" + date + "\n" + scope + "\n" + sdk::hex_encode(sdk::sha256(canonical));
  const std::string key =
      hmac(hmac(hmac(hmac("AWS4" + credentials.secret, day), credentials.region), credentials.service),
           "aws4_request");
  return "AWS4-HMAC-SHA256 Credential=" + credentials.key_id + "/" + scope + ", SignedHeaders=" + names +
         ", Signature=" + sdk::hex_encode(hmac(key, to_sign));
}

std::string aws_date(std::int64_t now_ms) {
  using namespace std::chrono;
  const sys_seconds now{seconds{now_ms / 1'000}};
  const auto day = floor<days>(now);
  const year_month_day date{day};
  const hh_mm_ss time{now - day};
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%04d%02u%02uT%02d%02d%02dZ", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()),
                static_cast<int>(time.seconds().count()));
  return text.data();
}

}  // namespace leadhub::email
