#include <gmock/gmock.h>

#include "edge_client.hpp"

/// Bad input over a real connection: refused, closed, nothing of it repeated, the next honest request served.
namespace leadhub::capture::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;
using namespace std::string_literals;

struct BadRequest {
  std::string name;
  std::string bytes;
  int status = 400;
};

void PrintTo(const BadRequest& bad, std::ostream* out) {
  *out << bad.name;
}

class RefusedRequest : public ::testing::TestWithParam<BadRequest> {};

std::string chunked(std::string_view body) {
  return "POST /secret-path HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n" + std::string{body};
}

TEST_P(RefusedRequest, IsAnsweredAndTheConnectionClosed) {
  const Edge edge;
  const auto answer = edge.exchange(GetParam().bytes);
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 " + std::to_string(GetParam().status) + " "));
  EXPECT_THAT(answer, HasSubstr("\r\nConnection: close\r\n"));
  EXPECT_THAT(answer, HasSubstr("\r\nX-Content-Type-Options: nosniff\r\n"));
  EXPECT_THAT(answer, Not(HasSubstr("(open)")));
  EXPECT_THAT(answer, Not(HasSubstr("secret")));
  EXPECT_EQ(answer.find("HTTP/1.1", 1), std::string::npos) << "a second answer: " << answer;
  EXPECT_TRUE(edge.handler.seen().empty());
  EXPECT_TRUE(edge.serves());
}

// The smuggled request behind each must never be seen.
const std::string smuggled = "GET /secret-admin HTTP/1.1\r\nHost: h\r\n\r\n";

INSTANTIATE_TEST_SUITE_P(
    Edge, RefusedRequest,
    ::testing::Values(
        BadRequest{"BothFramings",
                   "POST /secret HTTP/1.1\r\nHost: h\r\nContent-Length: 6\r\nTransfer-Encoding: "
                   "chunked\r\n\r\n0\r\n\r\n" +
                       smuggled},
        BadRequest{"TwinContentLength",
                   "POST /secret HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nContent-Length: "
                   "2\r\n\r\nab" +
                       smuggled},
        BadRequest{"ChunkedIdentity",
                   "POST /secret HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked, identity\r\n\r\n"
                   "0\r\n\r\n" +
                       smuggled},
        BadRequest{"TwoHosts", "GET /secret HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n" + smuggled},
        BadRequest{"Folded", "GET /secret HTTP/1.1\r\nHost: h\r\nA: b\r\n secret\r\n\r\n" + smuggled},
        BadRequest{"BareLf", "GET /secret HTTP/1.1\nHost: h\n\n" + smuggled},
        BadRequest{"BareCr", "GET /secret HTTP/1.1\r\nHost: h\r\nA: b\rC: d\r\n\r\n"},
        BadRequest{"Nul", "GET /secret HTTP/1.1\r\nHost: h\r\nA: \0\r\n\r\n"s},
        BadRequest{"Http09", "GET /secret\r\n"},
        BadRequest{"TlsHello", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\n"s},
        BadRequest{"ChunkMinusTwo", chunked("-2\r\nab\r\n0\r\n\r\n")},
        BadRequest{"ChunkHexPrefix", chunked("0x2\r\nab\r\n0\r\n\r\n")},
        BadRequest{"ChunkOverflow", chunked("10000000000000000\r\n")},
        BadRequest{"ChunkHuge", chunked("ffffffffffffffff\r\n"), 413},
        BadRequest{"ChunkWithoutEnd", chunked("2\r\nabsecret0\r\n\r\n")},
        BadRequest{"ChunkBareLf", chunked("2\nab\r\n0\r\n\r\n")},
        BadRequest{"ChunkExtension", chunked("2;" + std::string(1'000, 'x') + "\r\nab\r\n")},
        BadRequest{"BigTrailers", chunked("0\r\nA: " + std::string(100'000, 'x') + "\r\n\r\n"), 431},
        BadRequest{"BigHeader", "GET /secret HTTP/1.1\r\nHost: h\r\nA: " + std::string(5'000'000, 'x'), 431},
        BadRequest{"ManyHeaders",
                   [] {
                     std::string bytes = "GET /secret HTTP/1.1\r\nHost: h\r\n";
                     for (int i = 0; i < 200'000; ++i) bytes += "a: b\r\n";
                     return bytes + "\r\n";
                   }(),
                   431},
        BadRequest{"LongTarget", "GET /secret" + std::string(20'000, 'x') + " HTTP/1.1\r\nHost: h\r\n\r\n",
                   414},
        BadRequest{"Gzip", post_request("\x1f\x8b secret", "Content-Encoding: gzip\r\n"), 415},
        BadRequest{"ExpectOther", post_request("ab", "Expect: secret\r\n"), 417},
        BadRequest{"Connect", "CONNECT secret:443 HTTP/1.1\r\nHost: h\r\n\r\n", 501},
        BadRequest{"Trace", "TRACE /secret HTTP/1.1\r\nHost: h\r\n\r\n", 501},
        BadRequest{"AnnouncedTooMuch",
                   "POST /secret HTTP/1.1\r\nHost: h\r\nContent-Length: 9999999999\r\n\r\nsecret", 413}));

TEST(EdgeBody, EndlessChunksEndAtTheLimit) {
  EdgeOptions options;
  options.body_bytes_max = 100'000;
  const Edge edge{options};
  auto client = edge.client();
  client.send(chunked(""));
  const std::string chunk = "1000\r\n" + std::string(4'096, 'x') + "\r\n";
  for (int i = 0; i < 1'000 && client.send(chunk); ++i) {
  }
  EXPECT_THAT(client.rest(), StartsWith("HTTP/1.1 413 "));
  EXPECT_EQ(edge.listener->statistics().body_bytes_in_flight, 0U);
}

TEST(EdgeBody, IsReadInAllItsForms) {
  const Edge edge;
  auto client = edge.client();
  client.send(post_request("a=b"));
  EXPECT_THAT(client.answer(), HasSubstr("POST /in/website a=b"));
  client.send(chunked("2\r\na=\r\n1\r\nb\r\n0\r\nSum: 1\r\n\r\n"));
  EXPECT_THAT(client.answer(), HasSubstr("POST /secret-path a=b"));
  const std::string large(900'000, 'l');
  client.send(post_request(large));
  EXPECT_THAT(client.answer(), HasSubstr(large));
  std::string dripped = post_request("slow");
  for (const char byte : dripped) client.send({&byte, 1});
  EXPECT_THAT(client.answer(), HasSubstr("POST /in/website slow"));
  const auto seen = edge.handler.seen();
  ASSERT_EQ(seen.size(), 4U);
  EXPECT_EQ(seen[1].header("sum"), std::nullopt) << "trailers are no headers";
}

TEST(EdgeBody, UploadsHaveALimitOfTheirOwn) {
  EdgeOptions options;
  options.body_bytes_max = 10;
  options.upload_bytes_max = 1'000;
  const Edge edge{options};
  const std::string body(500, 'u');
  EXPECT_THAT(edge.exchange(post_request(body)), StartsWith("HTTP/1.1 413 "));
  EXPECT_THAT(edge.exchange(post_request(
                  body, "Content-Type: Multipart/Form-Data; boundary=b\r\nConnection: close\r\n")),
              StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(edge.exchange(post_request(std::string(1'001, 'u'), "Content-Type: multipart/form-data\r\n")),
              StartsWith("HTTP/1.1 413 "));
}

TEST(EdgeBody, TooManyBytesInFlightAreRefusedForNow) {
  EdgeOptions options;
  options.body_bytes_in_flight_max = 10'000;
  Edge edge{options};
  HeldReplies& held = edge.handler.hold_replies();
  auto first = edge.client();
  first.send(post_request(std::string(9'000, 'a')));
  ASSERT_TRUE(edge.handler.wait_for(1));
  const auto refused = edge.exchange(post_request(std::string(2'000, 'b'), "Connection: close\r\n"));
  EXPECT_THAT(refused, StartsWith("HTTP/1.1 503 "));
  EXPECT_THAT(refused, HasSubstr("\r\nRetry-After: 5\r\n"));
  for (Reply& reply : held.take()) reply(response_of(200));
  EXPECT_THAT(first.answer(), StartsWith("HTTP/1.1 200 "));
  EXPECT_EQ(edge.listener->statistics().refused(EdgeRefusal::bodies_in_flight), 1U);
  edge.handler.on_request = nullptr;
  EXPECT_THAT(edge.exchange(post_request(std::string(2'000, 'b'), "Connection: close\r\n")),
              StartsWith("HTTP/1.1 200 "));
}

TEST(EdgeBody, ContinueIsSaidOnlyWhenTheBodyIsWanted) {
  Edge edge;
  edge.handler.on_head = [](const HttpRequest& head) {
    return head.path == "/in/website" ? std::nullopt : std::optional{response_of(404)};
  };
  auto wanted = edge.client();
  wanted.send("POST /in/website HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(wanted.answer(), "HTTP/1.1 100 Continue\r\n\r\n");
  wanted.send("body");
  EXPECT_THAT(wanted.answer(), HasSubstr("POST /in/website body"));

  auto unwanted = edge.client();
  unwanted.send("POST /elsewhere HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_THAT(unwanted.rest(), StartsWith("HTTP/1.1 404 "));
}

TEST(EdgeBody, AnEarlyRefusalReachesASenderWhoIsStillSending) {
  Edge edge;
  edge.handler.on_head = [](const HttpRequest&) { return response_of(403, "no"); };
  auto client = edge.client();
  client.send("POST /in/website HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000\r\n\r\n");
  client.send(std::string(500'000, 'x'));
  const auto answer = client.answer();
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 403 "));
  EXPECT_THAT(answer, HasSubstr("Connection: close"));

  auto polite = edge.client();
  polite.send(post_request("small"));
  EXPECT_THAT(polite.answer(), Not(HasSubstr("Connection: close"))) << "a small body is passed over";
  polite.send(post_request("again"));
  EXPECT_THAT(polite.answer(), StartsWith("HTTP/1.1 403 "));
  EXPECT_TRUE(edge.handler.seen().empty());
}

}  // namespace
}  // namespace leadhub::capture::testing
