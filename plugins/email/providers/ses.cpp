#include <leadhub/sdk/crypto.hpp>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "api_provider.hpp"
#include "aws_signature.hpp"
#include "smtp_transaction.hpp"

// Amazon SES, API version 2, SendEmail with the raw mail. It knows no idempotency key.
namespace leadhub::email {
namespace {

using Json = nlohmann::json;

/// What no mail of this account can pass.
constexpr std::array<std::string_view, 5> account_errors{
    "AccountSuspendedException", "SendingPausedException", "MailFromDomainNotVerifiedException",
    "NotFoundException", "LimitExceededException"};

/// How the message of a MessageRejected begins that is about an identity: the sender's, or the recipient's in
/// the sandbox of an account that may not send to everybody yet.
constexpr std::string_view unverified = "Email address is not verified";

bool is_about_identity(const std::string& kind, const sdk::HttpResponse& response) {
  return kind == "MessageRejected" && (member_of(response, "message").starts_with(unverified) ||
                                       member_of(response, "Message").starts_with(unverified));
}

class Ses final : public ApiProvider {
 public:
  Ses(const Settings& settings, std::string key)
      : sender_(settings.sender),
        configuration_set_(settings.api.configuration_set),
        host_("email." + settings.api.region + ".amazonaws.com"),
        credentials_{settings.api.key_id, std::move(key), settings.api.region, "ses"} {}

  [[nodiscard]] std::string name() const override { return "Amazon SES"; }

  [[nodiscard]] sdk::OutboundRequest request(std::span<const Mail* const> mails,
                                             std::int64_t now_ms) const override {
    const Mail& mail = *mails.front();
    const Sender sender = sender_of(sender_, mail);
    Json body{{"FromEmailAddress", envelope_address(sender.from.address)},
              {"Destination", {{"ToAddresses", Json::array({envelope_address(mail.to)})}}},
              {"Content", {{"Raw", {{"Data", sdk::base64_encode(make_message(sender_, mail))}}}}}};
    if (!configuration_set_.empty()) body["ConfigurationSetName"] = configuration_set_;
    const std::string date = aws_date(now_ms);
    const std::string path = "/v2/email/outbound-emails";
    const AwsRequest signed_part{
        "POST",
        host_,
        path,
        "",
        {{"content-type", "application/json"}, {"host", host_}, {"x-amz-date", date}},
        body.dump()};
    return {"POST",
            "https://" + host_ + path,
            {{"content-type", "application/json"},
             {"x-amz-date", date},
             {"authorization", aws_authorization(credentials_, signed_part, date)}},
            signed_part.body};
  }

  [[nodiscard]] std::vector<sdk::Outcome> read(const sdk::HttpResponse& response,
                                               std::size_t /*count*/) const override {
    const auto id = member_of(response, "MessageId");
    return {id.empty() ? not_understood(*this) : sdk::Outcome::done(id)};
  }

  [[nodiscard]] sdk::Outcome refusal(const sdk::HttpResponse& response, std::int64_t now_ms) const override {
    const std::string_view header = sdk::header(response, "x-amzn-errortype");
    const std::string kind{header.substr(0, header.find(':'))};
    if (std::ranges::find(account_errors, kind) != account_errors.end())
      return to_be_mended(*this, "answered " + kind);
    if (is_about_identity(kind, response)) return to_be_mended(*this, "knows an address only as unverified");
    if (kind == "TooManyRequestsException" || kind == "ThrottlingException")
      return sdk::Outcome::later(name() + " answered " + kind, sdk::RetryClass::rate_limited,
                                 sdk::retry_after_ms(response, now_ms));
    return ApiProvider::refusal(response, now_ms);
  }

 private:
  Sender sender_;
  std::string configuration_set_;
  std::string host_;
  AwsCredentials credentials_;
};

}  // namespace

std::unique_ptr<ApiProvider> make_ses(const Settings& settings, std::string key) {
  return std::make_unique<Ses>(settings, std::move(key));
}

}  // namespace leadhub::email
