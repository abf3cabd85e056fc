#include "answers.hpp"

#include <leadhub/sdk/event.hpp>

#include "html.hpp"
#include "limits.hpp"
#include "text.hpp"

namespace leadhub::webform {
namespace {

/// How well a type is wanted: quality in thousandths, and how exactly the range names it.
struct Want {
  int quality = 0;
  int exactness = 0;
};

/// A qvalue, "0.8" as 800; what is none counts as 1.
int parse_quality(std::string_view text) {
  if (text.empty() || (text.front() != '0' && text.front() != '1')) return 1000;
  int value = (text.front() - '0') * 1000;
  int digit = 100;
  if (text.size() > 1 && text[1] == '.') {
    for (const char c : text.substr(2, 3)) {
      if (c < '0' || c > '9') break;
      value += (c - '0') * digit;
      digit /= 10;
    }
  }
  return std::min(value, 1000);
}

int quality_of(std::string_view parameters) {
  while (!parameters.empty()) {
    const Halves halves = split_once(parameters, ';');
    const Halves parameter = split_once(trim(halves.before), '=');
    if (equal_ignoring_case(trim(parameter.before), "q")) return parse_quality(trim(parameter.after));
    parameters = halves.after;
  }
  return 1000;
}

int exactness(std::string_view range, std::string_view type) {
  if (equal_ignoring_case(range, type)) return 3;
  if (range == "*/*") return 1;
  const Halves wanted = split_once(range, '/');
  return wanted.after == "*" && equal_ignoring_case(wanted.before, split_once(type, '/').before) ? 2 : 0;
}

Want want(std::string_view accept, std::string_view type) {
  Want best;
  for (std::size_t i = 0; i < limits::accept_ranges_max && !accept.empty(); ++i) {
    const Halves halves = split_once(accept, ',');
    const Halves range = split_once(halves.before, ';');
    const int exact = exactness(trim(range.before), type);
    if (exact > best.exactness) best = {quality_of(range.after), exact};
    accept = halves.after;
  }
  return best;
}

std::vector<std::pair<std::string, std::string>> headers_for(std::string type) {
  return {{"content-type", std::move(type)},
          {"cache-control", "no-store"},
          {"x-content-type-options", "nosniff"}};
}

}  // namespace

Format preferred_format(std::string_view accept) {
  if (accept.empty()) return Format::html;
  const Want json = want(accept, "application/json");
  const Want html = want(accept, "text/html");
  const bool json_first = json.quality > html.quality || (json.quality == html.quality && json.quality > 0 &&
                                                          json.exactness > html.exactness);
  return json_first ? Format::json : Format::html;
}

sdk::HttpResponse json_problems(int status, const std::vector<Problem>& problems) {
  sdk::detail::JsonWriter json(256);
  json.open('{');
  json.name("errors");
  json.open('[');
  for (const Problem& problem : problems) {
    json.open('{');
    json.name("field");
    json.string(problem.field);
    json.name("message");
    json.string(problem.message);
    json.close('}');
  }
  json.close(']');
  json.close('}');
  return {status, headers_for("application/json"), json.take()};
}

sdk::HttpResponse json_accepted() {
  return {200, headers_for("application/json"), R"({"status":"accepted"})"};
}

sdk::HttpResponse html_message(int status, std::string_view language, std::string_view title,
                               std::string_view message) {
  const std::string main =
      "<h1>" + escape_html(title) + "</h1>\n<p role=\"status\">" + escape_html(message) + "</p>\n";
  sdk::HttpResponse response{status, headers_for("text/html; charset=utf-8"),
                             html_page(language, title, main)};
  response.headers.emplace_back("content-security-policy", page_policy({}, {}));
  return response;
}

sdk::HttpResponse refusal(Format format, int status, std::string_view title, std::string message) {
  return format == Format::json ? json_problems(status, {{"", "", std::move(message)}})
                                : html_message(status, "en", title, message);
}

}  // namespace leadhub::webform
