#include "standard_webhooks.hpp"

#include <leadhub/sdk/channel.hpp>

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "limits.hpp"
#include "text.hpp"

namespace leadhub::webform {
namespace {

std::string_view header(const sdk::HttpRequest& request, std::string_view standard, std::string_view svix) {
  const std::string_view value = request.header(standard);
  return value.empty() ? request.header(svix) : value;
}

/// Seconds since 1970, digits only.
std::optional<std::int64_t> parse_timestamp(std::string_view text) {
  std::int64_t seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  const bool whole = error == std::errc{} && end == text.data() + text.size();
  constexpr std::int64_t seconds_max = 1LL << 40;  // so that milliseconds fit
  if (!whole || seconds < 0 || seconds > seconds_max) return std::nullopt;
  return seconds;
}

constexpr std::string_view no_secret =
    "this is not a Standard Webhooks secret; it is \"whsec_\" and base64, as the sender shows it";

std::optional<std::string> key_of(std::string_view secret) {
  std::string_view text = trim(secret);
  constexpr std::string_view prefix = "whsec_";
  if (text.starts_with(prefix)) text.remove_prefix(prefix.size());
  std::optional<std::string> key = base64_decode(text);
  return key && !key->empty() ? std::move(key) : std::nullopt;
}

bool any_matches(std::string_view signatures, std::string_view expected) {
  bool found = false;
  for (std::size_t i = 0; i < limits::signatures_max && !signatures.empty(); ++i) {
    const Halves halves = split_once(signatures, ' ');
    const Halves one = split_once(halves.before, ',');
    if (one.before == "v1") found |= equal_in_constant_time(one.after, expected);
    signatures = halves.after;
  }
  return found;
}

}  // namespace

std::string_view explain(SignatureVerdict verdict) {
  switch (verdict) {
    case SignatureVerdict::genuine:
      return "the signature is genuine";
    case SignatureVerdict::missing:
      return "the request is not signed; send webhook-id, webhook-timestamp and webhook-signature";
    case SignatureVerdict::malformed:
      return "webhook-id or webhook-timestamp is malformed; the timestamp is in whole seconds since 1970";
    case SignatureVerdict::stale:
      return "the signature is older than 5 minutes; check the sender's clock";
    case SignatureVerdict::premature:
      return "the signature is from the future; check the sender's clock";
    case SignatureVerdict::wrong:
      return "no signature fits; check that both sides have the same secret";
  }
  return "the signature was not checked";
}

std::string_view webhook_id(const sdk::HttpRequest& request) {
  const std::string_view id = header(request, "webhook-id", "svix-id");
  const bool visible = std::all_of(id.begin(), id.end(), [](char c) { return c > ' ' && c < 0x7F; });
  return visible && id.size() <= limits::key_bytes_max ? id : std::string_view{};
}

std::vector<std::string> secrets_in(const std::string& value) {
  if (!value.starts_with('[')) return {value};
  const nlohmann::json list = nlohmann::json::parse(value, nullptr, false);
  std::vector<std::string> secrets;
  if (list.is_array())
    for (const nlohmann::json& secret : list)
      if (secret.is_string()) secrets.push_back(secret.get<std::string>());
  if (secrets.empty() || secrets.size() != list.size())
    throw sdk::ChannelError(
        "the list of secrets is not a list of texts; write secret: [whsec_..., whsec_...]");
  return secrets;
}

std::string secret_problem(const std::string& secret) {
  if (trim(secret).empty()) return "the secret is empty; see that its environment variable or file holds one";
  return key_of(secret) ? "" : std::string(no_secret);
}

WebhookVerifier::WebhookVerifier(const std::vector<std::string>& secrets) {
  for (const std::string& secret : secrets) {
    const std::optional<std::string> key = key_of(secret);
    if (!key)
      throw sdk::ChannelError("secret number " + std::to_string(keys_.size() + 1) + ": " +
                              std::string(no_secret));
    keys_.emplace_back(*key);
  }
}

SignatureVerdict WebhookVerifier::verify(const sdk::HttpRequest& request, std::int64_t now_ms) const {
  const std::string_view id = header(request, "webhook-id", "svix-id");
  const std::string_view timestamp = header(request, "webhook-timestamp", "svix-timestamp");
  const std::string_view signatures = header(request, "webhook-signature", "svix-signature");
  if (id.empty() || timestamp.empty() || signatures.empty()) return SignatureVerdict::missing;
  const std::optional<std::int64_t> seconds = parse_timestamp(timestamp);
  if (!seconds || webhook_id(request).empty()) return SignatureVerdict::malformed;
  bool genuine = false;
  for (const HmacSha256& key : keys_)
    genuine |= any_matches(signatures, base64_encode(key({id, ".", timestamp, ".", request.body()})));
  if (!genuine) return SignatureVerdict::wrong;
  const std::int64_t age_ms = now_ms - *seconds * 1000;
  if (age_ms > limits::signature_age_ms_max) return SignatureVerdict::stale;
  return age_ms < -limits::signature_age_ms_max ? SignatureVerdict::premature : SignatureVerdict::genuine;
}

}  // namespace leadhub::webform
