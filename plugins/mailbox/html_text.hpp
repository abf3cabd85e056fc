#pragma once

#include <string>
#include <string_view>

namespace leadhub::mailbox {

/// The words of an HTML text, for looking for addresses and for showing: a new line at each element that
/// begins one, the five entities of XML and nbsp decoded, scripts and styles left out. No parser of HTML:
/// nothing is shown as HTML again.
[[nodiscard]] std::string text_of_html(std::string_view html);

}  // namespace leadhub::mailbox
