#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <vector>

#include "config/config.hpp"

namespace leadhub::config::test {

inline std::string read(const std::filesystem::path& path) {
  std::ifstream file{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{file}, {}};
}

inline std::filesystem::path source(const std::string& path) {
  return std::filesystem::path{LEADHUB_SOURCE_DIR} / path;
}
inline std::filesystem::path fixture(const std::string& name) {
  return source("tests/unit/config/fixtures/" + name);
}

inline std::string example() {
  return read(source("examples/hub.yaml"));
}

/// A folder of its own, removed at the end.
class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "leadhub-config-XXXXXX").string();
    path_ = mkdtemp(name.data());
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  std::filesystem::path write(const std::string& name, const std::string& text) const {
    std::ofstream{path_ / name, std::ios::binary} << text;
    return path_ / name;
  }

 private:
  std::filesystem::path path_;
};

inline Environment environment(std::map<std::string, std::string> values = {}) {
  return [values = std::move(values)](const std::string& name) -> std::optional<std::string> {
    const auto found = values.find(name);
    return found == values.end() ? std::nullopt : std::optional{found->second};
  };
}

inline const std::vector<PluginSchema>& installed() {
  static const std::vector<PluginSchema> plugins{
      {"webform", read(fixture("webform.schema.json")), {}},
      {"newsletter", read(fixture("newsletter.schema.json")), {}},
      {"chat", read(fixture("chat.schema.json")), {"chat"}},
      {"email", read(source("plugins/email/config_schema.json")), {"mail"}}};
  return plugins;
}

inline LoadResult load(const Folder& folder, const std::string& text,
                       const Environment& variables = environment()) {
  return load_config(folder.write("hub.yaml", text), variables, installed());
}

/// The diagnostics as text, without the folder's name.
inline std::vector<std::string> texts(const Folder& folder, const std::vector<Diagnostic>& diagnostics,
                                      Severity severity = Severity::error) {
  std::vector<std::string> result;
  for (const auto& diagnostic : diagnostics) {
    if (diagnostic.severity != severity) continue;
    auto text = to_text(diagnostic);
    const auto prefix = folder.path().string() + "/";
    for (auto at = text.find(prefix); at != std::string::npos; at = text.find(prefix))
      text.erase(at, prefix.size());
    result.push_back(std::move(text));
  }
  return result;
}

inline std::vector<std::string> errors(const std::string& text,
                                       const Environment& variables = environment()) {
  const Folder folder;
  return texts(folder, load(folder, text, variables).diagnostics);
}

/// The example with one piece of text replaced; empty where it is not there (which a test must notice).
inline std::string changed(const std::string& from, const std::string& to) {
  auto text = example();
  const auto at = text.find(from);
  if (at == std::string::npos) return {};
  return text.replace(at, from.size(), to);
}

}  // namespace leadhub::config::test
