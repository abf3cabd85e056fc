#include <nlohmann/json.hpp>
#include <utility>

#include "api_provider.hpp"

// SendGrid's Mail Send API, version 3. 202 without a body is its yes. It knows no idempotency key.
namespace leadhub::email {
namespace {

using Json = nlohmann::json;

class SendGrid final : public ApiProvider {
 public:
  SendGrid(const Settings& settings, std::string key)
      : sender_(settings.sender), is_eu_(settings.api.region == "eu"), key_(std::move(key)) {}

  [[nodiscard]] std::string name() const override { return "SendGrid"; }

  [[nodiscard]] sdk::OutboundRequest request(std::span<const Mail* const> mails,
                                             std::int64_t /*now_ms*/) const override {
    const Mail& mail = *mails.front();
    const Sender sender = sender_of(sender_, mail);
    Json body{{"personalizations", Json::array({{{"to", Json::array({to_json({mail.to_name, mail.to})})}}})},
              {"from", to_json(sender.from)},
              {"subject", mail.subject},
              {"content", Json::array({{{"type", "text/plain"}, {"value", mail.text}}})},
              {"headers", {{"Message-ID", "<" + mail.message_id + ">"}}},
              {"custom_args", {{"message_id", mail.message_id}}}};
    // The hub tracks by itself, where it tracks at all.
    for (const char* tracking : {"click_tracking", "open_tracking", "subscription_tracking"})
      body["tracking_settings"][tracking]["enable"] = false;
    if (sender.reply_to) body["reply_to"] = to_json(*sender.reply_to);
    if (!mail.html.empty()) body["content"].push_back({{"type", "text/html"}, {"value", mail.html}});
    for (const auto& [header, value] : mail.headers) body["headers"][header] = value;
    return {"POST",
            std::string{"https://api."} + (is_eu_ ? "eu." : "") + "sendgrid.com/v3/mail/send",
            {{"authorization", "Bearer " + key_}, {"content-type", "application/json"}},
            body.dump()};
  }

  [[nodiscard]] std::vector<sdk::Outcome> read(const sdk::HttpResponse& response,
                                               std::size_t /*count*/) const override {
    if (response.status != 202) return {not_understood(*this)};
    return {sdk::Outcome::done(std::string{sdk::header(response, "x-message-id")})};
  }

 private:
  Sender sender_;
  bool is_eu_;
  std::string key_;
};

}  // namespace

std::unique_ptr<ApiProvider> make_sendgrid(const Settings& settings, std::string key) {
  return std::make_unique<SendGrid>(settings, std::move(key));
}

}  // namespace leadhub::email
