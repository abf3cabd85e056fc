#include "settings.hpp"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <glib.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <memory>
#include <nlohmann/json.hpp>

#include "smtp_transaction.hpp"

namespace leadhub::email {
namespace {

using Json = nlohmann::json;

struct FreeUrl {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};

std::optional<std::string> part_of(CURLU* url, CURLUPart part) {
  char* value = nullptr;
  if (curl_url_get(url, part, &value, 0) != CURLUE_OK) return std::nullopt;
  std::string text{value};
  curl_free(value);
  return text;
}

/// Whether what is sent there stays on this machine.
bool is_loopback(const std::string& url_text) {
  const std::unique_ptr<CURLU, FreeUrl> url{curl_url()};
  if (curl_url_set(url.get(), CURLUPART_URL, url_text.c_str(), 0) != CURLUE_OK) return false;
  const std::string host = part_of(url.get(), CURLUPART_HOST).value_or("");
  std::array<unsigned char, sizeof(in_addr)> address{};
  if (::inet_pton(AF_INET, host.c_str(), address.data()) == 1) return address[0] == 127;
  return host == "[::1]" || g_ascii_strcasecmp(host.c_str(), "localhost") == 0;
}

/// What is wrong with the relay's address; empty: nothing.
std::string url_problem(const std::string& text) {
  const std::unique_ptr<CURLU, FreeUrl> url{curl_url()};
  const bool has_scheme = text.starts_with("smtp://") || text.starts_with("smtps://");
  const auto is_unfit = [](unsigned char c) { return c <= 0x20 || c >= 0x7F; };
  if (!has_scheme || std::ranges::any_of(text, is_unfit) ||
      curl_url_set(url.get(), CURLUPART_URL, text.c_str(), 0) != CURLUE_OK)
    return "is no address of a mail relay; write it as in smtp://mail.example.com:587 or "
           "smtps://mail.example.com";
  if (part_of(url.get(), CURLUPART_USER) || part_of(url.get(), CURLUPART_PASSWORD))
    return "has a user or password in it; write them as user and password";
  if (part_of(url.get(), CURLUPART_QUERY) || part_of(url.get(), CURLUPART_FRAGMENT))
    return "has a part that no relay understands; end it behind the port";
  return {};
}

/// Days since 1970-01-01; nullopt where the text is no date.
std::optional<std::int64_t> day_of(std::string_view text) {
  int year = 0;
  unsigned month = 0;
  unsigned day = 0;
  const auto number = [&](std::size_t at, std::size_t size, auto& into) {
    const auto [end, error] = std::from_chars(text.data() + at, text.data() + at + size, into);
    return error == std::errc{} && end == text.data() + at + size;
  };
  if (text.size() != 10 || text[4] != '-' || text[7] != '-' || !number(0, 4, year) || !number(5, 2, month) ||
      !number(8, 2, day))
    return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year{year}, std::chrono::month{month},
                                         std::chrono::day{day}};
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days{date}.time_since_epoch().count();
}

class Reader {
 public:
  explicit Reader(std::string_view config) : json_(Json::parse(config, nullptr, false)) {}

  SettingsReading read() {
    if (!json_.is_object()) {
      complain("", "is no JSON object; write config: {...}");
      return std::move(reading_);
    }
    Settings& settings = reading_.settings;
    settings.transport = kind_of(text(json_, "transport"));
    settings.sender.from = mailbox("from");
    if (json_.contains("reply_to")) settings.sender.reply_to = mailbox("reply_to");
    if (settings.transport == TransportKind::maildir) {
      read_maildir();
      return std::move(reading_);
    }
    read_rates();
    read_warm_up();
    if (settings.transport == TransportKind::smtp)
      read_smtp();
    else
      read_api();
    return std::move(reading_);
  }

 private:
  static TransportKind kind_of(std::string_view name) {
    static constexpr std::array<std::pair<std::string_view, TransportKind>, 6> kinds{
        {{"smtp", TransportKind::smtp},
         {"sendgrid", TransportKind::sendgrid},
         {"mailgun", TransportKind::mailgun},
         {"postmark", TransportKind::postmark},
         {"ses", TransportKind::ses},
         {"brevo", TransportKind::brevo}}};
    const auto found = std::ranges::find(kinds, name, &std::pair<std::string_view, TransportKind>::first);
    return found == kinds.end() ? TransportKind::maildir : found->second;
  }

  static std::string text(const Json& object, const char* key) {
    const auto found = object.find(key);
    return found != object.end() && found->is_string() ? found->get<std::string>() : std::string{};
  }

  static std::int64_t number(const Json& object, const char* key) {
    const auto found = object.find(key);
    return found != object.end() && found->is_number_integer() ? found->get<std::int64_t>() : 0;
  }

  void read_maildir() {
    reading_.settings.directory = text(json_, "directory");
    if (!reading_.settings.directory.starts_with('/'))
      complain("/directory", "is no absolute path, which the host should have made it; name a folder");
  }

  void read_smtp() {
    SmtpSettings& smtp = reading_.settings.smtp;
    smtp.url = text(json_, "url");
    const std::string url_wrong = url_problem(smtp.url);
    if (!url_wrong.empty()) complain("/url", url_wrong);
    smtp.user = text(json_, "user");
    const bool has_password = json_.contains("password");
    if (!smtp.user.empty() && !has_password)
      complain("/user", "comes without a password; write password: too, or take it out");
    if (smtp.user.empty() && has_password)
      complain("/password", "comes without a user; write user: too, or take it out");
    if (std::ranges::any_of(smtp.user, [](unsigned char c) { return c < 0x20 || c == 0x7F; }))
      complain("/user", "holds a control character, which no user name has; write it on one line");
    smtp.tls = text(json_, "tls") == "none" ? Tls::none : Tls::required;
    if (smtp.tls == Tls::none && has_password && url_wrong.empty() && smtp.url.starts_with("smtp:") &&
        !is_loopback(smtp.url))
      complain(
          "/tls",
          "lets the password go over the network in the clear; take it out, so that STARTTLS is required, or "
          "use smtps://");
    smtp.ca_file = text(json_, "ca_file");
    if (const auto count = number(json_, "connections"); count > 0)
      smtp.connections = static_cast<std::size_t>(count);
    read_envelope_sender(smtp);
    read_dkim();
  }

  void read_api() {
    ApiSettings& api = reading_.settings.api;
    api = {text(json_, "region"), text(json_, "domain"), text(json_, "stream"), text(json_, "key_id"),
           text(json_, "configuration_set")};
    const auto is_word = [](std::string_view word) {
      return std::ranges::all_of(word, [](char c) { return g_ascii_isalnum(c) || c == '-'; });
    };
    if (!is_word(api.region)) complain("/region", "is no region; write it as in eu-central-1");
    if (!is_word(api.key_id)) complain("/key_id", "is no access key id; copy it from the AWS console");
    if (!api.domain.empty() && !is_domain(api.domain))
      complain("/domain", "is no domain name; write it as in mg.example.com");
  }

  static bool is_domain(std::string_view name) {
    return !name.empty() && name.find("..") == name.npos && name.front() != '.' && name.back() != '.' &&
           std::ranges::all_of(name,
                               [](char c) { return g_ascii_isalnum(c) || c == '-' || c == '.' || c == '_'; });
  }

  void read_envelope_sender(SmtpSettings& smtp) {
    const bool is_given = json_.contains("envelope_from");
    smtp.envelope_from =
        envelope_address(is_given ? text(json_, "envelope_from") : reading_.settings.sender.from.address);
    if (!smtp.envelope_from.empty()) return;
    if (is_given)
      complain("/envelope_from",
               "is no address that can stand in an envelope; write it as in "
               "bounces@example.com");
    else if (!reading_.settings.sender.from.address.empty())
      complain("/from", "has an address that cannot stand in an envelope; write it as in ada@example.com");
  }

  void read_dkim() {
    const auto found = json_.find("dkim");
    if (found == json_.end()) return;
    if (found->is_object()) return read_dkim_key(*found, "/dkim");
    for (std::size_t i = 0; i < found->size(); ++i) read_dkim_key((*found)[i], "/dkim/" + std::to_string(i));
  }

  void read_dkim_key(const Json& given, const std::string& pointer) {
    DkimKeySettings key{text(given, "domain"), text(given, "selector"), pointer + "/key"};
    if (!is_domain(key.domain))
      complain(pointer + "/domain", "is no domain name; write it as in example.com");
    if (!is_domain(key.selector))
      complain(pointer + "/selector", "is no selector; write the name that stands before ._domainkey");
    reading_.settings.dkim.push_back(std::move(key));
  }

  void read_rates() {
    const auto found = json_.find("rate");
    if (found == json_.end()) return;
    Rates& rates = reading_.settings.rates;
    rates.per_second = number(*found, "per_second");
    rates.per_connection = number(*found, "per_connection");
    const auto domains = found->find("per_domain");
    if (domains == found->end()) return;
    for (const auto& [domain, rate] : domains->items()) {
      const std::string address = envelope_address("a@" + domain);
      if (address.empty()) {
        complain("/rate/per_domain", "names a domain that is none; write it as in gmail.com: 10");
        continue;
      }
      std::string name = address.substr(2);
      std::ranges::transform(name, name.begin(), g_ascii_tolower);
      rates.per_domain[name] = rate.get<std::int64_t>();
    }
  }

  void read_warm_up() {
    const auto found = json_.find("warm_up");
    if (found == json_.end()) return;
    const auto first_day = day_of(text(*found, "start"));
    if (!first_day) complain("/warm_up/start", "is no date; write it as in 2026-12-01");
    const auto days = found->find("days");
    if (days == found->end() || days->empty()) {
      complain("/warm_up/days", "is empty; write how many mails may leave each day, as in [50, 100, 200]");
      return;
    }
    reading_.settings.warm_up = {first_day.value_or(0), days->get<std::vector<std::int64_t>>()};
  }

  Mailbox mailbox(const char* key) {
    if (auto read = read_mailbox(text(json_, key))) return *std::move(read);
    complain(std::string{"/"} + key,
             "is not one e-mail address; write it as in \"Ada <ada@example.com>\" or ada@example.com");
    return {};
  }

  void complain(std::string pointer, std::string message) {
    reading_.problems.push_back({std::move(pointer), std::move(message)});
  }

  Json json_;
  SettingsReading reading_;
};

}  // namespace

SettingsReading read_settings(std::string_view config) {
  return Reader{config}.read();
}

}  // namespace leadhub::email
