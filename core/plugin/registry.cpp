#include "plugin/registry.hpp"

#include <algorithm>
#include <system_error>

#include "ops/limits.hpp"

namespace leadhub::plugin {

namespace fs = std::filesystem;

Registry Registry::search(std::span<const fs::path> folders) {
  Registry registry;
  for (const auto& folder : folders) registry.search_folder(folder);
  return registry;
}

void Registry::search_folder(const fs::path& folder) {
  const auto refuse = [&](const std::string& sentence) {
    files_.push_back({folder, PluginFile::State::refused, std::nullopt, folder.string() + ": " + sentence});
  };
  std::error_code problem;
  std::vector<fs::path> found;
  for (fs::directory_iterator at{folder, problem}; !problem && at != fs::directory_iterator{};
       at.increment(problem))
    if (at->path().extension() == ".so" && found.size() <= limits::plugin_files_max)
      found.push_back(at->path());
  if (problem)
    return refuse("cannot be searched for plugins (" + problem.message() +
                  "); create it or mend plugins.search");
  if (found.size() > limits::plugin_files_max)
    return refuse("holds more than " + std::to_string(limits::plugin_files_max) +
                  " shared objects, so it is hardly a plugin folder; mend plugins.search");
  std::ranges::sort(found);
  for (const auto& file : found) add(file);
}

void Registry::add(const fs::path& file) {
  auto descriptor = read_descriptor(file);
  if (!descriptor) {
    files_.push_back({file, PluginFile::State::refused, std::nullopt, std::move(descriptor.error().message)});
    return;
  }
  PluginFile entry{file, PluginFile::State::usable, std::move(*descriptor), {}};
  if (const auto* first = find(entry.descriptor->id)) {
    entry.state = PluginFile::State::shadowed;
    entry.message = file.string() + ": is not used, because " + first->path.string() + " has the same id \"" +
                    entry.descriptor->id + "\" and was found first; remove one of the two";
  }
  files_.push_back(std::move(entry));
}

const PluginFile* Registry::find(std::string_view id) const {
  const auto found = std::ranges::find_if(files_, [&](const PluginFile& file) {
    return file.state == PluginFile::State::usable && file.descriptor->id == id;
  });
  return found == files_.end() ? nullptr : &*found;
}

Error Registry::missing(std::string_view id) const {
  std::string known;
  std::string refused;
  for (const auto& file : files_) {
    if (file.state == PluginFile::State::usable) known += (known.empty() ? "" : ", ") + file.descriptor->id;
    if (file.state == PluginFile::State::refused) refused += "; " + file.message;
  }
  return {ErrorCode::not_found, "there is no plugin \"" + std::string{id} + "\"; " +
                                    (known.empty() ? "no plugin is installed" : "installed are " + known) +
                                    refused};
}

}  // namespace leadhub::plugin
