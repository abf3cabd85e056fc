#pragma once

#include <string_view>

namespace leadhub::log {

enum class Level { debug = 1, info, warning, error };

/// Writes one line to standard error: time, level, component, message. Control characters are escaped, so
/// that no input can forge a line. Never pass personal data, secrets, tokens or bodies: a lead is named by
/// its id, a request by its sequence number. Thread-safe.
void write(Level level, std::string_view component, std::string_view message);

inline void debug(std::string_view component, std::string_view message) {
  write(Level::debug, component, message);
}
inline void info(std::string_view component, std::string_view message) {
  write(Level::info, component, message);
}
inline void warning(std::string_view component, std::string_view message) {
  write(Level::warning, component, message);
}
inline void error(std::string_view component, std::string_view message) {
  write(Level::error, component, message);
}

/// Lines below this level are dropped; `info` unless told.
void set_level(Level level);

}  // namespace leadhub::log
