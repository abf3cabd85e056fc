// Whatever the server says, in whatever pieces: the session ends, and what it gives is bounded. The first
// byte is the size of the pieces, the rest is what the server says.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <leadhub/sdk/channel.hpp>
#include <string>
#include <string_view>

#include "../../plugins/mailbox/limits.hpp"
#include "imap_session.hpp"

namespace {

class Server final : public leadhub::mailbox::ByteStream {
 public:
  Server(std::string_view says, std::size_t piece) : says_(says), piece_(piece) {}
  std::string read_some() override {
    if (says_.empty()) throw leadhub::sdk::ChannelError("closed");
    const auto count = std::min(piece_, says_.size());
    std::string bytes{says_.substr(0, count)};
    says_.remove_prefix(count);
    return bytes;
  }
  void write(std::string_view bytes) override {
    if (!bytes.ends_with("\r\n") || bytes.find('\n') != bytes.size() - 1) std::abort();  // one command a line
  }

 private:
  std::string_view says_;
  std::size_t piece_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace leadhub::mailbox;
  if (size == 0) return 0;
  Server server{{reinterpret_cast<const char*>(data) + 1, size - 1}, std::size_t{data[0]} + 1};
  ImapSession session{server};
  try {
    static_cast<void>(session.examine("INBOX"));
    const auto uids = session.uids_above(7);
    if (!std::is_sorted(uids.begin(), uids.end()) || (!uids.empty() && uids.front() <= 7)) std::abort();
    for (int i = 0; i < 3; ++i)
      if (const auto message = session.fetch(9, 100); message && message->size() > limits::message_bytes_max)
        std::abort();
    session.log_out();
  } catch (const leadhub::sdk::ChannelError&) {  // what it is for
  }
  return 0;
}
