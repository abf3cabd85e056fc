#include "postfix.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <stdexcept>
#include <thread>

namespace leadhub::e2e {
namespace {

using namespace std::chrono_literals;

constexpr auto master_program = "/usr/lib/postfix/sbin/master";

sockaddr_in loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

int free_port() {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  auto address = loopback(0);
  socklen_t size = sizeof address;
  const bool is_bound = ::bind(socket, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
                        ::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size) == 0;
  ::close(socket);
  if (!is_bound) throw std::runtime_error("no port is free");
  return ntohs(address.sin_port);
}

bool greets(int port) {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const timeval patience{5, 0};
  ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  const auto address = loopback(port);
  std::array<char, 128> greeting{};
  const bool greeted = ::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
                       ::recv(socket, greeting.data(), greeting.size(), 0) > 4;
  ::close(socket);
  return greeted;
}

void run(const std::string& command) {
  if (std::system(command.c_str()) != 0) throw std::runtime_error("it failed: " + command);
}

void give(const std::filesystem::path& folder, const char* account) {
  std::filesystem::create_directory(folder);
  const passwd* const entry = ::getpwnam(account);
  if (entry == nullptr || ::chown(folder.c_str(), entry->pw_uid, entry->pw_gid) != 0)
    throw std::runtime_error("cannot give " + folder.string() + " to " + account);
}

std::string in_folder(std::string text, const std::string& folder) {
  for (auto at = text.find('@'); at != std::string::npos; at = text.find('@', at + folder.size()))
    text.replace(at, 1, folder);
  return text;
}

/// "@" stands for the folder, "%" for the account that mails are delivered as.
constexpr auto main_cf = R"(compatibility_level = 3.6
queue_directory = @/queue
data_directory = @/data
maillog_file_prefixes = @
maillog_file = @/log
inet_protocols = ipv4
myhostname = relay.engines.example
mydestination =
alias_maps =
mynetworks = 127.0.0.0/8
smtpd_relay_restrictions = permit_mynetworks, reject
smtpd_tls_security_level = encrypt
smtpd_tls_chain_files = @/key.pem, @/certificate.pem
smtpd_tls_received_header = yes
virtual_mailbox_domains = example.com
virtual_mailbox_base = @/mail
virtual_mailbox_maps = texthash:@/mailboxes
virtual_uid_maps = static:%
virtual_gid_maps = static:%
virtual_minimum_uid = 1
default_transport = discard
)";

constexpr auto master_cf = R"( inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
proxymap unix - - n - - proxymap
anvil unix - - n - 1 anvil
discard unix - - n - - discard
virtual unix - n n - - virtual
error unix - - n - - error
postlog unix-dgram n - n - 1 postlogd
)";

}  // namespace

std::string Postfix::what_is_missing() {
  if (::geteuid() != 0) return "Postfix runs as root, and this test does not";
  if (!std::filesystem::exists(master_program)) return "the package postfix is not installed";
  return {};
}

Postfix::Postfix() : port_(free_port()) {
  configure();
  start();
}

void Postfix::configure() const {
  const auto& folder = folder_.path();
  std::filesystem::permissions(folder, std::filesystem::perms{0755});
  for (const auto* name : {"config", "queue"}) std::filesystem::create_directory(folder / name);
  give(folder / "data", "postfix");
  give(folder / "mail", "nobody");
  run("openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=127.0.0.1 -addext "
      "subjectAltName=IP:127.0.0.1 "
      "-keyout '" +
      (folder / "key.pem").string() + "' -out '" + certificate().string() + "' 2>/dev/null");
  write_file(folder / "mailboxes", "ada@example.com ada/\n");
  auto main = in_folder(main_cf, folder.string());
  const auto account = std::to_string(::getpwnam("nobody")->pw_uid);
  main = replaced(replaced(main, "static:%", "static:" + account), "static:%", "static:" + account);
  write_file(folder / "config" / "main.cf", main);
  write_file(folder / "config" / "master.cf", "127.0.0.1:" + std::to_string(port_) + master_cf);
  run("/usr/sbin/postfix -c '" + (folder / "config").string() + "' check >/dev/null 2>&1");
}

void Postfix::start() {
  const auto config = (folder_.path() / "config").string();
  master_ = ::fork();
  if (master_ == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);
    ::execl(master_program, master_program, "-s", "-c", config.c_str(), nullptr);
    ::_exit(127);
  }
  for (int tries = 0; tries < 200; ++tries) {
    if (greets(port_)) return;
    std::this_thread::sleep_for(100ms);
  }
  throw std::runtime_error("Postfix does not greet: " + log());
}

/// Its own end ends those that it has started.
Postfix::~Postfix() {
  if (master_ <= 0) return;
  ::kill(master_, SIGTERM);
  ::waitpid(master_, nullptr, 0);
}

std::vector<std::filesystem::path> Postfix::mails(std::size_t count) const {
  std::vector<std::filesystem::path> found;
  for (int tries = 0; tries < 400; ++tries) {
    found.clear();
    std::error_code not_yet;
    for (const auto& file :
         std::filesystem::directory_iterator{folder_.path() / "mail" / "ada" / "new", not_yet})
      found.push_back(file.path());
    if (found.size() >= count) break;
    std::this_thread::sleep_for(50ms);
  }
  return found;
}

}  // namespace leadhub::e2e
