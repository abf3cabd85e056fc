#pragma once

#include <soci/soci.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "store/inbox_store.hpp"

/// How inbox entries are read from rows; shared by the writing and the reading side.
namespace leadhub::store {

inline constexpr std::array<std::string_view, 4> kind_names{"request", "redrive", "action", "follow_up"};
inline constexpr std::array<std::string_view, 4> state_names{"accepted", "held", "unreadable", "conflict"};

template <class Enum, std::size_t Count>
Enum value_of(const std::array<std::string_view, Count>& names, std::string_view name, Enum fallback) {
  const auto found = std::find(names.begin(), names.end(), name);
  return found == names.end() ? fallback : static_cast<Enum>(found - names.begin() + 1);
}

inline constexpr std::string_view entry_columns =
    "seq, kind, state, reason, channel, received_at, events, redrive_of, follows";

/// Where one row of the inbox is fetched to.
struct EntryRow {
  long long seq = 0;
  std::string kind;
  std::string state;
  std::string reason;
  std::string channel;
  long long received_at = 0;
  std::string events;
  long long redrive_of = 0;
  soci::indicator has_redrive = soci::i_null;
  long long follows = 0;
  soci::indicator has_follows = soci::i_null;

  void bind(soci::statement& statement) {
    statement.exchange(soci::into(seq));
    statement.exchange(soci::into(kind));
    statement.exchange(soci::into(state));
    statement.exchange(soci::into(reason));
    statement.exchange(soci::into(channel));
    statement.exchange(soci::into(received_at));
    statement.exchange(soci::into(events));
    statement.exchange(soci::into(redrive_of, has_redrive));
    statement.exchange(soci::into(follows, has_follows));
  }

  [[nodiscard]] InboxEntry entry() {
    return {seq,
            value_of(kind_names, kind, EntryKind::request),
            value_of(state_names, state, EntryState::unreadable),
            reason,
            channel,
            from_milliseconds(received_at),
            std::move(events),
            has_redrive == soci::i_ok ? std::optional<std::int64_t>{redrive_of} : std::nullopt,
            has_follows == soci::i_ok ? std::optional<std::int64_t>{follows} : std::nullopt};
  }
};

/// The entries that replace entry `original`, in order.
inline std::vector<std::int64_t> redrives_of(soci::session& session, std::int64_t workspace,
                                             std::int64_t original) {
  std::vector<std::int64_t> found;
  const long long w = workspace;
  const long long wanted = original;
  long long redrive = 0;
  soci::statement statement =
      (session.prepare << "SELECT seq FROM inbox WHERE workspace_id = :w AND redrive_of = :s ORDER BY seq",
       soci::use(w), soci::use(wanted), soci::into(redrive));
  statement.execute();
  while (statement.fetch()) found.push_back(redrive);
  return found;
}

}  // namespace leadhub::store
