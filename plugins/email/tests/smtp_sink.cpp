#include "smtp_sink.hpp"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdlib>
#include <optional>
#include <stdexcept>

namespace leadhub::email::testing {
namespace {

constexpr int look_up_ms = 20;

sockaddr_in loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

std::string argument(const std::string& line) {
  const auto from = line.find('<');
  const auto to = line.find('>', from);
  return from == std::string::npos || to == std::string::npos ? "" : line.substr(from + 1, to - from - 1);
}

}  // namespace

class SmtpSink::Session {
 public:
  Session(SmtpSink& sink, int socket, int number) : sink_(sink), socket_(socket), number_(number) {}
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  ~Session() {
    if (ssl_ != nullptr) SSL_free(ssl_);
    if (context_ != nullptr) SSL_CTX_free(context_);
    ::close(socket_);
  }

  void run() {
    if (sink_.behaviour().is_tls && !start_tls()) return;
    if (!say(sink_.answer("CONNECT"))) return;
    while (const auto line = read_line()) {
      if (!note(*line)) return;
      tell(std::string_view{*line}.substr(0, line->find(' ')));
      if (line->starts_with("MAIL")) mail_ = {argument(*line), {}, {}, number_};
      if (line->starts_with("RCPT")) mail_.recipient = argument(*line);
      const std::string answer = sink_.answer(*line);
      if (!say(answer)) return;
      if (line->starts_with("QUIT")) return;
      if (line->starts_with("DATA") && answer.starts_with("354") && !take_content()) return;
    }
  }

 private:
  void tell(std::string_view moment) const {
    if (const auto on_moment = sink_.behaviour().on_moment) on_moment(moment);
  }

  bool note(const std::string& line) {
    const std::scoped_lock lock{sink_.mutex_};
    sink_.lines_.push_back(line);
    return true;
  }

  bool take_content() {
    while (auto line = read_line()) {
      tell(*line == "." ? "." : "content");
      if (*line == ".") {
        const std::string answer = sink_.answer(".");
        if (answer.starts_with("250")) {
          const std::scoped_lock lock{sink_.mutex_};
          sink_.mails_.push_back(mail_);
        }
        if (!say(answer)) return false;
        if (answer.starts_with("250")) tell("250");
        return true;
      }
      if (line->starts_with(".")) line->erase(0, 1);
      mail_.content += *line + "\r\n";
    }
    return false;
  }

  bool say(std::string answer) {
    const bool starts_tls = take_out(answer, "<starttls>");
    const auto close = answer.find("<close>");
    const bool closes = close != std::string::npos;
    if (closes) answer.resize(close);
    const auto drip = answer.find("<drip>");
    if (!write(answer.substr(0, drip))) return false;
    if (drip != std::string::npos)
      for (const char byte : answer.substr(drip + 6)) {
        if (!pause(sink_.behaviour().drip_ms) || !write(std::string(1, byte))) return false;
      }
    if (starts_tls && !start_tls()) return false;
    return !closes;
  }

  static bool take_out(std::string& text, std::string_view mark) {
    const auto at = text.find(mark);
    if (at == std::string::npos) return false;
    text.erase(at, mark.size());
    return true;
  }

  bool pause(int ms) const {
    for (; ms > 0 && !sink_.is_ending_; ms -= look_up_ms)
      std::this_thread::sleep_for(std::chrono::milliseconds{std::min(ms, look_up_ms)});
    return !sink_.is_ending_;
  }

  bool start_tls() {
    const std::string file = sink_.behaviour().certificate;
    context_ = SSL_CTX_new(TLS_server_method());
    if (SSL_CTX_use_certificate_chain_file(context_, file.c_str()) != 1 ||
        SSL_CTX_use_PrivateKey_file(context_, file.c_str(), SSL_FILETYPE_PEM) != 1)
      return false;
    ssl_ = SSL_new(context_);
    SSL_set_fd(ssl_, socket_);
    return SSL_accept(ssl_) == 1;
  }

  bool write(const std::string& bytes) {
    if (bytes.empty()) return true;
    const int size = static_cast<int>(bytes.size());
    if (ssl_ != nullptr) return SSL_write(ssl_, bytes.data(), size) == size;
    return ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL) == size;
  }

  std::optional<std::string> read_line() {
    for (;;) {
      if (const auto end = bytes_.find('\n'); end != std::string::npos) {
        std::string line = bytes_.substr(0, end);
        bytes_.erase(0, end + 1);
        if (line.ends_with('\r')) line.pop_back();
        return line;
      }
      pollfd watched{socket_, POLLIN, 0};
      const bool has_more = ssl_ != nullptr && SSL_pending(ssl_) > 0;
      while (!has_more && ::poll(&watched, 1, look_up_ms) == 0)
        if (sink_.is_ending_) return std::nullopt;
      std::array<char, 65536> chunk;
      const auto count = ssl_ != nullptr ? SSL_read(ssl_, chunk.data(), chunk.size())
                                         : static_cast<int>(::recv(socket_, chunk.data(), chunk.size(), 0));
      if (count <= 0) return std::nullopt;
      bytes_.append(chunk.data(), static_cast<std::size_t>(count));
    }
  }

  SmtpSink& sink_;
  int socket_;
  int number_;
  SSL_CTX* context_ = nullptr;
  SSL* ssl_ = nullptr;
  std::string bytes_;
  TakenMail mail_;
};

SmtpSink::SmtpSink(Behaviour behaviour)
    : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)), behaviour_(std::move(behaviour)) {
  auto address = loopback(0);
  socklen_t size = sizeof address;
  if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 || ::listen(listener_, 64) != 0 ||
      ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0)
    throw std::runtime_error("no mail server on loopback");
  port_ = ntohs(address.sin_port);
  acceptor_ = std::thread{[this] { accept_all(); }};
}

SmtpSink::~SmtpSink() {
  is_ending_ = true;
  acceptor_.join();
  for (auto& thread : threads_) thread.join();
  ::close(listener_);
}

void SmtpSink::accept_all() {
  while (!is_ending_) {
    pollfd watched{listener_, POLLIN, 0};
    if (::poll(&watched, 1, look_up_ms) <= 0) continue;
    const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (socket < 0) continue;
    const int now = 1;
    ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &now, sizeof now);
    const int number = ++sessions_;
    threads_.emplace_back([this, socket, number] { Session{*this, socket, number}.run(); });
  }
}

Behaviour SmtpSink::behaviour() const {
  const std::scoped_lock lock{mutex_};
  return behaviour_;
}

void SmtpSink::set_behaviour(Behaviour behaviour) {
  const std::scoped_lock lock{mutex_};
  behaviour_ = std::move(behaviour);
}

std::vector<TakenMail> SmtpSink::mails() const {
  const std::scoped_lock lock{mutex_};
  return mails_;
}

std::vector<std::string> SmtpSink::lines() const {
  const std::scoped_lock lock{mutex_};
  return lines_;
}

std::string SmtpSink::answer(const std::string& line) const {
  const Behaviour now = behaviour();
  for (const auto& [beginning, reply] : now.rules)
    if (line.starts_with(beginning)) return reply;
  if (line == "CONNECT") return "220 sink ESMTP\r\n";
  if (line.starts_with("EHLO")) {
    std::string reply;
    for (const auto& ability : now.abilities) reply += "250-" + ability + "\r\n";
    return reply + "250 HELP\r\n";
  }
  if (line.starts_with("AUTH")) return "235 2.7.0 welcome\r\n";
  if (line.starts_with("STARTTLS")) return "220 2.0.0 go on\r\n<starttls>";
  if (line.starts_with("DATA")) return "354 go on\r\n";
  if (line.starts_with("QUIT")) return "221 2.0.0 good bye\r\n";
  if (line == ".") return "250 2.0.0 Ok: queued as 4F9D12\r\n";
  return "250 2.1.0 Ok\r\n";
}

std::string make_certificate(const std::string& folder) {
  const std::string file = folder + "/server.pem";
  const std::string command =
      "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=127.0.0.1 -addext "
      "subjectAltName=IP:127.0.0.1 -keyout '" +
      folder + "/key.pem' -out '" + folder + "/certificate.pem' 2>'" + folder + "/openssl.log' && cat '" +
      folder + "/certificate.pem' '" + folder + "/key.pem' > '" + file + "'";
  if (std::system(command.c_str()) != 0) throw std::runtime_error("no certificate: " + command);
  return file;
}

}  // namespace leadhub::email::testing
