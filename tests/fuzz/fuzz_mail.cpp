// Whatever the mail: its events are few, each has a key of its own and an address, the host would take it,
// and the same mail gives the same.
#include <cstdint>
#include <cstdlib>
#include <set>
#include <string>
#include <string_view>

#include "../../plugins/mailbox/limits.hpp"
#include "lead/event.hpp"
#include "mail_events.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace leadhub;
  const std::string_view bytes{reinterpret_cast<const char*>(data), size};
  constexpr std::int64_t now_ms = 1767614400000;
  const auto reading = mailbox::read_mail(bytes, now_ms);
  const auto again = mailbox::read_mail(bytes, now_ms);
  if (reading.events.size() > mailbox::limits::recipients_max) std::abort();
  if (reading.events.size() != again.events.size()) std::abort();
  if (reading.events.empty() != (reading.kind == mailbox::MailKind::other)) std::abort();
  std::set<std::string> keys;
  for (std::size_t i = 0; i < reading.events.size(); ++i) {
    const auto& event = reading.events[i];
    if (!keys.insert(event.key).second || event.person.email.empty()) std::abort();
    if (event.to_json() != again.events[i].to_json()) std::abort();
    if (!lead::parse_event(event.to_json())) std::abort();
  }
  return 0;
}
