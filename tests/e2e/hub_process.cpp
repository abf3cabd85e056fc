#include "hub_process.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <thread>

namespace leadhub::e2e {
namespace {

constexpr auto program = LEADHUB_BINARY_DIR "/bin/leadhub";

int port_after(const std::string& text, const std::string& label) {
  const auto at = text.rfind(label);
  if (at == text.npos) return 0;
  const auto line = text.substr(at, text.find('\n', at) - at);
  return std::stoi(line.substr(line.rfind(':') + 1));
}

int wait_for(pid_t child) {
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace

TemporaryFolder::TemporaryFolder() {
  auto pattern = (std::filesystem::temp_directory_path() / "leadhub-e2e-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary folder");
  path_ = pattern;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string read_file(const std::filesystem::path& file) {
  std::ifstream stream{file, std::ios::binary};
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

void write_file(const std::filesystem::path& file, const std::string& text) {
  std::ofstream{file, std::ios::binary} << text;
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  if (at == text.npos) throw std::runtime_error("the example does not say: " + from);
  return text.replace(at, from.size(), to);
}

std::string example_config() {
  auto text = read_file(LEADHUB_SOURCE_DIR "/examples/hub.yaml");
  text = replaced(text, "listen: 127.0.0.1:8080", "listen: 127.0.0.1:0");
  text = replaced(text, "listen: 127.0.0.1:8081", "listen: 127.0.0.1:0");
  text = replaced(text, "per_address: 10 per 1m", "per_address: 10000 per 1m");
  return replaced(text, "requests_per_address: 600 per 1m", "requests_per_address: 60000 per 1m");
}

HubProcess::HubProcess(const std::string& config, Environment environment)
    : environment_(std::move(environment)) {
  environment_.try_emplace("XDG_STATE_HOME", folder().string());
  configure(config);
}

void HubProcess::set_environment(Environment environment) {
  environment_ = std::move(environment);
  environment_.try_emplace("XDG_STATE_HOME", folder().string());
}

HubProcess::~HubProcess() {
  if (pid_ > 0) stop();
}

void HubProcess::configure(const std::string& config) const {
  write_file(folder() / "hub.yaml", config);
}

pid_t HubProcess::spawn(const std::vector<std::string>& arguments, const std::string& name) const {
  const auto out = (folder() / (name + ".out")).string();
  const auto err = (folder() / (name + ".err")).string();
  const pid_t child = ::fork();
  if (child != 0) return child;
  ::dup2(::open(out.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600), STDOUT_FILENO);
  ::dup2(::open(err.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600), STDERR_FILENO);
  for (const char* inherited : {"LEADHUB_URL", "LEADHUB_TOKEN", "LEADHUB_CONFIG"}) ::unsetenv(inherited);
  for (const auto& [key, value] : environment_) ::setenv(key.c_str(), value.c_str(), 1);
  std::vector<char*> words{const_cast<char*>(program)};
  for (const auto& argument : arguments) words.push_back(const_cast<char*>(argument.c_str()));
  words.push_back(nullptr);
  if (::chdir(folder().c_str()) == 0) ::execv(program, words.data());
  ::_exit(127);
}

void HubProcess::start(const std::vector<std::string>& options) {
  const auto before = read_file(folder() / "serve.out").size();
  std::vector<std::string> arguments{"serve", "-c", "hub.yaml"};
  arguments.insert(arguments.end(), options.begin(), options.end());
  pid_ = spawn(arguments, "serve");
  for (int tries = 0; tries < 3000; ++tries) {
    const auto said = read_file(folder() / "serve.out").substr(before);
    if (said.find("Ready.") != said.npos) {
      edge_port_ = port_after(said, "  edge ");
      control_port_ = port_after(said, "  control ");
      return;
    }
    int status = 0;
    if (::waitpid(pid_, &status, WNOHANG) == pid_) break;
    std::this_thread::sleep_for(std::chrono::milliseconds{10});
  }
  pid_ = -1;
  throw std::runtime_error("the hub did not start: " + printed());
}

int HubProcess::stop() {
  ::kill(pid_, SIGTERM);
  return wait_for(std::exchange(pid_, -1));
}

Said HubProcess::run(const std::vector<std::string>& arguments) const {
  const auto out = folder() / "verb.out";
  const auto err = folder() / "verb.err";
  std::filesystem::remove(out);
  std::filesystem::remove(err);
  const int code = wait_for(spawn(arguments, "verb"));
  return {code, read_file(out), read_file(err)};
}

std::string HubProcess::lead(const std::string& who) const {
  Said said;
  for (int tries = 0; tries < 100; ++tries) {
    said = run({"leads", "show", who, "--json"});
    if (said.code == 0) return said.out;
    std::this_thread::sleep_for(std::chrono::milliseconds{50});
  }
  throw std::runtime_error("there is no lead " + who + ": " + said.err);
}

pid_t HubProcess::begin(const std::vector<std::string>& arguments) const {
  return spawn(arguments, "begun");
}

std::string HubProcess::token() const {
  auto text = read_file(folder() / "data/leadhub.token");
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

std::string HubProcess::printed() const {
  return read_file(folder() / "serve.out") + read_file(folder() / "serve.err");
}

std::string exchange(int port, const std::string& bytes) {
  const int connection = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = ::htonl(INADDR_LOOPBACK);
  address.sin_port = ::htons(static_cast<std::uint16_t>(port));
  std::string answer;
  if (::connect(connection, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) {
    std::size_t sent = 0;
    while (sent < bytes.size()) {
      const auto count = ::send(connection, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
      if (count <= 0) break;
      sent += static_cast<std::size_t>(count);
    }
    char part[4096];
    pollfd waiting{connection, POLLIN, 0};
    while (::poll(&waiting, 1, 15'000) > 0) {
      const auto count = ::recv(connection, part, sizeof part, 0);
      if (count <= 0) break;
      answer.append(part, static_cast<std::size_t>(count));
    }
  }
  ::close(connection);
  return answer;
}

}  // namespace leadhub::e2e
