#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "lead/event.hpp"

namespace leadhub::capture {

enum class SignalKind : std::uint8_t {
  click = 1,  ///< a link of a mail was followed
  open,       ///< the picture in a mail was fetched
};

/// What is known of one signal when it is judged.
struct SignalFacts {
  SignalKind kind = SignalKind::click;
  std::string_view method;                              ///< "GET"
  std::string_view user_agent;                          ///< as sent; empty: none
  bool is_prefetch = false;                             ///< the browser said that it fetches ahead
  std::optional<std::chrono::milliseconds> since_sent;  ///< since the mail left; nullopt: nobody knows
  std::size_t links_at_once = 0;  ///< different links of the mail, followed within limits::signal_window
};

struct Judgement {
  lead::SignalTrust trust = lead::SignalTrust::unknown;
  std::string reason;  ///< in words, the first that decided
};

/// Who caused it. `scanner` where the request says so itself, or where no person could have done it; `human`
/// where a browser or mail program that is none of those asked at a time at which people read; `unknown` for
/// what lies between, since a score that counts a machine is worse than one that misses a person. Pure.
[[nodiscard]] Judgement judge(const SignalFacts& facts);

}  // namespace leadhub::capture
