#pragma once

#include <expected>
#include <string>
#include <utility>

namespace leadhub {

/// What kind of failure it was, for code that must act on it. People read the message.
enum class ErrorCode {
  invalid = 1,   ///< the input is wrong; the same input fails again
  not_found,     ///< what was named does not exist
  conflict,      ///< it collides with what is there already
  unavailable,   ///< not now: full, busy or stopping; the same call may work later
  incompatible,  ///< made by another version of leadhub or of the SDK
  io,            ///< the operating system or the database failed
  internal,      ///< a bug of ours
};

/// A failure as a value. The message says what is wrong, where, and how to mend it; it holds no secret and no
/// personal data, because it may be logged.
struct Error {
  ErrorCode code = ErrorCode::internal;
  std::string message;
};

/// Core returns failures, it does not throw them. Exceptions of libraries are caught where the library is
/// called.
template <class T>
using Result = std::expected<T, Error>;

[[nodiscard]] inline std::unexpected<Error> fail(ErrorCode code, std::string message) {
  return std::unexpected(Error{code, std::move(message)});
}

}  // namespace leadhub
