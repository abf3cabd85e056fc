#pragma once

#include <leadhub/abi.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "ops/error.hpp"
#include "plugin/descriptor.hpp"

namespace boost::dll {
class shared_library;
}

namespace leadhub::plugin {

/// A plugin's shared object, loaded, checked and initialised. Lives until the process ends: unloading is
/// never safe (thread-local destructors, type information, unique symbols), so a new version of a file needs
/// a new process.
class Module {
 public:
  /// Loads the file, or gives the module that was loaded from it before. One thread at a time loads; any may
  /// ask. The pointer is never null and valid for the life of the process.
  ///
  /// Before anything of the file runs: it is a regular ELF shared object with a good descriptor, and neither
  /// it nor its folder can be written by people who could not run leadhub themselves. After loading: its one
  /// symbol, magic, sizes, ABI version and required calls; then `init`, once. A file that failed after its
  /// code was loaded fails the same way until the process ends.
  ///
  /// Every error is one sentence that begins with the file's path and ends with how to mend it. Codes as for
  /// read_descriptor(); `unavailable` where the file was replaced since it was loaded, and where `init`
  /// failed.
  [[nodiscard]] static Result<const Module*> load(const std::filesystem::path& file);

  /// Calls `deinit` of every module. For the end of main, when no channel is left; load() fails from then on.
  static void deinit_all();

  Module(const Module&) = delete;
  Module& operator=(const Module&) = delete;
  ~Module();

  [[nodiscard]] const std::filesystem::path& file() const { return file_; }
  [[nodiscard]] const Descriptor& descriptor() const { return descriptor_; }
  [[nodiscard]] const leadhub_channel_factory& channel_factory() const { return *channel_factory_; }

  /// The sample requests with their events that the plugin brings, as JSON documents; none where it has none.
  [[nodiscard]] Result<std::vector<std::string>> fixtures() const;

 private:
  Module(std::filesystem::path file, Descriptor descriptor);
  [[nodiscard]] Result<void> open();
  [[nodiscard]] Result<void> prepare();
  [[nodiscard]] Result<void> find_entry();
  [[nodiscard]] Result<void> initialise();
  [[nodiscard]] Result<void> find_channel_factory();
  [[nodiscard]] std::unexpected<Error> refuse(const std::string& sentence,
                                              ErrorCode code = ErrorCode::invalid) const;

  std::filesystem::path file_;
  Descriptor descriptor_;
  std::unique_ptr<boost::dll::shared_library> library_;
  const leadhub_plugin_entry* entry_ = nullptr;
  const leadhub_channel_factory* channel_factory_ = nullptr;
  bool initialised_ = false;
};

}  // namespace leadhub::plugin
