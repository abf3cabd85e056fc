#include "capture/http_framing.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <optional>

#include "ops/limits.hpp"

namespace leadhub::capture {
namespace {

using CharacterSet = std::array<bool, 256>;

constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
constexpr bool is_alphanumeric(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
constexpr char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

constexpr CharacterSet make_set(auto&& holds) {
  CharacterSet set{};
  for (std::size_t i = 0; i < set.size(); ++i) set[i] = holds(static_cast<char>(i), static_cast<unsigned>(i));
  return set;
}

constexpr CharacterSet token_characters = make_set([](char c, unsigned) {
  return is_alphanumeric(c) || (c != '\0' && std::string_view{"!#$%&'*+-.^_`|~"}.contains(c));
});
constexpr CharacterSet value_characters =
    make_set([](char, unsigned code) { return code == '\t' || (code >= 0x20 && code != 0x7f); });
constexpr CharacterSet target_characters =
    make_set([](char c, unsigned code) { return code > 0x20 && code < 0x7f && c != '#'; });
constexpr CharacterSet host_characters =
    make_set([](char c, unsigned) { return is_alphanumeric(c) || c == '.' || c == '-' || c == '_'; });
constexpr CharacterSet ip_literal_characters = make_set([](char c, unsigned) {
  return is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'f') || c == ':' || c == '.';
});

bool all_in(const CharacterSet& set, std::string_view text) {
  return std::ranges::all_of(text, [&](char c) { return set[static_cast<unsigned char>(c)]; });
}

std::unexpected<Refusal> refuse(int status, std::string_view reason) {
  return std::unexpected(Refusal{status, reason});
}

std::string_view trim_blanks(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

/// A decimal port or nothing; "host:" with an empty port is valid (RFC 3986 section 3.2.3).
bool is_port(std::string_view text) {
  unsigned port = 0;
  return text.size() <= 5 && std::ranges::all_of(text, is_digit) &&
         (text.empty() || (std::from_chars(text.data(), text.data() + text.size(), port), port <= 65'535));
}

bool is_host(std::string_view text) {
  if (text.starts_with('[')) {
    const auto end = text.find(']');
    if (end == std::string_view::npos || end < 3 || !all_in(ip_literal_characters, text.substr(1, end - 1)))
      return false;
    const auto rest = text.substr(end + 1);
    return rest.empty() || (rest.front() == ':' && is_port(rest.substr(1)));
  }
  const auto colon = text.find(':');
  const auto name = text.substr(0, colon);
  return !name.empty() && all_in(host_characters, name) &&
         (colon == std::string_view::npos || is_port(text.substr(colon + 1)));
}

constexpr std::array<std::string_view, 7> methods{"GET", "POST", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE"};

struct RequestLine {
  std::string_view method;
  std::string_view target;
  int version_minor;
};

std::expected<RequestLine, Refusal> check_request_line(std::string_view line) {
  if (line.size() > limits::request_line_bytes_max) return refuse(414, "The request line is too long.");
  const auto first = line.find(' ');
  const auto last = line.rfind(' ');
  if (first == std::string_view::npos || first == last)
    return refuse(400, "The request line is not a method, a target and a version.");
  const auto method = line.substr(0, first);
  const auto target = line.substr(first + 1, last - first - 1);
  const auto version = line.substr(last + 1);
  if (version != "HTTP/1.1" && version != "HTTP/1.0")
    return refuse(400, "The version is neither HTTP/1.1 nor HTTP/1.0.");
  if (!is_field_name(method)) return refuse(400, "The method is not a token.");
  if (target.empty() || !all_in(target_characters, target))
    return refuse(400, "The target holds a blank, a fragment, a control character or a byte outside ASCII.");
  if (std::ranges::find(methods, method) == methods.end())
    return refuse(501, "This method is not implemented.");
  return RequestLine{method, target, version.back() - '0'};
}

struct Target {
  std::string_view authority;  ///< of an absolute-form target, else empty
  std::string_view path;
  std::string_view query;
};

std::optional<Target> split_target(std::string_view text) {
  Target target;
  if (!text.starts_with('/')) {
    const auto scheme_end = text.find("://");
    if (scheme_end == std::string_view::npos) return std::nullopt;
    const auto scheme = text.substr(0, scheme_end);
    if (!equals_ignoring_case(scheme, "http") && !equals_ignoring_case(scheme, "https")) return std::nullopt;
    text.remove_prefix(scheme_end + 3);
    target.authority = text.substr(0, text.find_first_of("/?"));
    text.remove_prefix(target.authority.size());
    if (!is_host(target.authority)) return std::nullopt;
    if (text.empty()) text = "/";
    if (text.front() != '/') return std::nullopt;
  }
  const auto question_mark = text.find('?');
  target.path = text.substr(0, question_mark);
  if (question_mark != std::string_view::npos) target.query = text.substr(question_mark + 1);
  return target;
}

/// What the fields say, gathered while they go by.
struct Fields {
  std::optional<std::string_view> host;
  std::optional<std::uint64_t> content_length;
  bool chunked = false;
  bool close = false;
  bool keep_alive = false;
};

std::expected<std::uint64_t, Refusal> read_content_length(std::string_view value) {
  std::uint64_t length = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), length);
  if (value.empty() || !is_digit(value.front()) || error != std::errc{} || end != value.data() + value.size())
    return refuse(400, "Content-Length is not a decimal number.");
  return length;
}

void read_connection(std::string_view value, Fields& fields) {
  while (!value.empty()) {
    const auto comma = value.find(',');
    const auto option = trim_blanks(value.substr(0, comma));
    if (equals_ignoring_case(option, "close")) fields.close = true;
    if (equals_ignoring_case(option, "keep-alive")) fields.keep_alive = true;
    value.remove_prefix(comma == std::string_view::npos ? value.size() : comma + 1);
  }
}

/// Acts on the fields that matter to framing; `name` is told by its length first, since most fields are none
/// of them.
std::expected<void, Refusal> note_field(std::string_view name, std::string_view value, Fields& fields,
                                        FramingVerdict& verdict) {
  switch (name.size()) {
    case 4:
      if (!equals_ignoring_case(name, "host")) break;
      if (fields.host) return refuse(400, "Host is given twice.");
      if (!is_host(value)) return refuse(400, "Host is not a host name with an optional port.");
      fields.host = value;
      break;
    case 6:
      if (equals_ignoring_case(name, "accept")) verdict.accept = value;
      if (!equals_ignoring_case(name, "expect")) break;
      if (!equals_ignoring_case(value, "100-continue"))
        return refuse(417, "Only 100-continue can be expected.");
      verdict.expectation = Expectation::continue_100;
      break;
    case 10:
      if (equals_ignoring_case(name, "connection")) read_connection(value, fields);
      break;
    case 12:
      if (equals_ignoring_case(name, "content-type")) verdict.content_type = value;
      break;
    case 14: {
      if (!equals_ignoring_case(name, "content-length")) break;
      if (fields.content_length) return refuse(400, "Content-Length is given twice.");
      const auto length = read_content_length(value);
      if (!length) return std::unexpected(length.error());
      fields.content_length = *length;
      break;
    }
    case 16:
      if (equals_ignoring_case(name, "content-encoding") && !equals_ignoring_case(value, "identity"))
        return refuse(415, "Send the body without Content-Encoding; nothing is decompressed here.");
      break;
    case 17:
      if (!equals_ignoring_case(name, "transfer-encoding")) break;
      if (fields.chunked || !equals_ignoring_case(value, "chunked"))
        return refuse(400, "Transfer-Encoding is other than exactly one chunked.");
      fields.chunked = true;
      break;
    default:
      break;
  }
  return {};
}

std::expected<void, Refusal> check_field(std::string_view line, Fields& fields, FramingVerdict& verdict) {
  if (line.front() == ' ' || line.front() == '\t') return refuse(400, "A header is folded over two lines.");
  const auto colon = line.find(':');
  if (colon == std::string_view::npos) return refuse(400, "A header has no colon.");
  const auto name = line.substr(0, colon);
  if (!is_field_name(name)) return refuse(400, "A header's name is not a token.");
  const auto value = trim_blanks(line.substr(colon + 1));
  if (!is_field_value(value)) return refuse(400, "A header holds a control character.");
  if (++verdict.header_count > limits::header_count_max) return refuse(431, "There are too many headers.");
  return note_field(name, value, fields, verdict);
}

std::expected<void, Refusal> decide_framing(const Fields& fields, FramingVerdict& verdict) {
  if (fields.chunked && fields.content_length)
    return refuse(400, "Content-Length and Transfer-Encoding exclude each other.");
  if (fields.chunked && verdict.version_minor == 0)
    return refuse(400, "HTTP/1.0 knows no Transfer-Encoding.");
  if (fields.chunked) verdict.body = BodyFraming::chunked;
  if (fields.content_length.value_or(0) > 0) {
    verdict.body = BodyFraming::sized;
    verdict.content_length = *fields.content_length;
  }
  const bool persistent = verdict.version_minor == 1 || fields.keep_alive;
  verdict.persistence = persistent && !fields.close ? Persistence::keep_alive : Persistence::close;
  // RFC 9110 section 10.1.1: a 100 means nothing to HTTP/1.0, nor without a body.
  if (verdict.version_minor == 0 || verdict.body == BodyFraming::none)
    verdict.expectation = Expectation::none;
  return {};
}

/// The next line without its CRLF, taken from `rest`; nullopt at a bare CR or LF.
std::optional<std::string_view> take_head_line(std::string_view& rest) {
  const auto end = rest.find('\r');
  if (end == std::string_view::npos || end + 1 >= rest.size() || rest[end + 1] != '\n') return std::nullopt;
  const auto line = rest.substr(0, end);
  rest.remove_prefix(end + 2);
  if (line.contains('\n')) return std::nullopt;
  return line;
}

}  // namespace

bool is_field_name(std::string_view name) {
  return !name.empty() && all_in(token_characters, name);
}

bool is_field_value(std::string_view value) {
  return all_in(value_characters, value);
}

bool equals_ignoring_case(std::string_view left, std::string_view right) {
  return std::ranges::equal(left, right, {}, lower, lower);
}

std::expected<FramingVerdict, Refusal> check_head(std::string_view head) {
  constexpr std::string_view stray_line_end = "A line does not end with CR LF.";
  if (head.size() > limits::request_head_bytes_max) return refuse(431, "The head is too long.");
  auto line = take_head_line(head);
  if (!line) return refuse(400, stray_line_end);
  const auto request_line = check_request_line(*line);
  if (!request_line) return std::unexpected(request_line.error());
  const auto target = split_target(request_line->target);
  if (!target) return refuse(400, "The target is neither a path nor an http(s) address.");

  FramingVerdict verdict;
  verdict.method = request_line->method;
  verdict.path = target->path;
  verdict.query = target->query;
  verdict.version_minor = request_line->version_minor;
  Fields fields;
  for (line = take_head_line(head); line && !line->empty(); line = take_head_line(head))
    if (const auto checked = check_field(*line, fields, verdict); !checked)
      return std::unexpected(checked.error());
  if (!line || !head.empty()) return refuse(400, stray_line_end);

  if (!fields.host && verdict.version_minor == 1) return refuse(400, "Host is missing.");
  if (!target->authority.empty() && !(fields.host && equals_ignoring_case(target->authority, *fields.host)))
    return refuse(400, "The target's host is not the Host.");
  if (const auto decided = decide_framing(fields, verdict); !decided) return std::unexpected(decided.error());
  return verdict;
}

std::expected<std::size_t, Refusal> HeadScanner::scan(std::string_view received) {
  const auto window = received.substr(0, limits::request_head_bytes_max);
  for (;;) {
    const auto line_end = window.find('\n', scanned_);
    if (line_end == std::string_view::npos) break;
    scanned_ = line_end + 1;
    if (line_end == line_begin_ || window[line_end - 1] != '\r')
      return refuse(400, "A line does not end with CR LF.");
    const auto line = window.substr(line_begin_, line_end - 1 - line_begin_);
    line_begin_ = scanned_;
    if (++lines_ == 1) {
      if (const auto checked = check_request_line(line); !checked) return std::unexpected(checked.error());
    } else if (line.empty()) {
      return scanned_;
    } else if (lines_ > limits::header_count_max + 1) {
      return refuse(431, "There are too many headers.");
    }
  }
  scanned_ = window.size();
  if (lines_ == 0 && window.size() > limits::request_line_bytes_max + 1)
    return refuse(414, "The request line is too long.");
  if (window.size() == limits::request_head_bytes_max) return refuse(431, "The head is too long.");
  return 0;
}

std::expected<bool, Refusal> ChunkDecoder::take_line(std::string_view& input, std::size_t bytes_max,
                                                     Refusal over_limit) {
  const auto line_end = input.find('\n');
  const auto taken = input.substr(0, line_end);
  if (line_.size() + taken.size() > bytes_max + 1) return std::unexpected(over_limit);  // one more: its CR
  line_.append(taken);
  input.remove_prefix(taken.size());
  if (line_end == std::string_view::npos) return false;
  input.remove_prefix(1);
  if (!line_.ends_with('\r')) return refuse(400, "A line of the chunked body does not end with CR LF.");
  line_.pop_back();
  return true;
}

std::expected<void, Refusal> ChunkDecoder::begin_chunk(std::size_t body_room) {
  const auto digits_end = std::min(line_.find(';'), line_.size());
  const char* const begin = line_.data();
  const auto [end, error] = std::from_chars(begin, begin + digits_end, chunk_left_, 16);
  if (digits_end == 0 || digits_end > 16 || line_.front() == '-' || error != std::errc{} ||
      end != begin + digits_end)
    return refuse(400, "A chunk's size is not a hexadecimal number.");
  if (!is_field_value(line_)) return refuse(400, "A chunk's extension holds a control character.");
  if (chunk_left_ > body_room) return refuse(413, "The body is too large.");
  state_ = chunk_left_ == 0 ? State::trailer_line : State::data;
  line_.clear();
  return {};
}

std::expected<ChunkDecoder::Progress, Refusal> ChunkDecoder::decode(std::string_view& input,
                                                                    std::string& body,
                                                                    std::size_t body_bytes_max) {
  while (state_ != State::done && !input.empty()) {
    if (state_ == State::data) {
      const auto taken = input.substr(0, chunk_left_);
      body.append(taken);
      input.remove_prefix(taken.size());
      chunk_left_ -= taken.size();
      if (chunk_left_ == 0) state_ = State::data_end;
      continue;
    }
    if (state_ == State::data_end) {
      const auto complete = take_line(input, 0, {400, "A chunk is longer than its size."});
      if (!complete) return std::unexpected(complete.error());
      if (*complete) state_ = State::size_line;
      continue;
    }
    if (state_ == State::size_line) {
      const auto complete =
          take_line(input, limits::chunk_line_bytes_max, {400, "A chunk's size line is too long."});
      if (!complete) return std::unexpected(complete.error());
      if (!*complete) continue;
      if (const auto begun = begin_chunk(body_bytes_max - body.size()); !begun)
        return std::unexpected(begun.error());
      continue;
    }
    const auto complete =
        take_line(input, limits::trailer_bytes_max - trailer_bytes_, {431, "The trailers are too long."});
    if (!complete) return std::unexpected(complete.error());
    if (!*complete) continue;
    if (line_.empty()) {
      state_ = State::done;
      continue;
    }
    const auto colon = line_.find(':');
    if (colon == std::string::npos || !is_field_name(std::string_view{line_}.substr(0, colon)) ||
        !is_field_value(line_))
      return refuse(400, "A trailer is not a header field.");
    trailer_bytes_ += line_.size();
    line_.clear();
  }
  return state_ == State::done ? Progress::done : Progress::more;
}

}  // namespace leadhub::capture
