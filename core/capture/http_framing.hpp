#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

/// Where an HTTP/1 request begins and ends, decided strictly and without I/O.
///
/// Two parsers that disagree about the end of a request let an attacker smuggle a second one past the first
/// parser (RFC 9112 section 11.2). So whatever RFC 9112 calls invalid, and whatever it lets a server repair,
/// is refused here, before any other parser sees it. Every refusal closes the connection, because nobody
/// knows where the next request would begin.
namespace leadhub::capture {

/// Why a request is not read any further.
struct Refusal {
  int status;               ///< of the answer: 400, 413, 414, 415, 417, 431 or 501
  std::string_view reason;  ///< a fixed sentence for the sender; it repeats nothing of the request
};

enum class BodyFraming {
  none = 1,  ///< no body follows the head
  sized,     ///< Content-Length bytes follow
  chunked,   ///< chunks follow, to be read with a ChunkDecoder
};

enum class Persistence {
  keep_alive = 1,  ///< the connection may carry another request
  close,           ///< it ends with this answer
};

enum class Expectation { none = 1, continue_100 };

/// What a head says about framing. The views point into the head that was checked.
struct FramingVerdict {
  std::string_view method;
  std::string_view path;   ///< begins with '/', not percent-decoded
  std::string_view query;  ///< behind the first '?', else empty
  int version_minor = 1;   ///< HTTP/1.0 or HTTP/1.1
  BodyFraming body = BodyFraming::none;
  std::uint64_t content_length = 0;  ///< with BodyFraming::sized; never 0 there
  Persistence persistence = Persistence::keep_alive;
  Expectation expectation = Expectation::none;
  std::size_t header_count = 0;
  std::string_view content_type;  ///< empty where there is none
  std::string_view accept;        ///< empty where there is none
};

/// Checks a whole head, from the first byte of the request line to the empty line's CRLF.
///
/// 400: bare CR or LF, NUL or another control character, obs-fold, a name that is no token or has a blank
/// before its
///      colon; a request line that is not `method SP target SP HTTP/1.(0|1)`; a target that is neither a path
///      nor an http(s) URI of the same host, or holds a fragment or a byte outside ASCII; no Host (HTTP/1.1),
///      a bad or a second one; a bad or a second Content-Length, even an equal one; Transfer-Encoding other
///      than one `chunked`, beside a Content-Length, or in HTTP/1.0.
/// 414: a request line over limits::request_line_bytes_max.
/// 415: Content-Encoding other than identity. Nothing is ever decompressed, so there are no zip bombs.
/// 417: Expect other than 100-continue.
/// 431: more than limits::header_count_max fields or limits::request_head_bytes_max bytes.
/// 501: a method other than GET, HEAD, POST, PUT, PATCH, DELETE and OPTIONS. CONNECT and TRACE among them:
/// they make
///      no sense here for any resource.
///
/// RFC 9112 section 3.2.2 obliges a server to take absolute-form targets; one is taken where its authority is
/// the Host, since a disagreement between the two is how caches get poisoned. `OPTIONS *` is refused: no
/// resource here answers it.
[[nodiscard]] std::expected<FramingVerdict, Refusal> check_head(std::string_view head);

/// Finds the end of a head that arrives piece by piece, and refuses at once what can no longer become a good
/// one, so that a sender of nonsense does not hold a connection until its deadline.
class HeadScanner {
 public:
  /// `received` is everything of this request so far; bytes seen by an earlier call are not looked at again.
  /// The length of the head with its empty line, or 0 where more is needed. Refusals: 400 for a bare LF or a
  /// bad request line, 414, 431.
  [[nodiscard]] std::expected<std::size_t, Refusal> scan(std::string_view received);

  /// To begin with the next request.
  void reset() { *this = HeadScanner{}; }

 private:
  std::size_t scanned_ = 0;
  std::size_t line_begin_ = 0;
  std::size_t lines_ = 0;
};

/// Reads a chunked body (RFC 9112 section 7.1) that arrives piece by piece. Extensions and trailers are
/// checked, bounded and dropped.
class ChunkDecoder {
 public:
  enum class Progress { more = 1, done };

  /// Takes what it can from the front of `input` and appends the data to `body`, which never grows beyond
  /// `body_bytes_max`. After `done`, what is left in `input` is the next request.
  /// Refusals: 400 for a size that is not 1 to 16 hexadecimal digits, a line over
  /// limits::chunk_line_bytes_max, a control character, data without its CRLF, trailers that are no header
  /// fields; 413 for a body over the limit; 431 for trailers over limits::trailer_bytes_max.
  [[nodiscard]] std::expected<Progress, Refusal> decode(std::string_view& input, std::string& body,
                                                        std::size_t body_bytes_max);

 private:
  enum class State { size_line = 1, data, data_end, trailer_line, done };

  [[nodiscard]] std::expected<bool, Refusal> take_line(std::string_view& input, std::size_t bytes_max,
                                                       Refusal over_limit);
  [[nodiscard]] std::expected<void, Refusal> begin_chunk(std::size_t body_room);

  State state_ = State::size_line;
  std::uint64_t chunk_left_ = 0;
  std::size_t trailer_bytes_ = 0;
  std::string line_;  ///< a line that is still arriving, without its CRLF when complete
};

/// Whether `name` is a field name: a non-empty token (RFC 9110 section 5.1).
[[nodiscard]] bool is_field_name(std::string_view name);

/// Whether `value` may stand in a header: no control character but the tab (RFC 9110 section 5.5).
[[nodiscard]] bool is_field_value(std::string_view value);

/// ASCII letters without regard to case.
[[nodiscard]] bool equals_ignoring_case(std::string_view left, std::string_view right);

}  // namespace leadhub::capture
