#include "settings.hpp"

#include <nlohmann/json.hpp>

namespace leadhub::email {
namespace {

using Json = nlohmann::json;

class Reader {
 public:
  explicit Reader(std::string_view config) : json_(Json::parse(config, nullptr, false)) {}

  SettingsReading read() {
    if (!json_.is_object()) {
      complain("", "is no JSON object; write config: {...}");
      return std::move(reading_);
    }
    Settings& settings = reading_.settings;
    settings.transport_name = text("transport");
    settings.transport =
        settings.transport_name == "maildir" ? TransportKind::maildir : TransportKind::announced;
    settings.directory = text("directory");
    if (settings.transport == TransportKind::maildir && !settings.directory.starts_with('/'))
      complain("/directory", "is no absolute path, which the host should have made it; name a folder");
    settings.sender.from = mailbox("from");
    if (json_.contains("reply_to")) settings.sender.reply_to = mailbox("reply_to");
    return std::move(reading_);
  }

 private:
  std::string text(const char* key) const {
    const auto found = json_.find(key);
    return found != json_.end() && found->is_string() ? found->get<std::string>() : std::string{};
  }

  Mailbox mailbox(const char* key) {
    if (auto read = read_mailbox(text(key))) return *std::move(read);
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
