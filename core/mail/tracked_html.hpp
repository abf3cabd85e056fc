#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace leadhub::mail {

/// Where a mail leads that is to tell what becomes of it.
struct TrackedLinks {
  /// The address to put in the place of a link's; empty: the link stays. Null: all of them stay.
  std::function<std::string(std::string_view url)> click{};
  std::string open{};  ///< of the picture at the end of the mail; empty: there is none
};

/// A finished mail with the addresses of its links replaced, and a picture of one pixel at its end. Looks at
/// the `href` of each `<a>`, of the layout too, in quotes as HTML wants it; whatever else stands there stays
/// to the byte. `click` gets a URL as a browser would, with its entities read. The first
/// limits::tracked_links_max links are asked about. Pure but for `click`.
[[nodiscard]] std::string tracked_html(std::string_view html, const TrackedLinks& links);

}  // namespace leadhub::mail
