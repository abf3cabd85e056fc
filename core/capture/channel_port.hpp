#pragma once

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

/// A configured channel as capture sees it, wherever its plugin runs. Implemented by the plugin host.
/// Both calls are thread-safe and do not block.
class ChannelPort {
 public:
  virtual ~ChannelPort() = default;

  [[nodiscard]] virtual const std::string& name() const = 0;

  /// Error: the plugin failed, not the request; the host answers 500 and keeps nothing.
  [[nodiscard]] virtual Result<Authentication> authenticate(const HttpRequest& request, TimePoint now) = 0;

  /// Pure and repeatable. Error: the request is authentic but could not be understood, or the plugin failed;
  /// the request is kept in quarantine with the error's message.
  [[nodiscard]] virtual Result<Reading> read(const HttpRequest& request) const = 0;
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
