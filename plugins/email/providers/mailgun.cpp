#include <leadhub/sdk/crypto.hpp>

#include <utility>

#include "api_provider.hpp"

// Mailgun's messages.mime: the mail goes as it is, in a form. It knows no idempotency key. A wrong path is
// answered with 200 and words about Mailgun, so only an answer with an id is a yes.
namespace leadhub::email {
namespace {

class Mailgun final : public ApiProvider {
 public:
  Mailgun(const Settings& settings, const std::string& key)
      : sender_(settings.sender),
        url_(std::string{"https://api."} + (settings.api.region == "eu" ? "eu." : "") + "mailgun.net/v3/" +
             settings.api.domain + "/messages.mime"),
        authorization_("Basic " + sdk::base64_encode("api:" + key)) {}

  [[nodiscard]] std::string name() const override { return "Mailgun"; }

  [[nodiscard]] sdk::OutboundRequest request(std::span<const Mail* const> mails,
                                             std::int64_t /*now_ms*/) const override {
    const Mail& mail = *mails.front();
    // Of 32 random hexadecimal digits: in no mail.
    const std::string boundary = "leadhub-" + sdk::hex_encode(sdk::random_bytes(16));
    const auto field = [&](const std::string& disposition, const std::string& value) {
      return "--" + boundary + "\r\nContent-Disposition: form-data; " + disposition + "\r\n\r\n" + value +
             "\r\n";
    };
    return {
        "POST",
        url_,
        {{"authorization", authorization_}, {"content-type", "multipart/form-data; boundary=" + boundary}},
        field("name=\"to\"", mail.to) + field("name=\"o:tracking\"", "no") +
            field("name=\"v:message_id\"", mail.message_id) +
            field("name=\"message\"; filename=\"mail.eml\"", make_message(sender_, mail)) + "--" + boundary +
            "--\r\n"};
  }

  [[nodiscard]] std::vector<sdk::Outcome> read(const sdk::HttpResponse& response,
                                               std::size_t /*count*/) const override {
    if (const auto id = member_of(response, "id"); !id.empty()) return {sdk::Outcome::done(id)};
    if (response.body.find("Magnificent") != std::string::npos)
      return {to_be_mended(*this, "does not know this address; the domain may be wrong")};
    return {not_understood(*this)};
  }

 private:
  Sender sender_;
  std::string url_;
  std::string authorization_;
};

}  // namespace

std::unique_ptr<ApiProvider> make_mailgun(const Settings& settings, const std::string& key) {
  return std::make_unique<Mailgun>(settings, key);
}

}  // namespace leadhub::email
