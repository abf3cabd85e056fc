#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

#include "hub_process.hpp"

namespace leadhub::e2e {

/// A Postfix of the test's own as a relay on loopback: it insists on STARTTLS, by a certificate that is its
/// own CA, and delivers what is for ada@example.com into a mailbox. It knows nobody else there. Queue,
/// configuration and mailbox lie in a temporary folder. Needs root, and Debian's package postfix.
class Postfix {
 public:
  /// Why there can be none here; empty: there can.
  [[nodiscard]] static std::string what_is_missing();

  /// Starts it and waits for its greeting. Throws with its log where none comes.
  Postfix();
  ~Postfix();
  Postfix(const Postfix&) = delete;
  Postfix& operator=(const Postfix&) = delete;

  [[nodiscard]] int port() const { return port_; }
  [[nodiscard]] std::filesystem::path certificate() const { return folder_.path() / "certificate.pem"; }
  /// The mails in the mailbox, once there are so many, or after 20 s those that are there.
  [[nodiscard]] std::vector<std::filesystem::path> mails(std::size_t count) const;
  [[nodiscard]] std::string log() const { return read_file(folder_.path() / "log"); }

 private:
  void configure() const;
  void start();

  TemporaryFolder folder_;
  int port_;
  pid_t master_ = -1;
};

}  // namespace leadhub::e2e
