#include "hosted_form.hpp"

#include <leadhub/sdk/form.hpp>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "embed_script.hpp"
#include "form_token.hpp"
#include "html.hpp"
#include "limits.hpp"
#include "origin.hpp"
#include "text.hpp"
#include "visitor.hpp"

namespace leadhub::webform {
namespace {

using Json = nlohmann::ordered_json;

/// How a field is shown: the input's type, or the element's kind.
struct Control {
  std::string_view kind;  ///< an input type, or textarea, select, choices
  std::string_view autocomplete;
  std::string_view input_mode;
  std::string_view step;
};

std::string_view autocomplete_of(const Target& target) {
  constexpr std::pair<std::string_view, std::string_view> purposes[] = {{"email", "email"},
                                                                        {"phone", "tel"},
                                                                        {"name", "name"},
                                                                        {"first_name", "given-name"},
                                                                        {"last_name", "family-name"},
                                                                        {"company", "organization"},
                                                                        {"job_title", "organization-title"},
                                                                        {"country", "country-name"},
                                                                        {"city", "address-level2"},
                                                                        {"language", "language"}};
  if (target.kind == Target::Kind::person)
    for (const auto& [name, purpose] : purposes)
      if (name == target.name) return purpose;
  return {};
}

Control control_of(const FieldRule& field) {
  const std::string_view purpose = autocomplete_of(field.target);
  if (field.type == ValueType::list) return {field.options.empty() ? "text" : "choices", {}, {}, {}};
  if (!field.options.empty()) return {"select", purpose, {}, {}};
  if (field.target.kind == Target::Kind::message) return {"textarea", {}, {}, {}};
  if (field.target.name == "email" && field.target.kind == Target::Kind::person)
    return {"email", purpose, {}, {}};
  if (field.target.name == "phone" && field.target.kind == Target::Kind::person)
    return {"tel", purpose, {}, {}};
  switch (field.type) {
    case ValueType::integer:
      return {"number", {}, "numeric", "1"};
    case ValueType::number:
      return {"number", {}, "decimal", "any"};
    case ValueType::boolean:
      return {"checkbox", {}, {}, {}};
    case ValueType::date:
      return {"date", {}, {}, {}};
    case ValueType::text:
    case ValueType::list:
      break;
  }
  return {"text", purpose, {}, {}};
}

std::string attribute(std::string_view name, std::string_view value) {
  if (value.empty()) return {};
  return " " + std::string(name) + "=\"" + escape_html(value) + "\"";
}

std::string_view mark(Presence presence) {
  return presence == Presence::required ? "<span class=\"mark\" aria-hidden=\"true\"> *</span>" : "";
}

std::string_view required(Presence presence) {
  return presence == Presence::required ? " required" : "";
}

std::string hidden(std::string_view name, std::string_view value) {
  if (value.empty()) return {};
  return "<input type=\"hidden\"" + attribute("name", name) + attribute("value", value) + ">\n";
}

const Problem* problem_of(const FormState& state, std::string_view field) {
  for (const Problem& problem : state.problems)
    if (problem.field == field) return &problem;
  return nullptr;
}

/// "is required" -> "This is required.": stands below its field.
std::string sentence(const std::string& message) {
  return "This " + message + ".";
}

std::string invalid(const Problem* problem, std::string_view id) {
  if (problem == nullptr) return {};
  return " aria-invalid=\"true\" aria-describedby=\"" + std::string(id) + "-problem\"";
}

std::string note(const Problem* problem, std::string_view id) {
  if (problem == nullptr) return {};
  return "<p class=\"problem\" id=\"" + std::string(id) + "-problem\">" +
         escape_html(sentence(problem->message)) + "</p>\n";
}

std::string checkbox(std::string_view id, std::string_view name, std::string_view value,
                     std::string_view label, Presence presence, std::string_view further) {
  std::string out = "<div class=\"choice\"><input type=\"checkbox\"" + attribute("id", id) +
                    attribute("name", name) + attribute("value", value);
  (out += required(presence)) += further;
  out += "><label" + attribute("for", id) + ">" + escape_html(label);
  out += mark(presence);
  return out + "</label></div>\n";
}

bool is_chosen(const Given* given, std::string_view value) {
  return given != nullptr && (given->value == value || std::find(given->values.begin(), given->values.end(),
                                                                 value) != given->values.end());
}

std::string choices(const FieldRule& field, const std::string& id, const Given* given,
                    const Problem* problem) {
  std::string out = "<fieldset class=\"field\"" + attribute("id", id) + invalid(problem, id) + ">\n<legend>" +
                    escape_html(field.label);
  out += mark(field.presence);
  out += "</legend>\n";
  for (std::size_t i = 0; i < field.options.size(); ++i)
    out += checkbox(id + "-" + std::to_string(i), field.name, field.options[i], field.options[i],
                    Presence::optional, is_chosen(given, field.options[i]) ? " checked" : "");
  return out + note(problem, id) + "</fieldset>\n";
}

std::string select(const FieldRule& field, const Given* given, const std::string& attributes) {
  std::string out = "<select" + attributes + ">\n<option value=\"\"></option>\n";
  for (const std::string& option : field.options) {
    out += "<option" + attribute("value", option);
    out += given != nullptr && trim(given->value) == option ? " selected>" : ">";
    out += escape_html(option) + "</option>\n";
  }
  return out + "</select>\n";
}

std::string render(const FieldRule& field, const std::string& id, const Given* given,
                   const Problem* problem) {
  const Control control = control_of(field);
  const std::string_view value = given != nullptr ? given->value : std::string_view{};
  if (control.kind == "choices") return choices(field, id, given, problem);
  if (control.kind == "checkbox")
    return "<div class=\"field\">" +
           checkbox(id, field.name, "true", field.label, field.presence,
                    std::string(value.empty() ? "" : " checked") + invalid(problem, id)) +
           note(problem, id) + "</div>\n";
  std::string out = "<div class=\"field\">\n<label" + attribute("for", id) + ">" + escape_html(field.label);
  out += mark(field.presence);
  out += "</label>\n";
  std::string attributes = attribute("id", id) + attribute("name", field.name) +
                           attribute("autocomplete", control.autocomplete) + invalid(problem, id);
  attributes += required(field.presence);
  if (control.kind == "textarea") {
    // HTML drops one line end right after the tag.
    out += "<textarea rows=\"5\"" + attributes + ">\n" + escape_html(value) + "</textarea>\n";
  } else if (control.kind == "select") {
    out += select(field, given, attributes);
  } else {
    // A browser would not show what is no number or no date; who mistyped it wants to see it.
    const bool free_text = problem != nullptr && (control.kind == "number" || control.kind == "date");
    out += "<input" + attribute("type", free_text ? "text" : control.kind) +
           attribute("inputmode", control.input_mode) + attribute("step", control.step) + attributes +
           attribute("value", value) + ">\n";
  }
  return out + note(problem, id) + "</div>\n";
}

std::string summary(const FormState& state, const FormSettings& settings) {
  if (state.problems.empty()) return {};
  const auto anchor = [&](const std::string& name) -> std::string {
    for (std::size_t i = 0; i < settings.fields.size(); ++i)
      if (settings.fields[i].name == name) return "field-" + std::to_string(i);
    for (std::size_t i = 0; i < settings.consent.size(); ++i)
      if (settings.consent[i].name == name) return "consent-" + std::to_string(i);
    return {};
  };
  std::string out = "<div class=\"problems\" role=\"alert\">\n<h2>Please check the form</h2>\n<ul>\n";
  for (const Problem& problem : state.problems) {
    const std::string target = anchor(problem.field);
    const std::string text = escape_html(problem.label + " " + problem.message);
    if (target.empty())
      out.append("<li>").append(text).append("</li>\n");
    else
      out.append("<li><a href=\"#").append(target).append("\">").append(text).append("</a></li>\n");
  }
  return out + "</ul>\n</div>\n";
}

std::string script_json(const Json& json) {
  return escape_script_json(json.dump(-1, ' ', false, Json::error_handler_t::replace));
}

Json script_settings(const FormSettings& settings) {
  Json fields = Json::array();
  for (const FieldRule& field : settings.fields) {
    const Control control = control_of(field);
    Json json{{"name", field.name}, {"label", field.label}, {"kind", control.kind}};
    json["required"] = field.presence == Presence::required;
    if (!control.autocomplete.empty()) json["autocomplete"] = control.autocomplete;
    if (!control.input_mode.empty()) json["inputmode"] = control.input_mode;
    if (!control.step.empty()) json["step"] = control.step;
    if (!field.options.empty()) json["options"] = field.options;
    fields.push_back(std::move(json));
  }
  Json consent = Json::array();
  for (const ConsentRule& rule : settings.consent)
    consent.push_back(
        {{"name", rule.name}, {"text", rule.text}, {"required", rule.presence == Presence::required}});
  Json attribution = Json::array();
  for (const auto& member : sdk::attribution_members)
    if (member.name != "referrer" && member.name != "landing_page") attribution.push_back(member.name);
  return {{"language", settings.texts.language},
          {"button", settings.texts.button},
          {"thanks", settings.texts.thanks},
          {"thank_you", settings.thank_you},
          {"check", "Please check the fields marked above."},
          {"failed", "This did not work. Please try again in a moment."},
          {"honeypot", settings.honeypot},
          {"attribution", std::move(attribution)},
          {"fields", std::move(fields)},
          {"consent", std::move(consent)},
          {"style", embed_style}};
}

sdk::HttpResponse page_response(int status, std::string body, const std::string& policy) {
  return {status,
          {{"content-type", "text/html; charset=utf-8"},
           {"cache-control", "no-store"},
           {"content-security-policy", policy},
           {"referrer-policy", "strict-origin-when-cross-origin"},
           {"x-content-type-options", "nosniff"}},
          std::move(body)};
}

std::string policy_for(const FormSettings& settings) {
  std::string parents;
  for (const std::string& origin : settings.origins)
    if (origin != "null") (parents += parents.empty() ? "" : " ") += origin;
  return page_policy(ascii_lower(origin_of(settings.thank_you)), parents);
}

}  // namespace

HostedForm::HostedForm(const FormSettings& settings, std::string channel)
    : settings_(settings),
      channel_(std::move(channel)),
      policy_(policy_for(settings)),
      script_fields_(script_json(script_settings(settings))) {}

std::string HostedForm::form(const FormState& state) const {
  // Relative, so that it works behind any prefix, from /f/<channel> and from /in/<channel> alike.
  std::string out = "<form method=\"post\" action=\"../in/" + sdk::percent_encode(channel_) +
                    "\" accept-charset=\"utf-8\">\n";
  const bool any_required =
      std::any_of(settings_.fields.begin(), settings_.fields.end(),
                  [](const FieldRule& field) { return field.presence == Presence::required; });
  if (any_required) out += "<p class=\"quiet\">Fields marked * are required.</p>\n";
  for (std::size_t i = 0; i < settings_.fields.size(); ++i) {
    const FieldRule& field = settings_.fields[i];
    const Given* given = state.given != nullptr ? &state.given->fields[i] : nullptr;
    out += render(field, "field-" + std::to_string(i), given, problem_of(state, field.name));
  }
  // A box is never checked beforehand, not even when the form comes back: consent is given by an act.
  for (std::size_t i = 0; i < settings_.consent.size(); ++i) {
    const ConsentRule& rule = settings_.consent[i];
    const Problem* const problem = problem_of(state, rule.name);
    const std::string id = "consent-" + std::to_string(i);
    out += "<div class=\"field\">" +
           checkbox(id, rule.name, "yes", rule.text, rule.presence, invalid(problem, id)) +
           note(problem, id) + "</div>\n";
  }
  if (!settings_.honeypot.empty())
    out +=
        "<div class=\"elsewhere\" aria-hidden=\"true\"><label for=\"elsewhere\">Leave this empty</label>"
        "<input id=\"elsewhere\" tabindex=\"-1\" autocomplete=\"off\"" +
        attribute("name", settings_.honeypot) + "></div>\n";
  out += hidden(token_field, state.token) + hidden(visitor_field, state.visitor);
  for (const auto& [name, member] : sdk::attribution_members) out += hidden(name, state.attribution.*member);
  return out + "<button type=\"submit\">" + escape_html(settings_.texts.button) + "</button>\n</form>\n";
}

sdk::HttpResponse HostedForm::page(const FormState& state) const {
  const FormTexts& texts = settings_.texts;
  std::string main = "<h1>" + escape_html(texts.title) + "</h1>\n";
  if (!texts.intro.empty()) main += "<p>" + escape_html(texts.intro) + "</p>\n";
  main += summary(state, settings_) + form(state);
  const bool good = state.problems.empty();
  const std::string title = good ? texts.title : "Please check: " + texts.title;
  return page_response(good ? 200 : 422, html_page(texts.language, title, main), policy_);
}

sdk::HttpResponse HostedForm::thanks() const {
  const FormTexts& texts = settings_.texts;
  const std::string main =
      "<h1>" + escape_html(texts.title) + "</h1>\n<p role=\"status\">" + escape_html(texts.thanks) + "</p>\n";
  return page_response(200, html_page(texts.language, texts.title, main), policy_);
}

sdk::HttpResponse HostedForm::script(std::string_view token, std::string_view public_url) const {
  const Json own{{"action", std::string(public_url) + "/in/" + sdk::percent_encode(channel_)},
                 {"token", token}};
  std::string body = "(() => {\n\"use strict\";\nconst leadhub = Object.assign(";
  body += script_json(own) + ", " + script_fields_ + ");\n";
  body += embed_script;
  body += "})();\n";
  return {200,
          {{"content-type", "text/javascript; charset=utf-8"},
           {"cache-control", "no-store"},
           {"cross-origin-resource-policy", "cross-origin"},
           {"x-content-type-options", "nosniff"}},
          std::move(body)};
}

}  // namespace leadhub::webform
