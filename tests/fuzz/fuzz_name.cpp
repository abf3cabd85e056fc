// Whatever the bytes: the parts hold no control character and no more letters than were typed.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "normalise/name.hpp"
#include "normalise/text.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace leadhub;
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  const auto name = normalise::split_name(text);
  const auto cleaned = normalise::clean_line(text);
  std::size_t bytes = 0;
  for (const auto* part : {&name.prefix, &name.given, &name.family, &name.suffix}) {
    bytes += part->size();
    for (const char c : *part)
      if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) std::abort();
  }
  if (bytes > cleaned.size() + 8) std::abort();  // commas come back between suffixes
  const auto offered = normalise::suggested_capitals(text);
  if (!offered.empty() && !normalise::suggested_capitals(offered).empty() && offered == cleaned) std::abort();
  (void)normalise::company_name(text);
  return 0;
}
