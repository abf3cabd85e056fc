#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "message.hpp"

namespace leadhub::email {

enum class TransportKind { maildir = 1, smtp, sendgrid, mailgun, postmark, ses, brevo };

enum class Tls { required = 1, none };

struct SmtpSettings {
  std::string url;   ///< smtp:// or smtps://
  std::string user;  ///< empty: no login
  Tls tls = Tls::required;
  std::size_t connections = 4;
  std::string ca_file;        ///< empty: the system's
  std::string envelope_from;  ///< an address, where bounces go
};

/// What APIs want besides their key. Each has its own; the others are empty.
struct ApiSettings {
  std::string region;             ///< sendgrid, mailgun: "us" or "eu"; ses: "eu-central-1"
  std::string domain;             ///< mailgun: the sending domain
  std::string stream;             ///< postmark: the message stream
  std::string key_id;             ///< ses: of the access key
  std::string configuration_set;  ///< ses: may be empty
};

/// A key that signs mails; its value is the host's secret of the name `secret`.
struct DkimKeySettings {
  std::string domain;
  std::string selector;
  std::string secret;
};

/// How many mails may leave. 0: as many as there are.
struct Rates {
  std::int64_t per_second = 0;
  std::map<std::string, std::int64_t, std::less<>> per_domain;  ///< a second; by lower-case A-labels
  std::int64_t per_connection = 0;
};

/// How many mails a sender that nobody knows yet may send on its first days.
struct WarmUp {
  std::int64_t first_day = 0;       ///< days since 1970-01-01, UTC
  std::vector<std::int64_t> mails;  ///< of each day; not empty
};

/// A channel's configuration, compiled.
struct Settings {
  TransportKind transport = TransportKind::maildir;
  std::string directory;  ///< maildir: absolute
  Sender sender;
  SmtpSettings smtp = {};
  ApiSettings api = {};
  std::vector<DkimKeySettings> dkim = {};
  Rates rates = {};
  std::optional<WarmUp> warm_up = std::nullopt;
};

/// Something wrong: JSON pointer into the configuration, "what is wrong; how to mend it".
struct SettingsProblem {
  std::string pointer, message;
};

struct SettingsReading {
  Settings settings;
  std::vector<SettingsProblem> problems;  ///< the settings are only good without any
};

/// Reads `config`: JSON, valid by config_schema.json, defaults filled in, secrets replaced by references.
SettingsReading read_settings(std::string_view config);

}  // namespace leadhub::email
