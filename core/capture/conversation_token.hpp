#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace leadhub::capture {

/// The system of the external id by which a person in a web chat is known.
inline constexpr std::string_view conversation_system = "web";

/// The conversation that a token stands for, as leadhub/sdk/conversation_token.hpp makes it with the signing
/// key of its channel; nullopt for what that key has not signed. Thread-safe.
[[nodiscard]] std::optional<std::string> conversation_id(std::string_view token,
                                                         std::string_view signing_key);

}  // namespace leadhub::capture
