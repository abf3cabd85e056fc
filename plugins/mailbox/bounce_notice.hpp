#pragma once

#include <vector>

#include "bounce_report.hpp"

/// Bounces in words, for people: what bounce_report.hpp calls any other bounce.
namespace leadhub::mailbox {

/// Whether a mail system wrote it to say that a mail did not arrive.
[[nodiscard]] bool is_bounce_notice(const Message& message);

/// Whom it names as not reached. Asked where is_bounce_notice(), and of delivery status notifications whose
/// fields name nobody.
[[nodiscard]] std::vector<FailedRecipient> read_bounce_notice(const Message& message);

/// What it says of that address, which is known from elsewhere.
[[nodiscard]] FailedRecipient read_bounce_notice_about(const Message& message, const std::string& address);

}  // namespace leadhub::mailbox
