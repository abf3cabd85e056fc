#include "capture/opt_in_pages.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "capture/page.hpp"
#include "capture/stored_request.hpp"
#include "store/stored_text.hpp"

namespace leadhub::capture {
namespace {

using nlohmann::ordered_json;

HttpResponse unknown_link() {
  return to_response({404,
                      "This link does not work",
                      {"It may have been cut in two by your mail program: copy the whole of it into your "
                       "browser. Otherwise subscribe again, and you get a new mail."},
                      {},
                      {}});
}

Page confirmed_page(const std::string& title) {
  return {200, title, {"Thank you. You can close this page."}, {}, {}};
}

/// As the request named them: at an address of a function the name tells whose request it was.
ordered_json person_of(const lead::LeadEvent& event) {
  ordered_json person{{"email", event.person.email}};
  for (const auto& [member, text] :
       {std::pair{"name", event.person.name}, std::pair{"first_name", event.person.first_name},
        std::pair{"last_name", event.person.last_name}})
    if (!text.empty()) person[member] = text;
  return person;
}

std::string text_or_nothing(std::optional<std::string_view> text) {
  return text && store::is_plain_text(*text) ? std::string{*text} : std::string{};
}

}  // namespace

OptInPages::OptInPages(std::unique_ptr<store::LeadReader> leads, InboxWriter& inbox, const ops::KeyRing& keys,
                       std::string workspace, const Clock& clock)
    : leads_(std::move(leads)), inbox_(inbox), keys_(keys), workspace_(std::move(workspace)), clock_(clock) {}

std::optional<HttpResponse> OptInPages::refuse_early(const HttpRequest& head) {
  if (head.method == "POST" && inbox_.is_full()) return come_back_later();
  return std::nullopt;
}

void OptInPages::handle(HttpRequest request, Reply reply) {
  if (request.method != "GET" && request.method != "HEAD" && request.method != "POST")
    return reply(
        {405, {{"allow", "GET, HEAD, POST"}, {"content-type", "text/plain"}}, "Open it in a browser.\n"});
  const auto token = opt_in_token(std::string_view{request.path}.substr(3), keys_, workspace_);
  if (!token) return reply(unknown_link());
  const auto found = asked(token->request);
  if (!found) return reply(found.error().code == ErrorCode::not_found ? unknown_link() : come_back_later());
  if (found->is_confirmed) return reply(to_response(confirmed_page("You have confirmed this already")));

  const bool again = request.query == "again";
  if (clock_.now() >= token->expires) {
    if (again && request.method == "POST") return ask_again(std::move(request), *found, std::move(reply));
    return reply(to_response({410,
                              "This link has expired",
                              {"It is older than it may be. You can have a new one by mail."},
                              "Send me a new mail",
                              request.path + "?again"}));
  }
  if (request.method == "POST") return confirm(std::move(request), *found, std::move(reply));
  Page page{200, "Please confirm", {"Press the button, and you are in:"}, "Yes, confirm", request.path};
  for (const auto& statement : found->event.consent)
    if (!statement.text.empty()) page.paragraphs.push_back(statement.text);
  reply(to_response(page));
}

Result<OptInPages::Asked> OptInPages::asked(lead::EventReference request) {
  const std::scoped_lock lock{mutex_};
  const auto found = leads_->event(request);
  if (!found) return std::unexpected(found.error());
  const auto& [lead_id, line] = *found;
  auto event = lead::parse_event(line.document);
  if (!event) return std::unexpected(event.error());
  const auto record = leads_->get(lead_id);
  if (!record) return std::unexpected(record.error());
  Asked asked{lead::to_string(request), line.channel, std::move(*event), false};
  asked.is_confirmed = std::any_of(
      record->consents.begin(), record->consents.end(),
      [&](const lead::ConsentEntry& entry) { return entry.statement.confirms == asked.reference; });
  if (asked.event.consent.empty()) asked.event.consent.push_back({.purpose = "newsletter"});
  return asked;
}

void OptInPages::confirm(HttpRequest request, const Asked& asked, Reply reply) {
  auto consents = ordered_json::array();
  for (const auto& statement : asked.event.consent) {
    if (statement.state != lead::ConsentState::granted) continue;
    ordered_json consent{
        {"purpose", statement.purpose}, {"channel", statement.channel}, {"state", "granted"}};
    for (const auto& [member, text] :
         {std::pair{"text", statement.text}, std::pair{"url", statement.url},
          std::pair{"ip", request.client_address},
          std::pair{"user_agent", text_or_nothing(request.header("user-agent"))}})
      if (!text.empty()) consent[member] = text;
    consent["confirms"] = asked.reference;
    consents.push_back(std::move(consent));
  }
  const auto key = "confirms-" + asked.reference;
  const ordered_json event{{"type", "newsletter.subscribed"},
                           {"key", key},
                           {"person", person_of(asked.event)},
                           {"consent", consents},
                           {"signal", {{"trust", "human"}}}};
  append(
      std::move(request), asked, event.dump(), key,
      [](const store::AppendOutcome& outcome) {
        const bool first = outcome.kind == store::AppendOutcome::Kind::committed;
        return to_response(confirmed_page(first ? "You are in" : "You have confirmed this already"));
      },
      std::move(reply));
}

void OptInPages::ask_again(HttpRequest request, const Asked& asked, Reply reply) {
  const auto key = "again-" + asked.reference;
  auto consents = ordered_json::array();
  for (const auto& statement : asked.event.consent) {
    ordered_json consent{
        {"purpose", statement.purpose}, {"channel", statement.channel}, {"state", "granted"}};
    if (!statement.text.empty()) consent["text"] = statement.text;
    consents.push_back(std::move(consent));
  }
  const ordered_json event{{"type", "newsletter.requested"},
                           {"key", key},
                           {"person", person_of(asked.event)},
                           {"consent", consents}};
  append(
      std::move(request), asked, event.dump(), key,
      [](const store::AppendOutcome&) {
        return to_response({200, "A new mail is on its way", {"Please look into your mailbox."}, {}, {}});
      },
      std::move(reply));
}

void OptInPages::append(HttpRequest request, const Asked& asked, std::string event, const std::string& key,
                        std::function<HttpResponse(const store::AppendOutcome&)> answer, Reply reply) {
  store::DraftEntry draft;
  draft.channel = asked.channel;
  draft.received_at = request.received_at;
  // Whoever presses the button from elsewhere does the same thing: the key alone tells a retry.
  draft.events.push_back({std::move(event), keys_.hash("opt-in/" + asked.channel, key), "same"});
  draft.request = stored_request(std::move(request));
  inbox_.append(std::move(draft),
                [answer = std::move(answer), reply = std::move(reply)](AppendResult result) mutable {
                  reply(result ? answer(*result) : come_back_later());
                });
}

}  // namespace leadhub::capture
