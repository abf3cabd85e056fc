#include "capture/chat_transcript.hpp"

#include <charconv>
#include <nlohmann/json.hpp>

#include "capture/conversation_token.hpp"
#include "lead/event.hpp"
#include "ops/limits.hpp"

namespace leadhub::capture {
namespace {

using nlohmann::ordered_json;
using store::TranscriptCursor;

HttpResponse json_answer(int status, const ordered_json& document) {
  return {status,
          {{"content-type", "application/json"},
           {"cache-control", "no-store"},
           {"x-content-type-options", "nosniff"},
           {"access-control-allow-origin", "*"}},
          document.dump(-1, ' ', false, ordered_json::error_handler_t::replace)};
}

HttpResponse problem(int status, const char* what) {
  return json_answer(status, {{"error", what}});
}

/// A browser asks before it sends Authorization to another origin.
HttpResponse preflight() {
  return {204,
          {{"access-control-allow-origin", "*"},
           {"access-control-allow-methods", "GET"},
           {"access-control-allow-headers", "authorization"},
           {"access-control-max-age", "7200"}},  // the longest that browsers remember
          {}};
}

std::string_view bearer_of(const HttpRequest& request) {
  constexpr std::string_view scheme = "Bearer ";
  const auto given = request.header("authorization").value_or("");
  return given.starts_with(scheme) ? given.substr(scheme.size()) : std::string_view{};
}

/// "17.1767614400123"; the beginning where the query is empty. nullopt: no cursor of ours.
std::optional<TranscriptCursor> cursor_of(std::string_view query) {
  constexpr std::string_view name = "after=";
  if (query.empty()) return TranscriptCursor{};
  if (!query.starts_with(name)) return std::nullopt;
  TranscriptCursor cursor;
  std::int64_t sent = 0;
  const char* const end = query.data() + query.size();
  const auto [dot, bad_seq] = std::from_chars(query.data() + name.size(), end, cursor.seq);
  if (bad_seq != std::errc{} || dot == end || *dot != '.') return std::nullopt;
  const auto [last, bad_time] = std::from_chars(dot + 1, end, sent);
  const bool is_good = bad_time == std::errc{} && last == end && cursor.seq >= 0 && sent >= 0;
  cursor.sent_at = from_milliseconds(sent);
  return is_good ? std::optional{cursor} : std::nullopt;
}

/// Without the conversation's id in front: what the sender called it.
std::string own_id(const std::string& key) {
  const auto slash = key.find('/');
  return slash == key.npos ? key : key.substr(slash + 1);
}

ordered_json document_of(const store::Transcript& transcript) {
  ordered_json messages = ordered_json::array();
  const auto add = [&](const std::string& id, const char* from, const std::string& text, TimePoint at) {
    messages.push_back({{"id", id}, {"from", from}, {"text", text}, {"at", format_rfc3339(at)}});
  };
  auto reply = transcript.replies.begin();
  const auto add_replies_until = [&](TimePoint at) {
    for (; reply != transcript.replies.end() && *reply->sent_at < at; ++reply)
      add(reply->id, "us", reply->text, *reply->sent_at);
  };
  for (const auto& line : transcript.written) {
    const auto event = lead::parse_event(line.document);
    if (!event || event->message.empty()) continue;
    add_replies_until(line.received_at);
    add(own_id(line.key), "you", event->message, line.received_at);
  }
  add_replies_until(TimePoint::max());
  return {{"messages", std::move(messages)},
          {"next", std::to_string(transcript.next.seq) + "." +
                       std::to_string(to_milliseconds(transcript.next.sent_at))}};
}

}  // namespace

std::optional<HttpResponse> ChatTranscript::refuse_early(const HttpRequest& head) {
  if (head.method == "GET" || head.method == "HEAD" || head.method == "OPTIONS") return std::nullopt;
  auto refused = problem(405, "use GET");
  refused.headers.push_back({"allow", "GET, HEAD, OPTIONS"});
  return refused;
}

void ChatTranscript::handle(HttpRequest request, Reply reply) {
  if (auto refused = refuse_early(request)) return reply(*std::move(refused));
  reply(request.method == "OPTIONS" ? preflight() : answer(request));
}

HttpResponse ChatTranscript::answer(const HttpRequest& request) {
  const auto channel = std::string_view{request.path}.substr(std::string_view{"/chat/"}.size());
  const auto id = conversation_id(bearer_of(request), signing_key_(channel));
  if (!id) return problem(401, "send the token of your conversation as \"Authorization: Bearer TOKEN\"");
  const auto since = cursor_of(request.query);
  if (!since) return problem(400, "after is `next` of the answer before");
  const auto transcript = [&] {
    const std::scoped_lock lock{mutex_};
    return transcripts_->read({std::string{channel}, {std::string{conversation_system}, *id}, *since});
  }();
  if (transcript) return json_answer(200, document_of(*transcript));
  auto later = problem(503, "please try again in a moment");
  later.headers.push_back({"retry-after", std::to_string(limits::retry_after.count())});
  return later;
}

}  // namespace leadhub::capture
