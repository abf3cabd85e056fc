#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "capture/edge_listener.hpp"

/// A client that sends exactly the bytes it is told, and a handler that does what a test says.
namespace leadhub::capture::testing {

using namespace std::chrono_literals;

/// One TCP connection over loopback.
class Client {
 public:
  explicit Client(std::uint16_t port, const char* address = "127.0.0.1") : Client(unconnected(address)) {
    connect(port, address);
  }
  Client(Client&& other) noexcept
      : socket_(std::exchange(other.socket_, -1)), input_(std::move(other.input_)) {}
  ~Client() { close(); }

  static Client unconnected(const char* address = "127.0.0.1") {
    return Client{::socket(is_v6(address) ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), 0};
  }

  bool connect(std::uint16_t port, const char* address = "127.0.0.1") {
    if (is_v6(address)) {
      sockaddr_in6 v6{};
      v6.sin6_family = AF_INET6;
      v6.sin6_port = htons(port);
      inet_pton(AF_INET6, address, &v6.sin6_addr);
      return ::connect(socket_, reinterpret_cast<const sockaddr*>(&v6), sizeof v6) == 0;
    }
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port);
    inet_pton(AF_INET, address, &v4.sin_addr);
    return ::connect(socket_, reinterpret_cast<const sockaddr*>(&v4), sizeof v4) == 0;
  }

  /// False when the peer is gone.
  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }

  void shutdown_send() { ::shutdown(socket_, SHUT_WR); }

  /// One whole answer (to a HEAD: its head), "" where the connection ended or `patience` passed before.
  std::string answer(std::chrono::milliseconds patience = 5s, bool head_only = false) {
    const auto until = std::chrono::steady_clock::now() + patience;
    for (;;) {
      const auto head_end = input_.find("\r\n\r\n");
      if (head_end != std::string::npos) {
        const auto size = head_end + 4 + (head_only ? 0 : content_length(input_.substr(0, head_end)));
        if (input_.size() >= size) {
          const auto answer = input_.substr(0, size);
          input_.erase(0, size);
          return answer;
        }
      }
      if (!receive(until)) return "";
    }
  }

  /// Everything until the peer closes; "(open)" behind it where it does not in time.
  std::string rest(std::chrono::milliseconds patience = 5s) {
    const auto until = std::chrono::steady_clock::now() + patience;
    while (receive(until)) {
    }
    if (!ended_) input_ += "(open)";
    return std::exchange(input_, {});
  }

  /// Whether the peer closes without sending anything more.
  bool closes(std::chrono::milliseconds patience = 5s) { return rest(patience).empty(); }

  void close() {
    if (socket_ >= 0) ::close(std::exchange(socket_, -1));
  }
  [[nodiscard]] int descriptor() const { return socket_; }

 private:
  Client(int socket, int) : socket_(socket) {}

  static bool is_v6(std::string_view address) { return address.contains(':'); }

  static std::size_t content_length(std::string_view head) {
    constexpr std::string_view name = "Content-Length: ";
    const auto at = head.find(name);
    return at == std::string_view::npos ? 0 : std::stoul(std::string{head.substr(at + name.size(), 20)});
  }

  bool receive(std::chrono::steady_clock::time_point until) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
    pollfd wait{socket_, POLLIN, 0};
    if (left.count() <= 0 || ::poll(&wait, 1, static_cast<int>(left.count())) != 1) return false;
    char bytes[16'384];
    const auto size = ::recv(socket_, bytes, sizeof bytes, 0);
    ended_ = size <= 0;
    if (size > 0) input_.append(bytes, static_cast<std::size_t>(size));
    return size > 0;
  }

  int socket_;
  std::string input_;
  bool ended_ = false;
};

/// A function that a test may replace while the edge's threads call it.
template <class Function>
class Replaceable {
 public:
  Replaceable& operator=(Function function) {
    const std::scoped_lock lock{mutex_};
    function_ = std::move(function);
    return *this;
  }
  [[nodiscard]] Function get() const {
    const std::scoped_lock lock{mutex_};
    return function_;
  }

 private:
  mutable std::mutex mutex_;
  Function function_;
};

/// Keeps Replies until a test wants them called.
class HeldReplies {
 public:
  void hold(Reply reply) {
    const std::scoped_lock lock{mutex_};
    replies_.push_back(std::move(reply));
  }
  std::vector<Reply> take() {
    const std::scoped_lock lock{mutex_};
    return std::exchange(replies_, {});
  }

 private:
  std::mutex mutex_;
  std::vector<Reply> replies_;
};

/// Answers 200 with the request's method, path and body unless a test says otherwise; keeps what it saw.
class TestHandler : public RequestHandler {
 public:
  std::optional<HttpResponse> refuse_early(const HttpRequest& head) override {
    const auto function = on_head.get();
    return function ? function(head) : std::nullopt;
  }

  void handle(HttpRequest request, Reply reply) override {
    {
      const std::scoped_lock lock{mutex_};
      seen_.push_back(request);
    }
    answer(std::move(request), std::move(reply));
    const std::scoped_lock lock{mutex_};
    ++handled_;
    changed_.notify_all();
  }

  [[nodiscard]] std::vector<HttpRequest> seen() const {
    const std::scoped_lock lock{mutex_};
    return seen_;
  }

  /// Whether `count` requests were handled within `patience`, if only by keeping their Reply.
  bool wait_for(std::size_t count, std::chrono::milliseconds patience = 5s) {
    std::unique_lock lock{mutex_};
    return changed_.wait_for(lock, patience, [&] { return handled_ >= count; });
  }

  /// From now on requests wait for their answer.
  HeldReplies& hold_replies() {
    on_request = [this](HttpRequest, Reply reply) { held_.hold(std::move(reply)); };
    return held_;
  }

  Replaceable<std::function<std::optional<HttpResponse>(const HttpRequest&)>> on_head;
  Replaceable<std::function<void(HttpRequest, Reply)>> on_request;

 private:
  void answer(HttpRequest request, Reply reply) {
    if (const auto function = on_request.get()) return function(std::move(request), std::move(reply));
    HttpResponse response;
    response.status = 200;
    response.body = request.method + " " + request.path + " " + request.body;
    reply(std::move(response));
  }

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<HttpRequest> seen_;
  std::size_t handled_ = 0;
  HeldReplies held_;
};

inline HttpResponse response_of(int status, std::string body = {}) {
  HttpResponse response;
  response.status = status;
  response.body = std::move(body);
  return response;
}

/// A real listener on a free loopback port. Its deadlines are short; what a test means to exceed it sets
/// itself.
struct Edge {
  explicit Edge(EdgeOptions options = {}) {
    auto started = EdgeListener::start(std::move(options), handler, clock);
    if (!started) throw std::runtime_error{started.error().message};
    listener = std::move(*started);
  }
  ~Edge() { listener.reset(); }

  [[nodiscard]] std::uint16_t port() const { return listener->port(); }
  [[nodiscard]] Client client() const { return Client{port()}; }

  /// Sends `bytes` on a new connection and gives everything that comes back until it closes.
  [[nodiscard]] std::string exchange(std::string_view bytes) const {
    auto connection = client();
    connection.send(bytes);
    return connection.rest();
  }

  /// Whether an honest request is still served.
  [[nodiscard]] bool serves() const {
    auto connection = client();
    connection.send("GET /honest HTTP/1.1\r\nHost: h\r\n\r\n");
    return connection.answer().starts_with("HTTP/1.1 200 ");
  }

  /// Whether `holds` comes true within `patience`.
  static bool eventually(const std::function<bool()>& holds, std::chrono::milliseconds patience = 5s) {
    const auto until = std::chrono::steady_clock::now() + patience;
    while (!holds()) {
      if (std::chrono::steady_clock::now() > until) return false;
      ::usleep(2'000);
    }
    return true;
  }

  TestHandler handler;
  SystemClock clock;
  std::unique_ptr<EdgeListener> listener;
};

inline const std::string get_request = "GET /in/website HTTP/1.1\r\nHost: h\r\n\r\n";

inline std::string post_request(std::string_view body, std::string_view more_headers = {}) {
  return "POST /in/website HTTP/1.1\r\nHost: h\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" +
         std::string{more_headers} + "\r\n" + std::string{body};
}

}  // namespace leadhub::capture::testing
