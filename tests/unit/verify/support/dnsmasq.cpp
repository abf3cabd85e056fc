#include "dnsmasq.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include <array>
#include <fstream>

#include "loopback.hpp"

namespace leadhub::test {
namespace {

/// Is anybody there? Any answer to an empty question will do.
bool answers(std::uint16_t port) {
  const LoopbackSocket socket{SOCK_DGRAM};
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  constexpr std::array<unsigned char, 22> question{0, 7, 1,   0,   0,   1,   0, 0, 0, 0, 0,
                                                   0, 4, 't', 'e', 's', 't', 0, 0, 6, 0, 1};
  if (::connect(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) return false;
  if (::send(socket.get(), question.data(), question.size(), 0) < 0) return false;
  pollfd readable{socket.get(), POLLIN, 0};
  std::array<char, 512> answer{};
  return ::poll(&readable, 1, 20) == 1 && ::recv(socket.get(), answer.data(), answer.size(), 0) > 0;
}

}  // namespace

Dnsmasq::Dnsmasq(const std::string& records, int ttl_seconds) {
  port_ = udp_and_tcp().first.port();
  const std::string file = folder_ / "dnsmasq.conf";
  std::ofstream{file} << "keep-in-foreground\nno-resolv\nno-hosts\npid-file=\nuser=\nlog-facility=-\n"
                         "listen-address=127.0.0.1\nbind-interfaces\n"
                      << "port=" << port_ << "\nauth-server=ns.hub.test,127.0.0.1\nauth-zone=test\n"
                      << "auth-ttl=" << ttl_seconds << '\n'
                      << records;
  start(file);
  wait_until_it_answers();
}

Dnsmasq::~Dnsmasq() {
  ::kill(process_, SIGKILL);
  ::waitpid(process_, nullptr, 0);
}

void Dnsmasq::start(const std::string& config_file) {
  const std::string argument = "--conf-file=" + config_file;
  process_ = ::fork();
  if (process_ != 0) return;
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  ::execlp("dnsmasq", "dnsmasq", argument.c_str(), nullptr);
  ::execl("/usr/sbin/dnsmasq", "dnsmasq", argument.c_str(), nullptr);
  ::_exit(127);
}

void Dnsmasq::wait_until_it_answers() {
  for (int i = 0; i < 250; ++i) {
    if (answers(port_)) return;
    if (::waitpid(process_, nullptr, WNOHANG) == process_)
      throw std::runtime_error("dnsmasq did not start; is dnsmasq-base installed?");
    ::usleep(10'000);
  }
  throw std::runtime_error("dnsmasq does not answer");
}

}  // namespace leadhub::test
