#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "ops/key_ring.hpp"

namespace leadhub::capture {

/// What a tracked link of a mail stands for. The token holds where it leads, so that it leads there for as
/// long as the key that signed it is kept, whatever has become of mail, template and lead; it says nothing
/// about the person that `url` does not say itself.
struct ClickToken {
  std::string message_id;
  std::string url;
};

/// Whether a link there can be tracked: a web address of printable ASCII, within
/// limits::tracked_url_bytes_max.
[[nodiscard]] bool can_be_tracked(std::string_view url);

/// `token.url` can be tracked.
[[nodiscard]] std::string click_token(const ClickToken& token, const ops::KeyRing& keys,
                                      std::string_view workspace);
/// Of the picture in a mail.
[[nodiscard]] std::string open_token(std::string_view message_id, const ops::KeyRing& keys,
                                     std::string_view workspace);

/// nullopt: not one of ours, of the other kind, or not for this workspace.
[[nodiscard]] std::optional<ClickToken> read_click_token(std::string_view text, const ops::KeyRing& keys,
                                                         std::string_view workspace);
/// The message's id.
[[nodiscard]] std::optional<std::string> read_open_token(std::string_view text, const ops::KeyRing& keys,
                                                         std::string_view workspace);

}  // namespace leadhub::capture
