#pragma once

#include <string>
#include <string_view>

namespace leadhub::lead {

/// A person as another system knows them: {"telegram", "7"}. Where that system is a chat, it is also where an
/// answer goes: the conversation with that person.
struct ExternalId {
  std::string system;
  std::string id;
  friend bool operator==(const ExternalId&, const ExternalId&) = default;
};

/// The canonical form of its contact point, "telegram:7". A system with a colon is led in by its length, so
/// that no other system and id read the same: a plain form never begins with a colon.
[[nodiscard]] std::string external_contact(std::string_view system, std::string_view id);

}  // namespace leadhub::lead
