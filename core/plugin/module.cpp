#define BOOST_DLL_USE_STD_FS
#include "plugin/module.hpp"

#include <dlfcn.h>
#include <link.h>
#include <sys/stat.h>

#include <boost/dll/shared_library.hpp>
#include <map>
#include <mutex>
#include <optional>
#include <utility>

#include "ops/limits.hpp"
#include "plugin/plugin_error.hpp"
#include "plugin/text.hpp"

namespace leadhub::plugin {
namespace {

namespace fs = std::filesystem;

std::unexpected<Error> refuse_file(const fs::path& file, const std::string& sentence,
                                   ErrorCode code = ErrorCode::invalid) {
  return fail(code, file.string() + ": " + sentence);
}

/// Which file it was: a file replaced under the same name has another one.
struct FileIdentity {
  dev_t device = 0;
  ino_t inode = 0;
  off_t size = 0;
  std::int64_t modified_ns = 0;
  bool operator==(const FileIdentity&) const = default;
};

struct stat status_of(const fs::path& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) status = {};
  return status;
}

FileIdentity identity_of(const fs::path& file) {
  const auto status = status_of(file);
  return {status.st_dev, status.st_ino, status.st_size,
          std::int64_t{status.st_mtim.tv_sec} * 1'000'000'000 + status.st_mtim.tv_nsec};
}

/// Whoever can write the file or put another into its place could run code as the user of leadhub.
Result<void> check_permissions(const fs::path& file) {
  if ((status_of(file).st_mode & (S_IWGRP | S_IWOTH)) != 0)
    return refuse_file(
        file, "can be written by other users, who could so run code in leadhub; chmod go-w " + file.string());
  const fs::path folder = file.parent_path();
  if ((status_of(folder).st_mode & S_IWOTH) != 0)
    return refuse_file(
        file,
        "lies in a folder that every user can write, who could so exchange it; chmod o-w " + folder.string());
  return {};
}

/// Every file whose code was loaded, for the life of the process, failures among them.
class LoadedModules {
 public:
  struct Entry {
    FileIdentity identity;
    std::unique_ptr<Module> module;
    std::optional<Error> failure;
  };

  static LoadedModules& instance() {
    static auto* const modules = new LoadedModules;  // never destroyed: modules outlive static destructors
    return *modules;
  }

  std::mutex mutex;
  std::map<fs::path, Entry> by_file;
  bool ended = false;
};

Result<const Module*> recall(const fs::path& file, const LoadedModules::Entry& entry) {
  if (entry.identity != identity_of(file))
    return refuse_file(file, "was replaced after leadhub had loaded it; restart leadhub to use the new file",
                       ErrorCode::unavailable);
  if (entry.failure) return std::unexpected(*entry.failure);
  return entry.module.get();
}

/// How many bytes the symbol at that address has; 0 where the file does not say.
std::size_t symbol_size(const void* address) {
  Dl_info info{};
  void* symbol = nullptr;
  if (dladdr1(address, &info, &symbol, RTLD_DL_SYMENT) == 0 || symbol == nullptr) return 0;
  return static_cast<const ElfW(Sym)*>(symbol)->st_size;
}

constexpr std::size_t fixed_head_bytes = offsetof(leadhub_plugin_entry, init);

}  // namespace

Module::Module(fs::path file, Descriptor descriptor)
    : file_(std::move(file)), descriptor_(std::move(descriptor)) {}
Module::~Module() = default;

std::unexpected<Error> Module::refuse(const std::string& sentence, ErrorCode code) const {
  return refuse_file(file_, sentence, code);
}

Result<const Module*> Module::load(const fs::path& file) {
  auto& modules = LoadedModules::instance();
  const std::lock_guard lock{modules.mutex};
  if (modules.ended)
    return refuse_file(file, "is not loaded any more: leadhub is stopping", ErrorCode::unavailable);

  std::error_code unresolved;
  fs::path canonical = fs::canonical(file, unresolved);
  if (unresolved) canonical = file;  // read_descriptor says what is wrong with it
  if (const auto known = modules.by_file.find(canonical); known != modules.by_file.end())
    return recall(canonical, known->second);

  const FileIdentity identity = identity_of(canonical);
  auto descriptor = read_descriptor(canonical);
  if (!descriptor) return std::unexpected(descriptor.error());
  if (auto safe = check_permissions(canonical); !safe) return std::unexpected(safe.error());

  std::unique_ptr<Module> module{new Module{canonical, *std::move(descriptor)}};
  if (auto opened = module->open(); !opened) return std::unexpected(opened.error());

  auto& entry = modules.by_file[canonical];
  entry.identity = identity;
  entry.module = std::move(module);
  const auto ready = entry.module->prepare();
  if (!ready) entry.failure = ready.error();
  return recall(canonical, entry);
}

void Module::deinit_all() {
  auto& modules = LoadedModules::instance();
  const std::lock_guard lock{modules.mutex};
  modules.ended = true;
  for (auto& [file, entry] : modules.by_file) {
    if (!std::exchange(entry.module->initialised_, false)) continue;
    std::ignore = call_plugin(file.string(), "deinit", [&] { return entry.module->entry_->deinit(), 0; });
  }
}

Result<void> Module::open() {
  try {
    using boost::dll::load_mode::type;
    // Now: a missing symbol is found here and not in the middle of a request. Local: plugins do not see each
    // other.
    library_ = std::make_unique<boost::dll::shared_library>(
        file_, boost::dll::load_mode::rtld_now | boost::dll::load_mode::rtld_local);
    return {};
  } catch (const std::exception& problem) {
    return refuse("cannot be loaded (" + plain_text(problem.what(), limits::plugin_text_bytes_max) +
                      "); install what it misses or build it for this system",
                  ErrorCode::io);
  }
}

Result<void> Module::prepare() {
  if (auto found = find_entry(); !found) return found;
  if (auto started = initialise(); !started) return started;
  return find_channel_factory();
}

Result<void> Module::find_entry() {
  if (!library_->has("leadhub_plugin"))
    return refuse(
        "exports no symbol leadhub_plugin; put LEADHUB_EXPORT_CHANNEL(...) into one of its source files");
  const void* symbol = &library_->get<const char>("leadhub_plugin");
  const std::size_t size = symbol_size(symbol);
  if (size < fixed_head_bytes)
    return refuse("exports a leadhub_plugin that is no leadhub_plugin_entry; build it with the leadhub SDK");
  const auto* entry = static_cast<const leadhub_plugin_entry*>(symbol);
  if (entry->magic != LEADHUB_PLUGIN_MAGIC)
    return refuse("has a wrong magic number in leadhub_plugin; build it with the leadhub SDK");
  if (auto speaks = check_abi_version(entry->abi_major, entry->abi_minor, file_); !speaks) return speaks;
  if (entry->struct_size != sizeof(leadhub_plugin_entry) || entry->struct_size > size)
    return refuse("says that its leadhub_plugin has " + std::to_string(entry->struct_size) +
                  " bytes where its ABI version has " + std::to_string(sizeof(leadhub_plugin_entry)) +
                  "; build it with the leadhub SDK");
  if (entry->abi_major != descriptor_.abi_major || entry->abi_minor != descriptor_.abi_minor)
    return refuse("was built for plugin ABI " + std::to_string(entry->abi_major) + "." +
                  std::to_string(entry->abi_minor) + " but its descriptor says " +
                  std::to_string(descriptor_.abi_major) + "." + std::to_string(descriptor_.abi_minor) +
                  "; mend \"abi\" in descriptor.json and build the plugin again");
  auto complete = check_calls(file_.string(), {{"init", entry->init != nullptr},
                                               {"deinit", entry->deinit != nullptr},
                                               {"get_factory", entry->get_factory != nullptr}});
  if (complete) entry_ = entry;
  return complete;
}

Result<void> Module::initialise() {
  auto error = empty_error();
  const auto status = call_plugin(file_.string(), "init", [&] { return entry_->init(&error); });
  if (!status) return std::unexpected(status.error());
  if (*status == LEADHUB_STATUS_ERROR)
    return refuse("could not start: " + to_error(error).message + "; mend that and restart leadhub",
                  ErrorCode::unavailable);
  if (*status != LEADHUB_STATUS_OK)
    return std::unexpected(misbehaviour(
        file_.string(), "returned the unknown status " + std::to_string(*status) + " from init"));
  initialised_ = true;
  return {};
}

Result<void> Module::find_channel_factory() {
  constexpr std::string_view id = LEADHUB_CHANNEL_FACTORY;
  const auto found = call_plugin(file_.string(), "get_factory", [&] {
    return entry_->get_factory({id.data(), id.size()});
  });
  if (!found) return std::unexpected(found.error());
  const auto* factory = static_cast<const leadhub_channel_factory*>(*found);
  if (auto good = check_table(factory, file_.string(), id); !good) return good;
  auto complete = check_calls(file_.string(), {{"create", factory->create != nullptr}});
  if (complete) channel_factory_ = factory;
  return complete;
}

namespace {

struct FixtureCollector {
  std::vector<std::string> fixtures;
  bool too_many = false;

  static void take(const leadhub_fixture_sink* sink, leadhub_string json) noexcept {
    auto& self = *static_cast<FixtureCollector*>(sink->context);
    try {
      if (json.data == nullptr || json.size > limits::plugin_descriptor_bytes_max ||
          self.fixtures.size() == limits::plugin_fixtures_max)
        self.too_many = true;
      else
        self.fixtures.emplace_back(json.data, json.size);
    } catch (...) {
      self.too_many = true;
    }
  }
};

}  // namespace

Result<std::vector<std::string>> Module::fixtures() const {
  constexpr std::string_view id = LEADHUB_FIXTURES;
  const std::string who = file_.string();
  const auto found = call_plugin(who, "get_factory", [&] {
    return entry_->get_factory({id.data(), id.size()});
  });
  if (!found) return std::unexpected(found.error());
  if (*found == nullptr) return std::vector<std::string>{};
  const auto* table = static_cast<const leadhub_fixtures*>(*found);
  if (auto good = check_table(table, who, id); !good) return std::unexpected(good.error());
  if (auto complete = check_calls(who, {{"list", table->list != nullptr}}); !complete)
    return std::unexpected(complete.error());

  FixtureCollector collector;
  const leadhub_fixture_sink sink{sizeof sink, 0, &collector, &FixtureCollector::take};
  auto error = empty_error();
  const auto status = call_plugin(who, "list", [&] { return table->list(&sink, &error); });
  if (!status) return std::unexpected(status.error());
  if (*status != LEADHUB_STATUS_OK) return std::unexpected(to_error(error));
  if (collector.too_many) return std::unexpected(misbehaviour(who, "gave too many or too large fixtures"));
  return std::move(collector.fixtures);
}

}  // namespace leadhub::plugin
