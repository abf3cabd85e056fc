// Whatever the bytes: what is read is E.164 and its own canonical form. The first two bytes choose the
// region.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "normalise/phone.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace leadhub;
  if (size < 2) return 0;
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  const auto phone = normalise::read_phone(text.substr(2), text.substr(0, 2), normalise::PhoneDetail::type);
  if (phone.e164.empty()) {
    if (phone.verdict() != lead::Verdict::invalid) std::abort();
    return 0;
  }
  if (phone.e164.front() != '+' || phone.e164.find_first_not_of("0123456789", 1) != std::string_view::npos ||
      phone.extension.find_first_not_of("0123456789") != std::string_view::npos)
    std::abort();
  return 0;
}
