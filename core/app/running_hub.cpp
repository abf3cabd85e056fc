#include "app/running_hub.hpp"

#include <cstdlib>
#include <nlohmann/json.hpp>
#include <optional>

#include "ops/crypto.hpp"
#include "ops/key_ring.hpp"
#include "ops/log.hpp"

namespace leadhub::app {
namespace {

std::string environment(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? "" : value;
}

std::filesystem::path state_folder() {
  if (const auto folder = environment("XDG_STATE_HOME"); !folder.empty())
    return std::filesystem::path{folder} / "leadhub";
  const auto home = environment("HOME");
  return home.empty() ? std::filesystem::path{} : std::filesystem::path{home} / ".local/state/leadhub";
}

constexpr auto last_hub = "last-hub.json";

/// Paths can be longer than file names may be.
std::string file_of(const std::filesystem::path& config) {
  return "hub-" + ops::sha256_hex(config.lexically_normal().string()).substr(0, 16) + ".json";
}

std::optional<HubAddress> recall(const std::filesystem::path& file) {
  const auto content = ops::read_small_file(file);
  if (!content) return std::nullopt;
  const auto document = nlohmann::json::parse(*content, nullptr, false);
  if (!document.is_object()) return std::nullopt;
  return HubAddress{document.value("config", ""), document.value("control_url", ""),
                    document.value("token_file", "")};
}

Result<HubAddress> find_hub(std::string config_file) {
  if (config_file.empty()) config_file = environment("LEADHUB_CONFIG");
  std::error_code error;
  if (config_file.empty() && std::filesystem::exists("hub.yaml", error)) config_file = "hub.yaml";
  const auto folder = state_folder();
  if (config_file.empty()) {
    if (auto last = recall(folder / last_hub)) return *last;
    return fail(
        ErrorCode::unavailable,
        "no hub was started by this user; start one with `leadhub serve -c hub.yaml`, or set LEADHUB_URL and "
        "LEADHUB_TOKEN");
  }
  if (auto known = recall(folder / file_of(std::filesystem::absolute(config_file)))) return *known;
  if (!std::filesystem::exists(config_file, error))
    return fail(ErrorCode::unavailable, config_file + ": there is no such file; check the path");
  return fail(ErrorCode::unavailable,
              "the hub of " + config_file + " was not started by this user; start it with " +
                  "`leadhub serve -c " + config_file + "`, or set LEADHUB_URL and LEADHUB_TOKEN");
}

}  // namespace

void remember_hub(const HubAddress& address) {
  const auto folder = state_folder();
  if (folder.empty()) return;
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  const nlohmann::json document{{"config", address.config.string()},
                                {"control_url", address.control_url},
                                {"token_file", address.token_file.string()}};
  for (const auto& file : {folder / file_of(address.config), folder / last_hub})
    if (auto written = ops::write_private_file(file, document.dump(2) + "\n"); !written)
      log::warning("hub", written.error().message + " (the command line needs -c or LEADHUB_URL then)");
}

Result<control::Client> connect(const std::string& config_file) {
  auto url = environment("LEADHUB_URL");
  auto token = environment("LEADHUB_TOKEN");
  if (url.empty() || token.empty()) {
    const auto hub = find_hub(config_file);
    if (!hub) return std::unexpected(hub.error());
    if (url.empty()) url = hub->control_url;
    // The file is the hub's own word; the variable may be meant for another hub.
    const auto content = ops::read_small_file(hub->token_file);
    if (!content) return std::unexpected(content.error());
    token = *content;
    while (!token.empty() && (token.back() == '\n' || token.back() == '\r')) token.pop_back();
  }
  return Result<control::Client>{std::in_place, url, std::move(token)};
}

}  // namespace leadhub::app
