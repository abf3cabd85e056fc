#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>

#include "../../support/temporary_folder.hpp"

namespace leadhub::test {

/// A real name server, authoritative for `test`, on a port of loopback of its own: dnsmasq, as long as this
/// object lives. Throws where dnsmasq is missing or does not answer.
class Dnsmasq {
 public:
  /// `records` are lines of its configuration; every TTL, the negative one too, is `ttl_seconds`.
  explicit Dnsmasq(const std::string& records, int ttl_seconds = 120);
  ~Dnsmasq();
  Dnsmasq(const Dnsmasq&) = delete;
  Dnsmasq& operator=(const Dnsmasq&) = delete;

  /// "127.0.0.1:5353"
  [[nodiscard]] std::string address() const { return "127.0.0.1:" + std::to_string(port_); }

 private:
  void start(const std::string& config_file);
  void wait_until_it_answers();

  TemporaryFolder folder_;
  std::uint16_t port_ = 0;
  pid_t process_ = -1;
};

}  // namespace leadhub::test
