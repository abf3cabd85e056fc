#include <leadhub/sdk/event.hpp>

#include <nlohmann/json.hpp>

#include "answers.hpp"
#include "field_mapping.hpp"
#include "html_form.hpp"
#include "json_body.hpp"
#include "mail_event.hpp"
#include "provider.hpp"
#include "text.hpp"

namespace leadhub::newsletter {
namespace {

using nlohmann::json;
using webform::FormSettings;

constexpr std::string_view consent_field = "consent";

webform::FieldRule person_field(std::string name, std::string label, std::string sdk::Person::*member,
                                webform::Presence presence) {
  webform::FieldRule rule;
  rule.name = rule.key = rule.target.name = std::move(name);
  rule.label = std::move(label);
  rule.target.kind = webform::Target::Kind::person;
  rule.target.person = member;
  rule.presence = presence;
  return rule;
}

/// The form that asks for an address, a name and one agreement.
FormSettings sign_up_form(const NewsletterSettings& settings) {
  FormSettings form = settings.form;
  form.event = settings.opt_in == OptIn::confirmed ? "newsletter.requested" : "newsletter.subscribed";
  form.fields = {person_field("email", "E-mail", &sdk::Person::email, webform::Presence::required),
                 person_field("name", "Name", &sdk::Person::name, webform::Presence::optional)};
  form.consent = {
      {std::string(consent_field), settings.purpose, "email", settings.text, webform::Presence::required}};
  if (!settings.list.empty()) form.constants = {{"list", settings.list}};
  return form;
}

bool is_json(const sdk::HttpRequest& request) {
  return webform::is_content_type(request.header("content-type"), "application/json");
}

/// Forms as the web form plugin takes them, and the same as JSON.
class NativeProvider final : public Provider {
 public:
  explicit NativeProvider(ProviderParts parts)
      : channel_(parts.channel),
        opt_in_(parts.settings.opt_in),
        json_form_(sign_up_form(parts.settings)),
        form_(parts.channel, sign_up_form(parts.settings), parts.signing_key) {}

  sdk::Verdict authenticate(const sdk::HttpRequest& request, std::int64_t now_ms) override {
    if (!is_json(request) || request.path().starts_with("/f/")) return form_.authenticate(request, now_ms);
    if (std::optional<sdk::Verdict> stopped = form_.gate().stop(request, now_ms, webform::Format::json))
      return std::move(*stopped);
    return is_honeypot_filled(request) ? sdk::Verdict::hold("the honeypot field was filled in")
                                       : sdk::Verdict::accept();
  }

  [[nodiscard]] sdk::Reading read(const sdk::HttpRequest& request) const override {
    if (!is_json(request)) return form_.read(request);
    sdk::Reading reading = read_json(request);
    form_.gate().add_cors(request, reading.response);
    return reading;
  }

 private:
  bool is_honeypot_filled(const sdk::HttpRequest& request) const {
    if (json_form_.honeypot.empty()) return false;
    const auto body = webform::parse_json_object(request.body());
    return body && !text_at(*body, json_form_.honeypot).empty();  // read() says what is wrong with a body
  }

  /// {"email": ..., "name": ..., "consent": true}. Where the owner of the mailbox is asked anyway, consent
  /// may be missing: sending the form is what the mail asks to confirm.
  sdk::Reading read_json(const sdk::HttpRequest& request) const {
    const auto body = webform::parse_json_object(request.body());
    if (!body) return {{}, webform::refusal(webform::Format::json, 400, {}, body.error())};
    webform::Submission submission(json_form_);
    for (const auto& [name, value] : body->items()) {
      if (value.is_structured() || value.is_null()) continue;
      const std::string& text =
          submission.texts.emplace_back(value.is_string() ? value.get<std::string>() : value.dump());
      submission.take(json_form_, name, text);
    }
    if (opt_in_ == OptIn::confirmed && !body->contains(consent_field)) submission.consents[0] = "yes";
    webform::Mapped mapped = webform::map_submission(json_form_, submission, request,
                                                     std::string(request.public_url()) + "/in/" + channel_);
    if (!mapped.problems.empty()) return {{}, webform::json_problems(422, mapped.problems)};
    return {{mapped.event.to_json()}, webform::json_accepted()};
  }

  std::string channel_;
  OptIn opt_in_;
  FormSettings json_form_;
  webform::HtmlForm form_;
};

}  // namespace

namespace providers {

/// The hub's own sign-up.
extern constexpr ProviderKind native{"native", &make_provider<NativeProvider>, &no_secret_problem,
                                     &no_key_problem};

}  // namespace providers

}  // namespace leadhub::newsletter
