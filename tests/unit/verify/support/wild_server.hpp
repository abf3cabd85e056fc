#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <thread>

#include "loopback.hpp"

namespace leadhub::test {

enum class Transport { udp = 1, tcp };

/// The bytes to send back; none: silence.
using Wildness = std::function<std::string(std::string_view question, Transport)>;

/// A name server on UDP and TCP that says exactly what a test wants said.
class WildServer {
 public:
  explicit WildServer(Wildness wildness);
  ~WildServer();
  WildServer(const WildServer&) = delete;
  WildServer& operator=(const WildServer&) = delete;

  [[nodiscard]] std::string address() const { return "127.0.0.1:" + std::to_string(sockets_.first.port()); }
  [[nodiscard]] int questions(Transport transport) const { return transport == Transport::udp ? udp_ : tcp_; }

 private:
  void run();
  void answer_udp();
  void answer_tcp();

  Wildness wildness_;
  std::pair<LoopbackSocket, LoopbackSocket> sockets_ = udp_and_tcp();
  std::atomic<int> udp_ = 0;
  std::atomic<int> tcp_ = 0;
  std::atomic<bool> stopping_ = false;
  std::thread thread_;
};

// --- Bytes of messages
// ---------------------------------------------------------------------------------------------

std::string two_bytes(int value);
/// "mail.test" as labels, the root at its end.
std::string wire_name(std::string_view name);
/// A pointer to the question's name, which always stands at offset 12.
inline const std::string to_question = "\xc0\x0c";

struct Section {
  int count = 0;
  std::string bytes;
  Section& add(const std::string& owner, int type, std::uint32_t ttl, const std::string& data);
};

/// A good header with the question's id and the question itself, then the sections.
struct Reply {
  int rcode = 0;
  bool truncated = false;
  Section answer;
  Section authority;
  std::string to(std::string_view question) const;
};

/// The name asked for, as it came, and its type.
std::string name_asked(std::string_view question);
int type_asked(std::string_view question);

}  // namespace leadhub::test
