#pragma once

#include <leadhub/abi.h>

#include <initializer_list>
#include <string>
#include <string_view>

#include "ops/error.hpp"

namespace leadhub::plugin {

/// An error for a plugin to fill.
[[nodiscard]] inline leadhub_error empty_error() {
  leadhub_error error{};
  error.size = sizeof error;
  return error;
}

/// Tells a plugin why a call of the host failed. Nothing where it gave no room for that.
void fill(leadhub_error* error, leadhub_error_code code, leadhub_retry_class retry_class,
          std::string_view message);

/// The text of an error that a plugin filled, made fit to print. Empty where it wrote none; where its size is
/// beyond the buffer, a sentence that says so.
[[nodiscard]] std::string message_of(const leadhub_error& error);

/// What a plugin reported, as a value of ours: its code translated, its message as it stands.
[[nodiscard]] Error to_error(const leadhub_error& error);

/// Whether a failure of this class is tried again: TRANSIENT, RATE_LIMITED and AUTH.
[[nodiscard]] bool may_be_tried_later(leadhub_retry_class retry_class);

/// What to say when the plugin broke the rules of abi.h: `who` is the plugin, `what` the rule.
[[nodiscard]] Error misbehaviour(std::string_view who, std::string_view what);

/// Checks a table that the plugin handed out: there, and of the size that its ABI version has.
template <class Table>
[[nodiscard]] Result<void> check_table(const Table* table, std::string_view who, std::string_view name) {
  if (table == nullptr) return std::unexpected(misbehaviour(who, "has no " + std::string{name}));
  if (table->size == sizeof(Table)) return {};
  return std::unexpected(
      misbehaviour(who, "says that its " + std::string{name} + " has " + std::to_string(table->size) +
                            " bytes where its ABI version has " + std::to_string(sizeof(Table))));
}

/// A call that abi.h requires, and whether the plugin has it.
struct RequiredCall {
  std::string_view name;
  bool present;
};
[[nodiscard]] Result<void> check_calls(std::string_view who, std::initializer_list<RequiredCall> calls);

/// Calls into a plugin. An exception that it lets through, which abi.h forbids, becomes an Error where the
/// C++ runtime carries it here at all.
template <class Body>
[[nodiscard]] auto call_plugin(std::string_view who, std::string_view name, Body&& body)
    -> Result<decltype(body())> {
  try {
    return body();
  } catch (...) {
    return std::unexpected(misbehaviour(who, "let an exception out of " + std::string{name}));
  }
}

}  // namespace leadhub::plugin
