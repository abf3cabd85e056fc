#include "capture/hand_off_pages.hpp"

#include <nlohmann/json.hpp>
#include <utility>

#include "capture/page.hpp"
#include "lead/action.hpp"
#include "lead/deed.hpp"
#include "lead/words.hpp"
#include "ops/uuid.hpp"

namespace leadhub::capture {
namespace {

std::string purpose_of(std::string_view workspace) {
  return std::string{"hand-off/"}.append(workspace);
}

HttpResponse unknown_link() {
  return to_response({404,
                      "This link does not work",
                      {"It may have been cut in two by your mail program: copy the whole of it into your "
                       "browser. Or the lead has been erased since."},
                      {},
                      {}});
}

HttpResponse said(const std::string& title, std::vector<std::string> paragraphs = {}) {
  return to_response({200, title, std::move(paragraphs), {}, {}});
}

/// Under one key, however often the button is pressed.
std::string answered(const std::string& message_id, std::int32_t round) {
  return nlohmann::json{
      {"type", lead::deed::answered}, {"key", "link/" + message_id}, {"attributes", {{"round", round}}}}
      .dump();
}

}  // namespace

std::string hand_off_token(std::string_view message_id, const ops::KeyRing& keys,
                           std::string_view workspace) {
  return keys.sign_link(purpose_of(workspace), message_id);
}

std::optional<std::string> read_hand_off_token(std::string_view text, const ops::KeyRing& keys,
                                               std::string_view workspace) {
  auto id = keys.open_link(purpose_of(workspace), text);
  return id && ops::is_uuid(*id) ? id : std::nullopt;
}

std::optional<HttpResponse> HandOffPages::refuse_early(const HttpRequest& head) {
  if (head.method == "POST" && inbox_.is_full()) return come_back_later();
  return std::nullopt;
}

void HandOffPages::handle(HttpRequest request, Reply reply) {
  if (request.method != "GET" && request.method != "HEAD" && request.method != "POST")
    return reply(
        {405, {{"allow", "GET, HEAD, POST"}, {"content-type", "text/plain"}}, "Open it in a browser.\n"});
  const auto id = read_hand_off_token(std::string_view{request.path}.substr(3), keys_, workspace_);
  if (!id) return reply(unknown_link());
  const auto found = find(*id);
  if (!found) return reply(found.error().code == ErrorCode::not_found ? unknown_link() : come_back_later());
  const auto& assignment = found->record.lead.routing.assignment;
  if (!assignment || assignment->round != found->round)
    return reply(said("This lead has gone on",
                      {assignment ? assignment->owner + " has it now." : "Nobody has it now."}));
  if (assignment->state == lead::AssignmentState::answered)
    return reply(said("You have taken this lead up", {"There is nothing left to do here."}));
  if (request.method == "POST") return take_up(request, *found, std::move(reply));
  Page page{200,
            "A lead for " + found->owner,
            {lead::name_in_words(found->record.lead) + ": " + assignment->rule + "."},
            "I take it",
            request.path};
  if (assignment->answer_by)
    page.paragraphs.push_back("Please answer by " + lead::minute_in_words(*assignment->answer_by) + ".");
  reply(to_response(page));
}

Result<HandOffPages::HandOff> HandOffPages::find(const std::string& message_id) {
  const std::scoped_lock lock{mutex_};
  const auto message = readers_.messages->get(message_id);
  if (!message) return std::unexpected(message.error());
  auto record = readers_.leads->get(message->lead_id);
  if (!record) return std::unexpected(record.error());
  HandOff hand_off{*std::move(record), 0, message->author, message_id};
  for (const auto& assignment : hand_off.record.assignments)
    if (assignment.owner == message->author && assignment.source == message->source)
      hand_off.round = assignment.round;
  return hand_off;
}

void HandOffPages::take_up(const HttpRequest& request, const HandOff& hand_off, Reply reply) {
  store::DraftEntry draft;
  draft.kind = store::EntryKind::action;
  draft.received_at = request.received_at;
  draft.events = {{lead::to_json(lead::RecordDeed{hand_off.record.lead.id,
                                                  answered(hand_off.message_id, hand_off.round)}),
                   {},
                   {}}};
  inbox_.append(std::move(draft), [reply = std::move(reply)](AppendResult result) mutable {
    reply(result ? said("The lead is yours", {"Nobody else gets it. You can close this page."})
                 : come_back_later());
  });
}

}  // namespace leadhub::capture
