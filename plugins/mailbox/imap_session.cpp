#include "imap_session.hpp"

#include <leadhub/sdk/channel.hpp>

#include <algorithm>
#include <charconv>

#include "limits.hpp"
#include "text.hpp"

namespace leadhub::mailbox {
namespace {

[[noreturn]] void broken(const std::string& what) {
  throw sdk::ChannelError("the mail server does not keep to IMAP: " + what, LEADHUB_ERROR_UNAVAILABLE,
                          sdk::RetryClass::transient);
}

/// The number at the start of `text`; nullopt: there is none.
template <class Number>
std::optional<Number> number_at(std::string_view text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{}) return std::nullopt;
  return number;
}

/// The number behind `name`, "UIDVALIDITY " say, in whatever case.
std::optional<std::uint32_t> number_behind(std::string_view text, std::string_view name) {
  const auto at = lower_case(text).find(lower_case(name));
  if (at == text.npos) return std::nullopt;
  return number_at<std::uint32_t>(text.substr(at + name.size()));
}

/// The size of the literal that a line ends with, "{123}"; nullopt: none does.
std::optional<std::size_t> literal_size(std::string_view line) {
  if (!line.ends_with('}')) return std::nullopt;
  const auto begin = line.rfind('{');
  if (begin == line.npos) return std::nullopt;
  const std::string_view digits = line.substr(begin + 1, line.size() - begin - 2);
  if (digits.empty() || digits.find_first_not_of("0123456789") != digits.npos) return std::nullopt;
  const auto size = number_at<std::size_t>(digits);
  if (!size || *size > limits::message_bytes_max)
    broken("it sends " + std::string{digits.substr(0, 20)} + " bytes at once");
  return size;
}

/// RFC 3501 section 4.3: a quoted string. The settings let no control character through.
std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}

}  // namespace

std::uint32_t ImapSession::examine(std::string_view folder) {
  const Answer answer = command("EXAMINE " + quoted(folder));
  if (!answer.ok)
    throw sdk::ChannelError(
        "the mail server does not open the folder; name one that is there, as the server lists it",
        LEADHUB_ERROR_NOT_FOUND, sdk::RetryClass::permanent);
  for (const Response& response : answer.untagged)
    if (const auto validity = number_behind(response.text, "[UIDVALIDITY ")) return *validity;
  broken("it opens a folder without UIDVALIDITY");
}

std::vector<std::uint32_t> ImapSession::uids_above(std::uint32_t last) {
  if (last == UINT32_MAX) return {};
  const Answer answer = command("UID SEARCH UID " + std::to_string(last + 1) + ":*");
  if (!answer.ok) broken("it refuses UID SEARCH");
  std::vector<std::uint32_t> uids;
  for (const Response& response : answer.untagged) {
    constexpr std::string_view name = "* search";
    if (lower_case(std::string_view{response.text}.substr(0, name.size())) != name) continue;
    std::string_view rest = std::string_view{response.text}.substr(name.size());
    while (!(rest = trimmed(rest)).empty()) {
      const auto end = std::min(rest.find(' '), rest.size());
      // "*" is the last message there is, even where its UID is below the range.
      if (const auto uid = number_at<std::uint32_t>(rest.substr(0, end)); uid && *uid > last)
        uids.push_back(*uid);
      rest.remove_prefix(end);
    }
  }
  std::sort(uids.begin(), uids.end());
  uids.erase(std::unique(uids.begin(), uids.end()), uids.end());
  return uids;
}

std::optional<std::string> ImapSession::fetch(std::uint32_t uid, std::size_t bytes_max) {
  Answer answer =
      command("UID FETCH " + std::to_string(uid) + " (UID BODY.PEEK[]<0." + std::to_string(bytes_max) + ">)");
  if (!answer.ok) return std::nullopt;
  for (Response& response : answer.untagged)
    if (!response.literals.empty() && number_behind(response.text, "UID ") == uid)
      return std::move(response.literals.front());
  return std::nullopt;
}

void ImapSession::log_out() {
  stream_.write("L0 LOGOUT\r\n");
}

ImapSession::Answer ImapSession::command(const std::string& text) {
  // libcurl's login used tags of another letter.
  const std::string tag = "L" + std::to_string(++commands_);
  stream_.write(tag + " " + text + "\r\n");
  Answer answer;
  for (;;) {
    Response response = read_response();
    if (response.text.starts_with("* ")) {
      if (answer.untagged.size() >= limits::answer_lines_max) broken("an answer never ends");
      answer.untagged.push_back(std::move(response));
      continue;
    }
    if (!response.text.starts_with(tag + " ")) broken("a line is no answer");
    answer.text = response.text.substr(tag.size() + 1);
    answer.ok = lower_case(answer.text.substr(0, 2)) == "ok";
    return answer;
  }
}

ImapSession::Response ImapSession::read_response() {
  Response response;
  for (;;) {
    const std::string line = read_line();
    response.text += line;
    if (response.text.size() > limits::line_bytes_max) broken("a line never ends");
    const auto size = literal_size(line);
    if (!size) return response;
    if (!response.literals.empty()) broken("it sends more than was asked for");
    response.literals.push_back(read_bytes(*size));
  }
}

std::string ImapSession::read_line() {
  std::size_t searched = consumed_;
  for (;;) {
    const auto end = buffer_.find('\n', searched);
    if (end != buffer_.npos) {
      std::string line = buffer_.substr(consumed_, end - consumed_);
      if (line.ends_with('\r')) line.pop_back();
      consumed_ = end + 1;
      return line;
    }
    if (buffer_.size() - consumed_ > limits::line_bytes_max) broken("a line never ends");
    buffer_.erase(0, consumed_);
    consumed_ = 0;
    searched = buffer_.size();
    buffer_ += stream_.read_some();
  }
}

std::string ImapSession::read_bytes(std::size_t count) {
  while (buffer_.size() - consumed_ < count) buffer_ += stream_.read_some();
  std::string bytes = buffer_.substr(consumed_, count);
  consumed_ += count;
  return bytes;
}

}  // namespace leadhub::mailbox
