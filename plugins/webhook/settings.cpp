#include "settings.hpp"

#include <leadhub/sdk/signature.hpp>

#include <algorithm>
#include <array>
#include <charconv>

#include "limits.hpp"
#include "secrets.hpp"
#include "text.hpp"
#include "value_template.hpp"

namespace leadhub::webhook {
namespace {

using Json = nlohmann::ordered_json;

/// What a template may begin with: the members of the lead document, and what stands around it.
constexpr std::array<std::string_view, 44> known_roots = {
    "id",          "email",       "phone",        "name",        "first_name", "last_name",
    "company",     "job_title",   "country",      "city",        "language",   "time_zone",
    "stage",       "temperature", "score",        "grade",       "owner",      "value",
    "tags",        "attributes",  "created_at",   "updated_at",  "aliases",    "contact_points",
    "consents",    "permissions", "suppressions", "attribution", "timeline",   "attachments",
    "messages",    "scores",      "score_groups", "warmth",      "stages",     "stage_reasons",
    "assignments", "account",     "provenance",   "reason",      "links",      "message",
    "channel",     "found"};

/// Headers that the plugin or the host writes.
constexpr std::array<std::string_view, 11> reserved_headers = {
    "host",    "content-length", "content-type", "connection",        "transfer-encoding", "te",
    "trailer", "upgrade",        "webhook-id",   "webhook-timestamp", "webhook-signature"};

bool is_word(std::string_view text, std::string_view further) {
  return !text.empty() && std::ranges::all_of(text, [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           further.find(c) != further.npos;
  });
}

/// Milliseconds; 0 for what is no duration of seconds or a minute.
std::int64_t timeout_ms_of(std::string_view text) {
  std::int64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  const std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
  if (error != std::errc{} || (unit != "s" && unit != "m") || count < 0 || count > 60) return 0;
  return count * (unit == "s" ? 1'000 : 60'000);
}

std::string url_problem(std::string_view url) {
  const std::string lower = webform::ascii_lower(url);
  const std::size_t scheme = lower.starts_with("https://") ? 8 : lower.starts_with("http://") ? 7 : 0;
  const bool is_visible = std::ranges::all_of(url, [](char c) { return c > ' ' && c < 0x7F; });
  const std::string_view authority = url.substr(scheme, url.find_first_of("/?#", scheme) - scheme);
  if (scheme == 0 || !is_visible || authority.empty() || url.find('#') != url.npos)
    return "is no address that requests can go to; write one as in https://crm.example.com/hooks/leadhub";
  if (authority.find('@') != authority.npos)
    return "has a user or password in it, which is not sent; put it into headers";
  return {};
}

class Reader {
 public:
  Reader(std::string_view config, const sdk::Host& host)
      : json_(Json::parse(config, nullptr, false)), host_(host) {}

  SettingsReading read() {
    if (!json_.is_object()) {
      complain("", "is no JSON object; write config: {...}");
      return std::move(reading_);
    }
    const std::string preset = json_.value("preset", "generic");
    settings_.preset = preset == "generic" ? nullptr : find_preset(preset);
    if (preset != "generic" && settings_.preset == nullptr)
      complain("/preset", "is none that there is; see the list in the plugin's README");
    read_url();
    read_secrets();
    read_token();
    read_headers();
    read_fields();
    settings_.external_id = json_.value("external_id", "");
    if (!settings_.external_id.empty() && !is_word(settings_.external_id, "_"))
      complain("/external_id", "is no API name of a field; write it as in Leadhub_Id__c");
    settings_.timeout_ms = timeout_ms_of(json_.value("timeout", "15s"));
    if (settings_.timeout_ms < limits::timeout_ms_min || settings_.timeout_ms > limits::timeout_ms_max)
      complain("/timeout", "is not between 1s and 30s; 15s is usual");
    return std::move(reading_);
  }

 private:
  void complain(std::string pointer, std::string message) {
    reading_.problems.push_back({std::move(pointer), std::move(message)});
  }

  /// The value behind {"$secret": name}.
  std::string resolved(const Json& reference) {
    if (!reference.is_object()) return {};
    return host_.secret(reference.value("$secret", "")).value_or("");
  }

  void read_url() {
    const Preset* preset = settings_.preset;
    if (json_.contains("url")) {
      settings_.url = resolved(json_.at("url"));
      if (const std::string problem = url_problem(settings_.url); !problem.empty())
        return complain("/url", problem);
      const bool is_account = preset != nullptr && !preset->send.path.empty();
      if (is_account && settings_.url.find('?') != std::string::npos)
        return complain("/url", "has a \"?\" in it; write the address of the account alone");
      while (settings_.url.ends_with('/') && is_account) settings_.url.pop_back();
    } else if (preset != nullptr && !preset->base.empty()) {
      settings_.url = preset->base;
    } else {
      complain("", "the key \"url\" is missing; write where the leads go");
    }
  }

  void read_secrets() {
    if (!json_.contains("secret")) return;
    if (settings_.preset != nullptr)
      return complain("/secret", "is for the preset generic; " + settings_.preset->service +
                                     " takes no signatures, so remove it");
    const Json& given = json_.at("secret");
    const Json list = given.is_array() ? given : Json::array({given});
    for (std::size_t i = 0; i < list.size(); ++i) {
      const std::string secret = resolved(list.at(i));
      const std::string at = given.is_array() ? "/secret/" + std::to_string(i) : "/secret";
      if (const auto problem =
              sdk::SignatureVerifier::secret_problem(sdk::standard_webhooks_scheme(), secret);
          !problem.empty())
        complain(at, problem);
      settings_.secrets.push_back(secret);
    }
  }

  void read_token() {
    const bool is_wanted = settings_.preset != nullptr && settings_.preset->takes_token;
    if (!json_.contains("token")) {
      if (is_wanted)
        complain("", "the key \"token\" is missing; write the access token of " + settings_.preset->service);
      return;
    }
    settings_.token = std::string(webform::trim(resolved(json_.at("token"))));
    if (!is_wanted)
      complain("/token", "is for CRMs; a destination of another kind takes secret or headers, so remove it");
    else if (settings_.token.empty())
      complain("/token", webform::empty_secret_problem(settings_.token));
    else if (!std::ranges::all_of(settings_.token, [](char c) { return c > ' ' && c < 0x7F; }))
      complain("/token", "has characters that no token has; copy it once more");
  }

  void read_headers() {
    if (!json_.contains("headers")) return;
    for (const auto& [name, reference] : json_.at("headers").items()) {
      const std::string value = resolved(reference);
      const std::string at = "/headers/" + name;
      const std::string lower = webform::ascii_lower(name);
      if (!is_word(name, "!#$%&'*+-.^_`|~"))
        complain("/headers", "has a name that no header has; write it as in X-Source");
      else if (std::ranges::find(reserved_headers, lower) != reserved_headers.end())
        complain(at, "is written by the hub itself; remove it");
      else if (std::ranges::any_of(value, webform::is_control))
        complain(at, "has a line end or another control character in it; write one line");
      settings_.headers.emplace_back(name, value);
    }
  }

  void read_fields() {
    if (!json_.contains("fields")) return;
    if (settings_.preset == nullptr || !settings_.preset->takes_fields)
      return complain("/fields", "is for CRMs; the others get the whole lead, so remove it");
    settings_.fields = json_.at("fields");
    for (const auto& [name, value] : settings_.fields.items()) {
      const std::string at = "/fields/" + name;
      if (!is_word(name, "_.") || name.starts_with('.') || name.ends_with('.') ||
          name.find("..") != std::string::npos)
        complain("/fields", "has a name that no field has; take the name that the CRM's API shows");
      if (value.is_string()) check_template(at, value.get_ref<const std::string&>());
    }
  }

  void check_template(const std::string& at, const std::string& text) {
    if (const std::string problem = template_problem(text); !problem.empty()) return complain(at, problem);
    for (const std::string& root : template_roots(text)) {
      if (std::ranges::find(known_roots, root) != known_roots.end()) continue;
      const auto near = webform::nearest(root, {known_roots.begin(), known_roots.end()});
      complain(at, "\"" + root + "\" is no field of a lead; " +
                       (near.empty() ? std::string("attributes of your own are {{attributes." + root + "}}")
                                     : "did you mean \"" + std::string(near) + "\"?"));
    }
  }

  Json json_;
  const sdk::Host& host_;
  SettingsReading reading_;
  Settings& settings_ = reading_.settings;
};

}  // namespace

SettingsReading read_settings(std::string_view config, const sdk::Host& host) {
  return Reader{config, host}.read();
}

}  // namespace leadhub::webhook
