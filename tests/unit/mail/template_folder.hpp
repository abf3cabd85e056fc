#pragma once

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "../support/temporary_folder.hpp"
#include "mail/template_set.hpp"

namespace leadhub::mail {

/// A folder of templates of its own, gone with the test.
class TemplateFolder {
 public:
  TemplateFolder() { std::filesystem::create_directories(folder_ / "partials"); }

  void write(const std::string& name, std::string_view text) const {
    std::ofstream{folder_ / name, std::ios::binary} << text;
  }
  /// A mail with this body.
  void write_mail(const std::string& name, const std::string& body) const {
    write(name + ".md", "---\nsubject: Hello\n---\n" + body);
  }

  [[nodiscard]] TemplateSet load() { return TemplateSet::load(folder_.path(), diagnostics); }

  /// What is wrong, each as "file:line:column: message" without the folder.
  [[nodiscard]] std::vector<std::string> faults() {
    static_cast<void>(load());
    std::vector<std::string> texts;
    for (const auto& diagnostic : config::arranged(diagnostics))
      texts.push_back(config::to_text(diagnostic).substr(folder_.path().string().size() + 1));
    return texts;
  }

  std::vector<config::Diagnostic> diagnostics;

 private:
  test::TemporaryFolder folder_;
};

/// What every marketing mail needs.
inline nlohmann::ordered_json marketing_values() {
  return {{"unsubscribe_url", "https://hub.example/u/token"},
          {"preferences_url", "https://hub.example/p/token"},
          {"postal_address", "12 St James's Square, London"},
          {"public_url", "https://hub.example"}};
}

}  // namespace leadhub::mail
