#pragma once

#include <leadhub/sdk/channel.hpp>
#include <leadhub/sdk/crypto.hpp>
#include <leadhub/sdk/form.hpp>
#include <leadhub/sdk/time.hpp>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// Signatures of webhooks, as a record: nearly every provider signs with an HMAC, and they differ in where
/// the signature stands, how it is written and what text it is over. A provider declares a SignatureScheme;
/// SignatureVerifier checks requests by it. Header-only, C++17; link LeadHub::sdk_signature.
///
///     // Slack: X-Slack-Signature: v0=<hex of HMAC-SHA-256 over "v0:" time ":" body>
///     SignatureScheme slack;
///     slack.name = "Slack";
///     slack.signature = Source::header("x-slack-signature");
///     slack.prefix = "v0=";
///     slack.timestamp = Source::header("x-slack-request-timestamp");
///     slack.before = {Part::literal("v0:"), Part::timestamp(), Part::literal(":")};
///     const SignatureVerifier verifier(slack, {secret});
///     if (verifier.verify(request, now_ms) != SignatureVerdict::genuine) ...
namespace leadhub::sdk {

/// Bounds of what a request may make the verifier do.
namespace signature_limits {
inline constexpr std::size_t signatures_max = 16;     // listed in one request; rotation sends 2
inline constexpr std::size_t header_bytes_max = 512;  // a header that is signed: ids have about 40
inline constexpr std::size_t form_fields_max =
    1000;  // of a form whose fields are signed; the largest have 200
inline constexpr std::int64_t seconds_max = 1LL << 40;  // the year 36,812: so that milliseconds fit 64 bits
inline constexpr std::int64_t by_magnitude_ms_min = 100'000'000'000;  // seconds: the year 5138; ms: 1973
}  // namespace signature_limits

/// Where a value of the scheme stands.
struct Source {
  enum class Kind { none = 1, header, list_field, given };
  Kind kind = Kind::none;
  std::vector<std::string> names;  ///< of headers in lower case, of which the first that is there counts

  /// The scheme has no such value.
  static Source none() { return {}; }
  static Source header(std::string name) { return {Kind::header, {std::move(name)}}; }
  /// The same header under several names: older and newer ones.
  static Source any_header(std::vector<std::string> names) { return {Kind::header, std::move(names)}; }
  /// A field of the list that the signature stands in: "t" of "t=1492774577,v1=5257...".
  static Source list_field(std::string name) { return {Kind::list_field, {std::move(name)}}; }
  /// A value that the caller takes out of the body and gives under that name.
  static Source given(std::string name) { return {Kind::given, {std::move(name)}}; }
};

/// One piece of the text that is signed, besides the body.
struct Part {
  enum class Kind { literal = 1, timestamp, header, method, full_url, given };
  Kind kind;
  Source source;     ///< of Kind::header and Kind::given
  std::string text;  ///< of Kind::literal

  static Part literal(std::string text) { return {Kind::literal, {}, std::move(text)}; }
  /// The timestamp exactly as it was sent.
  static Part timestamp() { return {Kind::timestamp, {}, {}}; }
  static Part header(std::string name) { return {Kind::header, Source::header(std::move(name)), {}}; }
  static Part any_header(std::vector<std::string> names) {
    return {Kind::header, Source::any_header(std::move(names)), {}};
  }
  static Part method() { return {Kind::method, {}, {}}; }
  /// The address as the provider knows it: the hub's public_url, path and query.
  static Part full_url() { return {Kind::full_url, {}, {}}; }
  static Part given(std::string name) { return {Kind::given, Source::given(std::move(name)), {}}; }
};

/// What of the body is signed. That a scheme leaves the body out must be said, and cannot be forgotten.
enum class Covers {
  body = 1,     ///< its raw bytes
  form_fields,  ///< names and values of a urlencoded form, decoded, sorted by name (Mandrill, Twilio)
  nothing,  ///< none of it: whoever has seen one request can send any body until the time runs out (Mailgun)
};

/// How several signatures stand in one value.
enum class SignatureList {
  none = 1,  ///< the value is the signature
  spaced,    ///< "v1,X v1,Y v2,Z"
  fields,    ///< "t=1492774577,v1=X,v1=Y": names, "=", values, with a delimiter between them
};

enum class SignatureEncoding { hex = 1, base64, base64url };

/// How the key is made of the secret.
enum class KeyForm {
  text = 1,  ///< its bytes as they are
  base64,    ///< decoded, without a "whsec_" in front and blanks around it, padded or not
  hex,       ///< decoded
};

enum class TimeUnit {
  seconds = 1,   ///< since 1970, digits only
  milliseconds,  ///< since 1970, digits only
  by_magnitude,  ///< one or the other: senders of one provider differ (Crisp)
  rfc3339,
};

/// How one provider signs. The text that is signed is `before`, then what `covers` says, then `after`.
struct SignatureScheme {
  std::string name;  ///< of provider or standard, for messages: "Slack"
  Digest digest = Digest::sha256;
  Source signature;    ///< header or given
  std::string prefix;  ///< must stand in front of each signature and is not part of it: "sha256="
  SignatureList list = SignatureList::none;
  char list_delimiter = ',';  ///< between fields
  std::string list_label;     ///< the signatures that count: "v1"; others are skipped
  SignatureEncoding encoding = SignatureEncoding::hex;
  KeyForm key = KeyForm::text;
  Source timestamp;  ///< none: the provider signs no time, so there is no window to enforce
  TimeUnit time_unit = TimeUnit::seconds;
  std::int64_t tolerance_ms = 5LL * 60 * 1000;  ///< either side; what nearly all providers say
  std::vector<Part> before, after;
  Covers covers = Covers::body;
};

/// Values that the caller took out of the body, by the names that the scheme calls them.
using GivenValues = std::vector<std::pair<std::string_view, std::string_view>>;

enum class SignatureVerdict {
  genuine = 1,
  missing,    ///< a value that the scheme needs is absent
  malformed,  ///< the time is none, or a signed header is no short, visible ASCII text
  stale,      ///< signed more than the tolerance ago
  premature,  ///< signed as far ahead of our clock
  wrong,      ///< no signature fits
};

/// Checks requests by a scheme under one or, while a secret is being changed, several secrets. Thread-safe.
class SignatureVerifier {
 public:
  /// Throws ChannelError for a scheme that contradicts itself, for no secret and for a secret that is none
  /// (the message says its place in the list, never its value).
  SignatureVerifier(SignatureScheme scheme, const std::vector<std::string>& secrets)
      : scheme_(std::move(scheme)) {
    if (const std::string problem = scheme_problem(scheme_); !problem.empty()) throw ChannelError(problem);
    if (secrets.empty()) throw ChannelError("there is no secret to check signatures with; give one");
    for (const std::string& secret : secrets) {
      if (const std::string problem = secret_problem(scheme_, secret); !problem.empty())
        throw ChannelError("secret number " + std::to_string(keys_.size() + 1) + ": " + problem);
      keys_.emplace_back(scheme_.digest, *key_of(scheme_, secret));
    }
  }

  /// Compares every signature of the request with that under every secret, in constant time. The time is
  /// checked after the signature, so that "stale" is only ever said to who knows the secret. `now_ms`:
  /// milliseconds since 1970.
  [[nodiscard]] SignatureVerdict verify(const HttpRequest& request, std::int64_t now_ms,
                                        const GivenValues& given = {}) const {
    const std::string_view signatures = value_of(scheme_.signature, request, given, {});
    const std::string_view timestamp = value_of(scheme_.timestamp, request, given, signatures);
    if (signatures.empty() || (signs_time() && timestamp.empty())) return SignatureVerdict::missing;
    std::int64_t signed_at_ms = now_ms;
    if (signs_time()) {
      const std::optional<std::int64_t> time_ms = parse_time(timestamp);
      if (!time_ms) return SignatureVerdict::malformed;
      signed_at_ms = *time_ms;
    }
    Text text;
    for (const std::vector<Part>* parts : {&scheme_.before, &scheme_.after}) {
      for (const Part& part : *parts)
        if (const SignatureVerdict added = add(part, request, given, timestamp, text);
            added != SignatureVerdict::genuine)
          return added;
      if (parts == &scheme_.before && !add_body(request, text)) return SignatureVerdict::malformed;
    }
    if (!any_fits(candidates_in(signatures), text.pieces)) return SignatureVerdict::wrong;
    if (now_ms - signed_at_ms > scheme_.tolerance_ms) return SignatureVerdict::stale;
    return signed_at_ms - now_ms > scheme_.tolerance_ms ? SignatureVerdict::premature
                                                        : SignatureVerdict::genuine;
  }

  /// One sentence that helps who set the sender up; says nothing about the secret.
  [[nodiscard]] std::string explain(SignatureVerdict verdict) const {
    switch (verdict) {
      case SignatureVerdict::genuine:
        return "the signature is genuine";
      case SignatureVerdict::missing:
        return "the request is not signed as " + scheme_.name + " does; send " + needed();
      case SignatureVerdict::malformed:
        return "what the signature needs is malformed: " + needed() +
               (signs_time() ? std::string("; the time is ") + unit_text() : std::string());
      case SignatureVerdict::stale:
        return "the signature is older than " + tolerance_text() + "; check the sender's clock";
      case SignatureVerdict::premature:
        return "the signature is from the future; check the sender's clock";
      case SignatureVerdict::wrong:
        return "no signature fits; check that both sides have the same secret";
    }
    return "the signature was not checked";
  }

  /// The key that a secret stands for; nullopt where it is none.
  static std::optional<std::string> key_of(const SignatureScheme& scheme, std::string_view secret) {
    if (scheme.key == KeyForm::text) return std::string(secret);
    std::string_view text = trimmed(secret);
    constexpr std::string_view prefix = "whsec_";
    if (scheme.key == KeyForm::base64 && starts_with(text, prefix)) text.remove_prefix(prefix.size());
    std::optional<std::string> key = scheme.key == KeyForm::hex ? hex_decode(text) : base64_decode(text);
    return key && !key->empty() ? std::move(key) : std::nullopt;
  }

  /// "what is wrong; how to mend it" with a secret, without saying anything of it; empty: nothing.
  [[nodiscard]] static std::string secret_problem(const SignatureScheme& scheme, std::string_view secret) {
    if (trimmed(secret).empty())
      return "the secret is empty; see that its environment variable or file holds one";
    if (key_of(scheme, secret)) return {};
    return "this is not a " + scheme.name + " secret; it is " +
           (scheme.key == KeyForm::hex ? "an even number of hexadecimal digits" : "\"whsec_\" and base64") +
           ", as the sender shows it";
  }

  [[nodiscard]] const SignatureScheme& scheme() const { return scheme_; }

 private:
  /// The text that is signed, in pieces that lie in the request or in `owned`.
  struct Text {
    std::vector<std::string_view> pieces;
    std::string url;
    std::string form;
  };

  [[nodiscard]] bool signs_time() const { return scheme_.timestamp.kind != Source::Kind::none; }

  static std::string_view trimmed(std::string_view text) {
    constexpr std::string_view blanks = " \t\r\n";
    while (!text.empty() && blanks.find(text.front()) != std::string_view::npos) text.remove_prefix(1);
    while (!text.empty() && blanks.find(text.back()) != std::string_view::npos) text.remove_suffix(1);
    return text;
  }

  static bool starts_with(std::string_view text, std::string_view beginning) {
    return text.substr(0, beginning.size()) == beginning;
  }

  /// A time that is not signed proves nothing, and a part that names no source can never be there.
  static std::string scheme_problem(const SignatureScheme& scheme) {
    const auto wrong = [&](const char* what) {
      return "the signature scheme of " + scheme.name + " " + what;
    };
    if (scheme.signature.kind != Source::Kind::header && scheme.signature.kind != Source::Kind::given)
      return wrong("does not say where the signature stands");
    if (scheme.list != SignatureList::none && scheme.list_label.empty())
      return wrong("does not say which signatures of the list count");
    if (scheme.timestamp.kind == Source::Kind::list_field && scheme.list != SignatureList::fields)
      return wrong("takes its time from a list that it does not have");
    if (scheme.tolerance_ms <= 0) return wrong("leaves no time for the request to arrive");
    const auto is_time = [](const Part& part) { return part.kind == Part::Kind::timestamp; };
    const bool time_is_signed = std::any_of(scheme.before.begin(), scheme.before.end(), is_time) ||
                                std::any_of(scheme.after.begin(), scheme.after.end(), is_time);
    const bool has_time = scheme.timestamp.kind != Source::Kind::none;
    if (has_time && !time_is_signed) return wrong("has a time that it does not sign");
    if (!has_time && time_is_signed) return wrong("signs a time that it does not have");
    return {};
  }

  std::string_view value_of(const Source& source, const HttpRequest& request, const GivenValues& given,
                            std::string_view signatures) const {
    switch (source.kind) {
      case Source::Kind::none:
        return {};
      case Source::Kind::header:
        for (const std::string& name : source.names)
          if (const std::string_view value = request.header(name); !value.empty()) return value;
        return {};
      case Source::Kind::list_field:
        return first_field(signatures, source.names.front());
      case Source::Kind::given:
        for (const auto& [name, value] : given)
          if (name == source.names.front()) return value;
        return {};
    }
    return {};
  }

  /// The first half of `text` before `separator`; what follows stays in `text`.
  static std::string_view take(std::string_view& text, char separator) {
    const std::size_t at = text.find(separator);
    const std::string_view first = text.substr(0, at);
    text = at == std::string_view::npos ? std::string_view{} : text.substr(at + 1);
    return first;
  }

  std::string_view first_field(std::string_view list, std::string_view name) const {
    while (!list.empty()) {
      std::string_view value = trimmed(take(list, scheme_.list_delimiter));
      if (take(value, '=') == name) return value;
    }
    return {};
  }

  /// The digests that the request claims, decoded.
  std::vector<std::string> candidates_in(std::string_view value) const {
    std::vector<std::string> candidates;
    const auto add_one = [&](std::string_view text) {
      if (!starts_with(text, scheme_.prefix)) return;
      text.remove_prefix(scheme_.prefix.size());
      std::optional<std::string> bytes = scheme_.encoding == SignatureEncoding::hex ? hex_decode(text)
                                         : scheme_.encoding == SignatureEncoding::base64
                                             ? base64_decode(text)
                                             : base64url_decode(text);
      if (bytes) candidates.push_back(std::move(*bytes));
    };
    if (scheme_.list == SignatureList::none) {
      add_one(value);
      return candidates;
    }
    const bool spaced = scheme_.list == SignatureList::spaced;
    for (std::size_t i = 0; i < signature_limits::signatures_max && !value.empty(); ++i) {
      std::string_view one = trimmed(take(value, spaced ? ' ' : scheme_.list_delimiter));
      if (take(one, spaced ? ',' : '=') == scheme_.list_label) add_one(one);
    }
    return candidates;
  }

  bool any_fits(const std::vector<std::string>& candidates,
                const std::vector<std::string_view>& pieces) const {
    bool found = false;
    for (const Hmac& key : keys_) {
      const std::string expected = key(pieces);
      for (const std::string& candidate : candidates) found |= equal_in_constant_time(candidate, expected);
    }
    return found;
  }

  static bool is_short_and_visible(std::string_view text) {
    return text.size() <= signature_limits::header_bytes_max &&
           std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7F; });
  }

  /// genuine: added; else what is wrong.
  SignatureVerdict add(const Part& part, const HttpRequest& request, const GivenValues& given,
                       std::string_view timestamp, Text& text) const {
    switch (part.kind) {
      case Part::Kind::literal:
        text.pieces.push_back(part.text);
        break;
      case Part::Kind::timestamp:
        text.pieces.push_back(timestamp);
        break;
      case Part::Kind::method:
        text.pieces.push_back(request.method());
        break;
      case Part::Kind::full_url:
        text.url = std::string(request.public_url()) + std::string(request.path());
        if (!request.query().empty()) text.url += "?" + std::string(request.query());
        text.pieces.push_back(text.url);
        break;
      case Part::Kind::header:
      case Part::Kind::given: {
        const std::string_view value = value_of(part.source, request, given, {});
        if (value.empty()) return SignatureVerdict::missing;
        if (!is_short_and_visible(value)) return SignatureVerdict::malformed;
        text.pieces.push_back(value);
      }
    }
    return SignatureVerdict::genuine;
  }

  bool add_body(const HttpRequest& request, Text& text) const {
    if (scheme_.covers == Covers::body) text.pieces.push_back(request.body());
    if (scheme_.covers != Covers::form_fields) return true;
    const auto form = UrlencodedForm::parse(request.body(), signature_limits::form_fields_max);
    if (!form) return false;
    std::vector<UrlencodedForm::Field> fields = form->fields();
    std::stable_sort(fields.begin(), fields.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    for (const auto& [name, value] : fields) text.form.append(name).append(value);
    text.pieces.push_back(text.form);
    return true;
  }

  [[nodiscard]] std::optional<std::int64_t> parse_time(std::string_view text) const {
    if (scheme_.time_unit == TimeUnit::rfc3339) return parse_rfc3339(text);
    const bool digits_only =
        std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (!digits_only || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    const bool in_seconds =
        scheme_.time_unit == TimeUnit::seconds ||
        (scheme_.time_unit == TimeUnit::by_magnitude && value < signature_limits::by_magnitude_ms_min);
    constexpr std::int64_t seconds_max = signature_limits::seconds_max;
    if (value > (in_seconds ? seconds_max : seconds_max * 1000)) return std::nullopt;
    return in_seconds ? value * 1000 : value;
  }

  /// "webhook-id, webhook-timestamp, webhook-signature".
  [[nodiscard]] std::string needed() const {
    std::string names;
    const auto add_name = [&](const Source& source) {
      if (source.kind != Source::Kind::header && source.kind != Source::Kind::given) return;
      if (names.find(source.names.front()) != std::string::npos) return;
      names += (names.empty() ? "" : ", ") + source.names.front();
    };
    for (const Part& part : scheme_.before) add_name(part.source);
    for (const Part& part : scheme_.after) add_name(part.source);
    add_name(scheme_.timestamp);
    add_name(scheme_.signature);
    return names;
  }

  [[nodiscard]] const char* unit_text() const {
    switch (scheme_.time_unit) {
      case TimeUnit::seconds:
        return "in whole seconds since 1970";
      case TimeUnit::milliseconds:
        return "in milliseconds since 1970";
      case TimeUnit::by_magnitude:
        return "in seconds or milliseconds since 1970";
      case TimeUnit::rfc3339:
        break;
    }
    return "as RFC 3339 writes it";
  }

  [[nodiscard]] std::string tolerance_text() const {
    constexpr std::int64_t minute_ms = 60'000;
    return scheme_.tolerance_ms % minute_ms == 0
               ? std::to_string(scheme_.tolerance_ms / minute_ms) + " minutes"
               : std::to_string(scheme_.tolerance_ms / 1000) + " seconds";
  }

  SignatureScheme scheme_;
  std::vector<Hmac> keys_;
};

/// Standard Webhooks 1.0 (standardwebhooks.com), symmetric signatures: webhook-id, webhook-timestamp
/// (seconds) and webhook-signature ("v1," + base64 of HMAC-SHA-256 over id "." timestamp "." body; several,
/// separated by blanks). The same headers under their older names svix-* count too.
inline SignatureScheme standard_webhooks_scheme() {
  SignatureScheme scheme;
  scheme.name = "Standard Webhooks";
  scheme.signature = Source::any_header({"webhook-signature", "svix-signature"});
  scheme.list = SignatureList::spaced;
  scheme.list_label = "v1";
  scheme.encoding = SignatureEncoding::base64;
  scheme.key = KeyForm::base64;
  scheme.timestamp = Source::any_header({"webhook-timestamp", "svix-timestamp"});
  scheme.before = {Part::any_header({"webhook-id", "svix-id"}), Part::literal("."), Part::timestamp(),
                   Part::literal(".")};
  return scheme;
}

/// The id of a Standard Webhooks message: the event's key. Empty where the request has none or it is no
/// short, visible ASCII text.
inline std::string_view standard_webhooks_id(const HttpRequest& request) {
  std::string_view id = request.header("webhook-id");
  if (id.empty()) id = request.header("svix-id");
  const bool visible = std::all_of(id.begin(), id.end(), [](char c) { return c > ' ' && c < 0x7F; });
  return visible && id.size() <= signature_limits::header_bytes_max ? id : std::string_view{};
}

}  // namespace leadhub::sdk
