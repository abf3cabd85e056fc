#include "smtp_transaction.hpp"

#include <glib.h>

#include <algorithm>
#include <charconv>

#include "limits.hpp"

namespace leadhub::email {
namespace {

constexpr std::string_view final_line = ".\r\n";

bool is_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](unsigned char c) { return c < 0x80; });
}

}  // namespace

void learn(SmtpAbilities& abilities, std::string_view line) {
  if (line.starts_with("220")) abilities = {};
  if (!line.starts_with("250") || line.size() < 5) return;
  std::string word{line.substr(4)};
  while (!word.empty() && (word.back() == '\n' || word.back() == '\r')) word.pop_back();
  std::ranges::transform(word, word.begin(), g_ascii_toupper);
  if (word == "PIPELINING") abilities.pipelining = true;
  if (word == "SMTPUTF8") abilities.smtputf8 = true;
  if (word != "SIZE" && !word.starts_with("SIZE ")) return;
  abilities.size = true;
  if (word.size() > 5)
    std::from_chars(word.data() + 5, word.data() + word.size(), abilities.message_bytes_max);
}

std::string envelope_address(std::string_view address) {
  const auto at = address.rfind('@');
  if (at == address.npos || at == 0 || at + 1 == address.size()) return {};
  const auto is_unfit = [](unsigned char c) { return c <= 0x20 || c == 0x7F || c == '<' || c == '>'; };
  if (std::ranges::any_of(address, is_unfit)) return {};
  std::string whole{address};
  if (!is_ascii(address.substr(at))) {
    char* domain = g_hostname_to_ascii(std::string{address.substr(at + 1)}.c_str());
    if (domain == nullptr) return {};
    whole = std::string{address.substr(0, at + 1)} + domain;
    g_free(domain);
  }
  return whole.size() <= envelope_address_bytes_max ? whole : std::string{};
}

bool needs_smtputf8(const SmtpEnvelope& envelope) {
  return !is_ascii(envelope.sender) || !is_ascii(envelope.recipient);
}

std::string as_data(std::string_view message) {
  std::string data;
  data.reserve(message.size() + message.size() / 64 + 8);
  while (!message.empty()) {
    const auto line = message.substr(0, std::min(message.find('\n'), message.size() - 1) + 1);
    if (line.front() == '.') data += '.';
    data += line;
    message.remove_prefix(line.size());
  }
  if (!data.ends_with("\r\n")) data += "\r\n";
  return data += final_line;
}

SmtpTransaction::SmtpTransaction(const SmtpEnvelope& envelope, std::string data,
                                 const SmtpAbilities& abilities, Beginning beginning)
    : data_(std::move(data)), is_pipelined_(abilities.pipelining) {
  if (beginning == Beginning::after_failure) commands_.push_back({SmtpStep::reset, "RSET\r\n"});
  const std::string size = abilities.size ? " SIZE=" + std::to_string(data_.size()) : "";
  const std::string_view utf8 = needs_smtputf8(envelope) ? " SMTPUTF8" : "";
  commands_.push_back(
      {SmtpStep::sender, "MAIL FROM:<" + envelope.sender + ">" + size + std::string{utf8} + "\r\n"});
  commands_.push_back({SmtpStep::recipient, "RCPT TO:<" + envelope.recipient + ">\r\n"});
  commands_.push_back({SmtpStep::data, "DATA\r\n"});
  give_out_next();
  while (is_pipelined_ && !commands_.empty()) give_out_next();
}

void SmtpTransaction::give_out_next() {
  output_ += commands_.front().line;
  unanswered_.push_back(commands_.front().step);
  commands_.pop_front();
}

std::string_view SmtpTransaction::output() const {
  if (outcome_) return {};
  if (written_ < output_.size()) return std::string_view{output_}.substr(written_);
  return sends_data_ ? std::string_view{data_}.substr(data_written_) : std::string_view{};
}

void SmtpTransaction::written(std::size_t bytes) {
  (written_ < output_.size() ? written_ : data_written_) += bytes;
}

void SmtpTransaction::received(std::string_view bytes) {
  replies_.feed(bytes);
  while (!outcome_) {
    const auto reply = replies_.next();
    if (!reply) return;
    take(*reply);
  }
  if (!replies_.is_empty()) is_connection_good_ = false;
}

void SmtpTransaction::take(const SmtpReply& reply) {
  if (unanswered_.empty()) {
    is_connection_good_ = false;
    return end(outcome_if_cut("the relay answered what it was not asked"));
  }
  const SmtpStep step = unanswered_.front();
  unanswered_.pop_front();
  has_answer_ = has_answer_ || (reply.code != 421 && step != SmtpStep::reset);
  const bool is_good = step == SmtpStep::data ? reply.code == 354 : reply.is_positive();
  // What is neither yes nor no is the answer to something else.
  const bool is_out_of_step = !is_good && reply.code < 400;
  if (is_out_of_step || reply.code == 421 || (step == SmtpStep::reset && !is_good))
    is_connection_good_ = false;
  if (step == SmtpStep::content) return take_last(reply);
  if (!is_good && !failure_) failure_ = outcome_of(step, reply);
  if (!failure_) return go_on_after(step);
  next_beginning_ = Beginning::after_failure;
  // A relay that takes DATA without a recipient waits for a mail that must not come.
  if (step == SmtpStep::data && is_good) is_connection_good_ = false;
  if (unanswered_.empty() || !is_connection_good_) end(*failure_);
}

void SmtpTransaction::go_on_after(SmtpStep step) {
  if (step == SmtpStep::data) {
    sends_data_ = true;
    unanswered_.push_back(SmtpStep::content);
  } else if (!commands_.empty()) {
    give_out_next();
  }
}

void SmtpTransaction::take_last(const SmtpReply& reply) {
  const bool is_premature = data_written_ < data_.size();
  if (is_premature) is_connection_good_ = false;
  if (!reply.is_positive()) next_beginning_ = Beginning::after_failure;
  const bool is_refusal = reply.code >= 400;
  end(is_premature && !is_refusal ? outcome_if_cut("the relay answered before it had the mail")
                                  : outcome_of(SmtpStep::content, reply));
}

sdk::Outcome SmtpTransaction::outcome_if_cut(const std::string& why) const {
  if (failure_) return *failure_;
  const bool has_left = data_written_ + final_line.size() > data_.size();
  return has_left ? sdk::Outcome::unknown(why + " after the whole mail was sent; it may have arrived or not")
                  : sdk::Outcome::later(why);
}

}  // namespace leadhub::email
