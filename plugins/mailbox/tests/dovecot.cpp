#include "dovecot.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <fstream>
#include <stdexcept>

namespace leadhub::mailbox::testing {
namespace {

/// Who the server's processes run as: root would be refused.
struct Account {
  std::string name;
  uid_t uid = 0;
  gid_t gid = 0;
};

Account account() {
  const passwd* const entry = ::geteuid() == 0 ? ::getpwnam("nobody") : ::getpwuid(::geteuid());
  if (entry == nullptr) throw std::runtime_error("no account to run dovecot as");
  return {entry->pw_name, entry->pw_uid, entry->pw_gid};
}

std::uint16_t free_port() {
  return SilentServer{}.port();
}

/// Whether a server greets there.
bool greets(std::uint16_t port) {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const timeval patience{1, 0};
  ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  std::array<char, 64> greeting{};
  const bool greeted = ::connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 &&
                       ::recv(socket, greeting.data(), greeting.size(), 0) > 4;
  ::close(socket);
  return greeted;
}

void give(const std::filesystem::path& path, const Account& to) {
  if (::geteuid() == 0 && ::chown(path.c_str(), to.uid, to.gid) != 0)
    throw std::runtime_error("cannot give " + path.string() + " to " + to.name);
}

}  // namespace

TemporaryFolder::TemporaryFolder() {
  auto pattern = (std::filesystem::temp_directory_path() / "leadhub-mailbox-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary folder: " + pattern);
  path_ = pattern;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

SilentServer::SilentServer() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::bind(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
      ::listen(socket_, 16) != 0)
    throw std::runtime_error("no port is free");
}

SilentServer::~SilentServer() {
  ::close(socket_);
}

std::uint16_t SilentServer::port() const {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  ::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size);
  return ntohs(address.sin_port);
}

Dovecot::Dovecot(Tls tls) : port_(free_port()), tls_port_(free_port()) {
  std::filesystem::permissions(folder_.path(), std::filesystem::perms{0711});
  if (tls == Tls::offered) make_certificate();
  write_config(tls);
  start();
}

Dovecot::~Dovecot() {
  stop();
}

std::filesystem::path Dovecot::maildir(const std::string& folder) const {
  return folder == "INBOX" ? folder_ / "mail" : folder_ / "mail" / ("." + folder);
}

void Dovecot::write_config(Tls tls) const {
  const Account owner = account();
  std::ofstream{folder_ / "users"} << user << ":{PLAIN}" << password << "::::::\n";
  std::filesystem::permissions(folder_ / "users", std::filesystem::perms{0644});
  std::filesystem::create_directory(folder_ / "mail");
  give(folder_ / "mail", owner);
  const std::string folder = folder_.path().string();
  std::ofstream config{folder_ / "dovecot.conf"};
  config << "base_dir = " << folder << "/run\nstate_dir = " << folder << "/state\nlog_path = " << folder
         << "/log\nprotocols = imap\nlisten = 127.0.0.1, 127.0.0.2\nmail_location = maildir:" << folder
         << "/mail\nfirst_valid_uid = 1\nmail_privileged_group =\nauth_mechanisms = plain login\n"
         << "default_internal_user = " << owner.name << "\ndefault_login_user = " << owner.name
         << "\ndefault_internal_group =\n"
         << "passdb {\n  driver = passwd-file\n  args = " << folder << "/users\n}\n"
         << "userdb {\n  driver = static\n  args = uid=" << owner.uid << " gid=" << owner.gid
         << " home=" << folder << "/mail allow_all_users=yes\n}\n"
         << "service imap-login {\n  chroot =\n  inet_listener imap {\n    port = " << port_
         << "\n  }\n  inet_listener imaps {\n    port = " << (tls == Tls::offered ? tls_port_ : 0)
         << "\n    ssl = yes\n  }\n}\n"
         << "service anvil {\n  chroot =\n}\nservice stats {\n  chroot =\n}\n";
  if (tls == Tls::none)
    config << "ssl = no\ndisable_plaintext_auth = no\n";
  else
    config << "ssl = yes\nssl_cert = <" << folder << "/certificate.pem\nssl_key = <" << folder
           << "/key.pem\n";
}

void Dovecot::make_certificate() const {
  const std::string folder = folder_.path().string();
  const std::string command =
      "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost"
      " -addext subjectAltName=DNS:localhost,IP:127.0.0.2 -keyout " +
      folder + "/key.pem -out " + folder + "/certificate.pem 2>/dev/null";
  if (std::system(command.c_str()) != 0) throw std::runtime_error("openssl made no certificate");
}

void Dovecot::start() {
  const std::string config = folder_ / "dovecot.conf";
  process_ = ::fork();
  ::setpgid(process_, 0);  // a group of its own, by which stop() ends its helpers too
  if (process_ == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);
    ::execlp("dovecot", "dovecot", "-F", "-c", config.c_str(), nullptr);
    ::execl("/usr/sbin/dovecot", "dovecot", "-F", "-c", config.c_str(), nullptr);
    ::_exit(127);
  }
  wait_until_it_answers();
}

void Dovecot::stop() {
  if (process_ <= 0) return;
  // Asked to end it takes a second.
  ::kill(-process_, SIGKILL);
  ::waitpid(process_, nullptr, 0);
  process_ = -1;
  for (int i = 0; i < 100 && greets(port_); ++i) ::usleep(10'000);
}

void Dovecot::wait_until_it_answers() {
  for (int i = 0; i < 500; ++i) {
    if (greets(port_)) return;
    if (::waitpid(process_, nullptr, WNOHANG) == process_) {
      process_ = -1;
      throw std::runtime_error("dovecot did not start; is dovecot-imapd installed?");
    }
    ::usleep(10'000);
  }
  throw std::runtime_error("dovecot does not answer");
}

void Dovecot::deliver(std::string_view mail, const std::string& folder) {
  const Account owner = account();
  for (const char* const name : {"", "new", "cur", "tmp"}) {
    const auto path = maildir(folder) / name;
    if (std::filesystem::create_directories(path)) give(path, owner);
  }
  give(maildir(folder), owner);
  // Dovecot numbers by name where it finds several at once.
  const std::string name = std::to_string(1'700'000'000 + ++delivered_) + ".M1P1.test";
  const auto unfinished = maildir(folder) / "tmp" / name;
  std::ofstream{unfinished, std::ios::binary} << mail;
  give(unfinished, owner);
  std::filesystem::rename(unfinished, maildir(folder) / "new" / name);
}

void Dovecot::renumber() {
  for (const char* const name :
       {"dovecot-uidlist", "dovecot-uidvalidity", "dovecot.index", "dovecot.index.log", "dovecot.index.cache",
        "dovecot.list.index", "dovecot.list.index.log"})
    std::filesystem::remove(maildir("INBOX") / name);
  for (const auto& entry : std::filesystem::directory_iterator{maildir("INBOX")})
    if (entry.path().filename().string().starts_with("dovecot-uidvalidity."))
      std::filesystem::remove(entry.path());
}

std::size_t Dovecot::unread() const {
  std::size_t count = 0;
  for (const char* const name : {"new", "cur"})
    for (const auto& entry : std::filesystem::directory_iterator{maildir("INBOX") / name}) {
      const std::string file = entry.path().filename();
      const auto flags = file.find(":2,");
      if (flags == file.npos || file.find('S', flags) == file.npos) ++count;
    }
  return count;
}

}  // namespace leadhub::mailbox::testing
