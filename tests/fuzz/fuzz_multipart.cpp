// Whatever the bytes: parts lie within the body and do not overlap, names hold no line end that was not
// encoded, and a file's name is safe to show and to store under. The first line is the Content-Type, the rest
// the body.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "multipart.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace leadhub;
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  const auto end = text.find('\n');
  const auto boundary = webform::multipart_boundary(text.substr(0, end));
  if (boundary.size() > 70) std::abort();  // RFC 2046 section 5.1.1
  if (boundary.empty() || end == text.npos) return 0;
  const auto body = text.substr(end + 1);
  const auto parts = webform::parse_multipart(body, boundary, 10);
  if (!parts) return 0;
  if (parts->size() > 10) std::abort();
  const char* before = body.data();
  for (const auto& part : *parts) {
    if (part.content.empty()) continue;
    if (part.content.data() < before || part.content.data() + part.content.size() > body.data() + body.size())
      std::abort();
    before = part.content.data() + part.content.size();
    const auto name = webform::safe_file_name(part.file_name);
    if (name.empty() || name == "." || name == ".." || name.find('/') != name.npos) std::abort();
    for (const char c : name)
      if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) std::abort();
  }
  return 0;
}
