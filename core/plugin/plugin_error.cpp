#include "plugin/plugin_error.hpp"

#include <algorithm>

#include "plugin/text.hpp"

namespace leadhub::plugin {
namespace {

ErrorCode to_code(leadhub_error_code code) {
  switch (code) {
    case LEADHUB_ERROR_INVALID:
    case LEADHUB_ERROR_DENIED:
      return ErrorCode::invalid;
    case LEADHUB_ERROR_UNAVAILABLE:
    case LEADHUB_ERROR_TIMEOUT:
      return ErrorCode::unavailable;
    case LEADHUB_ERROR_NOT_FOUND:
      return ErrorCode::not_found;
    default:
      return ErrorCode::internal;
  }
}

}  // namespace

void fill(leadhub_error* error, leadhub_error_code code, leadhub_retry_class retry_class,
          std::string_view message) {
  if (error == nullptr || error->size < sizeof(leadhub_error)) return;
  error->code = code;
  error->retry_class = retry_class;
  error->retry_after_ms = 0;
  error->message_size = static_cast<std::uint32_t>(
      message.copy(error->message, std::min(message.size(), sizeof error->message)));
}

std::string message_of(const leadhub_error& error) {
  if (error.message_size > LEADHUB_ERROR_MESSAGE_BYTES)
    return "the plugin gave an error whose message claims " + std::to_string(error.message_size) + " of " +
           std::to_string(LEADHUB_ERROR_MESSAGE_BYTES) + " bytes; tell its maker";
  return plain_text({error.message, error.message_size}, LEADHUB_ERROR_MESSAGE_BYTES);
}

Error to_error(const leadhub_error& error) {
  std::string message = message_of(error);
  if (message.empty()) message = "the plugin failed without saying why; tell its maker";
  return {to_code(error.code), std::move(message)};
}

bool may_be_tried_later(leadhub_retry_class retry_class) {
  return retry_class == LEADHUB_RETRY_TRANSIENT || retry_class == LEADHUB_RETRY_RATE_LIMITED ||
         retry_class == LEADHUB_RETRY_AUTH;
}

Error misbehaviour(std::string_view who, std::string_view what) {
  return {ErrorCode::internal, std::string{who} + ": the plugin " + std::string{what} + "; tell its maker"};
}

Result<void> check_calls(std::string_view who, std::initializer_list<RequiredCall> calls) {
  for (const auto& call : calls)
    if (!call.present)
      return std::unexpected(misbehaviour(who, "lacks the required call " + std::string{call.name}));
  return {};
}

}  // namespace leadhub::plugin
