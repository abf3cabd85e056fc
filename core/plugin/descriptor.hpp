#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "ops/error.hpp"

namespace leadhub::plugin {

/// What a plugin says about itself in its ELF section `.leadhub` (see the end of leadhub/abi.h).
struct Descriptor {
  std::string id;           ///< [a-z][a-z0-9_.-]{0,62}, what hub.yaml names in `plugin:`
  std::string name;         ///< for people; the id where the plugin gives none
  std::string version;      ///< "1.0.0"
  std::string vendor;       ///< may be empty
  std::string description;  ///< may be empty
  std::uint32_t abi_major = 0;
  std::uint32_t abi_minor = 0;
  std::vector<std::string> roles;  ///< at least one of those abi.h names: "capture.http"
  std::vector<std::string>
      delivers;  ///< with the role "deliver": "mail" (where it does not say), "chat", "lead"
  std::vector<std::string> event_types;  ///< the lead events it may give
  std::vector<std::string> hosts;        ///< capabilities.hosts: where it wants to send requests
  std::vector<std::string> secrets;      ///< capabilities.secrets: JSON pointers into the configuration
  std::vector<std::string> paths;        ///< capabilities.paths: "/in", "/f"
  std::vector<std::string>
      announced_providers;    ///< x-announced: valid in a configuration, but not active yet
  std::string config_schema;  ///< JSON Schema of the channel's `config`, an object, in its own order
  std::string document;       ///< the whole descriptor as it stands in the file
};

/// Reads the descriptor of a shared object without loading it: no code of the file runs. Follows no symbolic
/// link that ends elsewhere than at a regular file, opens neither FIFOs nor devices, and reads at most
/// limits::plugin_descriptor_bytes_max of the section.
///
/// Every error is one sentence that begins with the file's path and ends with how to mend it:
///   not_found     no such file
///   io            unreadable
///   incompatible  a descriptor or ABI version that this host does not speak, too old and too new told apart
///   invalid       no regular file, no ELF shared object, no descriptor, or one that breaks the rules above
[[nodiscard]] Result<Descriptor> read_descriptor(const std::filesystem::path& file);

/// The same checks on the JSON text alone; `file` is for the messages.
[[nodiscard]] Result<Descriptor> parse_descriptor(std::string_view document,
                                                  const std::filesystem::path& file);

/// Whether a plugin made for this ABI version can run here. The error says which side must be renewed.
[[nodiscard]] Result<void> check_abi_version(std::uint32_t major, std::uint32_t minor,
                                             const std::filesystem::path& file);

}  // namespace leadhub::plugin
