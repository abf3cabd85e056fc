#include "settings.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "text.hpp"

namespace leadhub::mailbox {
namespace {

using nlohmann::json;

bool has_control(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7F; });
}

/// "host:993" of "imaps://host:993/"; empty for any other form.
std::string_view authority_of(std::string_view url) {
  const auto scheme_end = url.find("://");
  if (scheme_end == url.npos) return {};
  std::string_view rest = url.substr(scheme_end + 3);
  if (rest.ends_with('/')) rest.remove_suffix(1);
  return rest.find_first_of("/@?#; ") == rest.npos ? rest : std::string_view{};
}

bool is_this_machine(std::string_view authority) {
  const std::string_view host = authority.starts_with('[') ? authority.substr(0, authority.find(']') + 1)
                                                           : authority.substr(0, authority.find(':'));
  return host == "127.0.0.1" || host == "[::1]" || lower_case(host) == "localhost";
}

class Reader {
 public:
  explicit Reader(std::string_view config) : json_(json::parse(config, nullptr, false)) {}

  SettingsReading read() {
    if (!json_.is_object()) {
      complain("", "is no JSON object; write config: {...}");
      return std::move(reading_);
    }
    read_url();
    Settings& settings = reading_.settings;
    settings.user = text("user");
    settings.folder = text("folder");
    settings.ca_file = text("ca_file");
    for (const auto& [pointer, value] : {std::pair{"/user", settings.user}, {"/folder", settings.folder}})
      if (value.empty() || has_control(value))
        complain(pointer, "is empty or holds a control character; write it in one line");
    if (std::any_of(settings.folder.begin(), settings.folder.end(),
                    [](unsigned char c) { return c >= 0x80; }))
      complain(
          "/folder",
          "holds letters beyond ASCII; write it in the form in which the server lists it (modified UTF-7)");
    const auto password = json_.find("password");
    if (password != json_.end() && password->is_object())
      settings.password_pointer = password->value("$secret", "");
    if (settings.password_pointer.empty())
      complain("/password", "is missing; write ${env:NAME} or ${file:PATH}");
    return std::move(reading_);
  }

 private:
  void read_url() {
    Settings& settings = reading_.settings;
    const std::string url = text("url");
    const std::string_view authority = authority_of(url);
    const bool secure = url.starts_with("imaps://");
    if (authority.empty() || has_control(url) || (!secure && !url.starts_with("imap://"))) {
      complain("/url",
               "is no address of a mail server; write imaps://mail.example.com, user and folder go into keys "
               "of their own");
      return;
    }
    settings.url = (secure ? "imaps://" : "imap://") + std::string{authority} + "/";
    const bool asked_for_none = text("encryption") == "none";
    settings.encryption =
        !secure && (asked_for_none || is_this_machine(authority)) ? Encryption::none : Encryption::required;
    if (secure && asked_for_none)
      complain("/encryption", "is none, but the URL says imaps; write imap:// or take the key out");
  }

  [[nodiscard]] std::string text(const char* key) const {
    const auto found = json_.find(key);
    return found != json_.end() && found->is_string() ? found->get<std::string>() : std::string{};
  }

  void complain(std::string pointer, std::string message) {
    reading_.problems.push_back({std::move(pointer), std::move(message)});
  }

  json json_;
  SettingsReading reading_;
};

}  // namespace

SettingsReading read_settings(std::string_view config) {
  return Reader{config}.read();
}

}  // namespace leadhub::mailbox
