// A crowd around an honest client: idle keep-alive connections, and connections that drip a request one byte
// each 3 s.
//   bench_crowd PORT IDLE DRIPPING SECONDS      prints connected ones and the honest client's p50 and p99 in
//   milliseconds

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::string_view form =
    "POST /in/website HTTP/1.1\r\nHost: bench\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    "Content-Length: 26\r\n\r\nyour-email=a%40example.com";

/// The whole number that an argument is; ends the program where it is none.
int number_in(const char* argument) {
  int number = 0;
  const char* const end = argument + std::strlen(argument);
  const auto [rest, error] = std::from_chars(argument, end, number);
  if (error == std::errc{} && rest == end) return number;
  std::fprintf(stderr, "bench_crowd: '%s' is no whole number\n", argument);
  std::exit(64);
}

int connect_to(int port) {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (socket >= 0 && ::connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0)
    return socket;
  if (socket >= 0) ::close(socket);
  return -1;
}

/// One whole request and answer; whether it was answered.
bool ask(int socket) {
  if (::send(socket, form.data(), form.size(), MSG_NOSIGNAL) <= 0) return false;
  std::string answer;
  char buffer[4096];
  while (answer.find("\r\n\r\n") == std::string::npos) {
    const auto got = ::recv(socket, buffer, sizeof buffer, 0);
    if (got <= 0) return false;
    answer.append(buffer, static_cast<std::size_t>(got));
  }
  return answer.starts_with("HTTP/1.1 303");
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) {
    std::fprintf(stderr, "usage: bench_crowd PORT IDLE DRIPPING SECONDS\n");
    return 64;
  }
  const int port = number_in(argv[1]);
  const int idle_wanted = number_in(argv[2]);
  const int dripping_wanted = number_in(argv[3]);
  const std::chrono::seconds duration{number_in(argv[4])};
  std::vector<int> idle;
  for (int i = 0; i < idle_wanted; ++i) {
    const int socket = connect_to(port);
    if (socket >= 0 && (i % 100 != 0 || ask(socket))) idle.push_back(socket);
  }
  std::vector<int> dripping;
  for (int i = 0; i < dripping_wanted; ++i)
    if (const int socket = connect_to(port); socket >= 0) dripping.push_back(socket);

  std::vector<double> milliseconds;
  int unanswered = 0;
  int honest = connect_to(port);
  std::size_t dripped = 0;
  const auto end = Clock::now() + duration;
  for (auto next_drip = Clock::now(); Clock::now() < end;) {
    if (Clock::now() >= next_drip) {
      // Whoever was thrown out for being slow comes back, as an attacker would.
      for (auto& socket : dripping)
        if (::send(socket, form.data() + dripped % 60, 1, MSG_NOSIGNAL) != 1) {
          ::close(socket);
          socket = connect_to(port);
        }
      ++dripped;
      next_drip += std::chrono::seconds{3};
    }
    const auto begin = Clock::now();
    if (ask(honest)) {
      milliseconds.push_back(std::chrono::duration<double, std::milli>(Clock::now() - begin).count());
    } else {
      ++unanswered;
      ::close(honest);
      honest = connect_to(port);
    }
    std::this_thread::sleep_for(std::chrono::milliseconds{2});
  }
  if (milliseconds.empty()) {
    std::fprintf(stderr, "bench_crowd: the honest client got no answer\n");
    return 1;
  }
  std::sort(milliseconds.begin(), milliseconds.end());
  std::printf("idle %zu, dripping %zu, honest requests %zu, unanswered %d, p50 %.2f ms, p99 %.2f ms\n",
              idle.size(), dripping.size(), milliseconds.size(), unanswered,
              milliseconds[milliseconds.size() / 2], milliseconds[milliseconds.size() * 99 / 100]);
  return 0;
}
