#include "capture/page.hpp"

#include "ops/limits.hpp"
#include "ops/markup.hpp"

namespace leadhub::capture {
namespace {

constexpr std::string_view style =
    "body{font:1.1rem/1.5 system-ui,sans-serif;max-width:34rem;margin:3rem auto;padding:0 1rem;color:#1b1b1b;"
    "background:#fff}button{font:inherit;padding:.7rem "
    "1.4rem;border:0;border-radius:.4rem;background:#0b57d0;"
    "color:#fff;cursor:pointer;margin:0 .6rem .6rem "
    "0}button[name]{background:none;color:inherit;box-shadow:inset 0 0 0 "
    "1px}button:focus-visible{outline:3px solid #f2a600;outline-offset:2px}"
    "@media(prefers-color-scheme:dark){body{color:#eee;background:#161616}button:not([name]){background:#"
    "8ab4f8;color:#"
    "111}}";

std::string form_of(const Page& page) {
  std::string html = "<form method=\"post\" action=\"" + ops::escape_markup(page.action) + "\">";
  for (const auto& choice : page.choices)
    html.append("<p><label><input type=\"checkbox\" name=\"")
        .append(ops::escape_markup(choice.name))
        .append("\" value=\"")
        .append(ops::escape_markup(choice.value))
        .append(choice.is_ticked ? "\" checked> " : "\"> ")
        .append(ops::escape_markup(choice.label))
        .append("</label></p>\n");
  html.append("<button type=\"submit\">").append(ops::escape_markup(page.button)).append("</button>");
  if (const auto& second = page.second_button; !second.name.empty())
    html.append(" <button type=\"submit\" name=\"")
        .append(ops::escape_markup(second.name))
        .append("\" value=\"")
        .append(ops::escape_markup(second.value))
        .append("\">")
        .append(ops::escape_markup(second.label))
        .append("</button>");
  return html + "</form>\n";
}

}  // namespace

HttpResponse to_response(const Page& page) {
  std::string html =
      "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" "
      "content=\"width=device-width, initial-scale=1\">\n<meta name=\"robots\" content=\"noindex\">\n<title>";
  html.append(ops::escape_markup(page.title))
      .append("</title>\n<style>")
      .append(style)
      .append("</style>\n</head>\n<body>\n");
  html.append("<main>\n<h1>").append(ops::escape_markup(page.title)).append("</h1>\n");
  for (const auto& paragraph : page.paragraphs)
    html.append("<p>").append(ops::escape_markup(paragraph)).append("</p>\n");
  if (!page.button.empty()) html += form_of(page);
  if (!page.link.label.empty())
    html.append("<p><a href=\"")
        .append(ops::escape_markup(page.link.target))
        .append("\">")
        .append(ops::escape_markup(page.link.label))
        .append("</a></p>\n");
  html += "</main>\n</body>\n</html>\n";
  return {page.status,
          {{"content-type", "text/html; charset=utf-8"},
           {"cache-control", "no-store"},
           {"referrer-policy", "no-referrer"},
           {"x-content-type-options", "nosniff"},
           {"x-robots-tag", "noindex"},
           {"content-security-policy",
            "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; "
            "frame-ancestors 'none'"}},
          std::move(html)};
}

HttpResponse come_back_later() {
  auto response = to_response(
      {503, "Please try again in a moment", {"We could not store this just now. Nothing is lost."}, {}, {}});
  response.headers.push_back({"retry-after", std::to_string(limits::retry_after.count())});
  return response;
}

}  // namespace leadhub::capture
