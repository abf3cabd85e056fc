#include "app/reload.hpp"

#include <string_view>

#include "config/source_map.hpp"

namespace leadhub::app {
namespace {

bool operator==(const std::optional<config::EdgeTls>& one, const std::optional<config::EdgeTls>& other) {
  if (!one || !other) return one.has_value() == other.has_value();
  return one->certificate == other->certificate && one->key == other->key;
}

bool same_limits(const config::EdgeLimits& one, const config::EdgeLimits& other) {
  return one.connections_per_address == other.connections_per_address &&
         one.requests_per_address == other.requests_per_address && one.body_bytes == other.body_bytes &&
         one.upload_bytes == other.upload_bytes;
}

bool same_dns(const config::Verify& one, const config::Verify& other) {
  return one.dns_servers == other.dns_servers && one.dns_timeout == other.dns_timeout &&
         one.dns_cache == other.dns_cache;
}

bool same_probe(const config::Verify& one, const config::Verify& other) {
  return one.probe_helo_name == other.probe_helo_name && one.probe_skip == other.probe_skip &&
         one.probe_interval == other.probe_interval;
}

}  // namespace

std::vector<config::Diagnostic> changes_that_need_a_start(const config::Config& running,
                                                          const config::Config& next) {
  std::vector<config::Diagnostic> changes;
  const auto require = [&](bool same, std::string_view pointer) {
    if (!same)
      changes.push_back(next.source->error(
          pointer, config::Place::value,
          config::dotted(pointer) +
              " cannot be changed while the hub runs; put it back, or start the hub again"));
  };
  require(running.workspace == next.workspace, "/workspace");
  require(running.public_url == next.public_url, "/public_url");
  require(running.edge.listen == next.edge.listen, "/edge/listen");
  require(running.edge.trusted_proxies == next.edge.trusted_proxies, "/edge/trusted_proxies");
  require(same_limits(running.edge.limits, next.edge.limits), "/edge/limits");
  require(running.edge.tls == next.edge.tls, "/edge/tls");
  require(running.control.listen == next.control.listen, "/control/listen");
  require(running.control.token == next.control.token, "/control/token");
  require(running.store.url == next.store.url, "/store/url");
  require(running.store.keep_raw == next.store.keep_raw, "/store/keep_raw");
  require(running.store.keep_leads == next.store.keep_leads, "/store/keep_leads");
  require(running.verify.mx == next.verify.mx, "/verify/email/mx");
  require(same_probe(running.verify, next.verify), "/verify/email/probe");
  require(same_dns(running.verify, next.verify), "/verify/dns");
  return changes;
}

}  // namespace leadhub::app
