#pragma once

#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "capture/http.hpp"
#include "ops/clock.hpp"
#include "plugin/host_services.hpp"
#include "plugin/plugin_host.hpp"

/// What the tests of the plugin host share.
namespace leadhub::plugin::test {

/// A folder of its own that goes away with the test. Only its owner can write it, as the host wants it.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "leadhub-plugins-XXXXXX").string();
    path_ = std::filesystem::canonical(::mkdtemp(name.data()));
    std::filesystem::permissions(path_, std::filesystem::perms{0755});
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

  std::filesystem::path write(const std::string& name, const std::string& content) const {
    std::ofstream{path_ / name, std::ios::binary} << content;
    return path_ / name;
  }

  /// A plugin's file under a name of its own, readable by all and writable by its owner.
  std::filesystem::path copy(const std::filesystem::path& file, const std::string& name) const {
    std::filesystem::copy_file(file, path_ / name);
    std::filesystem::permissions(path_ / name, std::filesystem::perms{0644});
    return path_ / name;
  }

 private:
  std::filesystem::path path_;
};

inline std::string read_file(const std::filesystem::path& file) {
  std::ifstream in{file, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

/// Host services with a clock that stands still.
struct TestServices {
  ManualClock clock{from_milliseconds(1'767'614'400'000)};
  Counters counters;
  HostServices services{clock, counters, "0.1.0", "http://localhost:8080",
                        [](std::string_view channel) -> Result<std::string> {
                          std::string key{channel};
                          key.resize(32, '.');
                          return key;
                        }};
};

inline capture::HttpRequest request(std::string path, std::string body = {}) {
  return {"POST",          std::move(path), "",         {{"content-type", "text/plain"}},
          std::move(body), "192.0.2.1",     TimePoint{}};
}

}  // namespace leadhub::plugin::test
