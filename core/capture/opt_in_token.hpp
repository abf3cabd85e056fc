#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "lead/lead.hpp"
#include "ops/clock.hpp"
#include "ops/key_ring.hpp"

namespace leadhub::capture {

/// What a confirmation link stands for: the event that asked, and until when it may be confirmed. The link
/// holds nothing about the person.
struct OptInToken {
  lead::EventReference request;
  TimePoint expires{};
};
[[nodiscard]] std::string to_token(const OptInToken& token, const ops::KeyRing& keys,
                                   std::string_view workspace);
/// nullopt: not one of ours, or not for this workspace.
[[nodiscard]] std::optional<OptInToken> opt_in_token(std::string_view text, const ops::KeyRing& keys,
                                                     std::string_view workspace);

}  // namespace leadhub::capture
