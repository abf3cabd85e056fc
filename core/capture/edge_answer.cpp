#include "capture/edge_answer.hpp"

#include <algorithm>
#include <array>
#include <boost/beast/http/status.hpp>
#include <chrono>

namespace leadhub::capture {
namespace {

constexpr std::array<std::string_view, 7> weekdays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array<std::string_view, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                  "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr std::array<std::string_view, 7> own_headers{
    "connection",        "content-length",        "date", "server", "keep-alive",
    "transfer-encoding", "x-content-type-options"};

std::string_view phrase(int status) {
  const auto text =
      boost::beast::http::obsolete_reason(boost::beast::http::int_to_status(static_cast<unsigned>(status)));
  return {text.data(), text.size()};
}

void append_padded(std::string& out, unsigned value, std::size_t digits) {
  const auto text = std::to_string(value);
  out.append(digits - std::min(digits, text.size()), '0').append(text);
}

bool is_own_header(std::string_view name) {
  return std::ranges::any_of(own_headers, [&](auto own) { return equals_ignoring_case(own, name); });
}

bool bodiless(int status) {
  return status == 204 || status == 304;
}

}  // namespace

bool is_sendable(const HttpResponse& response) {
  return response.status >= 200 && response.status <= 599 &&
         std::ranges::all_of(response.headers, [](const HttpHeader& header) {
           return is_field_name(header.name) && is_field_value(header.value);
         });
}

std::string format_http_date(TimePoint time) {
  using namespace std::chrono;
  const auto day = floor<days>(time);
  const year_month_day date{day};
  const hh_mm_ss clock{floor<seconds>(time - day)};
  std::string text{weekdays[weekday{day}.c_encoding()]};
  text += ", ";
  append_padded(text, static_cast<unsigned>(date.day()), 2);
  text.append(" ").append(months[static_cast<unsigned>(date.month()) - 1]).append(" ");
  append_padded(text, static_cast<unsigned>(static_cast<int>(date.year())), 4);
  text += ' ';
  append_padded(text, static_cast<unsigned>(clock.hours().count()), 2);
  text += ':';
  append_padded(text, static_cast<unsigned>(clock.minutes().count()), 2);
  text += ':';
  append_padded(text, static_cast<unsigned>(clock.seconds().count()), 2);
  return text += " GMT";
}

std::string common_header_lines(TimePoint now) {
  return "Server: leadhub\r\nDate: " + format_http_date(now) + "\r\nX-Content-Type-Options: nosniff\r\n";
}

bool has_body(const HttpResponse& response, const AnswerFraming& framing) {
  return framing.body == AnswerBody::sent && !bodiless(response.status) && !response.body.empty();
}

void append_head(std::string& out, const HttpResponse& response, const AnswerFraming& framing,
                 std::string_view common_lines) {
  out.append("HTTP/1.1 ").append(std::to_string(response.status)).append(" ").append(phrase(response.status));
  out.append("\r\n").append(common_lines);
  if (framing.persistence == Persistence::close)
    out.append("Connection: close\r\n");
  else if (framing.version_minor == 0)
    out.append("Connection: keep-alive\r\n");
  for (const HttpHeader& header : response.headers) {
    if (is_own_header(header.name)) continue;
    out.append(header.name).append(": ").append(header.value).append("\r\n");
  }
  if (!bodiless(response.status))
    out.append("Content-Length: ").append(std::to_string(response.body.size())).append("\r\n");
  out.append("\r\n");
}

AnswerFormat wanted_format(std::string_view accept) {
  return accept.contains("application/json") || accept.contains("application/problem+json")
             ? AnswerFormat::problem
             : AnswerFormat::text;
}

HttpResponse make_refusal(const Refusal& refusal, AnswerFormat format,
                          std::chrono::milliseconds retry_after) {
  const std::string title{phrase(refusal.status)};
  const std::string status = std::to_string(refusal.status);
  HttpResponse response;
  response.status = refusal.status;
  if (refusal.status == 429 || refusal.status == 503)
    response.headers.push_back(
        {"Retry-After", std::to_string(std::chrono::ceil<std::chrono::seconds>(retry_after).count())});
  if (format == AnswerFormat::problem) {
    response.headers.push_back({"Content-Type", "application/problem+json"});
    response.body = R"({"type":"about:blank","title":")" + title + R"(","status":)" + status +
                    R"(,"detail":")" + std::string{refusal.reason} + "\"}\n";
  } else {
    response.headers.push_back({"Content-Type", "text/plain; charset=utf-8"});
    response.body = status + " " + title + ": " + std::string{refusal.reason} + "\n";
  }
  return response;
}

}  // namespace leadhub::capture
