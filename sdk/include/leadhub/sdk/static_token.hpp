#pragma once

#include <leadhub/sdk/channel.hpp>
#include <leadhub/sdk/crypto.hpp>
#include <leadhub/sdk/form.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// Secrets that a provider sends as they are: Telegram's header, Google Ads' google_key, Segment's write key,
/// the secret in the address of those that sign nothing. Header-only, C++17; link LeadHub::sdk_signature.
///
/// Such a token proves that the sender knows it, not that nobody changed the body on its way, and it never
/// expires: TLS in front is what keeps it. Where a provider signs, use signature.hpp.
namespace leadhub::sdk {

/// Where a token stands in the request.
struct TokenPlace {
  enum class Kind { header = 1, query, basic_user, basic_password, given };
  Kind kind;
  std::string name;    ///< of the header, in lower case, or of the query's parameter
  std::string prefix;  ///< of the header's value, ignored case: "Bearer "

  static TokenPlace header(std::string name, std::string prefix = {}) {
    return {Kind::header, std::move(name), std::move(prefix)};
  }
  static TokenPlace query(std::string name) { return {Kind::query, std::move(name), {}}; }
  /// Of HTTP basic authentication (RFC 7617).
  static TokenPlace basic_user() { return {Kind::basic_user, {}, {}}; }
  static TokenPlace basic_password() { return {Kind::basic_password, {}, {}}; }
  /// The caller takes it out of the body.
  static TokenPlace given() { return {Kind::given, {}, {}}; }
};

enum class TokenVerdict { genuine = 1, missing, wrong };

/// Checks tokens against one or, while one is being changed, several values. Keeps hashes alone, so comparing
/// takes the same time whatever was sent, its length included. Thread-safe.
class StaticToken {
 public:
  /// Throws ChannelError for no value and for an empty one (its place in the list, never its value).
  StaticToken(TokenPlace place, const std::vector<std::string>& values) : place_(std::move(place)) {
    if (values.empty()) throw ChannelError("there is no token to compare with; give one");
    for (const std::string& value : values) {
      if (value.empty())
        throw ChannelError("token number " + std::to_string(hashes_.size() + 1) +
                           " is empty; see that its environment variable or file holds one");
      hashes_.push_back(sha256(value));
    }
  }

  /// `given`: the token itself, for TokenPlace::given().
  [[nodiscard]] TokenVerdict verify(const HttpRequest& request, std::string_view given = {}) const {
    const std::optional<std::string> token =
        place_.kind == TokenPlace::Kind::given ? std::optional<std::string>(given) : token_of(request);
    if (!token || token->empty()) return TokenVerdict::missing;
    const std::string hash = sha256(*token);
    bool found = false;
    for (const std::string& known : hashes_) found |= equal_in_constant_time(known, hash);
    return found ? TokenVerdict::genuine : TokenVerdict::wrong;
  }

 private:
  static constexpr std::size_t query_fields_max = 100;  // addresses of webhooks have about three

  static bool starts_with_ignoring_case(std::string_view text, std::string_view beginning) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
    if (text.size() < beginning.size()) return false;
    for (std::size_t i = 0; i < beginning.size(); ++i)
      if (lower(text[i]) != lower(beginning[i])) return false;
    return true;
  }

  [[nodiscard]] std::optional<std::string> token_of(const HttpRequest& request) const {
    if (place_.kind == TokenPlace::Kind::header) {
      std::string_view value = request.header(place_.name);
      if (!starts_with_ignoring_case(value, place_.prefix)) return std::nullopt;
      value.remove_prefix(place_.prefix.size());
      return std::string(value);
    }
    if (place_.kind == TokenPlace::Kind::query) {
      const auto query = UrlencodedForm::parse(request.query(), query_fields_max);
      return query ? std::optional<std::string>(query->value(place_.name)) : std::nullopt;
    }
    std::string_view value = request.header("authorization");
    constexpr std::string_view scheme = "basic ";
    if (!starts_with_ignoring_case(value, scheme)) return std::nullopt;
    value.remove_prefix(scheme.size());
    while (!value.empty() && value.front() == ' ') value.remove_prefix(1);
    const std::optional<std::string> credentials = base64_decode(value);
    if (!credentials) return std::nullopt;
    const std::size_t colon = credentials->find(':');
    if (colon == std::string::npos) return std::nullopt;
    return place_.kind == TokenPlace::Kind::basic_user ? credentials->substr(0, colon)
                                                       : credentials->substr(colon + 1);
  }

  TokenPlace place_;
  std::vector<std::string> hashes_;
};

}  // namespace leadhub::sdk
