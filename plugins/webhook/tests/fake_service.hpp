#pragma once

#include <httplib.h>

#include <chrono>
#include <functional>
#include <map>
#include <string>
#include <thread>

#include "leads.hpp"

namespace leadhub::webhook::testing {

/// How a fake service behaves.
enum class Mood {
  well = 1,
  limited,  ///< 429 with Retry-After: 7
  broken,   ///< 500
  page,     ///< 200 with a page for people
  odd,      ///< 200 with JSON of another shape
};

/// A service on loopback that behaves as its public documentation says: strict in what it takes, with records
/// that can be looked at. What is the same for all of them stands here.
class FakeService {
 public:
  FakeService() {
    server_.set_pre_routing_handler([this](const httplib::Request& request, httplib::Response& response) {
      ++requests;
      return is_in_a_mood(request, response) ? httplib::Server::HandlerResponse::Handled
                                             : httplib::Server::HandlerResponse::Unhandled;
    });
  }
  FakeService(const FakeService&) = delete;
  FakeService& operator=(const FakeService&) = delete;
  virtual ~FakeService() { stop(); }

  /// Once the routes are set.
  void start() {
    port_ = server_.bind_to_any_port("127.0.0.1");
    thread_ = std::thread{[this] { server_.listen_after_bind(); }};
    while (!server_.is_running()) std::this_thread::sleep_for(std::chrono::milliseconds{1});
  }
  void stop() {
    server_.stop();
    if (thread_.joinable()) thread_.join();
  }

  [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }

  Mood mood = Mood::well;
  int requests = 0;
  std::map<std::string, Json> records;  ///< by the key that the service upserts by, or by id

 protected:
  static void answer(httplib::Response& response, int status, const Json& body) {
    response.status = status;
    response.set_content(body.dump(), "application/json");
  }
  /// The body as JSON; null, and 415 or 400 answered, where it is none.
  static Json body_of(const httplib::Request& request, httplib::Response& response) {
    if (request.get_header_value("content-type") != "application/json") {
      answer(response, 415, {{"message", "send application/json"}});
      return nullptr;
    }
    Json body = Json::parse(request.body, nullptr, false);
    if (body.is_object()) return body;
    answer(response, 400, {{"message", "Invalid input JSON"}});
    return nullptr;
  }

  httplib::Server server_;

 private:
  bool is_in_a_mood(const httplib::Request& /*request*/, httplib::Response& response) const {
    switch (mood) {
      case Mood::well:
        return false;
      case Mood::limited:
        response.set_header("Retry-After", "7");
        answer(response, 429, {{"message", "slow down"}});
        return true;
      case Mood::broken:
        answer(response, 500, {{"message", "oops"}});
        return true;
      case Mood::page:
        response.set_content("<!DOCTYPE html><html><body>Log in</body></html>", "text/html");
        return true;
      case Mood::odd:
        answer(response, 200,
               {{"results", {{"id", Json::array()}}}, {"data", 7}, {"list", "none"}, {"id", nullptr}});
        return true;
    }
    return false;
  }

  int port_ = 0;
  std::thread thread_;
};

/// Lets the fake host's requests go out to loopback.
inline void connect(FakeHost& host) {
  host.set_service([](const SentRequest& sent) -> ServiceAnswer {
    const std::size_t path = sent.url.find('/', sizeof "http://" - 1);
    httplib::Client client{sent.url.substr(0, path)};
    httplib::Request request;
    request.method = sent.method;
    request.path = path == std::string::npos ? "/" : sent.url.substr(path);
    for (const auto& [name, value] : sent.headers) request.headers.emplace(name, value);
    request.body = sent.body;
    const auto result = client.send(request);
    if (!result) return {0, {}, {}, LEADHUB_ERROR_UNAVAILABLE};
    ServiceAnswer answer{result->status, {}, result->body, 0};
    for (const auto& [name, value] : result->headers) {
      std::string lower;
      for (const char c : name) lower += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
      answer.headers.emplace_back(std::move(lower), value);
    }
    return answer;
  });
}

}  // namespace leadhub::webhook::testing
