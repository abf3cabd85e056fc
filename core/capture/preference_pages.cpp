#include "capture/preference_pages.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "capture/preference_token.hpp"
#include "capture/stored_request.hpp"
#include "lead/consent.hpp"
#include "ops/crypto.hpp"
#include "store/stored_text.hpp"

namespace leadhub::capture {
namespace {

using lead::ConsentState;
using lead::ConsentStatement;
using nlohmann::ordered_json;

HttpResponse unknown_link() {
  return to_response({404,
                      "This link does not work",
                      {"It may have been cut in two by your mail program: copy the whole of it into your "
                       "browser."},
                      {},
                      {}});
}

/// Of somebody whose data was erased: there is nobody to write to.
HttpResponse nobody_here() {
  return to_response({200, "You get no mails from us", {"We have nothing about you any more."}, {}, {}});
}

const Page unsubscribed{200, "You are unsubscribed", {"No such mail goes to you any more."}, {}, {}};
const Page saved{200, "Saved", {"Thank you. You can close this page."}, {}, {}};

/// The values of a name in a form's body. Ours are of base64url alone, so nothing is encoded.
std::set<std::string, std::less<>> values_of(std::string_view body, std::string_view name) {
  std::set<std::string, std::less<>> values;
  while (!body.empty()) {
    const auto end = std::min(body.find('&'), body.size());
    const auto pair = body.substr(0, end);
    body.remove_prefix(std::min(end + 1, body.size()));
    if (pair.size() > name.size() && pair.starts_with(name) && pair[name.size()] == '=')
      values.emplace(pair.substr(name.size() + 1));
  }
  return values;
}

/// The person as later stages know them: an address of a function alone would not say who of several it is.
ordered_json person_of(const lead::Lead& lead) {
  ordered_json person = ordered_json::object();
  const auto* email = lead.primary(lead::ContactKind::email);
  if (email == nullptr) return person;
  person["email"] = email->as_given;
  if (const auto& name = lead.field(lead::Field::name); email->marks.role && !name.empty())
    person["name"] = name;
  return person;
}

ordered_json consent_document(const ConsentStatement& statement, const HttpRequest& request) {
  ordered_json out{{"purpose", statement.purpose},
                   {"channel", statement.channel},
                   {"state", statement.state == ConsentState::granted ? "granted" : "withdrawn"}};
  const auto agent = request.header("user-agent");
  for (const auto& [member, text] :
       {std::pair{"text", statement.text}, std::pair{"ip", request.client_address},
        std::pair{"user_agent", agent && store::is_plain_text(*agent) ? std::string{*agent} : std::string{}}})
    if (!text.empty()) out[member] = text;
  return out;
}

/// The same decision in the same situation is the same event, however often the button is pressed.
std::string key_of(const lead::LeadRecord& record, const std::vector<ConsentStatement>& consent) {
  std::string situation = record.lead.id;
  for (const auto& entry : record.consents) situation += "/" + lead::to_string(entry.reference);
  for (const auto& statement : consent)
    situation += "/" + statement.purpose + (statement.state == ConsentState::granted ? "+" : "-");
  return ops::base64url_encode(ops::as_text(ops::sha256(situation)).substr(0, 16));
}

}  // namespace

std::optional<HttpResponse> PreferencePages::refuse_early(const HttpRequest& head) {
  if (head.method == "POST" && inbox_.is_full()) return come_back_later();
  return std::nullopt;
}

void PreferencePages::handle(HttpRequest request, Reply reply) {
  if (request.method != "GET" && request.method != "HEAD" && request.method != "POST")
    return reply(
        {405, {{"allow", "GET, HEAD, POST"}, {"content-type", "text/plain"}}, "Open it in a browser.\n"});
  if (request.path.starts_with("/u/")) return unsubscribe(std::move(request), std::move(reply));
  preferences(std::move(request), std::move(reply));
}

Result<lead::LeadRecord> PreferencePages::lead(const std::string& id) {
  const std::scoped_lock lock{mutex_};
  return leads_->get(id);
}

std::vector<PreferencePages::Purpose> PreferencePages::purposes_of(const lead::LeadRecord& record) {
  std::vector<Purpose> purposes;
  for (const auto& entry : record.consents) {
    const auto& statement = entry.statement;
    const bool concerns_mail = statement.channel == "email" || statement.channel == "any";
    if (!concerns_mail || statement.purpose == lead::every_purpose ||
        statement.state == ConsentState::requested)
      continue;
    auto found = std::ranges::find(purposes, statement.purpose, &Purpose::name);
    if (found == purposes.end()) found = purposes.insert(found, {statement.purpose, {}, false});
    if (!statement.text.empty()) found->text = statement.text;
  }
  for (auto& purpose : purposes)
    purpose.is_granted = lead::permission(record.consents, purpose.name, "email").allowed();
  return purposes;
}

void PreferencePages::unsubscribe(HttpRequest request, Reply reply) {
  const auto token =
      read_unsubscribe_token(std::string_view{request.path}.substr(3), rules_.keys, workspace_);
  if (!token) return reply(unknown_link());
  const auto record = lead(token->lead_id);
  if (!record) return reply(record.error().code == ErrorCode::not_found ? nobody_here() : come_back_later());
  // A mark of no purpose that the lead has now stands for all of them: whoever asks for fewer mails never
  // keeps one that they meant.
  std::string purpose{lead::every_purpose};
  std::string words = "Every mail that we may send you";
  for (const auto& known : purposes_of(*record))
    if (purpose_mark(known.name) == token->purpose_mark) {
      purpose = known.name;
      words = known.text.empty() ? known.name : known.text;
    }
  if (request.method == "POST") return withdraw(std::move(request), *record, purpose, std::move(reply));
  Page page{
      200, "Unsubscribe", {"Press the button, and these mails stop:", words}, "Unsubscribe", request.path};
  page.link = {"All of my settings", "/p/" + preference_token(record->lead.id, rules_.keys, workspace_)};
  reply(to_response(page));
}

void PreferencePages::withdraw(HttpRequest request, const lead::LeadRecord& record,
                               const std::string& purpose, Reply reply) {
  append(std::move(request), record, "email.unsubscribed",
         {{.purpose = purpose, .state = ConsentState::withdrawn}}, unsubscribed, std::move(reply));
}

void PreferencePages::preferences(HttpRequest request, Reply reply) {
  const auto id = read_preference_token(std::string_view{request.path}.substr(3), rules_.keys, workspace_);
  if (!id) return reply(unknown_link());
  const auto record = lead(*id);
  if (!record) return reply(record.error().code == ErrorCode::not_found ? nobody_here() : come_back_later());
  if (request.method == "POST") return save(std::move(request), *record, std::move(reply));
  Page page{200, "Your mails from us", {}, "Save", request.path};
  for (const auto& purpose : purposes_of(*record))
    page.choices.push_back({"purpose", purpose_mark(purpose.name),
                            purpose.text.empty() ? purpose.name : purpose.text, purpose.is_granted});
  page.paragraphs.push_back(page.choices.empty() ? "There is nothing to choose: you have agreed to no mails."
                                                 : "Tick what you want to get:");
  page.second_button = {"everything", "no", "Unsubscribe from everything"};
  reply(to_response(page));
}

void PreferencePages::save(HttpRequest request, const lead::LeadRecord& record, Reply reply) {
  if (values_of(request.body, "everything").contains("no"))
    return withdraw(std::move(request), record, std::string{lead::every_purpose}, std::move(reply));
  const auto ticked = values_of(request.body, "purpose");
  std::vector<ConsentStatement> changes;
  bool grants = false;
  for (const auto& purpose : purposes_of(record)) {
    const bool wanted = ticked.contains(purpose_mark(purpose.name));
    if (wanted == purpose.is_granted) continue;
    grants = grants || wanted;
    changes.push_back({.purpose = purpose.name,
                       .state = wanted ? ConsentState::granted : ConsentState::withdrawn,
                       .text = wanted ? purpose.text : std::string{}});
  }
  if (changes.empty()) return reply(to_response(saved));
  append(std::move(request), record, grants ? "newsletter.subscribed" : "newsletter.unsubscribed", changes,
         saved, std::move(reply));
}

void PreferencePages::append(HttpRequest request, const lead::LeadRecord& record, std::string_view type,
                             const std::vector<ConsentStatement>& consent, const Page& done, Reply reply) {
  auto person = person_of(record.lead);
  if (person.empty()) return reply(nobody_here());
  const auto key = key_of(record, consent);
  ordered_json event{{"type", type}, {"key", key}, {"person", person}, {"consent", ordered_json::array()}};
  for (const auto& statement : consent) event["consent"].push_back(consent_document(statement, request));
  event["signal"] = {{"trust", "human"}};

  store::DraftEvent draft_event{event.dump(), rules_.keys.hash(preference_channel, key), "same", {}};
  for (const auto& point : record.lead.contact_points)
    for (const auto& statement : consent)
      if (point.kind == lead::ContactKind::email && statement.state == ConsentState::withdrawn)
        draft_event.withdrawals.push_back({address_hash(rules_.keys, point.canonical), statement.purpose});
  store::DraftEntry draft;
  draft.channel = preference_channel;
  draft.received_at = request.received_at;
  draft.events.push_back(std::move(draft_event));
  draft.request = stored_request(std::move(request));
  inbox_.append(std::move(draft), [done, reply = std::move(reply)](AppendResult result) mutable {
    reply(result ? to_response(done) : come_back_later());
  });
}

}  // namespace leadhub::capture
