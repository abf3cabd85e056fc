#pragma once

#include "ops/error.hpp"

namespace leadhub::control {

/// What the control API answers an error with.
[[nodiscard]] constexpr int http_status_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::invalid:
      return 400;
    case ErrorCode::not_found:
      return 404;
    case ErrorCode::conflict:
      return 409;
    case ErrorCode::unavailable:
      return 503;
    default:
      return 500;
  }
}

}  // namespace leadhub::control
