#include "smtp_reply.hpp"

#include <algorithm>
#include <array>
#include <cctype>

#include "limits.hpp"

namespace leadhub::email {
namespace {

constexpr std::array<std::string_view, 5> codes_of_absent_recipients{"5.1.1", "5.1.2", "5.1.3", "5.1.6",
                                                                     "5.1.10"};
/// Say nothing about the recipient, so that the words count.
constexpr std::array<std::string_view, 3> vague_codes{"", "5.0.0", "5.1.0"};

constexpr std::array<std::string_view, 16> words_of_absence{
    "user unknown",        "unknown user",      "no such user",      "no such recipient",
    "no such mailbox",     "no such address",   "unknown recipient", "recipient unknown",
    "unknown mailbox",     "mailbox unknown",   "mailbox not found", "user not found",
    "recipient not found", "address not found", "does not exist",    "doesn't exist"};
/// Where one of these stands, the absence is somebody else's or an excuse.
constexpr std::array<std::string_view, 10> words_of_policy{"sender", "helo",  "spf",  "block", "blacklist",
                                                           "policy", "relay", "spam", "dmarc", "reputation"};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// The length of an enhanced code at the start, of the class that the reply has; 0: there is none.
std::size_t enhanced_size(std::string_view text, char reply_class) {
  if (text.size() < 5 || text[0] != reply_class || text[1] != '.') return 0;
  const auto dot = std::min(text.find('.', 2), text.size());
  const auto end = std::min(text.find(' ', 2), text.size());
  const auto is_number = [&](std::size_t from, std::size_t to) {
    return to > from && to - from <= 3 &&
           std::all_of(text.begin() + static_cast<std::ptrdiff_t>(from),
                       text.begin() + static_cast<std::ptrdiff_t>(to), is_digit);
  };
  return dot < end && is_number(2, dot) && is_number(dot + 1, end) ? end : 0;
}

bool holds_one_of(std::string_view text, const auto& words) {
  return std::ranges::any_of(words, [&](std::string_view word) { return text.find(word) != text.npos; });
}

bool is_about_absence(SmtpStep step, const SmtpReply& reply) {
  if (step != SmtpStep::recipient && step != SmtpStep::content) return false;
  if (std::ranges::find(codes_of_absent_recipients, reply.enhanced) != codes_of_absent_recipients.end())
    return true;
  if (step != SmtpStep::recipient || std::ranges::find(vague_codes, reply.enhanced) == vague_codes.end())
    return false;
  if (reply.code != 550 && reply.code != 551 && reply.code != 553) return false;
  std::string words = reply.last_text;
  std::ranges::transform(words, words.begin(), [](unsigned char c) { return std::tolower(c); });
  return holds_one_of(words, words_of_absence) && !holds_one_of(words, words_of_policy);
}

bool is_about_size(const SmtpReply& reply) {
  return reply.code == 552 || reply.enhanced == "5.2.3" || reply.enhanced == "5.3.4";
}

std::string_view name_of(SmtpStep step) {
  switch (step) {
    case SmtpStep::reset:
      return "RSET";
    case SmtpStep::sender:
      return "MAIL FROM";
    case SmtpStep::recipient:
      return "RCPT TO";
    case SmtpStep::data:
      return "DATA";
    case SmtpStep::content:
      return "the mail";
  }
  return {};
}

std::string sentence(SmtpStep step, const SmtpReply& reply) {
  if (reply.code == 0)
    return "the relay answered to " + std::string{name_of(step)} + " what is no SMTP reply";
  return "the relay answered " + std::to_string(reply.code) +
         (reply.enhanced.empty() ? "" : " " + reply.enhanced) + " to " + std::string{name_of(step)};
}

/// Postfix, Exim and others put the queue's id into the last reply.
std::string queue_id(std::string_view text) {
  constexpr std::string_view mark = "queued as ";
  const auto at = text.find(mark);
  if (at == text.npos) return {};
  const std::string_view id = text.substr(at + mark.size());
  const auto end = std::ranges::find_if(id, [](unsigned char c) { return std::isalnum(c) == 0 && c != '-'; });
  return {id.begin(), end};
}

}  // namespace

std::optional<SmtpReply> SmtpReplyReader::next() {
  std::size_t from = 0;
  for (;;) {
    const auto end = bytes_.find('\n', from);
    if (end == std::string::npos)
      return bytes_.size() > smtp_reply_bytes_max ? std::optional{SmtpReply{}} : std::nullopt;
    std::string_view line{bytes_.data() + from, end - from};
    if (line.ends_with('\r')) line.remove_suffix(1);
    const bool is_coded = line.size() >= 3 && line[0] >= '2' && line[0] <= '5' && is_digit(line[1]) &&
                          is_digit(line[2]) && (line.size() == 3 || line[3] == ' ' || line[3] == '-');
    if (!is_coded || end > smtp_reply_bytes_max) return SmtpReply{};
    from = end + 1;
    if (line.size() > 3 && line[3] == '-') continue;
    SmtpReply reply{(line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0'), {}, {}};
    line.remove_prefix(std::min<std::size_t>(line.size(), 4));
    const std::size_t size = enhanced_size(line, static_cast<char>('0' + reply.code / 100));
    reply.enhanced = line.substr(0, size);
    reply.last_text = line.substr(std::min(line.size(), size == 0 ? 0 : size + 1));
    bytes_.erase(0, from);
    return reply;
  }
}

sdk::Outcome outcome_of(SmtpStep step, const SmtpReply& reply) {
  using sdk::Outcome;
  if (step == SmtpStep::content && reply.is_positive()) return Outcome::done(queue_id(reply.last_text));
  const std::string what = sentence(step, reply);
  const int family = reply.code / 100;
  if (family == 4) return Outcome::later(what);
  if (family != 5) return step == SmtpStep::content ? Outcome::unknown(what) : Outcome::later(what);
  if (reply.code == 530 || reply.code == 534 || reply.code == 535 || reply.code == 538)
    return Outcome::later(what + "; mend user and password", sdk::RetryClass::auth);
  if (step == SmtpStep::reset) return Outcome::later(what);
  if (step == SmtpStep::sender && !is_about_size(reply))
    return Outcome::later(what + "; mend the sender's address, or ask whoever runs the relay",
                          sdk::RetryClass::auth);
  return is_about_absence(step, reply) ? Outcome::gone(what + ": there is no such recipient")
                                       : Outcome::rejected(what);
}

}  // namespace leadhub::email
