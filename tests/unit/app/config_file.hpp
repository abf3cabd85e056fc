#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "app/loaded_config.hpp"

namespace leadhub::app::test {

/// A hub.yaml in a folder that goes with the object.
class ConfigFile {
 public:
  explicit ConfigFile(const std::string& text) {
    auto name = (std::filesystem::temp_directory_path() / "leadhub-app-test-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
    folder_ = name;
    write(text);
  }
  ~ConfigFile() { std::filesystem::remove_all(folder_); }
  ConfigFile(const ConfigFile&) = delete;
  ConfigFile& operator=(const ConfigFile&) = delete;

  void write(const std::string& text) const { std::ofstream{path()} << text; }
  [[nodiscard]] std::filesystem::path path() const { return folder_ / "hub.yaml"; }
  [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }

  /// Fails the test where the file has errors.
  [[nodiscard]] LoadedConfig loaded() const {
    auto loaded = load(path());
    for (const auto& diagnostic : loaded.diagnostics)
      EXPECT_EQ(diagnostic.severity, config::Severity::notice) << config::to_text(diagnostic);
    return loaded;
  }

 private:
  std::filesystem::path folder_;
};

}  // namespace leadhub::app::test
