#include "mime_message.hpp"

#include <gmime/gmime.h>
#include <leadhub/sdk/utf8.hpp>

#include <memory>
#include <mutex>

#include "limits.hpp"
#include "text.hpp"

namespace leadhub::mailbox {
namespace {

struct Release {
  template <class Object>
  void operator()(Object* object) const {
    g_object_unref(object);
  }
  void operator()(char* text) const { g_free(text); }
  void operator()(GDateTime* time) const { g_date_time_unref(time); }
};
template <class Object>
using Owned = std::unique_ptr<Object, Release>;

/// GMime keeps its tables for the life of the process, as plugins are kept.
void start_gmime() {
  static std::once_flag once;
  std::call_once(once, [] { g_mime_init(); });
}

std::string text_or_empty(const char* text) {
  return text == nullptr ? std::string{} : std::string{text};
}

Owned<GMimeStream> stream_of(std::string_view bytes) {
  return Owned<GMimeStream>{g_mime_stream_mem_new_with_buffer(bytes.data(), bytes.size())};
}

std::string type_of(GMimeObject* object) {
  GMimeContentType* const type = g_mime_object_get_content_type(object);
  if (type == nullptr) return {};
  return lower_case(text_or_empty(g_mime_content_type_get_media_type(type)) + "/" +
                    text_or_empty(g_mime_content_type_get_media_subtype(type)));
}

std::string decoded_bytes(GMimePart* part) {
  GMimeDataWrapper* const content = g_mime_part_get_content(part);
  if (content == nullptr) return {};
  const Owned<GMimeStream> out{g_mime_stream_mem_new()};
  if (g_mime_data_wrapper_write_to_stream(content, out.get()) < 0) return {};
  const GByteArray* bytes = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(out.get()));
  return {reinterpret_cast<const char*>(bytes->data), bytes->len};
}

std::string text_of(GMimeTextPart* part) {
  const Owned<char> text{g_mime_text_part_get_text(part)};
  return sdk::to_utf8(text ? std::string_view{text.get()} : std::string_view{});
}

std::string header_of(GMimeMessage* enclosed) {
  if (enclosed == nullptr) return {};
  const Owned<char> text{g_mime_object_get_headers(GMIME_OBJECT(enclosed), nullptr)};
  return text_or_empty(text.get());
}

/// Walks what GMime made of a message.
class Collector {
 public:
  explicit Collector(Message& message) : message_(message) {}

  void collect_all(GMimeObject* body) {
    take_type(body);
    collect(body, 0);
    if (wrapped_ == nullptr || type_of(wrapped_) != "multipart/report") return;
    message_.parts.clear();
    take_type(wrapped_);
    collect(wrapped_, 0);
  }

 private:
  void take_type(GMimeObject* body) {
    message_.type = type_of(body);
    message_.report_type =
        lower_case(text_or_empty(g_mime_object_get_content_type_parameter(body, "report-type")));
  }

  void collect(GMimeObject* object, int depth) {
    if (object == nullptr || depth > limits::part_depth_max || message_.parts.size() >= limits::parts_max)
      return;
    if (GMIME_IS_MULTIPART(object)) {
      const int count = g_mime_multipart_get_count(GMIME_MULTIPART(object));
      for (int i = 0; i < count && message_.parts.size() < limits::parts_max; ++i)
        collect(g_mime_multipart_get_part(GMIME_MULTIPART(object), i), depth + 1);
      return;
    }
    if (GMIME_IS_MESSAGE_PART(object) && message_.parts.empty())
      wrapped_ = body_of(GMIME_MESSAGE_PART(object));
    message_.parts.push_back({type_of(object), content_of(object)});
  }

  static GMimeObject* body_of(GMimeMessagePart* part) {
    GMimeMessage* const enclosed = g_mime_message_part_get_message(part);
    return enclosed == nullptr ? nullptr : g_mime_message_get_mime_part(enclosed);
  }

  static std::string content_of(GMimeObject* object) {
    if (GMIME_IS_MESSAGE_PART(object))
      return header_of(g_mime_message_part_get_message(GMIME_MESSAGE_PART(object)));
    if (GMIME_IS_TEXT_PART(object)) return text_of(GMIME_TEXT_PART(object));
    if (GMIME_IS_PART(object) && type_of(object).starts_with("message/"))
      return decoded_bytes(GMIME_PART(object));
    return {};
  }

  Message& message_;
  GMimeObject* wrapped_ = nullptr;  // the body of an enclosed message that stands first
};

void collect_headers(GMimeMessage* from, Message& to) {
  GMimeHeaderList* const list = g_mime_object_get_header_list(GMIME_OBJECT(from));
  const int count = g_mime_header_list_get_count(list);
  for (int i = 0; i < count && to.headers.size() < limits::headers_max; ++i) {
    GMimeHeader* const header = g_mime_header_list_get_header_at(list, i);
    to.headers.push_back(
        {lower_case(text_or_empty(g_mime_header_get_name(header))),
         single_line(text_or_empty(g_mime_header_get_value(header)), limits::field_bytes_max)});
  }
}

}  // namespace

std::string_view Message::header(std::string_view name) const {
  for (const Header& header : headers)
    if (header.name == name) return header.value;
  return {};
}

const Part* Message::part(std::string_view wanted) const {
  for (const Part& candidate : parts)
    if (candidate.type == wanted) return &candidate;
  return nullptr;
}

Message read_message(std::string_view bytes) {
  start_gmime();
  Message message;
  const auto stream = stream_of(bytes.substr(0, limits::message_bytes_max));
  const Owned<GMimeParser> parser{g_mime_parser_new_with_stream(stream.get())};
  const Owned<GMimeMessage> parsed{g_mime_parser_construct_message(parser.get(), nullptr)};
  if (!parsed) return message;
  collect_headers(parsed.get(), message);
  GMimeObject* const body = g_mime_message_get_mime_part(parsed.get());
  if (body != nullptr) Collector{message}.collect_all(body);
  return message;
}

std::optional<std::int64_t> date_ms_of(const Message& message) {
  constexpr std::int64_t begin_s = 631'152'000;  // 1990
  constexpr std::int64_t end_s = 4'102'444'800;  // 2100
  const std::string text{message.header("date")};
  if (text.empty()) return std::nullopt;
  const std::unique_ptr<GDateTime, Release> date{g_mime_utils_header_decode_date(text.c_str())};
  if (!date) return std::nullopt;
  const std::int64_t seconds = g_date_time_to_unix(date.get());
  if (seconds < begin_s || seconds >= end_s) return std::nullopt;
  return seconds * 1000;
}

std::string message_id_in(std::string_view text) {
  constexpr std::string_view name = "message-id:";
  const std::vector<std::string_view> lines = lines_of(text, limits::notice_lines_max);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    std::string_view line = trimmed(lines[i]);
    if (lower_case(line.substr(0, name.size())) != name) continue;
    line = trimmed(line.substr(name.size()));
    if (line.empty() && i + 1 < lines.size()) line = trimmed(lines[i + 1]);  // folded
    const auto end = line.find('>');
    if (!line.starts_with('<') || end == line.npos || end > limits::field_bytes_max) continue;
    return single_line(line.substr(1, end - 1), limits::field_bytes_max);
  }
  return {};
}

}  // namespace leadhub::mailbox
