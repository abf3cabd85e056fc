#pragma once

#include <soci/soci.h>

#include <string>
#include <string_view>

#include "lead/message.hpp"
#include "store/lead_rows.hpp"

/// How messages are read from rows; shared by the outbox and the reading side of the store.
namespace leadhub::store {

inline constexpr std::string_view message_columns =
    "id, occurrence, lead_id, kind, channel, address, canonical, seq, idx, created_at, state, attempts, "
    "due_at, sent_at, detail, system, text, author, template, journey, step, purpose, time_zone, "
    "opened_at, clicked_at, bounced_at, complained_at";

struct MessageRow {
  std::string id, occurrence, lead_id, kind, channel, address, canonical, state, detail, system, text, author,
      template_name, journey, step, purpose, time_zone;
  long long seq = 0, idx = 0, created_at = 0, attempts = 0, due_at = 0;
  OptionalInteger sent_at, opened_at, clicked_at, bounced_at, complained_at;

  void bind(soci::statement& statement) {
    for (auto* column : {&id, &occurrence, &lead_id, &kind, &channel, &address, &canonical})
      statement.exchange(soci::into(*column));
    for (auto* number : {&seq, &idx, &created_at}) statement.exchange(soci::into(*number));
    statement.exchange(soci::into(state));
    for (auto* number : {&attempts, &due_at}) statement.exchange(soci::into(*number));
    statement.exchange(soci::into(sent_at.value, sent_at.indicator));
    for (auto* column :
         {&detail, &system, &text, &author, &template_name, &journey, &step, &purpose, &time_zone})
      statement.exchange(soci::into(*column));
    for (auto* time : {&opened_at, &clicked_at, &bounced_at, &complained_at})
      statement.exchange(soci::into(time->value, time->indicator));
  }

  [[nodiscard]] lead::Message message() const {
    return {id,
            occurrence,
            lead_id,
            lead::message_kind_from(kind).value_or(lead::MessageKind::opt_in),
            channel,
            address,
            canonical,
            {seq, static_cast<std::int32_t>(idx)},
            from_milliseconds(created_at),
            lead::message_state_from(state).value_or(lead::MessageState::failed),
            attempts,
            from_milliseconds(due_at),
            sent_at.time(),
            detail,
            system,
            text,
            author,
            {},
            template_name,
            journey,
            step,
            purpose,
            time_zone,
            opened_at.time(),
            clicked_at.time(),
            bounced_at.time(),
            complained_at.time()};
  }
};

}  // namespace leadhub::store
