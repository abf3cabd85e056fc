#pragma once

#include <leadhub/abi.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <leadhub/sdk/channel.hpp>

/// The C++17 way to write a channel that fetches lead events where nobody sends them: a mailbox, a list that
/// must be asked for. Derive from ConfiguredChannel and Poller, and put LEADHUB_EXPORT_CHANNEL(YourChannel)
/// into one source file.
namespace leadhub::sdk {

/// What a poll found.
struct PollResult {
  std::vector<std::string> events;  ///< JSON documents, see sdk::LeadEvent::to_json
  /// Where to go on: at most 4 KiB of UTF-8, committed together with the events. nullopt: where it was.
  std::optional<std::string> cursor;
  /// Milliseconds until the next poll; 0: at once, because there is more; below 0: as configured.
  std::int64_t wait_ms = -1;
};

/// Derive from this beside ConfiguredChannel or Channel.
class Poller {
 public:
  Poller() = default;
  Poller(const Poller&) = delete;
  Poller& operator=(const Poller&) = delete;
  virtual ~Poller() = default;

  /// One call at a time, on any thread. `cursor`: what was committed last; empty at the first poll. Returns
  /// with what it has by the deadline (milliseconds of the host's clock).
  ///
  /// Whatever is thrown drops the call's events, and the next poll has the same cursor: a ChannelError says
  /// with its retry class how soon. The same event may be given again after a crash, so it needs a key.
  virtual PollResult poll(std::string_view cursor, std::int64_t deadline_ms) = 0;
};

namespace detail {

/// The table of leadhub.capture.poll around one Channel object.
template <class ChannelType>
const leadhub_capture_poll& poll_table() {
  static const leadhub_capture_poll table{
      sizeof(leadhub_capture_poll), 0,
      [](leadhub_channel* self, leadhub_string cursor, std::int64_t deadline_ms,
         const leadhub_poll_sink* sink, leadhub_error* error) -> leadhub_status {
        return guarded(error, leadhub_status{LEADHUB_STATUS_ERROR}, [&]() -> leadhub_status {
          Poller& poller = Adapter<ChannelType>::of(self);
          const PollResult result = poller.poll(view(cursor), deadline_ms);
          for (const std::string& event : result.events) sink->event(sink, to_abi(event));
          if (result.cursor) sink->next(sink, to_abi(*result.cursor), result.wait_ms);
          return LEADHUB_STATUS_OK;
        });
      }};
  return table;
}

}  // namespace detail
}  // namespace leadhub::sdk
