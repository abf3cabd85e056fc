#include "crash/hub_process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <stdexcept>
#include <thread>

#include "crash/http_connection.hpp"
#include "crash/ledger.hpp"

namespace leadhub::crash {
namespace {

using Steady = std::chrono::steady_clock;

/// Runs in the child: nothing but system calls until the program is replaced.
[[noreturn]] void become_hub(char* const* arguments, char* const* environment, int output, int errors) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  ::dup2(output, STDOUT_FILENO);
  ::dup2(errors, STDERR_FILENO);
  ::execve(arguments[0], arguments, environment);
  ::_exit(127);
}

std::vector<char*> as_list(std::vector<std::string>& texts) {
  std::vector<char*> list;
  for (auto& text : texts) list.push_back(text.data());
  list.push_back(nullptr);
  return list;
}

}  // namespace

std::string content_of(const std::filesystem::path& file) {
  std::ostringstream content;
  content << std::ifstream{file, std::ios::binary}.rdbuf();
  return content.str();
}

HubFolder::HubFolder(const std::filesystem::path& inside) : folder_(inside) {
  std::ofstream{config()}
      << "workspace: crash-test\n"
         "edge: {listen: \"127.0.0.1:0\", limits: {requests_per_address: 1000000 per 1s}}\n"
         "control: {listen: \"127.0.0.1:0\", token: "
      << control_token << "}\nstore: {url: \"sqlite:" << leads().string()
      << "\"}\nchannels:\n"
         "  demo:\n"
         "    plugin: webform\n"
         "    config:\n"
         "      provider: json\n"
         "      event: demo.requested\n"
         "      secret: "
      << webhook_secret << "\n      fields: {email: {to: email, required: true}, about: {to: message}}\n";
}

HubProcess::HubProcess(const HubFolder& folder, const std::vector<std::string>& environment) {
  std::vector<std::string> arguments{LEADHUB_BINARY_DIR "/bin/leadhub", "serve", "-c", folder.config()};
  std::vector<std::string> variables{environment};
  variables.push_back("XDG_STATE_HOME=" + folder.state().string());
  // A shim comes before the sanitizer's own library, which objects unless told not to.
  variables.emplace_back("ASAN_OPTIONS=verify_asan_link_order=0");
  for (char** variable = environ; *variable != nullptr; ++variable) variables.emplace_back(*variable);
  const auto argument_list = as_list(arguments);
  const auto variable_list = as_list(variables);

  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
  const int errors = ::open(folder.log_file().c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  process_ = ::fork();
  if (process_ == 0) become_hub(argument_list.data(), variable_list.data(), ends[1], errors);
  ::close(ends[1]);
  ::close(errors);
  output_ = ends[0];
  if (process_ < 0) throw std::runtime_error("no process");
}

HubProcess::~HubProcess() {
  if (!wait(0ms)) {
    signal(SIGKILL);
    ::waitpid(process_, nullptr, 0);
  }
  ::close(output_);
}

bool HubProcess::wait_until_ready(std::chrono::milliseconds at_most) {
  const auto deadline = Steady::now() + at_most;
  while (welcome_.find("Ready.") == welcome_.npos) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Steady::now());
    pollfd waiting{output_, POLLIN, 0};
    if (left.count() <= 0 || ::poll(&waiting, 1, static_cast<int>(left.count())) <= 0) return false;
    std::array<char, 4'096> buffer;
    const auto count = ::read(output_, buffer.data(), buffer.size());
    if (count <= 0) return false;
    welcome_.append(buffer.data(), static_cast<std::size_t>(count));
  }
  return true;
}

void HubProcess::signal(int number) const {
  const std::scoped_lock lock{mutex_};
  if (!ending_) ::kill(process_, number);
}

std::optional<int> HubProcess::wait(std::chrono::milliseconds at_most) {
  const auto deadline = Steady::now() + at_most;
  while (true) {
    {
      const std::scoped_lock lock{mutex_};
      int status = 0;
      if (!ending_ && ::waitpid(process_, &status, WNOHANG) == process_)
        ending_ = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
      if (ending_) return ending_;
    }
    if (Steady::now() >= deadline) return std::nullopt;
    std::this_thread::sleep_for(1ms);
  }
}

std::uint16_t HubProcess::port_of(const std::string& listener) const {
  const auto line = welcome_.find("\n  " + listener + " ");
  const auto address = welcome_.find("127.0.0.1:", line);
  if (line == welcome_.npos || address == welcome_.npos) throw std::runtime_error("no port in: " + welcome_);
  return static_cast<std::uint16_t>(std::stoi(welcome_.substr(address + 10)));
}

nlohmann::json HubProcess::document(const std::string& path) const {
  const auto answer = get(control_port(), path);
  if (!answer || !answer->is_success()) return nullptr;
  return nlohmann::json::parse(answer->body, nullptr, false);
}

bool HubProcess::wait_until_caught_up(std::chrono::milliseconds at_most) const {
  const auto deadline = Steady::now() + at_most;
  while (Steady::now() < deadline) {
    const auto status = document("/api/v1/status");
    if (!status.is_object()) return false;
    if (status["inbox"]["backlog"] == 0) return true;
    std::this_thread::sleep_for(5ms);
  }
  return false;
}

}  // namespace leadhub::crash
