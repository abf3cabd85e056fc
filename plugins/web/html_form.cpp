#include "html_form.hpp"

#include <leadhub/sdk/form.hpp>

#include "limits.hpp"
#include "text.hpp"

namespace leadhub::webform {
namespace {

sdk::HttpResponse explain(BodyError error, Format format) {
  switch (error) {
    case BodyError::unknown_type:
      return refusal(format, 415, "This is not a form",
                     "Send application/x-www-form-urlencoded or multipart/form-data.");
    case BodyError::too_many_fields:
      return refusal(format, 413, "The form is too large",
                     "The form has more than " + std::to_string(limits::form_fields_max) + " fields.");
    case BodyError::malformed:
      break;
  }
  return refusal(format, 400, "The form did not arrive whole",
                 "The multipart/form-data of the form is malformed or cut off. Please send it again.");
}

}  // namespace

HtmlForm::HtmlForm(std::string channel, FormSettings settings, std::string_view signing_key)
    : channel_(std::move(channel)),
      settings_(std::move(settings)),
      tokens_(signing_key),
      gate_(settings_),
      form_(settings_, channel_) {}

sdk::Verdict HtmlForm::authenticate(const sdk::HttpRequest& request, std::int64_t now_ms) {
  if (request.path().starts_with("/f/")) return show(request, now_ms);
  const Format format = preferred_format(request.header("accept"));
  if (std::optional<sdk::Verdict> stopped = gate_.stop(request, now_ms, format)) return std::move(*stopped);
  const auto body = FormBody::parse(request);
  if (!body) {
    // Whatever else is wrong with a body, read() explains.
    if (body.error() != BodyError::unknown_type) return sdk::Verdict::accept();
    sdk::HttpResponse response = explain(body.error(), format);
    gate_.add_cors(request, response);
    return sdk::Verdict::refuse(std::move(response), "the content type is no form's");
  }
  return judge(*body, now_ms);
}

sdk::Reading HtmlForm::read(const sdk::HttpRequest& request) const {
  const Format format = preferred_format(request.header("accept"));
  sdk::Reading reading = read_body(request, format);
  gate_.add_cors(request, reading.response);
  return reading;
}

sdk::Verdict HtmlForm::show(const sdk::HttpRequest& request, std::int64_t now_ms) const {
  if (request.method() != "GET" && request.method() != "HEAD") {
    sdk::HttpResponse response =
        refusal(Format::html, 405, "This address shows a form", "This address shows a form: use GET.");
    response.headers.emplace_back("allow", "GET, HEAD");
    return sdk::Verdict::refuse(std::move(response), "the method is not GET");
  }
  const std::string token = tokens_.make(now_ms);
  if (request.path().ends_with(".js")) return sdk::Verdict::answer(form_.script(token, request.public_url()));
  FormState state;
  state.token = token;
  state.attribution = arrival(request);
  return sdk::Verdict::answer(form_.page(state));
}

sdk::Attribution HtmlForm::arrival(const sdk::HttpRequest& request) {
  sdk::Attribution attribution;
  const auto keep = [](std::string& member, const std::string& text) {
    if (text.size() <= limits::field_bytes_max) member = single_line(text);
  };
  if (const auto query = sdk::UrlencodedForm::parse(request.query(), limits::form_fields_max))
    for (const auto& [name, member] : sdk::attribution_members)
      keep(attribution.*member, sdk::to_utf8(query->value(name)));
  std::string page = std::string(request.public_url()) + std::string(request.path());
  if (!request.query().empty()) page += "?" + std::string(request.query());
  keep(attribution.landing_page, sdk::to_utf8(page));
  if (attribution.referrer.empty()) keep(attribution.referrer, sdk::to_utf8(request.header("referer")));
  return attribution;
}

sdk::Verdict HtmlForm::judge(const FormBody& body, std::int64_t now_ms) const {
  std::string_view token;
  for (const auto& [name, value] : body.fields()) {
    if (!settings_.honeypot.empty() && name == settings_.honeypot && !trim(value).empty())
      return sdk::Verdict::hold("the honeypot field was filled in");
    if (name == token_field) token = value;
  }
  if (settings_.fill_ms_min == 0) return sdk::Verdict::accept();
  const std::optional<FormToken> shown = tokens_.read(token);
  if (!shown) return sdk::Verdict::accept();
  const std::int64_t filled_ms = now_ms - shown->shown_at_ms;
  const bool of_our_time = filled_ms >= -limits::token_ahead_ms_max && filled_ms <= limits::token_age_ms_max;
  if (!of_our_time || filled_ms >= settings_.fill_ms_min) return sdk::Verdict::accept();
  return sdk::Verdict::hold("filled in within " + std::to_string(filled_ms) + " ms; people need at least " +
                            std::to_string(settings_.fill_ms_min) + " ms");
}

sdk::Reading HtmlForm::read_body(const sdk::HttpRequest& request, Format format) const {
  const auto body = FormBody::parse(request);
  if (!body) return {{}, explain(body.error(), format)};
  Submission submission = collect(*body);
  const std::optional<FormToken> token = tokens_.read(submission.token);
  Mapped mapped = map_submission(settings_, submission, request, own_page(request));
  if (token) mapped.event.key = token->key;
  std::string event;
  if (mapped.problems.empty()) event = mapped.event.to_json();
  if (!fits_an_event(mapped.event, event)) mapped.problems.push_back({"", "The form", "is too large"});
  if (!mapped.problems.empty()) return {{}, complain(mapped, submission, token.has_value(), format)};
  return {{std::move(event)}, welcome(format)};
}

Submission HtmlForm::collect(const FormBody& body) const {
  Submission submission(settings_);
  const auto as_utf8 = [&](std::string_view text) {
    if (!needs_conversion(text, body.charset())) return text;
    return std::string_view(submission.texts.emplace_back(to_utf8(text, body.charset())));
  };
  for (const auto& [name, value] : body.fields()) submission.take(settings_, as_utf8(name), as_utf8(value));
  for (const Part* file : body.files())
    submission.attachments.push_back({single_line(as_utf8(file->name)),
                                      safe_file_name(as_utf8(file->file_name)),
                                      single_line(file->content_type), std::string(file->content)});
  for (sdk::Attachment& file : submission.attachments) {
    if (file.field.size() > limits::field_bytes_max) file.field.clear();
    if (file.content_type.empty() || file.content_type.size() > limits::file_name_bytes_max)
      file.content_type = "application/octet-stream";
  }
  return submission;
}

sdk::HttpResponse HtmlForm::complain(const Mapped& mapped, const Submission& submission, bool genuine_token,
                                     Format format) const {
  if (format == Format::json) return json_problems(422, mapped.problems);
  FormState state;
  if (genuine_token) state.token = submission.token;
  state.visitor = submission.visitor;
  state.attribution = mapped.event.attribution;
  state.given = &submission;
  state.problems = mapped.problems;
  sdk::HttpResponse page = form_.page(state);
  if (page.body.size() <= limits::page_bytes_max) return page;
  // What was typed is shown again, unless it is absurdly long.
  state.given = nullptr;
  return form_.page(state);
}

sdk::HttpResponse HtmlForm::welcome(Format format) const {
  if (format == Format::json) return json_accepted();
  if (settings_.thank_you.empty()) return form_.thanks();
  return {303, {{"location", settings_.thank_you}, {"cache-control", "no-store"}}, {}};
}

std::string HtmlForm::own_page(const sdk::HttpRequest& request) const {
  return std::string(request.public_url()) + "/f/" + channel_;
}

}  // namespace leadhub::webform
