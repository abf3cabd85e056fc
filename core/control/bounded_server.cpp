#include "control/bounded_server.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <string_view>

#include "ops/limits.hpp"

namespace leadhub::control {
namespace {

using SteadyTime = std::chrono::steady_clock::time_point;

bool wait_for(socket_t socket, short event, SteadyTime deadline) {
  while (true) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now()).count();
    if (left <= 0) return false;
    pollfd waiting{socket, event, 0};
    const int found = ::poll(&waiting, 1, static_cast<int>(left));
    if (found > 0) return true;
    if (found == 0 || errno != EINTR) return false;
  }
}

/// Finds the empty line that ends a head, in whatever pieces it comes.
class HeadEnd {
 public:
  /// Takes the next bytes; whether the head has ended in them or before.
  bool passed(const char* bytes, std::size_t count) {
    constexpr std::string_view ending = "\r\n\r\n";
    for (std::size_t i = 0; i < count && matched_ < ending.size(); ++i)
      matched_ = bytes[i] == ending[matched_] ? matched_ + 1 : bytes[i] == '\r' ? 1 : 0;
    return matched_ == ending.size();
  }

 private:
  std::size_t matched_ = 0;
};

/// One request and its answer, each within its bounds.
class BoundedStream final : public httplib::Stream {
 public:
  explicit BoundedStream(socket_t connection) : socket_(connection) {}

  [[nodiscard]] bool is_readable() const override {
    return begin_ < end_ || (bytes_left_ > 0 && wait_for(socket_, POLLIN, deadline_));
  }

  [[nodiscard]] bool is_writable() const override {
    return wait_for(socket_, POLLOUT, std::chrono::steady_clock::now() + limits::answer_deadline);
  }

  ssize_t read(char* to, std::size_t size) override {
    if (begin_ == end_ && !fill()) return -1;
    const auto taken = std::min(size, end_ - begin_);
    std::memcpy(to, buffer_.data() + begin_, taken);
    begin_ += taken;
    return static_cast<ssize_t>(taken);
  }

  ssize_t write(const char* from, std::size_t size) override {
    // The first byte starts the clock: a long poll may have waited before it.
    if (answer_deadline_ == SteadyTime{})
      answer_deadline_ = std::chrono::steady_clock::now() + limits::answer_deadline;
    if (!wait_for(socket_, POLLOUT, answer_deadline_)) return -1;
    return ::send(socket_, from, size, MSG_NOSIGNAL | MSG_DONTWAIT);
  }

  /// Nothing of a request depends on who sent it.
  void get_remote_ip_and_port(std::string& ip, int& port) const override {
    ip.clear();
    port = 0;
  }
  void get_local_ip_and_port(std::string& ip, int& port) const override { get_remote_ip_and_port(ip, port); }

  [[nodiscard]] socket_t socket() const override { return socket_; }

  [[nodiscard]] bool has_answered() const { return answer_deadline_ != SteadyTime{}; }

 private:
  bool fill() {
    const auto wanted = std::min(buffer_.size(), bytes_left_);
    if (wanted == 0 || !wait_for(socket_, POLLIN, deadline_)) return false;
    const auto received = ::recv(socket_, buffer_.data(), wanted, MSG_DONTWAIT);
    if (received <= 0) return false;
    begin_ = 0;
    end_ = static_cast<std::size_t>(received);
    bytes_left_ -= end_;
    // Only who has the token gets to send a body, and with it the longer time.
    if (head_end_.passed(buffer_.data(), end_)) deadline_ = begun_ + limits::control_request_deadline;
    return true;
  }

  socket_t socket_;
  SteadyTime begun_ = std::chrono::steady_clock::now();
  SteadyTime deadline_ = begun_ + limits::control_head_deadline;
  HeadEnd head_end_;
  SteadyTime answer_deadline_{};
  std::size_t bytes_left_ = limits::control_request_bytes_max;
  std::array<char, 4096> buffer_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

/// Closing with bytes unread would send a reset, which can overtake the answer.
void take_leave(socket_t socket) {
  ::shutdown(socket, SHUT_WR);
  const auto deadline = std::chrono::steady_clock::now() + limits::control_linger_deadline;
  std::array<char, 16 * limits::kibibyte> unread;
  std::size_t bytes = 0;
  // Who has sent nothing more is not waited for.
  pollfd waiting{socket, POLLIN, 0};
  if (::poll(&waiting, 1, 0) <= 0) return;
  while (bytes < limits::linger_bytes_max && wait_for(socket, POLLIN, deadline)) {
    const auto received = ::recv(socket, unread.data(), unread.size(), MSG_DONTWAIT);
    if (received <= 0) return;
    bytes += static_cast<std::size_t>(received);
  }
}

}  // namespace

bool BoundedServer::process_and_close_socket(socket_t socket) {
  BoundedStream stream{socket};
  bool closed = false;
  const bool answered =
      process_request(stream, true, closed, [](httplib::Request& request) { request.ranges.clear(); });
  if (stream.has_answered()) take_leave(socket);
  ::close(socket);
  return answered;
}

}  // namespace leadhub::control
