#include <leadhub/sdk/conversation_token.hpp>
#include <leadhub/sdk/event.hpp>
#include <leadhub/sdk/transport.hpp>
#include <leadhub/sdk/utf8.hpp>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>
#include <vector>

#include "answers.hpp"
#include "bounds.hpp"
#include "gate.hpp"
#include "json_body.hpp"
#include "limits.hpp"
#include "mentions.hpp"
#include "provider.hpp"
#include "text.hpp"
#include "web/chat_widget.hpp"
#include "web/web_chat_settings.hpp"

namespace leadhub::chat {
namespace {

using nlohmann::json;
using webform::Format;
using webform::Problem;

/// A text of the body in one line, cut to what a lead event takes.
std::string line_at(const json& body, const char* key) {
  const auto found = body.find(key);
  if (found == body.end() || !found->is_string()) return {};
  return webform::single_line(
      sdk::cut_utf8(sdk::to_utf8(found->get_ref<const std::string&>()), webform::limits::field_bytes_max));
}

std::string message_at(const json& body) {
  const auto found = body.find("text");
  return found != body.end() && found->is_string() ? webform::multi_line(found->get_ref<const std::string&>())
                                                   : std::string{};
}

bool is_true_at(const json& body, const char* key) {
  const auto found = body.find(key);
  return found != body.end() && found->is_boolean() && found->get<bool>();
}

bool is_id(std::string_view text) {
  return !text.empty() && text.size() <= bounds::web_id_bytes_max && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
}

std::string_view bearer_of(const sdk::HttpRequest& request) {
  constexpr std::string_view scheme = "Bearer ";
  const std::string_view given = request.header("authorization");
  return given.substr(0, scheme.size()) == scheme ? given.substr(scheme.size()) : std::string_view{};
}

/// Our own chat: a widget that posts JSON.
///
/// {"open": true} is answered with a conversation's token. With that token as "Authorization: Bearer", which
/// the host keeps nowhere, {"conversation": its id, "id", "text"} is a message; with "first": true it also
/// begins the conversation, and brings what was asked for before it: "name", "email", "consent" (the fields
/// of the boxes that were ticked), "page" and "referrer". The stored request holds the id, so that it can be
/// read again, and not the token.
///
/// A reply needs no call: it is in the outbox, from where the host shows it to the widget.
class WebChat final : public Provider, public sdk::Transport {
 public:
  explicit WebChat(ProviderParts parts)
      : settings_(read_web_chat(parts.config, nullptr)),
        tokens_(parts.signing_key),
        gate_(settings_.gate),
        widget_(settings_, std::move(parts.channel)) {}

  sdk::Verdict authenticate(const sdk::HttpRequest& request, std::int64_t now_ms) override {
    if (request.path().starts_with("/f/")) return show(request);
    if (std::optional<sdk::Verdict> stopped = gate_.stop(request, now_ms, Format::json)) {
      if (request.method() == "OPTIONS" && stopped->response) allow_authorization(*stopped->response);
      return std::move(*stopped);
    }
    const auto body = webform::parse_json_object(request.body());
    if (!body) return refuse(request, 400, body.error());
    const std::optional<std::string> id = tokens_.read(bearer_of(request));
    if (!id && is_true_at(*body, "open")) return open(request);
    if (!id || line_at(*body, "conversation") != *id)
      return refuse(request, 401, "the token is none of this conversation; open a new one");
    return sdk::Verdict::accept();
  }

  [[nodiscard]] sdk::Reading read(const sdk::HttpRequest& request) const override {
    sdk::Reading reading = read_body(request);
    gate_.add_cors(request, reading.response);
    return reading;
  }

  sdk::Outcome deliver(const sdk::Delivery& delivery, std::int64_t) override {
    const json document = json::parse(delivery.document(), nullptr, false);
    if (!document.is_object() || document.value("type", "") != "chat")
      return sdk::Outcome::rejected("a web chat takes replies in a chat and nothing else");
    return sdk::Outcome::done();
  }

 private:
  sdk::Verdict show(const sdk::HttpRequest& request) const {
    if (request.method() == "GET" || request.method() == "HEAD")
      return sdk::Verdict::answer(request.path().ends_with(".js") ? widget_.script(request.public_url())
                                                                  : widget_.page(request.public_url()));
    sdk::HttpResponse response = webform::refusal(Format::html, 405, "This address shows a chat",
                                                  "This address shows a chat: use GET.");
    response.headers.emplace_back("allow", "GET, HEAD");
    return sdk::Verdict::refuse(std::move(response), "the method is not GET");
  }

  static void allow_authorization(sdk::HttpResponse& response) {
    for (auto& [name, value] : response.headers)
      if (name == "access-control-allow-headers") value = "authorization, content-type";
  }

  sdk::Verdict refuse(const sdk::HttpRequest& request, int status, const std::string& why) const {
    sdk::HttpResponse response = webform::json_problems(status, {{{}, {}, why}});
    gate_.add_cors(request, response);
    return sdk::Verdict::refuse(std::move(response), why);
  }

  sdk::Verdict open(const sdk::HttpRequest& request) const {
    sdk::HttpResponse response{201,
                               {{"content-type", "application/json"}, {"cache-control", "no-store"}},
                               json{{"conversation", tokens_.make()}}.dump()};
    gate_.add_cors(request, response);
    return sdk::Verdict::answer(std::move(response));
  }

  sdk::Reading read_body(const sdk::HttpRequest& request) const {
    const auto body = webform::parse_json_object(request.body());
    if (!body) return {{}, webform::json_problems(400, {{{}, {}, body.error()}})};
    const bool is_first = is_true_at(*body, "first");
    if (const std::vector<Problem> problems = problems_of(*body, is_first); !problems.empty())
      return {{}, webform::json_problems(422, problems)};
    std::vector<std::string> events;
    if (is_first) events.push_back(started(*body, request).to_json());
    events.push_back(message(*body).to_json());
    return {std::move(events), webform::json_accepted()};
  }

  std::vector<Problem> problems_of(const json& body, bool is_first) const {
    std::vector<Problem> problems;
    const std::string text = message_at(body);
    if (!is_id(line_at(body, "id")))
      problems.push_back({"id", {}, "the message has no id of letters and digits"});
    if (text.empty()) problems.push_back({"text", {}, "write something"});
    if (text.size() > bounds::web_text_bytes_max) problems.push_back({"text", {}, "the message is too long"});
    if (!is_first) return problems;
    const auto asks = [&](std::string_view field) {
      return std::ranges::find(settings_.pre_chat, field) != settings_.pre_chat.end();
    };
    if (asks("name") && line_at(body, "name").empty()) problems.push_back({"name", {}, "tell us your name"});
    const std::string email = line_at(body, "email");
    if (asks("email") && (email.find('@') == std::string::npos || email.size() > bounds::web_email_bytes_max))
      problems.push_back({"email", {}, "this is no e-mail address"});
    for (const webform::ConsentRule& rule : settings_.consent)
      if (rule.presence == webform::Presence::required && !is_ticked(body, rule.name))
        problems.push_back({rule.name, {}, "this is needed"});
    return problems;
  }

  static bool is_ticked(const json& body, const std::string& field) {
    const auto boxes = body.find("consent");
    return boxes != body.end() && boxes->is_array() && std::ranges::find(*boxes, json(field)) != boxes->end();
  }

  static sdk::LeadEvent event_of(const json& body, const char* type, const std::string& key) {
    sdk::LeadEvent event;
    event.type = type;
    event.key = key;
    event.person.external_ids[std::string(sdk::ConversationTokens::conversation_system)] =
        line_at(body, "conversation");
    return event;
  }

  sdk::LeadEvent started(const json& body, const sdk::HttpRequest& request) const {
    sdk::LeadEvent event = event_of(body, "chat.started", line_at(body, "conversation"));
    for (const std::string& field : settings_.pre_chat)
      (field == "email" ? event.person.email : event.person.name) = line_at(body, field.c_str());
    event.attribution.landing_page = line_at(body, "page");
    event.attribution.referrer = line_at(body, "referrer");
    for (const webform::ConsentRule& rule : settings_.consent)
      if (is_ticked(body, rule.name))
        event.consent.push_back(
            {rule.purpose, rule.channel, sdk::Consent::State::granted, rule.text,
             event.attribution.landing_page, std::string(request.client_address()),
             webform::single_line(sdk::cut_utf8(sdk::to_utf8(request.header("user-agent")),
                                                webform::limits::field_bytes_max))});
    return event;
  }

  static sdk::LeadEvent message(const json& body) {
    sdk::LeadEvent event =
        event_of(body, "chat.message", line_at(body, "conversation") + "/" + line_at(body, "id"));
    event.message = message_at(body);
    if (const std::string email = mentioned_email(event.message); !email.empty())
      event.attributes.emplace("mentioned_email", email);
    if (const std::string phone = mentioned_phone(event.message); !phone.empty())
      event.attributes.emplace("mentioned_phone", phone);
    return event;
  }

  WebChatSettings settings_;
  sdk::ConversationTokens tokens_;
  webform::Gate gate_;
  ChatWidget widget_;
};

void check_web_chat(std::string_view config, const sdk::Diagnostics& diagnostics) {
  static_cast<void>(read_web_chat(config, &diagnostics));
}

}  // namespace

namespace providers {

/// The hub's own web chat.
extern constexpr ProviderKind web{"web", &make_provider<WebChat>, &check_web_chat};

}  // namespace providers

}  // namespace leadhub::chat
