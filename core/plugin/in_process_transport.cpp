#include "plugin/in_process_transport.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>

#include "ops/http_text.hpp"
#include "ops/limits.hpp"
#include "plugin/host_requests.hpp"
#include "plugin/plugin_error.hpp"
#include "plugin/text.hpp"

namespace leadhub::plugin {
namespace {

using deliver::Delivery;
using deliver::DeliveryResult;
using deliver::OutgoingMail;

bool is_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte < 0x20 || byte == 0x7F;
}

/// C1 controls, U+0080 to U+009F, of which U+0085 ends a line for some; and the line and paragraph
/// separators.
bool has_unicode_line_end(std::string_view text) {
  for (std::size_t i = 0; i + 1 < text.size(); ++i) {
    const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(text[at]); };
    if (byte(i) == 0xC2 && byte(i + 1) <= 0x9F) return true;
    if (i + 2 < text.size() && byte(i) == 0xE2 && byte(i + 1) == 0x80 && (byte(i + 2) | 1) == 0xA9)
      return true;
  }
  return false;
}

enum class Lines { one, many };

std::string text_fault(std::string_view what, std::string_view text, std::size_t bytes_min,
                       std::size_t bytes_max, Lines lines) {
  const std::string name{what};
  if (text.size() < bytes_min) return name + " is empty";
  if (text.size() > bytes_max)
    return name + " has " + std::to_string(text.size()) + " bytes; at most " + std::to_string(bytes_max) +
           " are sent";
  if (!is_utf8(text)) return name + " is no UTF-8";
  if (lines == Lines::many) {
    const bool broken = std::ranges::any_of(text, [](char c) { return c == '\r' || c == '\0'; });
    return broken ? name + " holds a CR or NUL; its lines must end with LF" : std::string{};
  }
  if (std::ranges::any_of(text, is_control) || has_unicode_line_end(text))
    return name + " holds a control character (a line break?)";
  return {};
}

/// RFC 5322 section 2.2: printable ASCII without the colon.
bool is_header_name(std::string_view name) {
  return std::ranges::all_of(name, [](char c) { return c > ' ' && c <= '~' && c != ':'; });
}

/// Headers that the transport or the mail servers on the way write.
bool is_reserved_header(std::string_view name) {
  constexpr std::array<std::string_view, 15> names = {
      "bcc",    "cc",         "date",         "delivered-to", "dkim-signature",
      "from",   "message-id", "mime-version", "received",     "return-path",
      "sender", "subject",    "to",           "reply-to",     "authentication-results"};
  const std::string lower = ops::lower_case(name);
  return std::ranges::find(names, lower) != names.end() || lower.starts_with("content-") ||
         lower.starts_with("resent-");
}

std::string header_fault(const std::string& name, const std::string& value) {
  if (auto fault =
          text_fault("the name of a header", name, 1, limits::mail_header_name_bytes_max, Lines::one);
      !fault.empty())
    return fault;
  if (!is_header_name(name)) return "a header has a name with characters that no header has";
  if (is_reserved_header(name)) return "the header " + name + " is not the sender's to write";
  return text_fault("the header " + name, value, 0, limits::mail_header_bytes_max, Lines::one);
}

/// Takes the one result of one delivery. The first broken rule counts.
class ResultCollector {
 public:
  ResultCollector() {
    sink_.size = sizeof sink_;
    sink_.context = this;
    sink_.result = [](const leadhub_delivery_sink* sink, std::uint32_t index, leadhub_delivery_state state,
                      leadhub_string /*provider_id*/, const leadhub_error* error) noexcept {
      static_cast<ResultCollector*>(sink->context)->take(index, state, error);
    };
  }
  ResultCollector(const ResultCollector&) = delete;
  ResultCollector& operator=(const ResultCollector&) = delete;

  [[nodiscard]] const leadhub_delivery_sink* sink() const { return &sink_; }
  [[nodiscard]] std::string_view complaint() const { return complaint_; }
  /// nullopt: the plugin gave none.
  [[nodiscard]] std::optional<leadhub_delivery_state> state() const { return state_; }
  [[nodiscard]] const leadhub_error& error() const { return error_; }

 private:
  void take(std::uint32_t index, leadhub_delivery_state state, const leadhub_error* error) noexcept {
    if (!complaint_.empty()) return;
    const bool needs_error = state == LEADHUB_DELIVERY_FAILED || state == LEADHUB_DELIVERY_UNKNOWN;
    if (index != 0)
      complaint_ = "gave the result of an item that there is not";
    else if (state_)
      complaint_ = "gave two results for one mail";
    else if (state < LEADHUB_DELIVERY_DONE || state > LEADHUB_DELIVERY_UNTRIED)
      complaint_ = "gave a result whose state abi.h does not know";
    else if (needs_error && (error == nullptr || error->size != sizeof(leadhub_error)))
      complaint_ = "gave a failure whose error is a null pointer or of a wrong size";
    else if (needs_error)
      error_ = *error;
    state_ = state;
  }

  leadhub_delivery_sink sink_{};
  std::string_view complaint_;
  std::optional<leadhub_delivery_state> state_;
  leadhub_error error_ = empty_error();
};

Delivery outcome_of(leadhub_retry_class retry_class) {
  if (may_be_tried_later(retry_class)) return Delivery::retry;
  switch (retry_class) {
    case LEADHUB_RETRY_NONE:
    case LEADHUB_RETRY_PERMANENT:
      return Delivery::rejected;
    default:
      return Delivery::unknown;
  }
}

/// A failure in the plugin's own words.
DeliveryResult failure(const ChannelInstance& instance, const leadhub_error& error) {
  DeliveryResult result{
      outcome_of(error.retry_class), instance.who() + ": " + instance.reported(error).message, {}};
  if (result.outcome == Delivery::unknown)
    result.detail = misbehaviour(instance.who(), "gave the unknown retry class " +
                                                     std::to_string(error.retry_class) + " with a failure")
                        .message;
  if (result.outcome == Delivery::retry)
    result.retry_after = std::clamp(std::chrono::milliseconds{error.retry_after_ms},
                                    std::chrono::milliseconds{0}, limits::delivery_retry_after_max);
  return result;
}

}  // namespace

std::string mail_fault(const OutgoingMail& mail) {
  const std::array faults = {
      text_fault("the message id", mail.message_id, 3, limits::mail_id_bytes_max, Lines::one),
      text_fault("the recipient's address", mail.to, 3, limits::mail_address_bytes_max, Lines::one),
      text_fault("the recipient's name", mail.to_name, 0, limits::mail_name_bytes_max, Lines::one),
      text_fault("the subject", mail.subject, 0, limits::mail_subject_bytes_max, Lines::one),
      text_fault("the text part", mail.text, 1, limits::mail_text_bytes_max, Lines::many),
      text_fault("the HTML part", mail.html, 0, limits::mail_html_bytes_max, Lines::many)};
  for (const auto& fault : faults)
    if (!fault.empty()) return fault;
  if (mail.headers.size() > limits::mail_headers_max)
    return "there are " + std::to_string(mail.headers.size()) + " further headers; at most " +
           std::to_string(limits::mail_headers_max) + " are sent";
  for (const auto& [name, value] : mail.headers)
    if (auto fault = header_fault(name, value); !fault.empty()) return fault;
  return {};
}

std::string to_document(const OutgoingMail& mail) {
  nlohmann::ordered_json document{
      {"type", "mail"}, {"version", 1}, {"message_id", mail.message_id}, {"to", mail.to}};
  if (!mail.to_name.empty()) document["to_name"] = mail.to_name;
  document["subject"] = mail.subject;
  document["text"] = mail.text;
  if (!mail.html.empty()) document["html"] = mail.html;
  for (const auto& [name, value] : mail.headers)
    document["headers"].push_back({{"name", name}, {"value", value}});
  document["date"] = format_rfc3339(mail.date);
  return document.dump();
}

Result<std::unique_ptr<deliver::MailTransport>> InProcessTransport::make(
    std::unique_ptr<ChannelInstance> instance) {
  if (auto active = instance->activate(); !active) return std::unexpected(active.error());
  const auto table = instance->deliver();
  if (!table) return std::unexpected(table.error());
  if (*table == nullptr) return std::unexpected(misbehaviour(instance->who(), "has no " LEADHUB_DELIVER));
  return std::unique_ptr<deliver::MailTransport>{new InProcessTransport{std::move(instance), **table}};
}

DeliveryResult InProcessTransport::deliver(const OutgoingMail& mail) {
  const std::string& who = instance_->who();
  if (const auto fault = mail_fault(mail); !fault.empty())
    return {Delivery::rejected, who + ": the mail was not handed over: " + fault, {}};
  const auto unknown = [&](std::string_view what) {
    return DeliveryResult{Delivery::unknown, misbehaviour(who, what).message, {}};
  };

  const std::string document = to_document(mail);
  const leadhub_delivery item{sizeof item,
                              0,
                              {mail.message_id.data(), mail.message_id.size()},
                              {document.data(), document.size()},
                              {}};
  const TimePoint deadline = instance_->context().services().clock.now() + limits::delivery_deadline;
  ResultCollector collector;
  auto error = empty_error();
  const WorkerCall worker;
  const auto status = call_plugin(who, "deliver", [&] {
    return table_.deliver(instance_->channel(), &item, 1, to_milliseconds(deadline), collector.sink(),
                          &error);
  });
  if (!status) return {Delivery::unknown, status.error().message, {}};
  if (!collector.complaint().empty()) return unknown(collector.complaint());
  if (*status != LEADHUB_STATUS_OK && *status != LEADHUB_STATUS_ERROR)
    return unknown("returned the unknown status " + std::to_string(*status) + " from deliver");

  if (!collector.state()) {
    if (*status == LEADHUB_STATUS_ERROR) return failure(*instance_, error);
    return unknown("gave no result for a mail");
  }
  switch (*collector.state()) {
    case LEADHUB_DELIVERY_DONE:
      return {Delivery::sent, {}, {}};
    case LEADHUB_DELIVERY_FAILED:
      return failure(*instance_, collector.error());
    case LEADHUB_DELIVERY_UNTRIED:
      return {Delivery::retry, who + ": the mail was not tried before the deadline", {}};
    default:
      return {Delivery::unknown, who + ": " + instance_->reported(collector.error()).message, {}};
  }
}

}  // namespace leadhub::plugin
