#include "web/chat_widget.hpp"

#include <leadhub/sdk/form.hpp>

#include <nlohmann/json.hpp>

#include "html.hpp"
#include "origin.hpp"

namespace leadhub::chat {
namespace {

using Json = nlohmann::ordered_json;

std::string to_script(const Json& json) {
  return json.dump(-1, ' ', true, Json::error_handler_t::replace);
}

Json fields_of(const WebChatSettings& settings) {
  Json consent = Json::array();
  for (const auto& rule : settings.consent)
    consent.push_back({{"field", rule.name},
                       {"text", rule.text},
                       {"required", rule.presence == webform::Presence::required}});
  const WebChatLabels& labels = settings.labels;
  return {{"title", settings.title},
          {"greeting", settings.greeting},
          {"offline_message", settings.offline_message},
          {"language", settings.language},
          {"pre_chat", settings.pre_chat},
          {"consent", std::move(consent)},
          {"labels",
           {{"name", labels.name},
            {"email", labels.email},
            {"message", labels.message},
            {"send", labels.send},
            {"close", labels.close},
            {"you", labels.you},
            {"us", labels.us},
            {"check", labels.check}}},
          {"style", widget_style}};
}

}  // namespace

ChatWidget::ChatWidget(const WebChatSettings& settings, std::string channel)
    : channel_(std::move(channel)),
      title_(settings.title),
      language_(settings.language),
      fields_(to_script(fields_of(settings))) {
  for (const std::string& origin : settings.gate.origins)
    if (origin != "null") (frame_ancestors_ += frame_ancestors_.empty() ? "" : " ") += origin;
}

sdk::HttpResponse ChatWidget::script(std::string_view public_url) const {
  const std::string channel = sdk::percent_encode(channel_);
  const Json own{{"in", std::string(public_url) + "/in/" + channel},
                 {"chat", std::string(public_url) + "/chat/" + channel}};
  std::string body = "(() => {\n\"use strict\";\nconst leadhub = Object.assign(";
  body += to_script(own) + ", " + fields_ + ");\n";
  body += widget_script;
  body += "})();\n";
  return {200,
          {{"content-type", "text/javascript; charset=utf-8"},
           {"cache-control", "public, max-age=300"},  // so a change of hub.yaml is seen in five minutes
           {"cross-origin-resource-policy", "cross-origin"},
           {"x-content-type-options", "nosniff"}},
          std::move(body)};
}

sdk::HttpResponse ChatWidget::page(std::string_view public_url) const {
  const std::string title = webform::escape_html(title_);
  const std::string main = "<h1>" + title +
                           "</h1>\n<noscript><p>This chat needs JavaScript.</p></noscript>\n<script src=\"" +
                           sdk::percent_encode(channel_) + ".js\" data-page></script>\n";
  std::string policy = webform::page_policy({}, frame_ancestors_);
  policy += "; script-src 'self'; connect-src 'self'";
  // Who opens the page by another name of the hub still talks to the one that the script names.
  if (const auto origin = webform::origin_of(public_url); !origin.empty()) (policy += ' ') += origin;
  return {200,
          {{"content-type", "text/html; charset=utf-8"},
           {"cache-control", "no-store"},
           {"content-security-policy", std::move(policy)},
           {"referrer-policy", "strict-origin-when-cross-origin"},
           {"x-content-type-options", "nosniff"}},
          webform::html_page(language_, title_, main)};
}

}  // namespace leadhub::chat
