#include "provider_requests.hpp"

#include <openssl/evp.h>
#include <openssl/x509.h>
#include <leadhub/sdk/crypto.hpp>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string_view>

namespace leadhub::bench {
namespace {

/// How one provider signs with an HMAC. In `before`, {time} and {id} stand for what is in their headers.
struct Signing {
  std::string_view provider, header, prefix, before, after, time_header, id_header;
  sdk::Digest digest = sdk::Digest::sha256;
  bool is_base64 = false;
  std::int64_t time_unit_ms = 1000;
};

constexpr auto meta_header = "x-hub-signature-256";
constexpr std::array signings{
    Signing{"typeform", "typeform-signature", "sha256=", "", "", "", "", sdk::Digest::sha256, true},
    Signing{"tally", "tally-signature", "", "", "", "", "", sdk::Digest::sha256, true},
    Signing{"webflow", "x-webflow-signature", "", "{time}:", "", "x-webflow-timestamp", "",
            sdk::Digest::sha256, false, 1},
    Signing{"linkedin", "x-li-signature", "", "hmacsha256=", "", "", ""},
    Signing{"meta_lead_ads", meta_header, "sha256=", "", "", "", ""},
    Signing{"whatsapp", meta_header, "sha256=", "", "", "", ""},
    Signing{"messenger", meta_header, "sha256=", "", "", "", ""},
    Signing{"intercom", "x-hub-signature", "sha1=", "", "", "", "", sdk::Digest::sha1},
    Signing{"slack", "x-slack-signature", "v0=", "v0:{time}:", "", "x-slack-request-timestamp", ""},
    Signing{"chatwoot", "x-chatwoot-signature", "sha256=", "{time}.", "", "x-chatwoot-timestamp", ""},
    Signing{"crisp", "x-crisp-signature", "", "[{time};", "]", "x-crisp-request-timestamp", ""},
    Signing{"mailerlite", "signature", "", "", "", "", ""},
    Signing{"mailersend", "signature", "", "", "", "", ""},
    Signing{"json", "webhook-signature", "v1,", "{id}.{time}.", "", "webhook-timestamp", "webhook-id",
            sdk::Digest::sha256, true},
    Signing{"resend", "svix-signature", "v1,", "{id}.{time}.", "", "svix-timestamp", "svix-id",
            sdk::Digest::sha256, true}};

std::string& header(Request& request, std::string_view name) {
  for (auto& [key, value] : request.headers)
    if (key == name) return value;
  return request.headers.emplace_back(name, "").second;
}

void fill_in(std::string& text, std::string_view place, const std::string& value) {
  if (const auto at = text.find(place); at != std::string::npos) text.replace(at, place.size(), value);
}

void sign_with_hmac(Request& request, const Signing& signing, const std::string& secret,
                    std::int64_t now_ms) {
  constexpr std::string_view standard = "whsec_";
  const std::string key =
      secret.starts_with(standard) ? *sdk::base64_decode(secret.substr(standard.size())) : secret;
  std::string before{signing.before};
  if (!signing.time_header.empty()) {
    header(request, signing.time_header) = std::to_string(now_ms / signing.time_unit_ms);
    fill_in(before, "{time}", header(request, signing.time_header));
  }
  if (!signing.id_header.empty()) fill_in(before, "{id}", header(request, signing.id_header));
  const std::string signature = sdk::Hmac(signing.digest, key)({before, request.body, signing.after});
  header(request, signing.header) =
      std::string(signing.prefix) +
      (signing.is_base64 ? sdk::base64_encode(signature) : sdk::hex_encode(signature));
}

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;

const Key& sendgrid_key() {
  static const Key key(EVP_EC_gen("P-256"), &EVP_PKEY_free);
  return key;
}

std::string public_key() {
  unsigned char* der = nullptr;
  const int size = i2d_PUBKEY(sendgrid_key().get(), &der);
  const std::string text(reinterpret_cast<const char*>(der), static_cast<std::size_t>(size));
  OPENSSL_free(der);
  return sdk::base64_encode(text);
}

void sign_as_sendgrid(Request& request, Json& config, std::int64_t now_ms) {
  static const std::string ours = public_key();
  config["public_key"] = ours;
  const std::string time = std::to_string(now_ms / 1000);
  const std::string text = time + request.body;
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, sendgrid_key().get());
  std::string signature(128, '\0');
  std::size_t size = signature.size();
  EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                 reinterpret_cast<const unsigned char*>(text.data()), text.size());
  signature.resize(size);
  header(request, "x-twilio-email-event-webhook-timestamp") = time;
  header(request, "x-twilio-email-event-webhook-signature") = sdk::base64_encode(signature);
}

void pad_list(Json& list, std::size_t bytes) {
  const Json once = list;
  for (std::size_t i = 0; list.dump().size() < bytes; ++i) list.push_back(once[i % once.size()]);
}

void pad_object(Json& object, std::size_t bytes) {
  Json& more = object["more_answers"] = Json::array();
  while (object.dump().size() < bytes)
    more.push_back({{"question", "Which engine do you ask about?"},
                    {"answer", "The one that punches \"cards\" by itself"}});
}

std::string text_of(const std::filesystem::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

std::vector<Json> accepted_fixtures(const std::string& folder) {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(folder + "/fixtures"))
    if (entry.path().extension() == ".json") paths.push_back(entry.path());
  std::ranges::sort(paths);
  std::vector<Json> fixtures;
  for (const auto& path : paths) {
    Json fixture = Json::parse(text_of(path));
    if (fixture["verdict"] != "accept") continue;
    fixture["file"] = path.stem().string();
    fixtures.push_back(std::move(fixture));
  }
  if (!fixtures.empty()) return fixtures;
  std::fprintf(stderr, "there are no accepted fixtures in %s/fixtures\n", folder.c_str());
  std::exit(1);
}

void pad(Request& request, std::size_t bytes) {
  if (request.body.size() >= bytes) return;
  const std::string type = header(request, "content-type");
  if (type.starts_with("application/x-www-form-urlencoded")) {
    request.body += "&more=" + std::string(bytes - request.body.size() - 6, 'x');
    return;
  }
  Json body = Json::parse(request.body, nullptr, false);
  if (body.is_array() && !body.empty())
    pad_list(body, bytes);
  else if (body.is_object())
    pad_object(body, bytes);
  else
    return;
  request.body = body.dump();
}

void sign(Request& request, Json& config, std::int64_t now_ms) {
  const std::string provider = config["provider"];
  if (provider == "sendgrid") return sign_as_sendgrid(request, config, now_ms);
  for (const Signing& signing : signings)
    if (signing.provider == provider)
      return sign_with_hmac(request, signing, config["secret"].get<std::string>(), now_ms);
}

bool may_change(const std::string& provider) {
  return provider != "ses";
}

}  // namespace leadhub::bench
