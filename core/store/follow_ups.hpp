#pragma once

#include <soci/soci.h>

#include <cstdint>
#include <string>

#include "ops/clock.hpp"
#include "store/inbox_store.hpp"

/// The rows of `follow_ups`, inside a transaction of the caller. All of it throws as SOCI does.
namespace leadhub::store {

/// From now on entry `seq` waits to be followed up.
void start_follow_up(soci::session& session, std::int64_t workspace, std::int64_t seq,
                     const std::string& channel, TimePoint due_at);

/// Writes down what came of it, or that it is to be tried again.
void settle_follow_up(soci::session& session, std::int64_t workspace, const std::string& channel,
                      const FollowUpResult& result);

void forget_follow_up(soci::session& session, std::int64_t workspace, std::int64_t seq);

}  // namespace leadhub::store
