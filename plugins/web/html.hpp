#pragma once

#include <string>
#include <string_view>

namespace leadhub::webform {

/// `text` for HTML text and for attribute values in double quotes: the five characters with a meaning there
/// become references, bytes that are not UTF-8 become U+FFFD, NUL goes. Safe nowhere else (no script, style
/// or URL).
std::string escape_html(std::string_view text);

/// `json` as it may stand in a script, and in HTML around one: no "<", ">" and "&", no line separators of old
/// JavaScript.
std::string escape_script_json(std::string_view json);

/// A `<meta charset>` to `</html>` page in the plugin's own look. `title` is text, `main` is HTML.
std::string html_page(std::string_view language, std::string_view title, std::string_view main);

/// The Content-Security-Policy of such pages: no script, no outside resource, only our own inline style (by
/// hash). `form_targets`: further origins a form may be sent or redirected to; `frame_parents`: origins that
/// may frame it.
std::string page_policy(std::string_view form_targets, std::string_view frame_parents);

}  // namespace leadhub::webform
