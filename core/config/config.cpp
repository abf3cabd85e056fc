#include "config/config.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "config/contradictions.hpp"
#include "config/deliver_section.hpp"
#include "config/json_access.hpp"
#include "config/nurture_section.hpp"
#include "config/qualify_section.hpp"
#include "config/references.hpp"
#include "config/report_section.hpp"
#include "config/route_section.hpp"
#include "config/suggestion.hpp"
#include "config/text_file.hpp"
#include "config/validator.hpp"
#include "config/yaml_document.hpp"

namespace leadhub::config {
namespace {

using nlohmann::json;

std::filesystem::path folder_of(const std::filesystem::path& file) {
  std::error_code ignored;
  const auto absolute = std::filesystem::absolute(file, ignored);
  return absolute.parent_path().lexically_normal();
}

std::filesystem::path absolute_from(const std::filesystem::path& folder, const std::string& path) {
  return (folder / path).lexically_normal();
}

// --- Checks that need more than one value, or a bound of limits.hpp
// ---------------------------------------------------

/// Null where there is none of that id.
const PluginSchema* find_plugin(const std::string& id, std::span<const PluginSchema> installed) {
  const auto found = std::ranges::find(installed, id, &PluginSchema::id);
  return found == installed.end() ? nullptr : &*found;
}

std::vector<std::string> plugin_ids(std::span<const PluginSchema> installed) {
  std::vector<std::string> ids;
  for (const auto& plugin : installed) ids.push_back(plugin.id);
  return ids;
}

class Checker {
 public:
  Checker(const YamlDocument& document, std::span<const PluginSchema> installed,
          std::vector<Diagnostic>& diagnostics)
      : root_(document.root), source_(document.source), installed_(installed), diagnostics_(diagnostics) {}

  void run() {
    append(check(root_, hub_schema(), source_, ""));
    append(check_references(root_, source_, installed_));
    append(check_contradictions(root_, source_));
    check_placement(get(root_, "plugins"), "/plugins");
    check_upload_limits();
    check_keep_leads();
    check_control_exposure();
    const auto& channels = get(root_, "channels");
    if (!channels.is_object() || channels.size() > limits::channels_max) return;  // the schema has said so
    for (const auto& [name, channel] : channels.items()) check_channel(name, channel);
  }

 private:
  void append(std::vector<Diagnostic> more) {
    diagnostics_.insert(diagnostics_.end(), std::make_move_iterator(more.begin()),
                        std::make_move_iterator(more.end()));
  }

  void check_placement(const json& holder, const std::string& pointer) {
    if (get(holder, "placement") == "worker")
      diagnostics_.push_back(
          source_.error(child(pointer, "placement"), Place::value,
                        "the placement \"worker\" is not part of this version; write in_process"));
  }

  void check_upload_limits() {
    const auto& bounds = get(get(root_, "edge"), "limits");
    for (const auto* key : {"body", "upload"}) {
      const auto& value = get(bounds, key);
      const auto size =
          value.is_string() ? parse_size(value.get_ref<const std::string&>()) : Result<std::uint64_t>{1};
      const auto at = child("/edge/limits", key);
      if (size && *size > limits::body_bytes_ceiling)
        diagnostics_.push_back(source_.error(
            at, Place::value, dotted(at) + " is larger than the hub can take; write at most 64 MiB"));
      if (size && *size == 0)
        diagnostics_.push_back(
            source_.error(at, Place::value, dotted(at) + " lets nothing in; write a size, as in 1 MiB"));
    }
  }

  void check_keep_leads() {
    const auto& value = get(get(root_, "store"), "keep_leads");
    const auto time = value.is_string() ? parse_duration(value.get_ref<const std::string&>())
                                        : Result<std::chrono::milliseconds>{limits::keep_leads_floor};
    if (time && *time < limits::keep_leads_floor)
      diagnostics_.push_back(
          source_.error("/store/keep_leads", Place::value,
                        "store.keep_leads would erase leads that are still warm, for ever; "
                        "write at least 30d"));
  }

  void check_control_exposure() {
    const auto& listen = get(get(root_, "control"), "listen");
    const auto endpoint =
        listen.is_string() ? parse_endpoint(listen.get_ref<const std::string&>()) : Result<Endpoint>{};
    const bool is_loopback = !endpoint || endpoint->address.empty() ||
                             endpoint->address.starts_with("127.") || endpoint->address == "::1";
    if (!is_loopback)
      diagnostics_.push_back(source_.notice("/control/listen", Place::value,
                                            "the control listener can be reached from other machines, "
                                            "without TLS; put a TLS proxy in front, or listen on 127.0.0.1"));
  }

  void check_channel(const std::string& name, const json& channel) {
    const auto at = child("/channels", name);
    if (name == "import" || name == "preferences" || name == "leadhub")
      diagnostics_.push_back(source_.error(
          at, Place::key,
          "channel " + in_quotes(name) + ": the hub files its own events under this name; choose another"));
    const auto plugin_at = child(at, "plugin");
    check_placement(channel, at);
    const auto& id = get(channel, "plugin");
    if (!id.is_string() || source_.at(plugin_at).origin == Origin::unresolved) return;
    const auto* plugin = find_plugin(id.get_ref<const std::string&>(), installed_);
    if (plugin == nullptr) return say_unknown_plugin(name, id.get_ref<const std::string&>(), plugin_at);
    static const json empty = json::object();
    const auto& given = get(channel, "config");
    const auto& config = channel.contains("config") ? given : empty;
    if (!config.is_object()) return;  // the schema of the hub has said so
    const json schema = json::parse(plugin->schema, nullptr, false);
    append(check(config, schema.is_discarded() ? json{{"type", 0}} : schema, source_, child(at, "config")));
  }

  void say_unknown_plugin(const std::string& name, const std::string& id, const std::string& pointer) {
    const auto ids = plugin_ids(installed_);
    const bool may_show = source_.at(pointer).origin == Origin::file;
    diagnostics_.push_back(
        source_.error(pointer, Place::value,
                      "channel " + in_quotes(name) + ": there is no plugin " +
                          (may_show ? in_quotes(id) + "; " + suggestion(id, ids, "known plugins")
                                    : "of the name that ${...} stands for; known plugins: " + listed(ids))));
  }

  const json& root_;
  const SourceMap& source_;
  std::span<const PluginSchema> installed_;
  std::vector<Diagnostic>& diagnostics_;
};

// --- Typing: runs on what has been checked, so that every parser succeeds
// ----------------------------------------------

void set(std::string& target, const json& value) {
  if (value.is_string()) target = value.get<std::string>();
}

void set(bool& target, const json& value) {
  if (value.is_boolean()) target = value.get<bool>();
}

/// Keeps the default where there is no value.
template <class Target, class Parsed>
void set(Target& target, const json& value, Result<Parsed> (*parse)(std::string_view)) {
  if (!value.is_string()) return;
  if (auto parsed = parse(value.get_ref<const std::string&>())) target = *std::move(parsed);
}

Edge edge_of(const json& section, const std::filesystem::path& folder) {
  Edge edge;
  set(edge.listen, get(section, "listen"), parse_endpoint);
  for (const auto& range : get(section, "trusted_proxies"))
    set(edge.trusted_proxies.emplace_back(), range, parse_address_range);
  const auto& bounds = get(section, "limits");
  if (const auto& count = get(bounds, "connections_per_address"); count.is_number())
    edge.limits.connections_per_address = count.get<std::size_t>();
  set(edge.limits.requests_per_address, get(bounds, "requests_per_address"), parse_rate);
  set(edge.limits.body_bytes, get(bounds, "body"), parse_size);
  set(edge.limits.upload_bytes, get(bounds, "upload"), parse_size);
  if (const auto& tls = get(section, "tls"); tls.is_object())
    edge.tls = EdgeTls{absolute_from(folder, tls.at("certificate").get<std::string>()),
                       absolute_from(folder, tls.at("key").get<std::string>())};
  return edge;
}

Store store_of(const json& section, const std::filesystem::path& folder) {
  Store store;
  set(store.url, get(section, "url"), parse_store_url);
  set(store.keep_raw, get(section, "keep_raw"), parse_duration);
  set(store.keep_leads, get(section, "keep_leads"), parse_duration);
  if (store.url.kind == StoreUrl::Kind::sqlite)
    store.url.location = absolute_from(folder, store.url.location).string();
  return store;
}

std::vector<std::filesystem::path> search_of(const json& root, const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> search;
  const auto& folders = get(get(root, "plugins"), "search");
  if (!folders.is_array()) return search;
  for (const auto& entry : folders)
    if (entry.is_string()) search.push_back(absolute_from(folder, entry.get<std::string>()));
  return search;
}

void set(ListPolicy& target, const json& value) {
  if (value == "off") target = ListPolicy::off;
  if (value == "flag") target = ListPolicy::flag;
  if (value == "reject") target = ListPolicy::reject;
}

Verify verify_of(const json& section, const std::filesystem::path& folder) {
  Verify verify;
  const auto& email = get(section, "email");
  set(verify.mx, get(email, "mx"));
  set(verify.disposable, get(email, "disposable"));
  set(verify.role, get(email, "role"));
  set(verify.free, get(email, "free"));
  const auto list = [&](std::filesystem::path& target, const char* name) {
    if (const auto& file = get(get(email, "lists"), name); file.is_string())
      target = absolute_from(folder, file.get<std::string>());
  };
  list(verify.disposable_list, "disposable");
  list(verify.role_list, "role");
  list(verify.free_list, "free");
  set(verify.possible_phone, get(get(section, "phone"), "possible"));
  const auto& dns = get(section, "dns");
  for (const auto& server : get(dns, "servers"))
    if (server.is_string()) verify.dns_servers.push_back(server.get<std::string>());
  set(verify.dns_timeout, get(dns, "timeout"), parse_duration);
  set(verify.dns_cache, get(dns, "cache"), parse_duration);
  const auto& probe = get(email, "probe");
  set(verify.probe_helo_name, get(probe, "helo_name"));
  set(verify.probe_interval, get(probe, "interval"), parse_duration);
  for (const auto& host : get(probe, "skip"))
    if (host.is_string()) verify.probe_skip.push_back(host.get<std::string>());
  return verify;
}

/// The schema of the plugin has judged it.
std::optional<DoubleOptIn> double_opt_in_of(const json& config) {
  const auto& given = get(config, "double_opt_in");
  if (!given.is_object()) return std::nullopt;
  DoubleOptIn opt_in;
  set(opt_in.expires, get(given, "expires"), parse_duration);
  set(opt_in.resend_after, get(given, "resend_after"), parse_duration);
  return opt_in;
}

std::optional<std::chrono::milliseconds> poll_every_of(const json& config) {
  const auto& given = get(get(config, "poll"), "every");
  if (!given.is_string()) return std::nullopt;
  std::chrono::milliseconds every{};
  set(every, given, parse_duration);
  return every;
}

std::vector<Channel> channels_of(const json& section, const SourceMap& source) {
  std::vector<Channel> channels;
  for (const auto& [name, given] : section.items()) {
    Channel channel;
    channel.name = name;
    set(channel.plugin, get(given, "plugin"));
    set(channel.country, get(given, "country"));
    if (given.contains("config"))
      channel.config =
          dump_in_file_order(given.at("config"), source.at(child(child("/channels", name), "config")));
    channel.double_opt_in = double_opt_in_of(get(given, "config"));
    channel.poll_every = poll_every_of(get(given, "config"));
    bool is_enabled = true;
    set(is_enabled, get(given, "enabled"));
    if (!is_enabled) channel.state = ChannelState::disabled;
    channels.push_back(std::move(channel));
  }
  std::ranges::stable_sort(
      channels, {}, [&](const Channel& channel) { return source.at(child("/channels", channel.name)).key; });
  return channels;
}

/// Sections that no type of ours holds whole, each as JSON text.
constexpr std::array sections{"/qualify/builtin", "/qualify/score", "/qualify/decay", "/qualify/temperature",
                              "/qualify/stages",  "/segments",      "/route",         "/deliver",
                              "/nurture",         "/tests"};

std::map<std::string, std::string> texts_of(const YamlDocument& document,
                                            std::span<const char* const> pointers) {
  std::map<std::string, std::string> texts;
  for (const auto* pointer : pointers) {
    const auto place = json::json_pointer{pointer};
    if (document.root.contains(place))
      texts[dotted(pointer)] = dump_in_file_order(document.root.at(place), document.source.at(pointer));
  }
  return texts;
}

Config config_of(const std::filesystem::path& file, const YamlDocument& document) {
  const auto& root = document.root;
  Config config;
  config.file = file;
  config.folder = folder_of(file);
  set(config.workspace, get(root, "workspace"));
  set(config.public_url, get(root, "public_url"), parse_http_url);
  set(config.time_zone, get(root, "time_zone"));
  config.edge = edge_of(get(root, "edge"), config.folder);
  set(config.control.listen, get(get(root, "control"), "listen"), parse_endpoint);
  set(config.control.token, get(get(root, "control"), "token"));
  config.store = store_of(get(root, "store"), config.folder);
  config.plugins.search = search_of(root, config.folder);
  for (const auto& origin : get(get(root, "plugins"), "egress"))
    set(config.plugins.egress.emplace_back(), origin);
  config.channels = channels_of(get(root, "channels"), document.source);
  if (const auto& country = get(get(root, "normalise"), "default_country"); country.is_string())
    config.default_country = country.get<std::string>();
  config.segments = segments_of(get(root, "segments"));
  config.routes = route_of(get(root, "route"), config.segments, config.time_zone);
  config.deliver = deliver_of(get(root, "deliver"), config.segments);
  config.nurture = nurture_of(get(root, "nurture"), config.segments, config.time_zone);
  config.report = report_of(get(root, "report"), config.time_zone);
  config.qualify = qualify_of(get(root, "qualify"), config.segments);
  config.verify = verify_of(get(root, "verify"), config.folder);
  if (get(get(root, "identify"), "role_addresses") == "one_person")
    config.role_addresses = RoleAddresses::one_person;
  config.sections = texts_of(document, sections);
  config.source = std::make_shared<const SourceMap>(document.source);
  return config;
}

/// The document with its secrets in, and everything that can be said without knowing what it means.
YamlResult read_document(const std::filesystem::path& file, const Environment& environment) {
  auto text = read_text_file(file, limits::config_bytes_max);
  if (!text) return {std::nullopt, {Diagnostic{file.string(), {}, Severity::error, text.error().message}}};
  auto result = read_yaml(file.string(), *text);
  if (!result.document) return result;
  auto more = interpolate_all(*result.document, environment, folder_of(file));
  std::ranges::move(more, std::back_inserter(result.diagnostics));
  return result;
}

LoadResult load(const std::filesystem::path& file, const Environment& environment,
                std::span<const PluginSchema> installed) {
  auto [document, diagnostics] = read_document(file, environment);
  if (document) Checker{*document, installed, diagnostics}.run();
  LoadResult result;
  result.diagnostics = arranged(std::move(diagnostics));
  if (document && !has_errors(result.diagnostics)) result.config = config_of(file, *document);
  return result;
}

}  // namespace

Diagnostic Config::channel_error(const Channel& channel, std::string_view pointer,
                                 const std::string& message) const {
  const auto at = child(child("/channels", channel.name), "config") + std::string{pointer};
  return source->error(at, Place::value, dotted(at) + ": " + message);
}

LoadResult load_config(const std::filesystem::path& file, const Environment& environment,
                       std::span<const PluginSchema> installed) {
  try {
    return load(file, environment, installed);
  } catch (const std::exception&) {  // memory, or a bug of ours; the text of the exception could hold a value
    return {std::nullopt,
            {Diagnostic{file.string(),
                        {},
                        Severity::error,
                        "the file could not be checked; this is a bug of leadhub, please report it"}}};
  }
}

std::vector<std::filesystem::path> plugin_search_path(const std::filesystem::path& file,
                                                      const Environment& environment) {
  try {
    const auto result = read_document(file, environment);
    return result.document ? search_of(result.document->root, folder_of(file))
                           : std::vector<std::filesystem::path>{};
  } catch (const std::exception&) {
    return {};
  }
}

}  // namespace leadhub::config
