#include "plugin/in_process_transport.hpp"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>
#include <vector>

#include "ops/http_text.hpp"
#include "ops/limits.hpp"
#include "plugin/plugin_error.hpp"
#include "plugin/text_fault.hpp"

namespace leadhub::plugin {
namespace {

using deliver::Delivery;
using deliver::OutgoingMail;

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

class DocumentWriter {
 public:
  void member(const char* key, std::string_view value) {
    writer_.Key(key);
    writer_.String(value.data(), static_cast<rapidjson::SizeType>(value.size()));
  }
  void member_if_any(const char* key, std::string_view value) {
    if (!value.empty()) member(key, value);
  }
  void mailbox(const char* key, const OutgoingMail::Mailbox& mailbox) {
    if (mailbox.address.empty()) return;
    writer_.Key(key);
    object([&] {
      member("address", mailbox.address);
      member_if_any("name", mailbox.name);
    });
  }
  void headers(const std::vector<std::pair<std::string, std::string>>& headers) {
    if (headers.empty()) return;
    writer_.Key("headers");
    writer_.StartArray();
    for (const auto& [name, value] : headers)
      object([&] {
        member("name", name);
        member("value", value);
      });
    writer_.EndArray();
  }
  void version(int number) {
    writer_.Key("version");
    writer_.Int(number);
  }
  template <class Members>
  void object(Members&& members) {
    writer_.StartObject();
    members();
    writer_.EndObject();
  }
  [[nodiscard]] std::string take() const { return {buffer_.GetString(), buffer_.GetSize()}; }

 private:
  rapidjson::StringBuffer buffer_;
  rapidjson::Writer<rapidjson::StringBuffer> writer_{buffer_};
};

}  // namespace

std::string mail_fault(const OutgoingMail& mail) {
  const std::array faults = {
      text_fault("the message id", mail.message_id, 3, limits::mail_id_bytes_max, Lines::one),
      text_fault("the recipient's address", mail.to, 3, limits::mail_address_bytes_max, Lines::one),
      text_fault("the recipient's name", mail.to_name, 0, limits::mail_name_bytes_max, Lines::one),
      text_fault("the sender's address", mail.from.address, 0, limits::mail_address_bytes_max, Lines::one),
      text_fault("the sender's name", mail.from.name, 0, limits::mail_name_bytes_max, Lines::one),
      text_fault("the address for answers", mail.reply_to.address, 0, limits::mail_address_bytes_max,
                 Lines::one),
      text_fault("the name for answers", mail.reply_to.name, 0, limits::mail_name_bytes_max, Lines::one),
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
  DocumentWriter document;
  document.object([&] {
    document.member("type", "mail");
    document.version(1);
    document.member("message_id", mail.message_id);
    document.member("to", mail.to);
    document.member_if_any("to_name", mail.to_name);
    document.mailbox("from", mail.from);
    document.mailbox("reply_to", mail.reply_to);
    document.member("subject", mail.subject);
    document.member("text", mail.text);
    document.member_if_any("html", mail.html);
    document.headers(mail.headers);
    document.member("date", format_rfc3339(mail.date));
  });
  return document.take();
}

Result<std::unique_ptr<deliver::MailTransport>> InProcessTransport::make(
    std::unique_ptr<ChannelInstance> instance) {
  const std::string who = instance->who();
  auto delivery = InProcessDelivery::make(std::move(instance));
  if (!delivery) return std::unexpected(delivery.error());
  if (!*delivery) return std::unexpected(misbehaviour(who, "has no " LEADHUB_DELIVER));
  return std::unique_ptr<deliver::MailTransport>{new InProcessTransport{**std::move(delivery)}};
}

void InProcessTransport::deliver(std::span<const OutgoingMail> mails, deliver::Handover& handover) {
  std::vector<DeliveryItem> items;
  deliver::HandoverOfSome faultless{handover};
  for (std::size_t i = 0; i < mails.size(); ++i) {
    const auto fault = mail_fault(mails[i]);
    if (!fault.empty()) {
      handover.settle(i,
                      {Delivery::rejected, delivery_.who() + ": the mail was not handed over: " + fault, {}});
    } else if (items.size() == limits::mail_batch_max) {
      handover.settle(i, {Delivery::untried, delivery_.who() + ": the batch was full", {}});
    } else {
      items.push_back({mails[i].message_id, to_document(mails[i])});
      faultless.add(i);
    }
  }
  if (items.empty()) return;
  delivery_.hand_over(items, faultless);
}

}  // namespace leadhub::plugin
