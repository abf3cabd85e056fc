#pragma once

#include <cstddef>
#include <cstdint>

/// Every bound of this plugin. What a lead may hold was bounded by the host, and so are requests and answers.
namespace leadhub::webhook::limits {

inline constexpr std::int64_t timeout_ms_min = 1'000;
/// A preset asks twice, and the host waits a minute for both together.
inline constexpr std::int64_t timeout_ms_max = 30'000;
/// Of a service's own words in a message: a code and a sentence. The ABI carries 512 bytes in all.
inline constexpr std::size_t words_bytes_max = 200;
/// What of them is looked through for personal data; an answer may have 4 MiB.
inline constexpr std::size_t words_bytes_read_max = 2'000;
/// Of one value in a chat message, once escaped. Slack takes 2,000 characters in a field, its label included;
/// a link with a token needs some hundred.
inline constexpr std::size_t chat_bytes_max = 1'000;
/// Of the id that a service gives a record; Salesforce's have 18, EspoCRM's 17 or 36.
inline constexpr std::size_t record_id_bytes_max = 64;
/// Shorter texts are no personal data, and masking them would blank out half of every sentence.
inline constexpr std::size_t masked_bytes_min = 3;

}  // namespace leadhub::webhook::limits
