#pragma once

#include <cstddef>
#include <cstdint>

/// The bounds of this plugin's own; those of requests and events are plugins/web's.
namespace leadhub::chat::bounds {

inline constexpr std::size_t form_fields_max = 100;   // Slack's slash commands have 15
inline constexpr std::size_t phone_digits_min = 8;    // with country code; no shorter one is in use
inline constexpr std::size_t phone_digits_max = 15;   // E.164
inline constexpr std::size_t mailbox_bytes_max = 64;  // RFC 5321, section 4.5.3.1.1
inline constexpr std::size_t domain_bytes_max = 253;  // RFC 1035, section 2.3.4, written with dots

inline constexpr std::size_t name_bytes_max =
    100;  // of a name in auto_reply, which services bound as a whole
/// How long one auto_reply is enough for a conversation, and how old a message may be for one: WhatsApp and
/// Messenger let a business answer for 24 hours.
inline constexpr std::int64_t auto_reply_interval_ms = 24LL * 60 * 60 * 1000;

inline constexpr std::size_t slack_error_bytes_max = 60;        // of the word of an error
inline constexpr std::size_t messenger_text_bytes_max = 2'000;  // of the Send API: 2,000 characters
inline constexpr std::size_t instagram_text_bytes_max = 1'000;  // of the same for Instagram: 1,000 bytes

inline constexpr std::size_t web_id_bytes_max = 64;        // a message's own id; the widget's have about 43
inline constexpr std::size_t web_text_bytes_max = 16'384;  // the widget takes 4,000 letters
inline constexpr std::size_t web_email_bytes_max = 320;    // RFC 5321 takes 254; the rest is for blanks

}  // namespace leadhub::chat::bounds
