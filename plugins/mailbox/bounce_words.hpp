#pragma once

#include <array>
#include <string_view>

/// What mail systems write in bounces for people, in lower case; a word counts wherever it stands in a text.
/// Each of them was met: in the samples of tests/data, but for a few common ones.
namespace leadhub::mailbox {

using Words = std::string_view;

/// Local parts and names that mail systems write as. The first ones write nothing but bounces.
inline constexpr std::array<Words, 3> bouncer_names{"mailer-daemon", "mail delivery", "mail.delivery"};
inline constexpr std::array<Words, 4> system_names{"postmaster", "mdaemon", "mail administrator",
                                                   "delivery subsystem"};
inline constexpr std::array<Words, 6> other_role_names{"abuse",    "hostmaster", "noreply",
                                                       "no-reply", "support",    "root"};

/// That a mail did not arrive, in subjects and notices.
inline constexpr std::array<Words, 28> failure_words{
    "undeliver",         "not deliver",           "not be deliver",       "able to deliver",
    "could not deliver", "delivery fail",         "delivery has fail",    "delivery error",
    "delivery problem",  "non-delivery",          "nondelivery",          "delivery status notification",
    "delivery warning",  "returned mail",         "mail failed",          "failure notice",
    "failed mail",       "did not reach",         "could not be reached", "automatically rejected",
    "mail error",        "error during delivery", "failed because",       "did not exactly match",
    "mail system error", "delivery notification", "user unknown",         "no such user"};
/// The same, weaker: enough beside an address in a notice that is known as one.
inline constexpr std::array<Words, 12> weak_failure_words{
    "fail",     "unavailable", "unknown",   "quota",   "not recognized", "no longer valid",
    "rejected", "not found",   "not known", "no such", "undisclosed",    "originally addressed to"};
/// That the mail is still being tried.
inline constexpr std::array<Words, 9> delay_words{"not yet been delivered",
                                                  "been delayed",
                                                  "still being retried",
                                                  "delivery attempts will continue",
                                                  "warning message only",
                                                  "been postponed",
                                                  "message delayed",
                                                  "continue to try to deliver",
                                                  "temporary failure, will retry"};
/// Where the returned mail begins, or the details that repeat what was said with other people's addresses.
inline constexpr std::array<Words, 23> separators{"original message",
                                                  "copy of the message",
                                                  "copy of your message",
                                                  "returned mail",
                                                  "returned message",
                                                  "unsent message",
                                                  "message header",
                                                  "headers follow",
                                                  "header of the",
                                                  "message text follows",
                                                  "old message",
                                                  "forwarded message",
                                                  "mensaje original",
                                                  "attachment is a copy",
                                                  "header and top",
                                                  "lines of your original",
                                                  "your message reads",
                                                  "summary of the undelivered",
                                                  "first part of the message",
                                                  "error detail",
                                                  "content-type: message/rfc822",
                                                  "returned below:",
                                                  "source mail attached"};
inline constexpr std::array<Words, 4> no_separators{"original message was received",
                                                    "id of the original message",
                                                    "resend your original message", "receive a copy of"};
/// Lines that repeat a header of the returned mail, or what was said to a server before the recipient.
inline constexpr std::array<Words, 13> header_lines{
    "to:",       "cc:",     "bcc:",         "from:",     "subject:",    "sent:",         "date:",
    "reply-to:", "sender:", "return-path:", "received:", "message-id:", "envelope-from:"};

}  // namespace leadhub::mailbox
