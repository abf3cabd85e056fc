#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "capture/http.hpp"
#include "ops/clock.hpp"
#include "ops/error.hpp"

namespace leadhub::capture {

/// What a channel decided about a request, before it is read.
struct Authentication {
  enum class Kind {
    accept = 1,  ///< authentic: read it
    answer,      ///< nothing to capture: send `response`
    refuse,      ///< not authentic or not allowed: send `response`, keep nothing
    hold,  ///< suspicious: read, store and answer as if accepted, but set aside for review with `reason`
  };
  Kind kind = Kind::refuse;
  HttpResponse response;  ///< for answer and refuse
  std::string reason;     ///< for refuse and hold; no personal data
};

/// What a channel read from a request: lead events as JSON documents, not yet checked, and the answer to give
/// once they are stored.
struct Reading {
  std::vector<std::string> events;
  HttpResponse response;
};

/// What came of following a request up.
struct FollowUp {
  enum class Outcome {
    done = 1,  ///< `events` are what it brought
    retry,     ///< not now
    failed,    ///< and trying again would not help
  };
  Outcome outcome = Outcome::failed;
  std::vector<std::string> events{};         ///< as of Reading
  std::string detail{};                      ///< why it is not done; no personal data
  std::chrono::milliseconds retry_after{0};  ///< for retry: not earlier than this from now; 0: as you see fit
};

/// A configured channel as capture sees it, wherever its plugin runs. Implemented by the plugin host.
class ChannelPort {
 public:
  virtual ~ChannelPort() = default;

  [[nodiscard]] virtual const std::string& name() const = 0;

  /// Thread-safe, does not block. Error: the plugin failed, not the request; the host answers 500 and keeps
  /// nothing.
  [[nodiscard]] virtual Result<Authentication> authenticate(const HttpRequest& request, TimePoint now) = 0;

  /// Thread-safe, does not block, pure and repeatable. Error: the request is authentic but could not be
  /// understood, or the plugin failed; the request is kept in quarantine with the error's message.
  [[nodiscard]] virtual Result<Reading> read(const HttpRequest& request) const = 0;

  /// Whether the channel follows requests up at all.
  [[nodiscard]] virtual bool follows_up() const { return false; }
  /// Whether this request, which read() could read, is one of them. Thread-safe, does not block, pure.
  [[nodiscard]] virtual bool wants_follow_up(const HttpRequest& /*request*/) const { return false; }
  /// Does what the request asks for beyond its answer: asks another service, replies. Blocks until the
  /// deadline at most. One call at a time. `key` is the same whenever the request is followed up again.
  [[nodiscard]] virtual FollowUp follow_up(const HttpRequest& /*request*/, const std::string& /*key*/,
                                           TimePoint /*deadline*/) {
    return {};
  }
};

/// The channels of the running configuration, by name.
class ChannelDirectory {
 public:
  virtual ~ChannelDirectory() = default;
  /// Null where there is none of that name that captures over HTTP. Thread-safe. The channel lives as long as
  /// the pointer is held, a reload notwithstanding.
  [[nodiscard]] virtual std::shared_ptr<ChannelPort> find(std::string_view name) const = 0;
};

}  // namespace leadhub::capture
