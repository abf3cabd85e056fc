#pragma once

#include <sys/types.h>

#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

/// The real program, run as a user would run it. Nothing of core/ is linked in here.
namespace leadhub::e2e {

using Environment = std::map<std::string, std::string>;

/// A folder below the system's temporary one, gone with the object.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

[[nodiscard]] std::string read_file(const std::filesystem::path& file);
void write_file(const std::filesystem::path& file, const std::string& text);

/// `text` with its only `from` replaced; throws where there is none, so that no test checks less than it
/// seems to.
[[nodiscard]] std::string replaced(std::string text, const std::string& from, const std::string& to);

/// examples/hub.yaml, listening where there is room, with limits that a test does not run into.
[[nodiscard]] std::string example_config();

/// What one call of the program said.
struct Said {
  int code = -1;
  std::string out;
  std::string err;
};

/// A hub in a folder of its own: hub.yaml, its data, what it printed, and the command line pointed at it.
class HubProcess {
 public:
  explicit HubProcess(const std::string& config, Environment environment = {});
  ~HubProcess();
  HubProcess(const HubProcess&) = delete;
  HubProcess& operator=(const HubProcess&) = delete;

  /// Starts `leadhub serve` and waits for it to be ready. Throws with what it said where it ends instead.
  /// `options` go to `serve`.
  void start(const std::vector<std::string>& options = {});
  /// SIGTERM; the exit code.
  int stop();
  /// For the next start.
  void set_environment(Environment environment);
  /// Writes another hub.yaml; for a hub that is stopped.
  void configure(const std::string& config) const;

  /// `leadhub ARGUMENTS...` in the hub's folder.
  [[nodiscard]] Said run(const std::vector<std::string>& arguments) const;

  /// The document of a lead, JSON as `leads show` prints it, as soon as it is there. Throws where it is not
  /// in 5 s.
  [[nodiscard]] std::string lead(const std::string& who) const;

  /// Starts a verb and does not wait for it; whoever calls does.
  [[nodiscard]] pid_t begin(const std::vector<std::string>& arguments) const;

  [[nodiscard]] int edge_port() const { return edge_port_; }
  [[nodiscard]] int control_port() const { return control_port_; }
  [[nodiscard]] std::string token() const;
  [[nodiscard]] pid_t pid() const { return pid_; }
  [[nodiscard]] const std::filesystem::path& folder() const { return folder_.path(); }
  /// Everything that `serve` printed, in all its lives.
  [[nodiscard]] std::string printed() const;

 private:
  [[nodiscard]] pid_t spawn(const std::vector<std::string>& arguments, const std::string& name) const;

  TemporaryFolder folder_;
  Environment environment_;
  pid_t pid_ = -1;
  int edge_port_ = 0;
  int control_port_ = 0;
};

/// Sends bytes to a port of this machine and reads until the other side closes, at most 15 s.
[[nodiscard]] std::string exchange(int port, const std::string& bytes);

}  // namespace leadhub::e2e
