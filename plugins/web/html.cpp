#include "html.hpp"

#include <leadhub/sdk/crypto.hpp>
#include <leadhub/sdk/utf8.hpp>

namespace leadhub::webform {
namespace {

constexpr std::string_view style = R"css(
:root{color-scheme:light dark;--ink:#1a2233;--quiet:#556070;--paper:#f3f5f9;--card:#fff;--line:#8b95a7;--accent:#1f5fd0;
--on-accent:#fff;--bad:#b3261e;--bad-paper:#fdecea}
@media (prefers-color-scheme:dark){:root{--ink:#e8ecf4;--quiet:#a5b0c2;--paper:#11151d;--card:#1a202c;--line:#6b778c;
--accent:#8ab4ff;--on-accent:#0b1830;--bad:#ffb4ab;--bad-paper:#3a1a18}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:1rem/1.5 system-ui,-apple-system,"Segoe UI",Roboto,
"Helvetica Neue",sans-serif}
main{max-width:34rem;margin:0 auto;padding:1.5rem 1.25rem 2.5rem;background:var(--card);min-height:100vh}
@media (min-width:40rem){main{margin:3rem auto;padding:2.25rem 2.5rem 2.75rem;min-height:0;border-radius:.9rem;
box-shadow:0 1px 3px #0003,0 12px 36px #0000001a}}
h1{margin:0 0 .5rem;font-size:1.75rem;line-height:1.2}
h2{margin:0;font-size:1.1rem}
p{margin:.25rem 0 1rem}
.quiet{color:var(--quiet);font-size:.9rem}
.field{margin:0 0 1.1rem}
label,legend{display:block;font-weight:600;margin:0 0 .3rem;padding:0}
.mark{color:var(--bad)}
input,select,textarea{width:100%;min-height:2.75rem;padding:.55rem .75rem;font:inherit;color:inherit;
background:var(--card);border:1px solid var(--line);border-radius:.5rem}
textarea{min-height:8rem;resize:vertical}
input:focus-visible,select:focus-visible,textarea:focus-visible,button:focus-visible,a:focus-visible{
outline:3px solid var(--accent);outline-offset:2px}
[aria-invalid=true]{border:2px solid var(--bad)}
fieldset{border:0;margin:0;padding:0}
.choice{display:flex;gap:.7rem;align-items:flex-start;margin:0 0 .6rem}
.choice input{flex:none;width:1.35rem;min-height:0;height:1.35rem;margin:.1rem 0 0;accent-color:var(--accent)}
.choice label{font-weight:400;margin:0}
button{width:100%;min-height:3rem;margin-top:.5rem;padding:.6rem 1.4rem;font:inherit;font-weight:600;cursor:pointer;
color:var(--on-accent);background:var(--accent);border:0;border-radius:.5rem}
button:hover{filter:brightness(1.08)}
.problem{color:var(--bad);margin:.3rem 0 0;font-size:.92rem}
.problems{margin:0 0 1.5rem;padding:.9rem 1.1rem;color:var(--bad);background:var(--bad-paper);
border-left:4px solid var(--bad);border-radius:.4rem}
.problems ul{margin:.4rem 0 0;padding-left:1.2rem}
.problems a{color:inherit}
.elsewhere{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
)css";

}  // namespace

std::string escape_html(std::string_view text) {
  std::string out;
  out.reserve(text.size() + text.size() / 8);
  while (!text.empty()) {
    const sdk::Utf8Sequence sequence = sdk::first_sequence(text);
    const std::string_view character = text.substr(0, sequence.size);
    text.remove_prefix(sequence.size);
    if (!sequence.valid) {
      out += sdk::replacement_character;
      continue;
    }
    switch (character.front()) {
      case '\0':
        break;
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += character;
    }
  }
  return out;
}

std::string escape_script_json(std::string_view json) {
  std::string out;
  out.reserve(json.size() + 64);
  for (std::size_t i = 0; i < json.size(); ++i) {
    const std::string_view three = json.substr(i, 3);
    if (json[i] == '<')
      out += "\\u003c";
    else if (json[i] == '>')
      out += "\\u003e";
    else if (json[i] == '&')
      out += "\\u0026";
    else if (three == "\xE2\x80\xA8")
      out += "\\u2028", i += 2;
    else if (three == "\xE2\x80\xA9")
      out += "\\u2029", i += 2;
    else
      out += json[i];
  }
  return out;
}

std::string html_page(std::string_view language, std::string_view title, std::string_view main) {
  std::string out;
  out.reserve(style.size() + main.size() + 512);
  out += "<!doctype html>\n<html lang=\"";
  out += escape_html(language);
  out +=
      "\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>";
  out += escape_html(title);
  out += "</title>\n<style>";
  out += style;
  out += "</style>\n</head>\n<body>\n<main>\n";
  out += main;
  out += "</main>\n</body>\n</html>\n";
  return out;
}

std::string page_policy(std::string_view form_targets, std::string_view frame_parents) {
  static const std::string style_source = "'sha256-" + sdk::base64_encode(sdk::sha256(style)) + "'";
  std::string out = "default-src 'none'; style-src " + style_source + "; base-uri 'none'; form-action 'self'";
  // Chromium applies form-action to the redirect that answers a form, too.
  if (!form_targets.empty()) (out += ' ') += form_targets;
  out += "; frame-ancestors 'self'";
  if (!frame_parents.empty()) (out += ' ') += frame_parents;
  return out;
}

}  // namespace leadhub::webform
