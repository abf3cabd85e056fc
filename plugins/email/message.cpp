#include "message.hpp"

#include <gmime/gmime.h>
#include <leadhub/sdk/channel.hpp>

#include <algorithm>
#include <memory>
#include <mutex>

#include "limits.hpp"

namespace leadhub::email {
namespace {

struct Unref {
  void operator()(void* object) const { g_object_unref(object); }
};
template <class Object>
using Owned = std::unique_ptr<Object, Unref>;

struct Free {
  void operator()(char* text) const { g_free(text); }
  void operator()(GMimeFormatOptions* options) const { g_mime_format_options_free(options); }
  void operator()(GDateTime* time) const { g_date_time_unref(time); }
};

/// GMime keeps its tables for the life of the process, as plugins are kept.
void start_gmime() {
  static std::once_flag once;
  std::call_once(once, [] { g_mime_init(); });
}

[[noreturn]] void refuse(const std::string& why) {
  throw sdk::ChannelError("the mail cannot be sent: " + why, LEADHUB_ERROR_INVALID,
                          sdk::RetryClass::permanent);
}

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](unsigned char c) { return c < 0x80; });
}

/// RFC 5322 msg-id as everybody writes it: visible ASCII around one "@", nothing that could end it.
bool is_message_id(std::string_view id) {
  constexpr std::string_view refused = "<>()[]\\,;:\"";
  const auto at = id.find('@');
  return at != std::string_view::npos && at > 0 && at + 1 < id.size() && id.find('@', at + 1) == id.npos &&
         std::all_of(id.begin(), id.end(),
                     [&](char c) { return c > ' ' && c < 0x7F && refused.find(c) == refused.npos; });
}

void add_mailbox(GMimeMessage& message, GMimeAddressType type, const Mailbox& mailbox) {
  const Owned<InternetAddress> address{internet_address_mailbox_new(
      mailbox.name.empty() ? nullptr : mailbox.name.c_str(), mailbox.address.c_str())};
  internet_address_set_charset(address.get(), "utf-8");
  internet_address_list_add(g_mime_message_get_addresses(&message, type), address.get());
}

/// GMime would make encoded words of a long link, and whoever reads List-Unsubscribe does not decode them. So
/// what is ASCII goes as it stands, in lines that end at its blanks.
std::string folded(std::string_view name, std::string_view value) {
  std::string text = " ";
  std::size_t column = name.size() + 2;
  while (!value.empty()) {
    const std::size_t size = std::min(value.find(' ', 1), value.size());  // a word with the blank before it
    if (size > header_word_bytes_max)
      refuse("the header " + std::string{name} + " has a word of " + std::to_string(size) +
             " bytes, which no line of a mail can hold");
    const bool may_break = value.front() == ' ' && size > 1 && text.size() > 1;
    if (may_break && column + size > header_line_bytes) {
      text += '\n';
      column = 0;
    }
    text += value.substr(0, size);
    column += size;
    value.remove_prefix(size);
  }
  return text + "\n";
}

void add_header(GMimeMessage& message, const std::string& name, const std::string& value) {
  auto* object = GMIME_OBJECT(&message);
  g_mime_object_append_header(object, name.c_str(), value.c_str(), "utf-8");
  if (!is_ascii(value)) return;
  GMimeHeaderList* headers = g_mime_object_get_header_list(object);
  GMimeHeader* added = g_mime_header_list_get_header_at(headers, g_mime_header_list_get_count(headers) - 1);
  g_mime_header_set_raw_value(added, folded(name, value).c_str());
}

/// The line ends of text on its way, which base64 would otherwise keep from becoming them.
std::string with_crlf(std::string_view text) {
  std::string lines;
  lines.reserve(text.size() + text.size() / 32 + 2);
  for (const char c : text) {
    if (c == '\n' && !lines.ends_with('\r')) lines += '\r';
    lines += c;
  }
  // GMime measures a line when it ends, and so overlooks a last one that is too long.
  if (!lines.ends_with('\n')) lines += "\r\n";
  return lines;
}

/// A text part that says UTF-8; g_mime_text_part_set_text would choose a charset of its own.
Owned<GMimeObject> make_part(const char* subtype, std::string_view given) {
  const std::string text = with_crlf(given);
  const Owned<GMimeStream> stream{g_mime_stream_mem_new_with_buffer(text.data(), text.size())};
  const Owned<GMimeDataWrapper> content{
      g_mime_data_wrapper_new_with_stream(stream.get(), GMIME_CONTENT_ENCODING_DEFAULT)};
  Owned<GMimeObject> part{GMIME_OBJECT(g_mime_part_new_with_type("text", subtype))};
  g_mime_object_set_content_type_parameter(part.get(), "charset", "utf-8");
  g_mime_part_set_content(GMIME_PART(part.get()), content.get());
  return part;
}

Owned<GMimeObject> make_body(const Mail& mail) {
  auto text = make_part("plain", mail.text);
  if (mail.html.empty()) return text;
  const auto html = make_part("html", mail.html);
  Owned<GMimeObject> both{GMIME_OBJECT(g_mime_multipart_new_with_subtype("alternative"))};
  // The last is the one to prefer (RFC 2046 section 5.1.4).
  g_mime_multipart_add(GMIME_MULTIPART(both.get()), text.get());
  g_mime_multipart_add(GMIME_MULTIPART(both.get()), html.get());
  return both;
}

/// GMime folds at blanks, so a word without any makes a line as long as itself.
void refuse_long_lines(std::string_view message) {
  for (std::size_t from = 0; from < message.size();) {
    const std::size_t size = std::min(message.find('\n', from), message.size()) - from;
    if (size > line_bytes_max + 1)
      refuse("a header has a word of " + std::to_string(size) + " bytes, which no line of a mail can hold");
    from += size + 1;
  }
}

std::string to_bytes(GMimeMessage& message) {
  const std::unique_ptr<GMimeFormatOptions, Free> options{g_mime_format_options_new()};
  g_mime_format_options_set_newline_format(options.get(), GMIME_NEWLINE_FORMAT_DOS);
  const Owned<GMimeStream> stream{g_mime_stream_mem_new()};
  if (g_mime_object_write_to_stream(GMIME_OBJECT(&message), options.get(), stream.get()) < 0)
    throw sdk::ChannelError("the mail cannot be written in memory", LEADHUB_ERROR_UNAVAILABLE,
                            sdk::RetryClass::transient);
  const GByteArray* bytes = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(stream.get()));
  return {reinterpret_cast<const char*>(bytes->data), bytes->len};
}

}  // namespace

std::optional<Mailbox> read_mailbox(std::string_view text) {
  start_gmime();
  const auto is_control = [](unsigned char c) { return c < 0x20 || c == 0x7F; };
  if (std::any_of(text.begin(), text.end(), is_control)) return std::nullopt;
  const Owned<InternetAddressList> list{internet_address_list_parse(nullptr, std::string{text}.c_str())};
  if (!list || internet_address_list_length(list.get()) != 1) return std::nullopt;
  InternetAddress* one = internet_address_list_get_address(list.get(), 0);
  if (!INTERNET_ADDRESS_IS_MAILBOX(one)) return std::nullopt;
  const char* address = internet_address_mailbox_get_addr(INTERNET_ADDRESS_MAILBOX(one));
  const char* name = internet_address_get_name(one);
  Mailbox mailbox{name == nullptr ? "" : name, address == nullptr ? "" : address};
  const auto at = mailbox.address.rfind('@');
  if (at == std::string::npos || at == 0 || at + 1 == mailbox.address.size()) return std::nullopt;
  return mailbox;
}

namespace {

bool is_one_address(const std::string& text) {
  const auto mailbox = read_mailbox(text);
  return mailbox && mailbox->address == text && mailbox->name.empty();
}

}  // namespace

Sender sender_of(const Sender& channel, const Mail& mail) {
  Sender sender = channel;
  if (mail.from) sender.from = *mail.from;
  if (mail.reply_to) sender.reply_to = mail.reply_to;
  return sender;
}

std::string make_message(const Sender& channel, const Mail& mail) {
  start_gmime();
  // What reads as anything but this one address could be two of them in a header.
  if (!is_one_address(mail.to)) refuse("the recipient is not one address");
  if (!is_message_id(mail.message_id)) refuse("the message id is not like id@domain");
  const std::unique_ptr<GDateTime, Free> date{g_date_time_new_from_iso8601(mail.date.c_str(), nullptr)};
  if (!date) refuse("the date is not RFC 3339");

  const Sender sender = sender_of(channel, mail);
  for (const Mailbox* mailbox : {&sender.from, sender.reply_to ? &*sender.reply_to : nullptr})
    if (mailbox != nullptr && !is_one_address(mailbox->address))
      refuse("its sender or reply address is not one address");
  const Owned<GMimeMessage> message{g_mime_message_new(TRUE)};
  add_mailbox(*message, GMIME_ADDRESS_TYPE_FROM, sender.from);
  if (sender.reply_to) add_mailbox(*message, GMIME_ADDRESS_TYPE_REPLY_TO, *sender.reply_to);
  add_mailbox(*message, GMIME_ADDRESS_TYPE_TO, {literal(mail.to_name), mail.to});
  g_mime_message_set_subject(message.get(), literal(mail.subject).c_str(), "utf-8");
  g_mime_message_set_date(message.get(), date.get());
  g_mime_message_set_message_id(message.get(), mail.message_id.c_str());
  for (const auto& [name, value] : mail.headers) add_header(*message, name, value);
  g_mime_message_set_mime_part(message.get(), make_body(mail).get());
  g_mime_object_encode(GMIME_OBJECT(message.get()), GMIME_ENCODING_CONSTRAINT_7BIT);
  std::string bytes = to_bytes(*message);
  refuse_long_lines(bytes);
  return bytes;
}

}  // namespace leadhub::email
