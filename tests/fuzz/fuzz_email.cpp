// Whatever the bytes: what is read is safe to put into an SMTP command, and reading it again changes nothing.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "normalise/email.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace leadhub;
  const auto address = normalise::read_email({reinterpret_cast<const char*>(data), size});
  if (address.canonical.empty() != address.send_to.empty()) std::abort();
  if (address.canonical.empty()) {
    if (address.verdict() != lead::Verdict::invalid) std::abort();
    return 0;
  }
  for (const auto* form : {&address.canonical, &address.send_to}) {
    if (form->size() > 254) std::abort();
    for (const char c : *form)
      if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) std::abort();
  }
  if (address.domain().find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789.-") != std::string_view::npos)
    std::abort();
  const auto again = normalise::read_email(address.canonical);
  if (again.canonical != address.canonical) std::abort();
  (void)normalise::unicode_domain(address.domain());
  return 0;
}
