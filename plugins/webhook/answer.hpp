#pragma once

#include <leadhub/sdk/outbound.hpp>
#include <leadhub/sdk/transport.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace leadhub::webhook {

/// What an answer with another status than 2xx means for this lead.
enum class Refusals {
  pass = 1,  ///< somebody mends the receiver: whatever it says but 410 is tried again (Standard Webhooks)
  stay,      ///< a CRM that refuses a record refuses it tomorrow, too
};

/// The outcome of a request that was answered with anything but 2xx.
///   410                     gone: nothing will ever be taken here
///   3xx                     later: redirects are not followed
///   401, 403, 407           later, once somebody has renewed the credentials
///   429, 503                later, after Retry-After
///   408, 425, other 5xx     later
///   everything else         by `refusals`
/// `who`: whom to name, "HubSpot". `words`: the other side's own, without personal data; may be empty.
/// `now_ms`: for a Retry-After that is a date.
[[nodiscard]] sdk::Outcome refusal(const sdk::HttpResponse& response, Refusals refusals, std::string_view who,
                                   std::string_view words, std::int64_t now_ms);

/// The outcome where no answer came and the request may be repeated: later. What the host refuses to send
/// waits for somebody to mend hub.yaml; its message says how.
[[nodiscard]] sdk::Outcome no_answer(const sdk::NoAnswerError& error);

inline bool is_success(const sdk::HttpResponse& response) {
  return response.status >= 200 && response.status < 300;
}

}  // namespace leadhub::webhook
