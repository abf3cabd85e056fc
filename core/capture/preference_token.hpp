#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "ops/key_ring.hpp"

namespace leadhub::capture {

/// What an unsubscribe link stands for. The link says nothing about the person; it never expires.
struct UnsubscribeToken {
  std::string lead_id;
  std::string purpose_mark;  ///< as of purpose_mark()
};

/// A purpose in a link: 16 characters of its hash, so that a long one makes no long link.
[[nodiscard]] std::string purpose_mark(std::string_view purpose);

[[nodiscard]] std::string unsubscribe_token(std::string_view lead_id, std::string_view purpose,
                                            const ops::KeyRing& keys, std::string_view workspace);
/// Of the preference centre.
[[nodiscard]] std::string preference_token(std::string_view lead_id, const ops::KeyRing& keys,
                                           std::string_view workspace);

/// nullopt: not one of ours, of the other kind, or not for this workspace.
[[nodiscard]] std::optional<UnsubscribeToken> read_unsubscribe_token(std::string_view text,
                                                                     const ops::KeyRing& keys,
                                                                     std::string_view workspace);
/// The lead's id.
[[nodiscard]] std::optional<std::string> read_preference_token(std::string_view text,
                                                               const ops::KeyRing& keys,
                                                               std::string_view workspace);

}  // namespace leadhub::capture
