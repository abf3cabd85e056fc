#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "ops/clock.hpp"

namespace soci {
class session;
}

/// How far the channels that are polled were read: a table of the inbox, used within its connections'
/// transactions.
namespace leadhub::store {

/// The cursor of that channel; empty where it was never polled.
[[nodiscard]] std::string poll_cursor(soci::session& session, std::int64_t workspace,
                                      std::string_view channel);

void move_poll_cursor(soci::session& session, std::int64_t workspace, std::string_view channel,
                      std::string_view cursor, TimePoint now);

}  // namespace leadhub::store
