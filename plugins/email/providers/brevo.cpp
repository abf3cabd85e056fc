#include <gmime/gmime.h>
#include <leadhub/sdk/crypto.hpp>

#include <nlohmann/json.hpp>
#include <utility>

#include "api_provider.hpp"

// Brevo's transactional mails. It wants HTML, takes header values in ASCII, and knows an idempotency key that
// must be a UUID and holds for some minutes: long enough for a repetition at once, not for one by the
// back-off of the hub.
namespace leadhub::email {
namespace {

using Json = nlohmann::json;

/// One for each message id.
std::string uuid_of(std::string_view message_id) {
  std::string bytes = sdk::sha256(message_id).substr(0, 16);
  // RFC 9562 section 5.8: version 8, of whoever makes it.
  bytes[6] = static_cast<char>((static_cast<unsigned char>(bytes[6]) & 0x0FU) | 0x80U);
  bytes[8] = static_cast<char>((static_cast<unsigned char>(bytes[8]) & 0x3FU) | 0x80U);
  std::string text = sdk::hex_encode(bytes);
  for (const std::size_t at : {8U, 13U, 18U, 23U}) text.insert(at, 1, '-');
  return text;
}

std::string in_ascii(const std::string& value) {
  char* encoded = g_mime_utils_header_encode_text(nullptr, value.c_str(), "utf-8");
  std::string text{encoded};
  g_free(encoded);
  return text;
}

/// Text as a page, its lines kept.
std::string to_html(std::string_view text) {
  std::string html = "<div style=\"white-space: pre-wrap\">";
  for (const char c : text) {
    if (c == '&')
      html += "&amp;";
    else if (c == '<')
      html += "&lt;";
    else if (c == '>')
      html += "&gt;";
    else
      html += c;
  }
  return html + "</div>";
}

class Brevo final : public ApiProvider {
 public:
  Brevo(const Settings& settings, std::string key) : sender_(settings.sender), key_(std::move(key)) {}

  [[nodiscard]] std::string name() const override { return "Brevo"; }
  [[nodiscard]] Repetition repetition() const override { return Repetition::safe; }

  [[nodiscard]] sdk::OutboundRequest request(std::span<const Mail* const> mails,
                                             std::int64_t /*now_ms*/) const override {
    const Mail& mail = *mails.front();
    const Sender sender = sender_of(sender_, mail);
    Json body{{"sender", to_json(sender.from)},
              {"to", Json::array({to_json({mail.to_name, mail.to})})},
              {"subject", mail.subject},
              {"textContent", mail.text},
              {"htmlContent", mail.html.empty() ? to_html(mail.text) : mail.html},
              {"headers",
               {{"idempotencyKey", uuid_of(mail.message_id)}, {"Message-ID", "<" + mail.message_id + ">"}}}};
    if (sender.reply_to) body["replyTo"] = to_json(*sender.reply_to);
    for (const auto& [header, value] : mail.headers) body["headers"][header] = in_ascii(value);
    return {"POST",
            "https://api.brevo.com/v3/smtp/email",
            {{"api-key", key_}, {"content-type", "application/json"}, {"accept", "application/json"}},
            body.dump()};
  }

  [[nodiscard]] std::vector<sdk::Outcome> read(const sdk::HttpResponse& response,
                                               std::size_t /*count*/) const override {
    const auto id = member_of(response, "messageId");
    return {id.empty() ? not_understood(*this) : sdk::Outcome::done(id)};
  }

 private:
  Sender sender_;
  std::string key_;
};

}  // namespace

std::unique_ptr<ApiProvider> make_brevo(const Settings& settings, std::string key) {
  return std::make_unique<Brevo>(settings, std::move(key));
}

}  // namespace leadhub::email
