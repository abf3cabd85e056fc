#pragma once

#include <cstddef>
#include <cstdint>

/// Every bound of this plugin. What a mail itself may hold was bounded by the host.
namespace leadhub::email {

/// RFC 5322 section 2.1.1 forbids lines beyond 998 bytes; the header's name and a blank stand before the
/// word.
inline constexpr std::size_t header_word_bytes_max = 900;
/// The same, of any line, without CR LF.
inline constexpr std::size_t line_bytes_max = 998;
/// Where RFC 5322 wants a line to end, if it can.
inline constexpr std::size_t header_line_bytes = 78;
/// File systems take 255; ".", ".part" and ".eml" need some, and the shortened form adds a hash.
inline constexpr std::size_t file_stem_bytes_max = 200;

// --- SMTP
/// RFC 5321 section 4.5.3.1.3: a path of 256 without its brackets.
inline constexpr std::size_t envelope_address_bytes_max = 254;
/// One reply with all its lines; RFC 5321 section 4.5.3.1.5 has lines of 512 bytes, and EHLO some twenty.
inline constexpr std::size_t smtp_reply_bytes_max = 16'384;
/// What is read from a connection at once.
inline constexpr std::size_t smtp_chunk_bytes = 4'096;
/// For TCP, TLS and login together.
inline constexpr std::int64_t smtp_open_ms = 20'000;
/// An idle connection is used again for so long; relays close theirs after five minutes.
inline constexpr std::int64_t smtp_idle_ms = 60'000;
/// Of a call's time, the part in which no mail is begun any more, so that those under way get their answers.
inline constexpr std::int64_t answer_share = 4;
/// For the answers of mails under way when the hub stops: a cut after the final dot leaves one in doubt.
inline constexpr std::int64_t stop_grace_ms = 3'000;
/// How often a call looks whether the hub is stopping, and at the clock that limits rates.
inline constexpr std::int64_t look_up_ms = 100;

/// RFC 8301 section 3.2: verifiers must not accept less.
inline constexpr int dkim_rsa_bits_min = 1024;
/// Of the header names in a DKIM signature, so that its lines stay short.
inline constexpr std::size_t dkim_names_per_line = 4;
/// RFC 8032 section 5.1.6.
inline constexpr std::size_t ed25519_signature_bytes = 64;

/// Of one request with many mails; the host's client takes 4 MiB, and JSON escapes some.
inline constexpr std::size_t api_batch_bytes_max = 1'048'576;

// --- Rates
/// How far ahead a mail gets a time of its own; who comes later asks again, so that little is kept in memory.
inline constexpr std::int64_t domain_horizon_ms = 600'000;
/// How late a mail may come back and still leave by its time; the host hands over what is due within a
/// second.
inline constexpr std::int64_t reservation_valid_ms = 1'000;
/// Times of their own that are kept; a mail's id and a number, 10 MB.
inline constexpr std::size_t reservations_max = 100'000;
/// How long a day's count of a warm-up plan is kept: until nobody can ask for that day any more.
inline constexpr std::int64_t warm_up_kept_ms = 3 * 86'400'000LL;

}  // namespace leadhub::email
