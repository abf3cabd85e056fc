#include "reply.hpp"

#include <leadhub/sdk/utf8.hpp>

#include <algorithm>
#include <array>
#include <vector>

#include "html_text.hpp"
#include "limits.hpp"
#include "text.hpp"

namespace leadhub::mailbox {
namespace {

using Words = std::string_view;

constexpr std::array<Words, 13> automatic_subjects{"automatic reply",
                                                   "auto reply",
                                                   "auto-reply",
                                                   "autoreply",
                                                   "auto:",
                                                   "out of office",
                                                   "out of the office",
                                                   "abwesenheit",
                                                   "automatische antwort",
                                                   "réponse automatique",
                                                   "absence du bureau",
                                                   "respuesta automática",
                                                   "risposta automatica"};
constexpr std::array<Words, 4> automatic_headers{"x-autoreply", "x-autorespond", "x-autoresponder",
                                                 "x-auto-reply-from"};
constexpr std::array<Words, 6> separators{"-----original message",        "---- original message",
                                          "-----ursprüngliche nachricht", "________________________________",
                                          "---------- forwarded message", "-------- original"};

std::string body_text(const Message& message) {
  for (const std::string_view type : {"text/plain", "text/html"})
    if (const Part* const part = message.part(type))
      if (!trimmed(part->text).empty()) return type == "text/html" ? text_of_html(part->text) : part->text;
  return {};
}

bool is_quoted(std::string_view line) {
  return trimmed(line).starts_with('>');
}

/// Whether what follows that line is somebody else's, or a signature.
bool ends_answer(const std::vector<std::string_view>& lines, std::size_t at) {
  const std::string_view line = lines[at];
  if (line == "-- " || line == "--") return true;
  const std::string lower = lower_case(trimmed(line));
  if (std::any_of(separators.begin(), separators.end(),
                  [&](Words separator) { return std::string_view{lower}.starts_with(separator); }))
    return true;
  if (!lower.ends_with(':')) return false;
  std::size_t next = at + 1;
  while (next < lines.size() && trimmed(lines[next]).empty()) ++next;
  return next < lines.size() && is_quoted(lines[next]);
}

}  // namespace

Authorship authorship_of(const Message& message) {
  const std::string submitted = lower_case(message.header("auto-submitted"));
  if (!submitted.empty() && submitted != "no") return Authorship::automatic_answer;
  for (const std::string_view name : automatic_headers)
    if (!message.header(name).empty()) return Authorship::automatic_answer;
  const std::string precedence = lower_case(message.header("precedence"));
  if (precedence == "auto_reply") return Authorship::automatic_answer;
  const std::string subject = lower_case(message.header("subject"));
  if (std::any_of(automatic_subjects.begin(), automatic_subjects.end(),
                  [&](Words words) { return std::string_view{subject}.starts_with(words); }))
    return Authorship::automatic_answer;
  if (!message.header("list-id").empty() || precedence == "bulk" || precedence == "list" ||
      precedence == "junk")
    return Authorship::bulk;
  return message.header("return-path") == "<>" ? Authorship::automatic_answer : Authorship::person;
}

bool is_answer(const Message& message) {
  return !message.header("in-reply-to").empty() || !message.header("references").empty();
}

std::string answered_message_id(const Message& message) {
  std::string_view text = message.header("in-reply-to");
  if (text.empty()) {
    text = message.header("references");
    text = text.substr(std::min(text.rfind('<'), text.size()));  // the last one is what it answers
  }
  const auto begin = text.find('<');
  const auto end = text.find('>', begin == text.npos ? 0 : begin);
  if (begin == text.npos || end == text.npos) return {};
  return std::string{text.substr(begin + 1, end - begin - 1)};
}

std::string reply_text(const Message& message) {
  const std::string body = body_text(message);
  const std::string_view bounded = sdk::cut_utf8(body, limits::reply_bytes_max);
  const std::vector<std::string_view> lines = lines_of(bounded, limits::reply_bytes_max);
  std::string answer;
  for (std::size_t i = 0; i < lines.size() && !ends_answer(lines, i); ++i) {
    if (is_quoted(lines[i])) continue;
    answer += lines[i];
    answer += '\n';
  }
  const std::string_view written = trimmed(answer);
  return std::string{written.empty() ? trimmed(bounded) : written};
}

}  // namespace leadhub::mailbox
