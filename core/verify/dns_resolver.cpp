#include "verify/dns_resolver.hpp"

#include <ares.h>
#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <deque>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>

namespace leadhub::verify {
namespace {

using std::chrono::milliseconds;

struct Question {
  std::string name;
  DnsType type;
  DnsDone done;
  int aliases = 0;  ///< links followed to this name
  std::chrono::seconds alias_ttl = std::chrono::seconds::max();
};

DnsAnswer bare_answer(DnsStatus status, std::string_view failure = {}) {
  DnsAnswer answer;
  answer.status = status;
  answer.failure = failure;
  return answer;
}

/// What c-ares says where it has no message to show.
DnsAnswer without_message(int status) {
  switch (status) {
    case ARES_ECANCELLED:
    case ARES_EDESTRUCTION:
      return bare_answer(DnsStatus::stopped);
    case ARES_ETIMEOUT:
      return bare_answer(DnsStatus::timed_out);
    case ARES_ENOTFOUND:
      return bare_answer(DnsStatus::no_such_name);  // .onion: never asked (RFC 7686)
    case ARES_ECONNREFUSED:
      return bare_answer(DnsStatus::failed, "no server takes questions");
    case ARES_EBADNAME:
      return bare_answer(DnsStatus::failed, "not a name of DNS");
    default:
      return bare_answer(DnsStatus::failed, ares_strerror(status));
  }
}

std::string joined(const std::vector<std::string>& servers) {
  std::string out;
  for (const std::string& server : servers) out += (out.empty() ? "" : ",") + server;
  return out;
}

bool is_address(const std::string& text) {
  in6_addr room{};
  return inet_pton(AF_INET, text.c_str(), &room) == 1 || inet_pton(AF_INET6, text.c_str(), &room) == 1;
}

bool is_port(std::string_view text) {
  unsigned port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc{} && end == text.data() + text.size() && port >= 1 && port <= 65'535;
}

/// Stricter than c-ares, which takes "1.2.3" for a network and "1.2.3.4:99999" for some other port.
bool is_server(const std::string& text) {
  if (is_address(text)) return true;
  const auto colon = text.rfind(':');
  if (colon == std::string::npos || !is_port(std::string_view{text}.substr(colon + 1)))
    return text.starts_with('[') && text.ends_with(']') && is_address(text.substr(1, text.size() - 2));
  const std::string host = text.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) return is_address(host.substr(1, host.size() - 2));
  return host.find(':') == std::string::npos && is_address(host);
}

Result<void> check(const DnsSettings& settings) {
  for (const std::string& server : settings.servers)
    if (!is_server(server))
      return fail(ErrorCode::invalid,
                  "verify.dns.servers: '" + server +
                      "' is no IP address; write it as 127.0.0.1, 127.0.0.1:53 or [::1]:53");
  if (settings.servers.size() > limits::dns_servers_max)
    return fail(ErrorCode::invalid, "verify.dns.servers names " + std::to_string(settings.servers.size()) +
                                        " servers; name at most " + std::to_string(limits::dns_servers_max));
  if (settings.timeout < milliseconds{100} || settings.timeout > limits::dns_timeout_ceiling)
    return fail(ErrorCode::invalid,
                "verify.dns.timeout is " + std::to_string(settings.timeout.count()) +
                    "ms; give it 100ms to " +
                    std::to_string(milliseconds{limits::dns_timeout_ceiling}.count() / 1000) + "s");
  return {};
}

struct AresNodes {
  ares_addr_port_node* first = nullptr;
  ~AresNodes() {
    if (first != nullptr) ares_free_data(first);
  }
};

/// Those of resolv.conf; at least one, since c-ares falls back to 127.0.0.1.
std::size_t count_system_servers() {
  ares_channel channel = nullptr;
  if (ares_init(&channel) != ARES_SUCCESS) return 1;
  AresNodes nodes;
  std::size_t count = 0;
  if (ares_get_servers_ports(channel, &nodes.first) == ARES_SUCCESS)
    for (const auto* node = nodes.first; node != nullptr; node = node->next) ++count;
  ares_destroy(channel);
  return std::max<std::size_t>(count, 1);
}

/// c-ares asks each server in turn and doubles the wait with each round, so n servers in two rounds take
/// (1 + 2) * n of the first wait.
int first_wait_ms(milliseconds timeout, std::size_t servers) {
  constexpr int rounds = (1 << limits::dns_tries) - 1;
  return std::max(1, static_cast<int>(timeout.count()) / (rounds * static_cast<int>(servers)));
}

}  // namespace

class DnsResolver::Implementation {
 public:
  ~Implementation() {
    stop();
    if (channel_ != nullptr) ares_destroy(channel_);
    if (wake_ >= 0) ::close(wake_);
  }

  Result<void> start(const DnsSettings& settings) {
    if (auto checked = check(settings); !checked) return checked;
    if (auto opened = open_channel(settings); !opened) return opened;
    wake_ = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (wake_ < 0) return fail(ErrorCode::io, "no file descriptor is left for the DNS resolver");
    try {
      thread_ = std::thread{[this] { run(); }};
    } catch (const std::system_error&) {
      return fail(ErrorCode::io, "no thread is left for the DNS resolver");
    }
    return {};
  }

  void ask(Question question) {
    DnsAnswer refused = bare_answer(DnsStatus::stopped);
    {
      const std::lock_guard lock{mutex_};
      if (!stopping_ && questions_.size() < limits::dns_questions_waiting_max) {
        questions_.push_back(std::move(question));
        wake();
        return;
      }
      if (!stopping_) {
        refused = bare_answer(DnsStatus::failed, "too many questions");
        ++failed_;
      }
    }
    question.done(std::move(refused));
  }

  void stop() {
    {
      const std::lock_guard lock{mutex_};
      stopping_ = true;
      if (wake_ >= 0) wake();
    }
    const std::lock_guard lock{join_mutex_};
    if (thread_.joinable()) thread_.join();
  }

  [[nodiscard]] DnsStatistics statistics() const {
    const std::lock_guard lock{mutex_};
    return {asked_, timed_out_, failed_, in_flight_, questions_.size()};
  }

 private:
  /// What c-ares hands back with an answer.
  struct Flight {
    Implementation* resolver;
    Question question;
  };

  Result<void> open_channel(const DnsSettings& settings) {
    const std::size_t servers = settings.servers.empty() ? count_system_servers() : settings.servers.size();
    ares_options options{};
    options.flags = ARES_FLAG_EDNS | ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES;
    options.ednspsz = limits::dns_udp_answer_bytes;
    options.tries = limits::dns_tries;
    options.timeout = first_wait_ms(settings.timeout, servers);
    options.sock_state_cb = [](void* self, ares_socket_t socket, int readable, int writable) {
      static_cast<Implementation*>(self)->watch(socket, readable != 0, writable != 0);
    };
    options.sock_state_cb_data = this;
    const int mask =
        ARES_OPT_FLAGS | ARES_OPT_EDNSPSZ | ARES_OPT_TRIES | ARES_OPT_TIMEOUTMS | ARES_OPT_SOCK_STATE_CB;
    if (const int status = ares_init_options(&channel_, &options, mask); status != ARES_SUCCESS)
      return fail(ErrorCode::io, std::string{"the DNS resolver cannot start: "} + ares_strerror(status));
    if (settings.servers.empty()) return {};
    if (ares_set_servers_ports_csv(channel_, joined(settings.servers).c_str()) == ARES_SUCCESS) return {};
    return fail(ErrorCode::invalid,
                "c-ares does not take the verify.dns.servers " + joined(settings.servers));
  }

  void wake() const {
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(wake_, &one, sizeof one);  // full: it is awake already
  }

  void watch(ares_socket_t socket, bool readable, bool writable) {
    std::erase_if(watched_, [&](const pollfd& one) { return one.fd == socket; });
    const int events = (readable ? POLLIN : 0) | (writable ? POLLOUT : 0);
    if (events != 0) watched_.push_back({socket, static_cast<short>(events), 0});
  }

  void run() {
    while (take_questions()) {
      auto ready = watched_;  // processing changes watched_
      ready.push_back({wake_, POLLIN, 0});
      if (::poll(ready.data(), ready.size(), next_timeout_ms()) > 0) process(ready);
      ares_process_fd(channel_, ARES_SOCKET_BAD, ARES_SOCKET_BAD);  // timeouts
    }
    ares_cancel(channel_);
    for (Question& left : take_all_questions()) left.done(bare_answer(DnsStatus::stopped));
  }

  void process(const std::vector<pollfd>& ready) {
    for (const pollfd& one : ready) {
      if (one.revents == 0) continue;
      if (one.fd == wake_) {
        std::uint64_t count = 0;
        [[maybe_unused]] const auto read = ::read(wake_, &count, sizeof count);
        continue;
      }
      const bool readable = (one.revents & (POLLIN | POLLERR | POLLHUP)) != 0;
      const bool writable = (one.revents & POLLOUT) != 0;
      ares_process_fd(channel_, readable ? one.fd : ARES_SOCKET_BAD, writable ? one.fd : ARES_SOCKET_BAD);
    }
  }

  /// -1: until something happens.
  int next_timeout_ms() {
    timeval room{};
    const timeval* wait = ares_timeout(channel_, nullptr, &room);
    if (wait == nullptr) return -1;
    return static_cast<int>(wait->tv_sec * 1000 + wait->tv_usec / 1000 + 1);
  }

  /// Hands c-ares what it may have in flight. False: the resolver stops.
  bool take_questions() {
    while (true) {
      std::optional<Question> question;
      {
        const std::lock_guard lock{mutex_};
        if (stopping_) return false;
        if (questions_.empty() || in_flight_ >= limits::dns_questions_in_flight_max) return true;
        question = std::move(questions_.front());
        questions_.pop_front();
        ++in_flight_;
        ++asked_;
      }
      send(std::move(*question));
    }
  }

  void send(Question question) {
    Flight* const handed =
        new Flight{this, std::move(question)};  // on_answer, which always comes, takes it back
    ares_query(channel_, handed->question.name.c_str(), ns_c_in, static_cast<int>(handed->question.type),
               on_answer, handed);
  }

  std::deque<Question> take_all_questions() {
    const std::lock_guard lock{mutex_};
    return std::exchange(questions_, {});
  }

  static void on_answer(void* handed, int status, int /*timeouts*/, unsigned char* message, int size) {
    const std::unique_ptr<Flight> flight{static_cast<Flight*>(handed)};
    DnsAnswer answer =
        message == nullptr || size <= 0
            ? without_message(status)
            : read_dns_answer({message, static_cast<std::size_t>(size)}, flight->question.type);
    flight->resolver->land(std::move(flight->question), std::move(answer));
  }

  void land(Question question, DnsAnswer answer) {
    if (!answer.alias_end.empty()) {
      question.aliases += answer.aliases;
      question.alias_ttl = std::min(question.alias_ttl, answer.ttl);
      if (question.aliases <= limits::dns_cname_depth_max) {
        question.name = std::move(answer.alias_end);
        return send(std::move(question));  // in its place in flight
      }
      answer = bare_answer(DnsStatus::failed, "a CNAME loop or chain too long");
    }
    answer.ttl = std::min(answer.ttl, question.alias_ttl);
    count(answer.status);
    question.done(std::move(answer));
  }

  void count(DnsStatus status) {
    const std::lock_guard lock{mutex_};
    --in_flight_;
    if (status == DnsStatus::timed_out) ++timed_out_;
    if (status == DnsStatus::failed) ++failed_;
  }

  // Of the resolver's thread alone, once that runs.
  ares_channel channel_ = nullptr;
  std::vector<pollfd> watched_;

  int wake_ = -1;
  std::thread thread_;
  std::mutex join_mutex_;

  mutable std::mutex mutex_;  // guards what follows
  std::deque<Question> questions_;
  bool stopping_ = false;
  std::uint64_t asked_ = 0;
  std::uint64_t timed_out_ = 0;
  std::uint64_t failed_ = 0;
  std::uint64_t in_flight_ = 0;
};

DnsResolver::DnsResolver(std::unique_ptr<Implementation> implementation)
    : implementation_(std::move(implementation)) {}

DnsResolver::~DnsResolver() = default;

Result<std::unique_ptr<DnsResolver>> DnsResolver::start(const DnsSettings& settings) {
  static const int library = ares_library_init(ARES_LIB_INIT_ALL);
  if (library != ARES_SUCCESS)
    return fail(ErrorCode::io, std::string{"c-ares cannot start: "} + ares_strerror(library));
  auto implementation = std::make_unique<Implementation>();
  if (auto started = implementation->start(settings); !started)
    return std::unexpected(std::move(started.error()));
  return std::unique_ptr<DnsResolver>{new DnsResolver(std::move(implementation))};
}

void DnsResolver::ask(std::string name, DnsType type, DnsDone done) {
  implementation_->ask({std::move(name), type, std::move(done)});
}

void DnsResolver::stop() {
  implementation_->stop();
}

DnsStatistics DnsResolver::statistics() const {
  return implementation_->statistics();
}

}  // namespace leadhub::verify
