#include "capture/http_framing.hpp"

#include <gmock/gmock.h>

#include "ops/limits.hpp"

namespace leadhub::capture {
namespace {

using namespace std::string_literals;

std::string head_with(std::string_view header_lines) {
  return "POST /in/website HTTP/1.1\r\nHost: example.com\r\n" + std::string{header_lines} + "\r\n";
}

struct BadHead {
  std::string name;
  std::string head;
  int status = 400;
};

void PrintTo(const BadHead& bad, std::ostream* out) {
  *out << bad.name;
}

class RefusedHead : public ::testing::TestWithParam<BadHead> {};

TEST_P(RefusedHead, HasItsStatus) {
  const auto verdict = check_head(GetParam().head);
  ASSERT_FALSE(verdict.has_value());
  EXPECT_EQ(verdict.error().status, GetParam().status) << verdict.error().reason;
}

const std::string get = "GET / HTTP/1.1\r\nHost: h\r\n";

INSTANTIATE_TEST_SUITE_P(
    Framing, RefusedHead,
    ::testing::Values(
        BadHead{"TwinContentLength", head_with("Content-Length: 3\r\nContent-Length: 3\r\n")},
        BadHead{"DifferentContentLengths", head_with("Content-Length: 3\r\nContent-Length: 4\r\n")},
        BadHead{"ContentLengthList", head_with("Content-Length: 3, 3\r\n")},
        BadHead{"ContentLengthPlus", head_with("Content-Length: +3\r\n")},
        BadHead{"ContentLengthMinus", head_with("Content-Length: -3\r\n")},
        BadHead{"ContentLengthHex", head_with("Content-Length: 0x3\r\n")},
        BadHead{"ContentLengthInnerBlank", head_with("Content-Length: 1 0\r\n")},
        BadHead{"ContentLengthEmpty", head_with("Content-Length:\r\n")},
        BadHead{"ContentLengthOverflow", head_with("Content-Length: 18446744073709551616\r\n")},
        BadHead{"ContentLengthAndChunked", head_with("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n")},
        BadHead{"ChunkedAndContentLength", head_with("Transfer-Encoding: chunked\r\nContent-Length: 0\r\n")},
        BadHead{"ChunkedTwice", head_with("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n")},
        BadHead{"ChunkedIdentity", head_with("Transfer-Encoding: chunked, identity\r\n")},
        BadHead{"GzipChunked", head_with("Transfer-Encoding: gzip, chunked\r\n")},
        BadHead{"TransferEncodingIdentity", head_with("Transfer-Encoding: identity\r\n")},
        BadHead{"TransferEncodingEmpty", head_with("Transfer-Encoding:\r\n")},
        BadHead{"VerticalTabChunked", head_with("Transfer-Encoding: \vchunked\r\n")},
        BadHead{"ChunkedInHttp10", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"}));

INSTANTIATE_TEST_SUITE_P(
    Lines, RefusedHead,
    ::testing::Values(
        BadHead{"Empty", ""}, BadHead{"NoEmptyLine", get}, BadHead{"BareLf", "GET / HTTP/1.1\nHost: h\n\n"},
        BadHead{"OneBareLf", "GET / HTTP/1.1\r\nHost: h\nA: b\r\n\r\n"},
        BadHead{"BareCr", get + "A: b\rC: d\r\n\r\n"}, BadHead{"CrCrLf", get + "A: b\r\r\n\r\n"},
        BadHead{"Nul", get + "A: b\0c\r\n\r\n"s}, BadHead{"NulInName", get + "A\0: b\r\n\r\n"s},
        BadHead{"Bell", get + "A: \a\r\n\r\n"}, BadHead{"Delete", get + "A: \x7f\r\n\r\n"},
        BadHead{"Folded", get + "A: b\r\n c\r\n\r\n"}, BadHead{"FoldedByTab", get + "A: b\r\n\tc\r\n\r\n"},
        BadHead{"BlankFirst", "GET / HTTP/1.1\r\n Host: h\r\n\r\n"},
        BadHead{"BlankBeforeColon", get + "A : b\r\n\r\n"}, BadHead{"NoColon", get + "Ab\r\n\r\n"},
        BadHead{"NoName", get + ": b\r\n\r\n"}, BadHead{"NameNotAscii", get + "\xc3\xa4: b\r\n\r\n"},
        BadHead{"BytesBehindTheEnd", get + "\r\nGET"}));

INSTANTIATE_TEST_SUITE_P(
    RequestLine, RefusedHead,
    ::testing::Values(BadHead{"Http09", "GET /\r\n\r\n"},
                      BadHead{"Http2", "GET / HTTP/2.0\r\nHost: h\r\n\r\n"},
                      BadHead{"Http12", "GET / HTTP/1.2\r\nHost: h\r\n\r\n"},
                      BadHead{"LowerCaseHttp", "GET / http/1.1\r\nHost: h\r\n\r\n"},
                      BadHead{"TwoBlanks", "GET  / HTTP/1.1\r\nHost: h\r\n\r\n"},
                      BadHead{"Tab", "GET\t/\tHTTP/1.1\r\nHost: h\r\n\r\n"},
                      BadHead{"BlankInTarget", "GET /a b HTTP/1.1\r\nHost: h\r\n\r\n"},
                      BadHead{"LeadingEmptyLine", "\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n"},
                      BadHead{"Fragment", "GET /a#b HTTP/1.1\r\nHost: h\r\n\r\n"},
                      BadHead{"TargetNotAscii", "GET /\xc3\xa4 HTTP/1.1\r\nHost: h\r\n\r\n"},
                      BadHead{"NoSlash", "GET in/website HTTP/1.1\r\nHost: h\r\n\r\n"},
                      BadHead{"Asterisk", "OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n"},
                      BadHead{"OtherScheme", "GET ftp://h/a HTTP/1.1\r\nHost: h\r\n\r\n"},
                      BadHead{"AuthorityIsNotTheHost", "GET http://other/a HTTP/1.1\r\nHost: h\r\n\r\n"},
                      BadHead{"UserInAuthority", "GET http://u@h/a HTTP/1.1\r\nHost: h\r\n\r\n"},
                      BadHead{"MethodIsNoToken", "G(T / HTTP/1.1\r\nHost: h\r\n\r\n"},
                      BadHead{"Connect", "CONNECT h:443 HTTP/1.1\r\nHost: h\r\n\r\n", 501},
                      BadHead{"Trace", "TRACE / HTTP/1.1\r\nHost: h\r\n\r\n", 501},
                      BadHead{"UnknownMethod", "BREW / HTTP/1.1\r\nHost: h\r\n\r\n", 501},
                      BadHead{"LowerCaseMethod", "get / HTTP/1.1\r\nHost: h\r\n\r\n", 501},
                      BadHead{"LongLine",
                              "GET /" + std::string(limits::request_line_bytes_max, 'a') +
                                  " HTTP/1.1\r\nHost: h\r\n\r\n",
                              414}));

INSTANTIATE_TEST_SUITE_P(
    Fields, RefusedHead,
    ::testing::Values(BadHead{"NoHost", "GET / HTTP/1.1\r\n\r\n"},
                      BadHead{"TwoHosts", get + "Host: h\r\n\r\n"},
                      BadHead{"EmptyHost", "GET / HTTP/1.1\r\nHost:\r\n\r\n"},
                      BadHead{"HostWithPath", "GET / HTTP/1.1\r\nHost: h/a\r\n\r\n"},
                      BadHead{"HostWithUser", "GET / HTTP/1.1\r\nHost: u@h\r\n\r\n"},
                      BadHead{"HostWithBadPort", "GET / HTTP/1.1\r\nHost: h:65536\r\n\r\n"},
                      BadHead{"HostList", "GET / HTTP/1.1\r\nHost: a, b\r\n\r\n"},
                      BadHead{"HostBadLiteral", "GET / HTTP/1.1\r\nHost: [::1\r\n\r\n"},
                      BadHead{"Gzip", head_with("Content-Encoding: gzip\r\n"), 415},
                      BadHead{"ExpectOther", head_with("Expect: 200-ok\r\n"), 417},
                      BadHead{"ManyHeaders",
                              [] {
                                std::string lines;
                                for (std::size_t i = 0; i < limits::header_count_max; ++i)
                                  lines += "a: b\r\n";
                                return head_with(lines);
                              }(),
                              431},
                      BadHead{"LongHead",
                              head_with("A: " + std::string(limits::request_head_bytes_max, 'a') + "\r\n"),
                              431}));

TEST(CheckedHead, TellsWhatFollows) {
  const auto head = head_with("content-LENGTH: 12\r\nContent-Type: text/plain\r\nAccept: */*\r\n");
  const auto verdict = check_head(head);
  ASSERT_TRUE(verdict.has_value()) << verdict.error().reason;
  EXPECT_EQ(verdict->method, "POST");
  EXPECT_EQ(verdict->path, "/in/website");
  EXPECT_EQ(verdict->query, "");
  EXPECT_EQ(verdict->body, BodyFraming::sized);
  EXPECT_EQ(verdict->content_length, 12U);
  EXPECT_EQ(verdict->header_count, 4U);
  EXPECT_EQ(verdict->content_type, "text/plain");
  EXPECT_EQ(verdict->accept, "*/*");
  EXPECT_EQ(verdict->persistence, Persistence::keep_alive);
}

TEST(CheckedHead, TakesWhatIsOddButValid) {
  const auto chunked = check_head(head_with("Transfer-Encoding: Chunked\r\nExpect: 100-Continue\r\n"));
  ASSERT_TRUE(chunked.has_value());
  EXPECT_EQ(chunked->body, BodyFraming::chunked);
  EXPECT_EQ(chunked->expectation, Expectation::continue_100);
  EXPECT_EQ(check_head(head_with("Content-Length: 0\r\nExpect: 100-continue\r\n"))->expectation,
            Expectation::none);
  EXPECT_TRUE(
      check_head(head_with("Content-Encoding: identity\r\nX-Utf8: \xc3\xa4\r\nX-Empty:\r\n")).has_value());
  EXPECT_TRUE(check_head("GET / HTTP/1.1\r\nHost: [2001:db8::1]:8080\r\n\r\n").has_value());
  EXPECT_TRUE(check_head("GET / HTTP/1.0\r\n\r\n").has_value());

  const std::string absolute = "GET HTTP://H:80/a?b=c?d HTTP/1.1\r\nHost: h:80\r\n\r\n";
  const auto verdict = check_head(absolute);
  ASSERT_TRUE(verdict.has_value()) << verdict.error().reason;
  EXPECT_EQ(verdict->path, "/a");
  EXPECT_EQ(verdict->query, "b=c?d");
  EXPECT_EQ(check_head("GET http://h HTTP/1.1\r\nHost: h\r\n\r\n")->path, "/");
}

TEST(CheckedHead, TellsHowTheConnectionGoesOn) {
  const auto persistence = [](std::string_view version, std::string_view line) {
    const auto head = "GET / " + std::string{version} + "\r\nHost: h\r\n" + std::string{line} + "\r\n";
    return check_head(head)->persistence;
  };
  EXPECT_EQ(persistence("HTTP/1.1", ""), Persistence::keep_alive);
  EXPECT_EQ(persistence("HTTP/1.1", "Connection: x, Close\r\n"), Persistence::close);
  EXPECT_EQ(persistence("HTTP/1.1", "Connection: upgrade\r\nUpgrade: h2c\r\n"), Persistence::keep_alive);
  EXPECT_EQ(persistence("HTTP/1.0", ""), Persistence::close);
  EXPECT_EQ(persistence("HTTP/1.0", "Connection: Keep-Alive\r\n"), Persistence::keep_alive);
  EXPECT_EQ(persistence("HTTP/1.0", "Connection: keep-alive, close\r\n"), Persistence::close);
}

TEST(HeadScanner, FindsTheEndInAnyPieces) {
  const std::string head = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
  const std::string all = head + "GET /next";
  HeadScanner scanner;
  for (std::size_t size = 1; size < head.size(); ++size)
    ASSERT_EQ(scanner.scan(std::string_view{all}.substr(0, size)), 0U) << size;
  EXPECT_EQ(scanner.scan(all), head.size());
  scanner.reset();
  EXPECT_EQ(scanner.scan(all), head.size());
}

TEST(HeadScanner, RefusesWithoutWaitingForTheEnd) {
  const auto status = [](std::string_view received) {
    HeadScanner scanner;
    const auto scanned = scanner.scan(received);
    return scanned ? 0 : scanned.error().status;
  };
  EXPECT_EQ(status("GET / HTTP/1.1\r\nHost: h\n"), 400);
  EXPECT_EQ(status("GET /\r\n"), 400);
  EXPECT_EQ(status("\n"), 400);
  EXPECT_EQ(status("\r\n\r\n"), 400);
  EXPECT_EQ(status("\x16\x03\x01 TLS hello \n"), 400);
  EXPECT_EQ(status(std::string(limits::request_line_bytes_max + 2, 'a')), 414);
  EXPECT_EQ(status("GET / HTTP/1.1\r\nA: " + std::string(limits::request_head_bytes_max, 'a')), 431);
  std::string many = "GET / HTTP/1.1\r\n";
  for (std::size_t i = 0; i <= limits::header_count_max; ++i) many += "a: b\r\n";
  EXPECT_EQ(status(many), 431);
}

struct Decoded {
  int status = 0;  ///< 0: no refusal
  bool done = false;
  std::string body;
  std::string left;
};

/// Feeds `input` in pieces of `piece` bytes.
Decoded decode(std::string_view input, std::size_t piece = std::string_view::npos,
               std::size_t body_bytes_max = 1'000) {
  ChunkDecoder decoder;
  Decoded result;
  while (!input.empty() && !result.done) {
    std::string_view part = input.substr(0, piece);
    input.remove_prefix(part.size());
    const auto progress = decoder.decode(part, result.body, body_bytes_max);
    if (!progress) {
      result.status = progress.error().status;
      return result;
    }
    result.done = *progress == ChunkDecoder::Progress::done;
    result.left = std::string{part} + std::string{input};
  }
  return result;
}

TEST(ChunkDecoder, JoinsChunksInAnyPieces) {
  const std::string input =
      "5\r\nhello\r\n00006;name=\"va lue\"\r\n world\r\n0\r\nX-Sum: 1\r\nY: \r\n\r\nGET /next";
  for (std::size_t piece = 1; piece <= input.size(); ++piece) {
    const auto decoded = decode(input, piece);
    ASSERT_TRUE(decoded.done) << piece;
    EXPECT_EQ(decoded.body, "hello world");
    EXPECT_EQ(decoded.left, "GET /next");
  }
  EXPECT_EQ(decode("A\r\n0123456789\r\n0\r\n\r\n").body, "0123456789");
}

TEST(ChunkDecoder, RefusesBadFraming) {
  const std::vector<std::pair<std::string, int>> cases{
      {"-2\r\n", 400},
      {"+2\r\n", 400},
      {"0x5\r\nhello\r\n", 400},
      {"\r\n", 400},
      {";a=b\r\n", 400},
      {" 5\r\nhello\r\n", 400},
      {"5 \r\nhello\r\n", 400},
      {"5 ;a\r\nhello\r\n", 400},
      {"g\r\n", 400},
      {"5\nhello\r\n", 400},
      {"5\rhello\r\n", 400},
      {"5\r\nhelloX\r\n", 400},
      {"5\r\nhello0\r\n\r\n", 400},
      {"5\r\nhello\n", 400},
      {"5;a=\x01\r\nhello\r\n", 400},
      {"5;a=\rb\r\nhello\r\n", 400},
      {"00000000000000005\r\nhello\r\n", 400},
      {"ffffffffffffffffff\r\n", 400},
      {"ffffffffffffffff\r\n", 413},
      {"fffffffffffffffe\r\n", 413},
      {"3e9\r\n", 413},
      {"3e8\r\n" + std::string(1'000, 'a') + "\r\n1\r\n", 413},
      {"5;" + std::string(limits::chunk_line_bytes_max, 'a') + "\r\n", 400},
      {std::string(limits::chunk_line_bytes_max + 2, '0'), 400},
      {"0\r\nno colon\r\n\r\n", 400},
      {"0\r\n folded: x\r\n\r\n", 400},
      {"0\r\nA: \x01\r\n\r\n", 400},
      {"0\r\nA: " + std::string(limits::trailer_bytes_max, 'a') + "\r\n\r\n", 431}};
  for (const auto& [input, status] : cases)
    for (const std::size_t piece : {std::size_t{1}, input.size()})
      EXPECT_EQ(decode(input, piece).status, status) << input.substr(0, 40) << " in pieces of " << piece;
  std::string trailers = "0\r\n";
  for (std::size_t i = 0; i < limits::trailer_bytes_max; ++i) trailers += "a:\r\n";
  EXPECT_EQ(decode(trailers).status, 431);
}

TEST(ChunkDecoder, NeverExceedsTheBodyLimit) {
  const auto decoded = decode("3e8\r\n" + std::string(1'000, 'a') + "\r\n0\r\n\r\n");
  EXPECT_TRUE(decoded.done);
  EXPECT_EQ(decoded.body.size(), 1'000U);
  EXPECT_FALSE(decode("5\r\nhel").done);
}

}  // namespace
}  // namespace leadhub::capture
