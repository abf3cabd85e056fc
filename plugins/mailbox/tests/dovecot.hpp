#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace leadhub::mailbox::testing {

/// A folder of one's own, gone with its contents when the test ends.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  [[nodiscard]] std::filesystem::path operator/(const std::string& name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

/// A port of loopback that listens and says nothing, as long as this object lives.
class SilentServer {
 public:
  SilentServer();
  ~SilentServer();
  SilentServer(const SilentServer&) = delete;
  SilentServer& operator=(const SilentServer&) = delete;
  [[nodiscard]] std::uint16_t port() const;

 private:
  int socket_;
};

/// A real mail server with one mailbox on a port of loopback of its own: Dovecot, as long as this object
/// lives. Throws where dovecot-imapd is missing or does not answer. Needs no root, and as root no user of its
/// own.
class Dovecot {
 public:
  enum class Tls {
    none = 1,
    offered,  ///< STARTTLS on the port, and TLS from the first byte on another; see ca_file()
  };
  static constexpr const char* user = "bounces@hub.example";
  static constexpr const char* password = "open sesame";

  explicit Dovecot(Tls tls = Tls::none);
  ~Dovecot();
  Dovecot(const Dovecot&) = delete;
  Dovecot& operator=(const Dovecot&) = delete;

  /// "imap://127.0.0.1:1143"
  [[nodiscard]] std::string url() const { return "imap://127.0.0.1:" + std::to_string(port_); }
  /// "imap://127.0.0.2:1143": the same by an address that the certificate names too.
  [[nodiscard]] std::string other_url() const { return "imap://127.0.0.2:" + std::to_string(port_); }
  /// "imaps://localhost:1993"
  [[nodiscard]] std::string tls_url() const { return "imaps://localhost:" + std::to_string(tls_port_); }
  /// The certificate of the server, which is its own authority.
  [[nodiscard]] std::filesystem::path ca_file() const { return folder_ / "certificate.pem"; }
  [[nodiscard]] std::uint16_t port() const { return port_; }

  /// Puts a mail into the inbox, or the folder of that name.
  void deliver(std::string_view mail, const std::string& folder = "INBOX");
  /// Makes the folder anew: the same mails, other numbers.
  void renumber();
  /// How many mails of the inbox nobody has read.
  [[nodiscard]] std::size_t unread() const;
  /// Stops the server; start() has it back with all mails, on the same port.
  void stop();
  void start();

 private:
  [[nodiscard]] std::filesystem::path maildir(const std::string& folder) const;
  void write_config(Tls tls) const;
  void make_certificate() const;
  void wait_until_it_answers();

  TemporaryFolder folder_;
  std::uint16_t port_ = 0;
  std::uint16_t tls_port_ = 0;
  pid_t process_ = -1;
  int delivered_ = 0;
};

}  // namespace leadhub::mailbox::testing
