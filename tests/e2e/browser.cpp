#include "browser.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <httplib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <stdexcept>
#include <thread>

namespace leadhub::e2e {
namespace {

constexpr auto chromedriver = "/usr/bin/chromedriver";

}  // namespace

int free_port() {
  const int probe = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = ::htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  EXPECT_EQ(::bind(probe, reinterpret_cast<sockaddr*>(&address), size), 0);
  ::getsockname(probe, reinterpret_cast<sockaddr*>(&address), &size);
  ::close(probe);
  return ::ntohs(address.sin_port);
}

bool has_browser() {
  return ::access(chromedriver, X_OK) == 0;
}

Browser::Browser(int width, int height) : client_(std::make_unique<httplib::Client>("127.0.0.1", port_)) {
  driver_ = ::fork();
  if (driver_ == 0) {
    ::setenv("HOME", profile_.path().c_str(), 1);
    const auto port = "--port=" + std::to_string(port_);
    ::execl(chromedriver, "chromedriver", port.c_str(), "--log-level=SEVERE", nullptr);
    ::_exit(127);
  }
  client_->set_read_timeout(std::chrono::seconds{60});
  for (int tries = 0; tries < 200 && !client_->Get("/status"); ++tries)
    std::this_thread::sleep_for(std::chrono::milliseconds{50});
  const auto size = "--window-size=" + std::to_string(width) + "," + std::to_string(height);
  const Json arguments{"--headless=new",
                       "--no-sandbox",
                       "--disable-gpu",
                       "--disable-dev-shm-usage",
                       "--no-proxy-server",
                       size,
                       "--user-data-dir=" + (profile_.path() / "profile").string()};
  const Json options{
      {"args", arguments},
      {"mobileEmulation", {{"deviceMetrics", {{"width", width}, {"height", height}, {"pixelRatio", 1.0}}}}}};
  const auto session =
      call("/session", {{"capabilities", {{"alwaysMatch", {{"goog:chromeOptions", options}}}}}});
  session_ = "/session/" + session["sessionId"].get<std::string>();
}

Browser::~Browser() {
  client_->Delete(session_);
  ::kill(driver_, SIGTERM);
  ::waitpid(driver_, nullptr, 0);
}

void Browser::open(const std::string& url) {
  call(session_ + "/url", {{"url", url}});
}

Json Browser::run(const std::string& script) {
  return call(session_ + "/execute/sync", {{"script", script}, {"args", Json::array()}});
}

void Browser::type(const std::string& selector, const std::string& keys, const std::string& root) {
  call(session_ + "/element/" + find(selector, root) + "/value", {{"text", keys}});
}

void Browser::click(const std::string& selector, const std::string& root) {
  call(session_ + "/element/" + find(selector, root) + "/click", Json::object());
}

void Browser::press(const std::string& keys) {
  Json strokes = Json::array();
  for (std::size_t at = 0; at < keys.size();) {
    std::size_t end = at + 1;
    while (end < keys.size() && (static_cast<unsigned char>(keys[end]) & 0xC0U) == 0x80U) ++end;
    const auto key = keys.substr(at, end - at);
    for (const auto* const kind : {"keyDown", "keyUp"}) strokes.push_back({{"type", kind}, {"value", key}});
    at = end;
  }
  const Json source{{"type", "key"}, {"id", "keyboard"}, {"actions", strokes}};
  call(session_ + "/actions", {{"actions", Json::array({source})}});
}

bool Browser::becomes_true(const std::string& script) {
  for (int tries = 0; tries < 100; ++tries) {
    if (run("return Boolean(" + script + ")") == true) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds{100});
  }
  return false;
}

void Browser::take_screenshot(const std::string& name) {
  const char* const folder = std::getenv("LEADHUB_SCREENSHOTS");
  if (folder == nullptr) return;
  const auto answer = client_->Get(session_ + "/screenshot");
  ASSERT_TRUE(answer);
  write_file(std::filesystem::path{folder} / (name + ".png.base64"),
             Json::parse(answer->body)["value"].get<std::string>());
}

void Browser::emulate_media(const std::string& feature, const std::string& value) {
  const Json features = Json::array({{{"name", feature}, {"value", value}}});
  call(session_ + "/goog/cdp/execute",
       {{"cmd", "Emulation.setEmulatedMedia"}, {"params", {{"features", features}}}});
}

std::string Browser::find(const std::string& selector, const std::string& root) {
  const auto element = run("return " + root + ".querySelector(" + Json(selector).dump() + ")");
  if (!element.is_object()) throw std::runtime_error("there is no " + selector);
  return element.begin()->get<std::string>();
}

Json Browser::call(const std::string& path, const Json& body) {
  const auto answer = client_->Post(path, body.dump(), "application/json");
  if (!answer) throw std::runtime_error("chromedriver does not answer " + path);
  const auto value = Json::parse(answer->body)["value"];
  if (answer->status != 200) throw std::runtime_error(value.value("message", path));
  return value;
}

}  // namespace leadhub::e2e
