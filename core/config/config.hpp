#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/conditions.hpp"
#include "config/diagnostic.hpp"
#include "config/interpolation.hpp"
#include "config/schema.hpp"
#include "config/units.hpp"
#include "deliver/rules.hpp"
#include "nurture/journey.hpp"
#include "ops/limits.hpp"
#include "qualify/rules.hpp"
#include "report/rules.hpp"
#include "route/team.hpp"

namespace leadhub::config {

class SourceMap;

/// The typed form of hub.yaml: defaults filled in, units parsed, relative paths made absolute from the file's
/// folder. Plain data; any thread may read it. Holds secrets (`control.token`, `Channel::config`,
/// `store.url`): never log it.

struct EdgeTls {
  std::filesystem::path certificate;
  std::filesystem::path key;
};

struct EdgeLimits {
  std::size_t connections_per_address = limits::connections_per_address_default;
  Rate requests_per_address{600, std::chrono::minutes{1}};
  std::size_t body_bytes = limits::body_bytes_default;
  std::size_t upload_bytes = limits::upload_bytes_default;
};

struct Edge {
  Endpoint listen{"127.0.0.1", 8080};
  std::vector<AddressRange> trusted_proxies;
  EdgeLimits limits;
  std::optional<EdgeTls> tls;
};

struct Control {
  Endpoint listen{"127.0.0.1", 8081};
  std::string token;  ///< empty: one is to be made and kept beside the store
};

struct Store {
  StoreUrl url{StoreUrl::Kind::sqlite,
               "data/leadhub.db"};  ///< the path of an SQLite file is absolute after loading
  std::chrono::milliseconds keep_raw = std::chrono::days{90};
  std::optional<std::chrono::milliseconds> keep_leads{};  ///< after the last sign of them; none: for ever
};

struct Plugins {
  std::vector<std::filesystem::path> search;  ///< absolute, in the order of the file
  std::vector<std::string> egress;            ///< origins that channels may ask: "https://chat.example.com"
};

enum class ChannelState {
  active = 1,  ///< its plugin is installed: run it
  disabled,    ///< `enabled: false`
};

/// What a channel's `double_opt_in` says. The hub reads it, whatever the plugin is: it asks for the
/// confirmation of each `newsletter.requested` that comes by this channel.
struct DoubleOptIn {
  std::chrono::milliseconds expires = limits::opt_in_expires_default;
  std::chrono::milliseconds resend_after =
      limits::opt_in_resend_default;  ///< the shortest time between mails
};

struct Channel {
  std::string name;
  std::string plugin;
  std::string config = "{}";  ///< JSON text for the plugin, secrets put in, keys in the order of the file
  ChannelState state = ChannelState::active;
  std::optional<DoubleOptIn> double_opt_in{};
  std::optional<std::chrono::milliseconds> poll_every{};  ///< missing: limits::poll_every
  std::string country{};  ///< ISO 3166 alpha-2, for phone numbers written without one; empty: the hub's
};

/// What becomes of a mailbox that one of the lists names.
enum class ListPolicy { off = 1, flag, reject };

struct Verify {
  bool mx = false;  ///< ask DNS whether an address's domain takes mail
  ListPolicy disposable = ListPolicy::flag;
  ListPolicy role = ListPolicy::flag;
  ListPolicy free = ListPolicy::flag;
  bool possible_phone = true;
  std::filesystem::path disposable_list;  ///< the operator's own lists, absolute; empty: none
  std::filesystem::path role_list;
  std::filesystem::path free_list;
  std::vector<std::string> dns_servers;  ///< empty: the system's
  std::chrono::milliseconds dns_timeout = limits::dns_timeout_default;
  std::chrono::milliseconds dns_cache = limits::dns_cache_default;
  /// Ask mail servers whether they know the mailbox, as the machine of this name; empty: they are not asked.
  std::string probe_helo_name;
  std::vector<std::string>
      probe_skip;  ///< domains of mail hosts that are not asked, besides the well-known ones
  std::chrono::milliseconds probe_interval =
      limits::probe_interval_default;  ///< between two probes of a domain
};

/// Whose event it is where several people write from one address: info@, sales@.
enum class RoleAddresses {
  by_name = 1,  ///< other names are other people
  one_person,
};

struct Config {
  std::filesystem::path file;    ///< as given to load_config
  std::filesystem::path folder;  ///< absolute; where relative paths start
  std::string workspace = "default";
  std::string public_url = "http://localhost:8080";  ///< without a "/" at its end
  std::string time_zone = "UTC";
  Edge edge;
  Control control;
  Store store;
  Plugins plugins;
  std::vector<Channel> channels;               ///< in the order of the file
  std::optional<std::string> default_country;  ///< normalise.default_country
  Segments segments;                           ///< by name
  qualify::Rules qualify;
  route::Routes routes;
  deliver::Rules deliver;
  nurture::Rules nurture;
  report::Rules report;
  Verify verify;
  RoleAddresses role_addresses = RoleAddresses::by_name;  ///< identify.role_addresses

  /// Sections as they stand in the file, by name (`nurture`, `qualify.score`), each as JSON text: for whoever
  /// shows the configuration, and for the tests that stand in it.
  std::map<std::string, std::string> sections;

  /// A diagnostic about a value inside a channel's config, by JSON pointer from there (`/fields/size`), for
  /// faults that only the plugin can see. The message must hold no secret.
  [[nodiscard]] Diagnostic channel_error(const Channel& channel, std::string_view pointer,
                                         const std::string& message) const;

  std::shared_ptr<const SourceMap> source;  ///< where each value stands; never null after load_config
};

struct LoadResult {
  std::optional<Config> config;         ///< present exactly where no diagnostic is an error
  std::vector<Diagnostic> diagnostics;  ///< sorted, bounded; errors and notices
};

/// Reads, resolves, checks and types a hub.yaml. Never throws. `installed` are the plugins found, with the
/// schemas of their `config`; a channel whose plugin is not installed is an error.
[[nodiscard]] LoadResult load_config(const std::filesystem::path& file, const Environment& environment,
                                     std::span<const PluginSchema> installed);

/// `plugins.search` alone, made absolute, from a file that may be wrong elsewhere: one has to find the
/// plugins before their schemas can check the file. Empty where the file cannot be read; load_config says
/// why.
[[nodiscard]] std::vector<std::filesystem::path> plugin_search_path(const std::filesystem::path& file,
                                                                    const Environment& environment);

}  // namespace leadhub::config
