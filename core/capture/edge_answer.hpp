#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "capture/http.hpp"
#include "capture/http_framing.hpp"
#include "ops/limits.hpp"

/// The bytes of an answer.
namespace leadhub::capture {

/// Whether an answer is larger by its body or not (HEAD).
enum class AnswerBody { sent = 1, omitted };

/// How the connection goes on, as the peer must be told it: HTTP/1.0 closes unless told, HTTP/1.1 keeps
/// unless told.
struct AnswerFraming {
  int version_minor = 1;
  Persistence persistence = Persistence::close;
  AnswerBody body = AnswerBody::sent;
};

/// Whether a handler's answer can be sent as it is: status 200 to 599, every header's name a token and every
/// value free of control characters. Anything else would let whoever influences a value write headers or
/// whole answers of their own (response splitting), so the edge answers 500 in its place.
[[nodiscard]] bool is_sendable(const HttpResponse& response);

/// "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110 section 5.6.7).
[[nodiscard]] std::string format_http_date(TimePoint time);

/// The header lines that every answer has: Server (without a version), Date, X-Content-Type-Options.
[[nodiscard]] std::string common_header_lines(TimePoint now);

/// Appends the head of `response` to `out`, up to and including the empty line. `common_lines` is what
/// common_header_lines() gave. Of the handler's headers, those that the edge writes itself are left out.
/// Statuses without a body (204, 304) get no Content-Length.
void append_head(std::string& out, const HttpResponse& response, const AnswerFraming& framing,
                 std::string_view common_lines);

/// Whether bytes of a body follow the head.
[[nodiscard]] bool has_body(const HttpResponse& response, const AnswerFraming& framing);

enum class AnswerFormat {
  text = 1,  ///< one line
  problem,   ///< application/problem+json (RFC 9457)
};

/// What an Accept header asks for; text unless it names JSON.
[[nodiscard]] AnswerFormat wanted_format(std::string_view accept);

/// The edge's own answer. It repeats nothing of the request. 429 and 503 tell when to try again.
[[nodiscard]] HttpResponse make_refusal(const Refusal& refusal, AnswerFormat format,
                                        std::chrono::milliseconds retry_after = limits::retry_after);

}  // namespace leadhub::capture
