#pragma once

#include <leadhub/abi.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <leadhub/sdk/channel.hpp>

namespace leadhub::sdk {

/// Derive from this beside Channel to do slow work after a request is stored and answered. The contract:
/// leadhub_follow_up in abi.h.
class FollowUp {
 public:
  FollowUp() = default;
  FollowUp(const FollowUp&) = delete;
  FollowUp& operator=(const FollowUp&) = delete;
  virtual ~FollowUp() = default;

  /// Whether the channel, once it is activated, follows requests up at all: each that does has a thread of
  /// the host.
  [[nodiscard]] virtual bool follows_up() const { return true; }

  /// Many threads at once; pure.
  [[nodiscard]] virtual bool wants_follow_up(const HttpRequest& request) const = 0;

  /// One call at a time. Gives lead events as JSON documents, see sdk::LeadEvent::to_json. Throw
  /// ChannelError: its retry class says whether the host tries again. `key` is the same at every repetition.
  [[nodiscard]] virtual std::vector<std::string> follow_up(const HttpRequest& request, std::string_view key,
                                                           std::int64_t deadline_ms) = 0;
};

namespace detail {

/// The table of leadhub.follow_up around one Channel object.
template <class ChannelType>
const leadhub_follow_up* follow_up_table(const FollowUp& follow_up) {
  if (!follow_up.follows_up()) return nullptr;
  static const leadhub_follow_up table{
      sizeof(leadhub_follow_up), 0,
      [](leadhub_channel* self, const leadhub_http_request* request) -> std::int32_t {
        return guarded(static_cast<leadhub_error*>(nullptr), std::int32_t{0}, [&]() -> std::int32_t {
          const FollowUp& channel = Adapter<ChannelType>::of(self);
          return channel.wants_follow_up(HttpRequest{request}) ? 1 : 0;
        });
      },
      [](leadhub_channel* self, const leadhub_http_request* request, leadhub_string key,
         std::int64_t deadline_ms, const leadhub_capture_sink* sink, leadhub_error* error) -> leadhub_status {
        return guarded(error, leadhub_status{LEADHUB_STATUS_ERROR}, [&]() -> leadhub_status {
          FollowUp& channel = Adapter<ChannelType>::of(self);
          for (const auto& event : channel.follow_up(HttpRequest{request}, view(key), deadline_ms))
            sink->event(sink, to_abi(event));
          return LEADHUB_STATUS_OK;
        });
      }};
  return &table;
}

}  // namespace detail
}  // namespace leadhub::sdk
