#include <nlohmann/json.hpp>
#include <utility>

#include "api_provider.hpp"

// Postmark's batch endpoint: an array of mails, at most 500, and an array of answers in the same order under
// a 200, each with its ErrorCode. It knows no idempotency key.
namespace leadhub::email {
namespace {

using Json = nlohmann::json;
using sdk::Outcome;

constexpr std::size_t mails_max = 500;

class Postmark final : public ApiProvider {
 public:
  Postmark(const Settings& settings, std::string key)
      : sender_(settings.sender), stream_(settings.api.stream), key_(std::move(key)) {}

  [[nodiscard]] std::string name() const override { return "Postmark"; }
  [[nodiscard]] std::size_t batch_max() const override { return mails_max; }

  [[nodiscard]] sdk::OutboundRequest request(std::span<const Mail* const> mails,
                                             std::int64_t /*now_ms*/) const override {
    Json body = Json::array();
    for (const Mail* mail : mails) body.push_back(to_entry(*mail));
    return {"POST",
            "https://api.postmarkapp.com/email/batch",
            {{"x-postmark-server-token", key_},
             {"content-type", "application/json"},
             {"accept", "application/json"}},
            body.dump()};
  }

  [[nodiscard]] std::vector<Outcome> read(const sdk::HttpResponse& response,
                                          std::size_t count) const override {
    const Json answers = Json::parse(response.body, nullptr, false);
    std::vector<Outcome> outcomes;
    if (!answers.is_array() || answers.size() != count) return outcomes;
    for (const Json& answer : answers) outcomes.push_back(outcome_of(answer));
    return outcomes;
  }

  /// A 422 is about the whole request, and has a code as each mail has.
  [[nodiscard]] Outcome refusal(const sdk::HttpResponse& response, std::int64_t now_ms) const override {
    const Json answer = Json::parse(response.body, nullptr, false);
    const bool has_code = response.status == 422 && answer.is_object() && answer.contains("ErrorCode");
    return has_code ? outcome_of(answer) : ApiProvider::refusal(response, now_ms);
  }

 private:
  [[nodiscard]] Json to_entry(const Mail& mail) const {
    const Sender sender = sender_of(sender_, mail);
    Json entry{{"From", to_header(sender.from)},
               {"To", to_header({mail.to_name, mail.to})},
               {"Subject", mail.subject},
               {"TextBody", mail.text},
               {"MessageStream", stream_},
               {"TrackOpens", false},
               {"TrackLinks", "None"},
               {"Metadata", {{"message_id", mail.message_id}}},
               {"Headers", Json::array({{{"Name", "Message-ID"}, {"Value", "<" + mail.message_id + ">"}}})}};
    if (!mail.html.empty()) entry["HtmlBody"] = mail.html;
    if (sender.reply_to) entry["ReplyTo"] = to_header(*sender.reply_to);
    for (const auto& [header, value] : mail.headers)
      entry["Headers"].push_back({{"Name", header}, {"Value", value}});
    return entry;
  }

  [[nodiscard]] Outcome finished(const std::string& id) const {
    return id.empty() ? not_understood(*this) : Outcome::done(id);
  }

  [[nodiscard]] Outcome outcome_of(const Json& answer) const {
    if (!answer.is_object()) return not_understood(*this);
    // A yes that will take longer has no code.
    const Json code = answer.value("ErrorCode", Json(0));
    const Json id = answer.value("MessageID", Json(""));
    if (!code.is_number_integer() || !id.is_string()) return not_understood(*this);
    const int number = code.get<int>();
    if (number == 0) return finished(id.get<std::string>());
    const std::string what = "gave the error " + std::to_string(number);
    switch (number) {
      case 100:  // maintenance
      case 429:
        return Outcome::later(name() + " " + what, sdk::RetryClass::rate_limited);
      case 10:   // token
      case 400:  // sender signature
      case 401:
      case 405:   // no credits
      case 412:   // account pending
      case 413:   // account may not send
      case 1235:  // no such message stream
        return to_be_mended(*this, what);
      case 406:  // it has bounced, complained or been suppressed there: which of them is not said
        return Outcome::rejected(name() + " " + what + ": it does not send to this recipient any more");
      default:
        return Outcome::rejected(name() + " " + what);
    }
  }

  Sender sender_;
  std::string stream_;
  std::string key_;
};

}  // namespace

std::unique_ptr<ApiProvider> make_postmark(const Settings& settings, std::string key) {
  return std::make_unique<Postmark>(settings, std::move(key));
}

}  // namespace leadhub::email
