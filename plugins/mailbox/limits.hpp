#pragma once

#include <cstddef>
#include <cstdint>

/// Every bound of this plugin. What an event may hold is the lead event schema's.
namespace leadhub::mailbox::limits {

/// Messages of one poll: their events are committed together, and a crash reads so many again at most.
inline constexpr std::size_t messages_a_poll_max = 50;
/// Events of one poll; the host takes no more.
inline constexpr std::size_t events_a_poll_max = 1000;
/// So much of the start of a message is read. Reports and replies stand first; what comes behind is the
/// returned mail with its attachments, which nobody needs.
inline constexpr std::size_t message_bytes_max = std::size_t{1} << 20;
/// A line of the server's answers outside of messages. The longest is the list of new messages: 8 bytes each.
inline constexpr std::size_t line_bytes_max = std::size_t{4} << 20;
/// Lines of one answer. An honest server gives a few; one that never ends must not keep the thread.
inline constexpr std::size_t answer_lines_max = 10'000;
/// How soon a poll that waits for the server notices that the hub is stopping.
inline constexpr std::int64_t stop_check_ms = 200;
/// Where a deadline leaves less than this, nothing is begun.
inline constexpr std::int64_t least_time_ms = 100;

inline constexpr std::size_t parts_max = 64;            ///< of one message; reports have three
inline constexpr int part_depth_max = 8;                ///< multiparts in multiparts
inline constexpr std::size_t headers_max = 500;         ///< of one message: many hops add many
inline constexpr std::size_t recipients_max = 100;      ///< of one report; relays split what has more
inline constexpr std::size_t report_fields_max = 2000;  ///< of one report: recipients_max with 10 each, twice
inline constexpr std::size_t notice_lines_max = 400;    ///< looked at where a bounce is plain text
inline constexpr std::size_t notice_bytes_max = 8192;   ///< searched for words; systems say it at once
inline constexpr std::size_t address_bytes_max = 254;   ///< RFC 5321 section 4.5.3.1.3, without brackets
inline constexpr std::size_t field_bytes_max = 1000;    ///< of what a report says; the schema takes 4,096
inline constexpr std::size_t reply_bytes_max = 16'384;  ///< of the text of a reply; the schema takes 65,536

}  // namespace leadhub::mailbox::limits
