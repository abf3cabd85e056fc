#pragma once

#include <sys/types.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "hub_process.hpp"

namespace httplib {
class Client;
}

/// Chromium without a window, driven over W3C WebDriver (https://www.w3.org/TR/webdriver2/) by chromedriver.
namespace leadhub::e2e {

using Json = nlohmann::ordered_json;

/// A port that was free a moment ago: public_url must name it before the hub is started.
[[nodiscard]] int free_port();

/// Whether there is a chromedriver.
[[nodiscard]] bool has_browser();

/// One browser with a profile of its own. Every method throws std::runtime_error where it is told no.
class Browser {
 public:
  Browser(int width, int height);
  ~Browser();
  Browser(const Browser&) = delete;
  Browser& operator=(const Browser&) = delete;

  void open(const std::string& url);

  /// What a function body gives back in the page.
  Json run(const std::string& script);

  /// Presses keys where the selector points to; through open shadow roots with `root`.
  void type(const std::string& selector, const std::string& keys, const std::string& root = "document");
  void click(const std::string& selector, const std::string& root = "document");
  /// Presses keys wherever the focus is; WebDriver's own characters are the keys without one (U+E004: Tab).
  void press(const std::string& keys);

  /// Waits until a script is true, at most 10 s.
  bool becomes_true(const std::string& script);

  /// Into $LEADHUB_SCREENSHOTS, where that is set.
  void take_screenshot(const std::string& name);

  /// Lets pages see that media feature: {"prefers-color-scheme", "dark"}.
  void emulate_media(const std::string& feature, const std::string& value);

 private:
  std::string find(const std::string& selector, const std::string& root);
  Json call(const std::string& path, const Json& body);

  TemporaryFolder profile_;
  int port_ = free_port();
  std::unique_ptr<httplib::Client> client_;
  std::string session_;
  pid_t driver_ = -1;
};

}  // namespace leadhub::e2e
