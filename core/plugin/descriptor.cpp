#include "plugin/descriptor.hpp"

#include <fcntl.h>
#include <gelf.h>
#include <leadhub/abi.h>
#include <libelf.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <system_error>

#include "ops/limits.hpp"
#include "plugin/text.hpp"

namespace leadhub::plugin {
namespace {

using Json = nlohmann::ordered_json;

constexpr int descriptor_version = 1;
constexpr std::array<std::string_view, 6> known_roles = {"capture.http", "capture.poll", "follow_up",
                                                         "verify",       "deliver",      "health"};

constexpr std::array<std::string_view, 3> known_deliveries = {"mail", "chat", "lead"};

std::unexpected<Error> refuse(const std::filesystem::path& file, std::string_view sentence,
                              ErrorCode code = ErrorCode::invalid) {
  return fail(code, file.string() + ": " + std::string{sentence});
}

std::string reason(int error_number) {
  return std::generic_category().message(error_number);
}

// --- Reading the section
// ---------------------------------------------------------------------------------------

class FileDescriptor {
 public:
  explicit FileDescriptor(int number) : number_(number) {}
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;
  ~FileDescriptor() {
    if (number_ >= 0) ::close(number_);
  }
  [[nodiscard]] int number() const { return number_; }

 private:
  int number_;
};

struct ElfEnd {
  void operator()(Elf* elf) const { elf_end(elf); }
};
using ElfHandle = std::unique_ptr<Elf, ElfEnd>;

Result<void> require_regular_file(const std::filesystem::path& file, const struct stat& status) {
  if (S_ISREG(status.st_mode)) return {};
  const std::string_view kind = S_ISDIR(status.st_mode)    ? "a directory"
                                : S_ISFIFO(status.st_mode) ? "a FIFO"
                                : S_ISSOCK(status.st_mode) ? "a socket"
                                                           : "a device";
  return refuse(file, "is " + std::string{kind} + ", not a plugin; remove it from the plugin folder");
}

/// Opens a regular file. The kind is asked for before opening, because opening a device can have effects, and
/// again after it, because the file may have been exchanged in between.
Result<int> open_regular(const std::filesystem::path& file) {
  struct stat status {};
  if (::stat(file.c_str(), &status) != 0) {
    if (errno == ENOENT) return refuse(file, "does not exist; check the path", ErrorCode::not_found);
    return refuse(file,
                  "cannot be looked at (" + reason(errno) + "); let the user that runs leadhub reach it",
                  ErrorCode::io);
  }
  if (auto regular = require_regular_file(file, status); !regular) return std::unexpected(regular.error());
  const int number = ::open(file.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  if (number < 0)
    return refuse(file,
                  "cannot be read (" + reason(errno) + "); let the user that runs leadhub read it: chmod a+r",
                  ErrorCode::io);
  if (::fstat(number, &status) != 0 || !S_ISREG(status.st_mode) ||
      static_cast<std::size_t>(status.st_size) > limits::plugin_file_bytes_max) {
    ::close(number);
    return refuse(file,
                  "is larger than a plugin may be (" +
                      std::to_string(limits::plugin_file_bytes_max / limits::mebibyte) +
                      " MiB) or was exchanged while it was opened; build it again without debug symbols");
  }
  return number;
}

std::unexpected<Error> broken_elf(const std::filesystem::path& file) {
  return refuse(file, "is a damaged ELF file (" + std::string{elf_errmsg(-1)} + "); copy or build it again");
}

/// libelf takes a file that ends before its section table for one without sections.
Result<void> check_complete(const GElf_Ehdr& header, int number, const std::filesystem::path& file) {
  struct stat status {};
  if (::fstat(number, &status) != 0) return refuse(file, "cannot be read (" + reason(errno) + "); try again");
  const auto size = static_cast<std::uint64_t>(status.st_size);
  const std::uint64_t table_size = std::uint64_t{header.e_shnum} * header.e_shentsize;
  if (header.e_shoff <= size && table_size <= size - header.e_shoff) return {};
  return refuse(file, "is cut off: it ends before its section table; copy or build it again");
}

std::unexpected<Error> no_descriptor(const std::filesystem::path& file) {
  return refuse(
      file,
      "has no leadhub descriptor (the ELF section .leadhub); build it with leadhub_add_plugin() of the "
      "leadhub SDK");
}

/// The header of the section of that name; nullopt inside where there is none.
Result<std::optional<std::pair<Elf_Scn*, GElf_Shdr>>> find_section(Elf* elf,
                                                                   const std::filesystem::path& file) {
  std::size_t names = 0;
  if (elf_getshdrstrndx(elf, &names) != 0) return broken_elf(file);
  for (Elf_Scn* section = elf_nextscn(elf, nullptr); section != nullptr;
       section = elf_nextscn(elf, section)) {
    GElf_Shdr header{};
    if (gelf_getshdr(section, &header) == nullptr) return broken_elf(file);
    const char* name = elf_strptr(elf, names, header.sh_name);
    if (name == nullptr) return broken_elf(file);
    if (std::string_view{name} == LEADHUB_DESCRIPTOR_SECTION) return std::pair{section, header};
  }
  return std::nullopt;
}

Result<std::string> read_section(Elf* elf, const std::filesystem::path& file) {
  const auto found = find_section(elf, file);
  if (!found) return std::unexpected(found.error());
  if (!*found) return no_descriptor(file);
  const auto& [section, header] = **found;
  if (header.sh_type != SHT_PROGBITS || (header.sh_flags & SHF_COMPRESSED) != 0)
    return refuse(file,
                  "has a .leadhub section that is compressed or of a wrong kind; build it with "
                  "leadhub_add_plugin() of the leadhub SDK");
  if (header.sh_size > limits::plugin_descriptor_bytes_max)
    return refuse(file, "has a descriptor of " + std::to_string(header.sh_size) + " bytes; at most " +
                            std::to_string(limits::plugin_descriptor_bytes_max) +
                            " are read: shorten its config_schema.json");
  const Elf_Data* data = elf_rawdata(section, nullptr);
  if (data == nullptr) return broken_elf(file);
  if (data->d_size == 0 || data->d_buf == nullptr) return no_descriptor(file);
  return std::string(static_cast<const char*>(data->d_buf), data->d_size);
}

Result<std::string> read_document(const std::filesystem::path& file) {
  static const unsigned library_version = elf_version(EV_CURRENT);
  if (library_version == EV_NONE) return refuse(file, "cannot be read: libelf is older than its headers");
  const auto number = open_regular(file);
  if (!number) return std::unexpected(number.error());
  const FileDescriptor opened{*number};
  const ElfHandle elf{elf_begin(opened.number(), ELF_C_READ, nullptr)};
  if (!elf) return broken_elf(file);
  GElf_Ehdr header{};
  if (elf_kind(elf.get()) != ELF_K_ELF)
    return refuse(file, "is no ELF shared object; put only built plugins into the plugin folder");
  if (gelf_getehdr(elf.get(), &header) == nullptr) return broken_elf(file);
  if (header.e_type != ET_DYN)
    return refuse(
        file, "is an ELF file but no shared object; build it with leadhub_add_plugin() of the leadhub SDK");
  if (auto complete = check_complete(header, opened.number(), file); !complete)
    return std::unexpected(complete.error());
  return read_section(elf.get(), file);
}

// --- Reading the document
// --------------------------------------------------------------------------------------

/// Takes members out of the descriptor one by one and remembers the first thing that is wrong.
class DescriptorReader {
 public:
  DescriptorReader(const Json& document, const std::filesystem::path& file)
      : document_(document), file_(file) {}

  [[nodiscard]] bool failed() const { return complaint_.has_value(); }
  [[nodiscard]] std::unexpected<Error> error() const { return std::unexpected(*complaint_); }

  void complain(std::string_view what, std::string_view mend, ErrorCode code = ErrorCode::invalid) {
    if (!complaint_)
      complaint_ =
          refuse(file_, "its descriptor " + std::string{what} + "; " + std::string{mend}, code).error();
  }

  std::string text(const char* key) {
    const auto found = document_.find(key);
    if (found == document_.end()) return {};
    if (found->is_string()) return found->get<std::string>();
    complain("has a \"" + std::string{key} + "\" that is no string", mend_descriptor);
    return {};
  }

  std::uint32_t number(const Json& parent, const char* key) {
    const auto found = parent.find(key);
    if (found != parent.end() && found->is_number_unsigned() && found->get<std::uint64_t>() <= UINT32_MAX)
      return found->get<std::uint32_t>();
    complain("has no whole number \"" + std::string{key} + "\" where one is needed", mend_descriptor);
    return 0;
  }

  std::vector<std::string> list(const Json& parent, const char* key) {
    std::vector<std::string> strings;
    const auto found = parent.find(key);
    if (found == parent.end()) return strings;
    if (found->is_array())
      for (const auto& element : *found)
        if (element.is_string()) strings.push_back(element.get<std::string>());
    if (!found->is_array() || strings.size() != found->size())
      complain("has a \"" + std::string{key} + "\" that is no list of strings", mend_descriptor);
    return strings;
  }

  const Json& object(const char* key) {
    static const Json none = Json::object();
    const auto found = document_.find(key);
    if (found == document_.end()) return none;
    if (found->is_object()) return *found;
    complain("has a \"" + std::string{key} + "\" that is no object", mend_descriptor);
    return none;
  }

  static constexpr std::string_view mend_descriptor = "mend descriptor.json and build the plugin again";

 private:
  const Json& document_;
  const std::filesystem::path& file_;
  std::optional<Error> complaint_;
};

bool is_id(std::string_view id) {
  const auto small = [](char c) { return c >= 'a' && c <= 'z'; };
  const auto inner = [&](char c) {
    return small(c) || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
  };
  return !id.empty() && id.size() <= 63 && small(id.front()) && std::ranges::all_of(id, inner);
}

/// MAJOR.MINOR.PATCH, perhaps with "-something" or "+something" behind it.
bool is_version(std::string_view version) {
  if (version.size() > 64) return false;
  const std::string_view core = version.substr(0, version.find_first_of("-+"));
  int parts = 0;
  bool digit_before = false;
  for (const char c : core) {
    const bool digit = c >= '0' && c <= '9';
    if (!digit && (c != '.' || !digit_before)) return false;
    if (digit && !digit_before) ++parts;
    digit_before = digit;
  }
  return parts == 3 && digit_before;
}

std::string joined(const auto& words) {
  std::string all;
  for (const auto& word : words) all += (all.empty() ? "" : ", ") + std::string{word};
  return all;
}

void read_identity(DescriptorReader& reader, Descriptor& descriptor) {
  descriptor.id = reader.text("id");
  descriptor.name = reader.text("name");
  descriptor.version = reader.text("version");
  descriptor.vendor = reader.text("vendor");
  descriptor.description = reader.text("description");
  if (!is_id(descriptor.id))
    reader.complain(
        "has the id \"" + plain_text(descriptor.id, 80) +
            "\"; an id begins with a small letter and has at most 63 of a-z, 0-9, '_', '-' and '.'",
        "mend \"id\" in descriptor.json and build the plugin again");
  if (!is_version(descriptor.version))
    reader.complain("has the version \"" + plain_text(descriptor.version, 80) + "\", which is not like 1.2.3",
                    "mend \"version\" in descriptor.json and build the plugin again");
  if (descriptor.name.empty()) descriptor.name = descriptor.id;
}

void read_roles(DescriptorReader& reader, const Json& document, Descriptor& descriptor) {
  descriptor.roles = reader.list(document, "roles");
  if (descriptor.roles.empty())
    reader.complain("names no role", "add \"roles\" to descriptor.json, for example [\"capture.http\"]");
  for (const auto& role : descriptor.roles)
    if (std::ranges::find(known_roles, role) == known_roles.end())
      reader.complain("names the unknown role \"" + plain_text(role, 80) + "\"",
                      "roles are " + joined(known_roles));
  if (std::ranges::find(descriptor.roles, "deliver") == descriptor.roles.end()) return;
  descriptor.delivers = reader.list(document, "delivers");
  if (descriptor.delivers.empty()) descriptor.delivers = {"mail"};
  for (const auto& kind : descriptor.delivers)
    if (std::ranges::find(known_deliveries, kind) == known_deliveries.end())
      reader.complain("delivers the unknown \"" + plain_text(kind, 80) + "\"",
                      "what is delivered is " + joined(known_deliveries));
}

void read_capabilities(DescriptorReader& reader, const Json& document, Descriptor& descriptor) {
  const Json& capabilities = reader.object("capabilities");
  descriptor.hosts = reader.list(capabilities, "hosts");
  descriptor.secrets = reader.list(capabilities, "secrets");
  descriptor.paths = reader.list(capabilities, "paths");
  descriptor.event_types = reader.list(document, "event_types");
  descriptor.announced_providers = reader.list(document, "x-announced");
}

void read_schema(DescriptorReader& reader, const Json& document, Descriptor& descriptor) {
  const auto schema = document.find("config_schema");
  if (schema == document.end() || !schema->is_object())
    reader.complain("has no config_schema, which must be a JSON Schema object",
                    "add config_schema.json ({\"type\": \"object\"} at least) and build the plugin again");
  else
    descriptor.config_schema = schema->dump();
}

}  // namespace

Result<void> check_abi_version(std::uint32_t major, std::uint32_t minor, const std::filesystem::path& file) {
  const std::string theirs = std::to_string(major) + "." + std::to_string(minor);
  const std::string ours = std::to_string(LEADHUB_ABI_MAJOR) + "." + std::to_string(LEADHUB_ABI_MINOR);
  if (major < LEADHUB_ABI_MAJOR)
    return refuse(file,
                  "is too old: it speaks plugin ABI " + theirs + " and this leadhub " + ours +
                      "; get a newer version of the plugin or build it with the current SDK",
                  ErrorCode::incompatible);
  if (major > LEADHUB_ABI_MAJOR || minor > LEADHUB_ABI_MINOR)
    return refuse(file,
                  "is too new: it speaks plugin ABI " + theirs + " and this leadhub " + ours +
                      "; upgrade leadhub or get an older version of the plugin",
                  ErrorCode::incompatible);
  return {};
}

Result<Descriptor> parse_descriptor(std::string_view document, const std::filesystem::path& file) {
  const Json parsed = Json::parse(document, nullptr, false);
  if (parsed.is_discarded() || !parsed.is_object())
    return refuse(file,
                  "its descriptor is no JSON object; mend descriptor.json and config_schema.json and build "
                  "the plugin again");
  DescriptorReader reader{parsed, file};
  if (const auto version = reader.number(parsed, "descriptor");
      !reader.failed() && version != descriptor_version)
    reader.complain(
        "has the format " + std::to_string(version) + " and this leadhub reads " +
            std::to_string(descriptor_version),
        version > descriptor_version ? "upgrade leadhub" : "build the plugin with the current SDK",
        ErrorCode::incompatible);
  if (reader.failed()) return reader.error();

  Descriptor descriptor;
  descriptor.abi_major = reader.number(reader.object("abi"), "major");
  descriptor.abi_minor = reader.number(reader.object("abi"), "minor");
  if (reader.failed()) return reader.error();
  if (auto speaks = check_abi_version(descriptor.abi_major, descriptor.abi_minor, file); !speaks)
    return std::unexpected(speaks.error());

  read_identity(reader, descriptor);
  read_roles(reader, parsed, descriptor);
  read_capabilities(reader, parsed, descriptor);
  read_schema(reader, parsed, descriptor);
  if (reader.failed()) return reader.error();
  descriptor.document = document;
  return descriptor;
}

Result<Descriptor> read_descriptor(const std::filesystem::path& file) {
  const auto document = read_document(file);
  if (!document) return std::unexpected(document.error());
  return parse_descriptor(*document, file);
}

}  // namespace leadhub::plugin
