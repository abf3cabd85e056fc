#include "verify/mailbox_reply.hpp"

#include <algorithm>
#include <array>

#include "ops/limits.hpp"

namespace leadhub::verify {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

std::size_t count_digits(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::find_if_not(text, is_digit) - text.begin());
}

/// The "5.1.1" that begins a line's text; empty where there is none or it is of another class than the code.
std::string_view enhanced_status(std::string_view text, char code_class) {
  if (text.empty() || text.front() != code_class) return {};
  std::size_t at = 1;
  for (int part = 0; part < 2; ++part) {
    if (at >= text.size() || text[at] != '.') return {};
    const auto digits = count_digits(text.substr(at + 1));
    if (digits < 1 || digits > 3) return {};
    at += 1 + digits;
  }
  if (at < text.size() && text[at] != ' ') return {};
  return text.substr(0, at);
}

struct Line {
  int code = 0;
  bool last = true;
  std::string_view enhanced;
};

std::optional<Line> read_line(std::string_view text) {
  if (text.ends_with('\r')) text.remove_suffix(1);
  if (text.size() < 3 || count_digits(text.substr(0, 3)) != 3 || text[0] < '2' || text[0] > '5')
    return std::nullopt;
  if (text.size() > 3 && text[3] != ' ' && text[3] != '-') return std::nullopt;
  Line line;
  line.code = (text[0] - '0') * 100 + (text[1] - '0') * 10 + (text[2] - '0');
  line.last = text.size() == 3 || text[3] == ' ';
  if (text.size() > 4) line.enhanced = enhanced_status(text.substr(4), text[0]);
  return line;
}

}  // namespace

Result<std::optional<SmtpReply>> take_reply(std::string& received) {
  SmtpReply reply;
  std::size_t begin = 0;
  while (true) {
    const auto end = received.find('\n', begin);
    if (std::min(end, received.size()) > limits::probe_reply_bytes_max)
      return fail(ErrorCode::invalid, "the mail server's reply is longer than any");
    if (end == std::string::npos) return std::nullopt;
    const auto line = read_line(std::string_view{received}.substr(begin, end - begin));
    if (!line || (reply.code != 0 && line->code != reply.code))
      return fail(ErrorCode::invalid, "the mail server's reply is none of SMTP");
    reply.code = line->code;
    if (reply.enhanced.empty()) reply.enhanced = line->enhanced;
    begin = end + 1;
    if (line->last) break;
  }
  received.erase(0, begin);
  return reply;
}

RecipientAnswer read_recipient_answer(const SmtpReply& reply) {
  const std::string_view status = reply.enhanced;
  if (reply.code == 252) return RecipientAnswer::undecided;
  if (reply.code < 300) return RecipientAnswer::accepted;
  if (status.ends_with(".2.2")) return RecipientAnswer::full;
  if (reply.code < 500) return RecipientAnswer::later;
  constexpr std::array<std::string_view, 3> nobody_there{"5.1.1", "5.1.6", "5.1.10"};
  if (std::ranges::find(nobody_there, status) != nobody_there.end()) return RecipientAnswer::no_such_mailbox;
  if (status == "5.2.1") return RecipientAnswer::disabled;
  if (status.starts_with("5.7.")) return RecipientAnswer::blocked;
  if (reply.code == 552 && status.empty()) return RecipientAnswer::full;
  const bool about_an_address = reply.code == 550 || reply.code == 551 || reply.code == 553;
  return about_an_address ? RecipientAnswer::refused : RecipientAnswer::blocked;
}

}  // namespace leadhub::verify
