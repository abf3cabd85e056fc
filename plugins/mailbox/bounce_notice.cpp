#include "bounce_notice.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "bounce_words.hpp"
#include "html_text.hpp"
#include "limits.hpp"
#include "reply.hpp"
#include "text.hpp"

namespace leadhub::mailbox {
namespace {

using Outcome = FailedRecipient::Outcome;

std::string text_of_notice(const Message& message) {
  for (const std::string_view type : {"text/plain", "text/html"})
    for (const Part& part : message.parts)
      if (part.type == type && !trimmed(part.text).empty())
        return type == "text/html" ? text_of_html(part.text) : part.text;
  return {};
}

bool is_separator(std::string_view lower_line) {
  if (lower_line.starts_with("received: ") || lower_line.starts_with("return-path: ")) return true;
  return contains_any(lower_line, separators) && !contains_any(lower_line, no_separators);
}

/// The lines that the mail system wrote: up to the returned mail.
std::vector<std::string_view> notice_lines(std::string_view text) {
  std::vector<std::string_view> lines = lines_of(text, limits::notice_lines_max);
  for (std::string_view& line : lines) line = line.substr(0, limits::field_bytes_max);
  const auto end = std::find_if(lines.begin(), lines.end(), [](std::string_view line) {
    return is_separator(lower_case(trimmed(line)));
  });
  lines.erase(end, lines.end());
  return lines;
}

/// Lines that repeat a header of the returned mail.
bool is_header_line(std::string_view line) {
  const std::string lower = lower_case(trimmed(line).substr(0, 32));
  return std::any_of(header_lines.begin(), header_lines.end(),
                     [&](Words name) { return std::string_view{lower}.starts_with(name); });
}

/// The lines from `begin` to before `end` in one.
std::string words_of(const std::vector<std::string_view>& lines, std::size_t begin, std::size_t end) {
  std::string words;
  for (std::size_t i = begin; i < std::min(end, lines.size()) && words.size() < limits::notice_bytes_max; ++i)
    if (!is_header_line(lines[i])) words += std::string{trimmed(lines[i])} + " ";
  return words;
}

/// Up to a full stop that a blank follows, each.
std::vector<std::string_view> sentences_of(std::string_view text) {
  std::vector<std::string_view> sentences;
  while (!text.empty()) {
    const auto end = std::min(text.find(". "), text.size());
    sentences.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 2, text.size()));
  }
  return sentences;
}

/// Addresses that no bounce means: its own sender and receivers.
std::set<std::string> own_addresses(const Message& message) {
  std::set<std::string> own;
  for (const Header& header : message.headers) {
    constexpr std::array<Words, 9> names{"from",        "to",        "cc",           "reply-to",   "sender",
                                         "return-path", "errors-to", "delivered-to", "envelope-to"};
    if (std::find(names.begin(), names.end(), header.name) == names.end()) continue;
    for (const FoundAddress& found : find_addresses(header.value)) own.insert(lower_case(found.address));
  }
  return own;
}

bool is_role(std::string_view lower_address) {
  const std::string_view local = lower_address.substr(0, lower_address.find('@'));
  const auto begins = [&](Words name) { return local.starts_with(name); };
  return std::any_of(bouncer_names.begin(), bouncer_names.end(), begins) ||
         std::any_of(system_names.begin(), system_names.end(), begins) ||
         std::any_of(other_role_names.begin(), other_role_names.end(),
                     [&](Words name) { return local == name; });
}

/// How much the place of an address says that it is the one that failed.
enum class Place { none = 0, in_words, on_its_own };

Place place_of(std::string_view before) {
  const std::string words = lower_case(trimmed(before));
  const auto last = words.find_last_not_of("<\"'*>-([ \t|");
  if (last == std::string::npos) return Place::on_its_own;
  const std::string_view plain = std::string_view{words}.substr(0, last + 1);
  const bool of_sender = plain.ends_with("from") || plain.ends_with("from:");
  const bool of_alias = plain.ends_with("expanded from:") || plain.ends_with("generated from");
  if (of_sender && !of_alias) return Place::none;
  return plain.ends_with(':') ? Place::on_its_own : Place::in_words;
}

/// An address of the notice, and the line where it stands.
struct Candidate {
  std::string address;
  std::size_t line = 0;
};

class NoticeReader {
 public:
  explicit NoticeReader(const Message& message)
      : message_(message),
        text_(text_of_notice(message)),
        lines_(notice_lines(text_)),
        own_(own_addresses(message)) {}

  std::vector<FailedRecipient> read() {
    std::vector<Candidate> candidates = from_header();
    if (candidates.empty()) candidates = from_line_starts();
    if (candidates.empty()) candidates = from_sentences();
    if (candidates.empty()) candidates = from_returned_header();
    std::vector<FailedRecipient> recipients;
    recipients.reserve(candidates.size());
    for (std::size_t i = 0; i < candidates.size(); ++i) recipients.push_back(recipient_of(candidates, i));
    return recipients;
  }

  [[nodiscard]] FailedRecipient read_about(const std::string& address) const {
    return recipient_of({{address, 0}}, 0);
  }

 private:
  std::vector<Candidate> from_header() {
    std::vector<Candidate> candidates;
    for (const FoundAddress& found : find_addresses(message_.header("x-failed-recipients")))
      add(candidates, found.address, 0);
    return candidates;
  }

  [[nodiscard]] std::vector<Candidate> from_line_starts() const {
    std::vector<Candidate> candidates;
    for (std::size_t i = 0; i < lines_.size(); ++i) {
      if (is_header_line(lines_[i])) continue;
      for (const FoundAddress& found : find_addresses(lines_[i]))
        if (place_of(lines_[i].substr(0, found.begin)) == Place::on_its_own)
          add(candidates, found.address, i);
    }
    return candidates;
  }

  /// From the sentences that say that something failed.
  [[nodiscard]] std::vector<Candidate> from_sentences() const {
    std::vector<Candidate> candidates;
    for (std::size_t begin = 0; begin < lines_.size();) {
      std::size_t end = begin + 1;
      while (end < lines_.size() && !trimmed(lines_[end]).empty()) ++end;
      const std::string paragraph = words_of(lines_, begin, end);
      for (const std::string_view sentence : sentences_of(paragraph))
        if (contains_any(lower_case(sentence), failure_words) ||
            contains_any(lower_case(sentence), weak_failure_words))
          for (const FoundAddress& found : find_addresses(sentence))
            if (place_of(sentence.substr(0, found.begin)) != Place::none)
              add(candidates, found.address, begin);
      begin = end;
    }
    return candidates;
  }

  /// "To: ada@example.com", where nothing else names anybody.
  std::vector<Candidate> from_returned_header() {
    std::vector<Candidate> candidates;
    for (std::size_t i = 0; i < lines_.size(); ++i) {
      const std::string line = lower_case(trimmed(lines_[i]));
      if (!line.starts_with("to:")) continue;
      for (const FoundAddress& found : find_addresses(lines_[i])) add(candidates, found.address, i);
    }
    return candidates;
  }

  void add(std::vector<Candidate>& to, const std::string& address, std::size_t line) const {
    const std::string lower = lower_case(address);
    if (own_.contains(lower) || is_role(lower)) return;
    const bool known = std::any_of(
        to.begin(), to.end(), [&](const Candidate& other) { return lower_case(other.address) == lower; });
    if (!known && to.size() < limits::recipients_max) to.push_back({address, line});
  }

  /// What follows the address is about it, up to the next one. Where that says nothing, the notice does.
  [[nodiscard]] FailedRecipient recipient_of(const std::vector<Candidate>& candidates, std::size_t i) const {
    const std::size_t end = i + 1 < candidates.size() ? candidates[i + 1].line : lines_.size();
    std::string reason = single_line(
        words_of(lines_, candidates[i].line, std::max(end, candidates[i].line + 1)), limits::field_bytes_max);
    std::string status = enhanced_status_in(reason);
    const std::string all =
        lower_case(words_of(lines_, 0, lines_.size()) + std::string{message_.header("subject")});
    if (status.empty()) status = enhanced_status_in(all);
    const Outcome outcome = contains_any(all, delay_words) ? Outcome::delayed : Outcome::failed;
    return {candidates[i].address, outcome, std::move(status), std::move(reason)};
  }

  const Message& message_;
  std::string text_;
  std::vector<std::string_view> lines_;
  std::set<std::string> own_;
};

}  // namespace

bool is_bounce_notice(const Message& message) {
  if (!message.header("x-failed-recipients").empty()) return true;
  const std::string from = lower_case(message.header("from"));
  if (contains_any(from, bouncer_names)) return true;
  // Absences have an empty return path too, but they say which mail they answer.
  if (is_answer(message)) return false;
  if (contains_any(lower_case(message.header("subject")), failure_words)) return true;
  const bool by_system = contains_any(from, system_names) || from.empty() || from.ends_with("<>") ||
                         message.header("return-path") == "<>" || message.type == "multipart/report";
  if (!by_system) return false;
  const std::string text = text_of_notice(message);
  const std::string notice = lower_case(words_of(notice_lines(text), 0, limits::notice_lines_max));
  return contains_any(notice, failure_words) || contains_any(notice, delay_words);
}

FailedRecipient read_bounce_notice_about(const Message& message, const std::string& address) {
  return NoticeReader{message}.read_about(address);
}

std::vector<FailedRecipient> read_bounce_notice(const Message& message) {
  return NoticeReader{message}.read();
}

}  // namespace leadhub::mailbox
