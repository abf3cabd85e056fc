#include "ops/failpoint.hpp"

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <string>

namespace leadhub::ops {
namespace {

struct Armed {
  std::string name;
  std::atomic<long> remaining{0};

  Armed() {
    const char* const text = std::getenv("LEADHUB_FAILPOINT");
    if (text == nullptr) return;
    const std::string_view setting{text};
    const auto colon = setting.rfind(':');
    if (colon == setting.npos) return;
    name = setting.substr(0, colon);
    remaining = std::strtol(text + colon + 1, nullptr, 10);
  }
};

}  // namespace

void failpoint(std::string_view name) {
  static Armed armed;
  if (armed.name.empty() || armed.name != name) return;
  if (armed.remaining.fetch_sub(1) == 1) std::raise(SIGKILL);
}

}  // namespace leadhub::ops
