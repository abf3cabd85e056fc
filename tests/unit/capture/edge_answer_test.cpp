#include "capture/edge_answer.hpp"

#include <gmock/gmock.h>

namespace leadhub::capture {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using namespace std::string_literals;

HttpResponse answer_with(std::string name, std::string value, int status = 200) {
  HttpResponse response;
  response.status = status;
  response.headers.push_back({std::move(name), std::move(value)});
  response.body = "body";
  return response;
}

std::string head_of(const HttpResponse& response, const AnswerFraming& framing) {
  std::string head;
  append_head(head, response, framing, "Date: now\r\n");
  return head;
}

TEST(Answer, IsNotSendableWithAHoleInItsHead) {
  EXPECT_TRUE(is_sendable(answer_with("Location", "/thanks")));
  for (const auto& value : {"a\r\nSet-Cookie: b"s, "a\nb"s, "a\rb"s, "a\0b"s, "\x7f"s})
    EXPECT_FALSE(is_sendable(answer_with("Location", value)));
  for (const auto& name : {""s, "a b"s, "a:"s, "a\r\nb"s, "\xc3\xa4"s})
    EXPECT_FALSE(is_sendable(answer_with(name, "x")));
  for (const int status : {0, 99, 100, 199, 600, -1})
    EXPECT_FALSE(is_sendable(answer_with("A", "b", status)));
}

TEST(Answer, SaysHowTheConnectionGoesOn) {
  const auto response = answer_with("Location", "/thanks", 303);
  EXPECT_EQ(head_of(response, {.version_minor = 1, .persistence = Persistence::keep_alive}),
            "HTTP/1.1 303 See Other\r\nDate: now\r\nLocation: /thanks\r\nContent-Length: 4\r\n\r\n");
  EXPECT_THAT(head_of(response, {.version_minor = 1, .persistence = Persistence::close}),
              HasSubstr("\r\nConnection: close\r\n"));
  EXPECT_THAT(head_of(response, {.version_minor = 0, .persistence = Persistence::keep_alive}),
              HasSubstr("\r\nConnection: keep-alive\r\n"));
}

TEST(Answer, WritesItsOwnHeadersOnce) {
  const auto head = head_of(answer_with("content-length", "99"), {});
  EXPECT_THAT(head, HasSubstr("Content-Length: 4\r\n"));
  EXPECT_THAT(head, Not(HasSubstr("99")));
}

TEST(Answer, HasNoBodyWhereHttpKnowsNone) {
  const auto no_content = answer_with("A", "b", 204);
  EXPECT_THAT(head_of(no_content, {}), Not(HasSubstr("Content-Length")));
  EXPECT_FALSE(has_body(no_content, {}));
  const AnswerFraming to_head{.body = AnswerBody::omitted};
  EXPECT_THAT(head_of(answer_with("A", "b"), to_head), HasSubstr("Content-Length: 4"));
  EXPECT_FALSE(has_body(answer_with("A", "b"), to_head));
  EXPECT_TRUE(has_body(answer_with("A", "b"), {}));
}

TEST(Answer, DatesAsHttpDoes) {
  EXPECT_EQ(format_http_date(from_milliseconds(784'111'777'999)), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(common_header_lines(from_milliseconds(0)),
            "Server: leadhub\r\nDate: Thu, 01 Jan 1970 00:00:00 GMT\r\nX-Content-Type-Options: nosniff\r\n");
}

TEST(Refusal, ComesAsTheClientAsks) {
  const auto text = make_refusal({400, "Host is missing."}, wanted_format("text/html, */*"));
  EXPECT_EQ(text.body, "400 Bad Request: Host is missing.\n");
  EXPECT_EQ(text.headers.front().value, "text/plain; charset=utf-8");
  const auto problem = make_refusal({429, "Too many requests."}, wanted_format("application/json"),
                                    std::chrono::milliseconds{1'001});
  EXPECT_EQ(problem.body,
            R"({"type":"about:blank","title":"Too Many Requests","status":429,"detail":"Too many requests."})"
            "\n");
  EXPECT_THAT(head_of(problem, {}),
              HasSubstr("Retry-After: 2\r\nContent-Type: application/problem+json\r\n"));
}

}  // namespace
}  // namespace leadhub::capture
