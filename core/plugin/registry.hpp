#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "plugin/descriptor.hpp"

namespace leadhub::plugin {

/// One file, or one folder that could not be searched.
struct PluginFile {
  enum class State {
    usable = 1,  ///< its descriptor is good; loading it may still fail
    refused,     ///< `message` says why and how to mend it
    shadowed,    ///< an earlier file has the same id; `message` names it
  };
  std::filesystem::path path;
  State state = State::refused;
  std::optional<Descriptor> descriptor;  ///< where it could be read
  std::string message;
};

/// The plugins that are installed: their descriptors only, nothing is loaded. Immutable, so any thread may
/// read it.
class Registry {
 public:
  /// Looks for *.so in each folder, in the order given and by name within one. The first file of an id wins.
  /// A file that cannot be used, and a folder that cannot be searched, stands in files() with its reason and
  /// hinders no other.
  [[nodiscard]] static Registry search(std::span<const std::filesystem::path> folders);

  [[nodiscard]] const std::vector<PluginFile>& files() const { return files_; }

  /// The usable plugin of that id; null where there is none.
  [[nodiscard]] const PluginFile* find(std::string_view id) const;

  /// Why there is no usable plugin of that id: not_found, with the ids there are and the files that were
  /// refused.
  [[nodiscard]] Error missing(std::string_view id) const;

 private:
  void search_folder(const std::filesystem::path& folder);
  void add(const std::filesystem::path& file);

  std::vector<PluginFile> files_;
};

}  // namespace leadhub::plugin
