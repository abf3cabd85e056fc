#include "outbound/curl_http_client.hpp"

#include <curl/curl.h>
#include <netdb.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <limits>
#include <mutex>
#include <utility>
#include <vector>

#include "ops/global_address.hpp"
#include "ops/http_text.hpp"
#include "ops/limits.hpp"

namespace leadhub::outbound {
namespace {

using std::chrono::milliseconds;
using Kind = NoAnswer::Kind;
/// When what is under way ends, by the steady clock.
using EndTime = std::atomic<std::chrono::steady_clock::rep>;

struct FreeHandle {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
struct FreeList {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using Handle = std::unique_ptr<CURL, FreeHandle>;

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\n";
  const auto start = text.find_first_not_of(blanks);
  if (start == text.npos) return {};
  return text.substr(start, text.find_last_not_of(blanks) - start + 1);
}

/// What libcurl calls while one request is under way.
class Transfer {
 public:
  Transfer(const Request& request, Egress egress, const EndTime& ends_at)
      : request_(request), egress_(egress), ends_at_(ends_at) {}
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;

  void prepare(CURL* handle, const std::string& user_agent, milliseconds time) {
    curl_easy_setopt(handle, CURLOPT_URL, request_.url.c_str());
    curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, egress_ == Egress::anywhere ? "https,http" : "https");
    curl_easy_setopt(handle, CURLOPT_USERAGENT, user_agent.c_str());
    curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(handle, CURLOPT_PROXY, "");
    curl_easy_setopt(handle, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS, static_cast<long>(time.count()));
    curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT_MS,
                     static_cast<long>(std::min(time, limits::outbound_connect_timeout).count()));
    set_method(handle);
    set_headers(handle);
    curl_easy_setopt(handle, CURLOPT_OPENSOCKETFUNCTION, &Transfer::open_socket);
    curl_easy_setopt(handle, CURLOPT_OPENSOCKETDATA, this);
    curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, &Transfer::take_body);
    curl_easy_setopt(handle, CURLOPT_WRITEDATA, this);
    curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, &Transfer::take_header);
    curl_easy_setopt(handle, CURLOPT_HEADERDATA, this);
    curl_easy_setopt(handle, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(handle, CURLOPT_XFERINFOFUNCTION, &Transfer::go_on);
    curl_easy_setopt(handle, CURLOPT_XFERINFODATA, this);
  }

  [[nodiscard]] bool is_blocked() const { return is_blocked_; }
  [[nodiscard]] bool is_too_large() const { return is_too_large_; }
  [[nodiscard]] Response take_response() { return std::move(response_); }

 private:
  void set_method(CURL* handle) {
    const bool asks_only = request_.method == "GET" || request_.method == "HEAD";
    // A connection that was kept may be dead, and libcurl would send the request once more on a new one.
    curl_easy_setopt(handle, CURLOPT_FRESH_CONNECT, asks_only ? 0L : 1L);
    if (request_.method == "HEAD") curl_easy_setopt(handle, CURLOPT_NOBODY, 1L);
    if (!request_.body.empty() || !asks_only) {
      curl_easy_setopt(handle, CURLOPT_POSTFIELDS, request_.body.data());
      curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request_.body.size()));
    }
    curl_easy_setopt(handle, CURLOPT_CUSTOMREQUEST, request_.method.c_str());
  }

  void set_headers(CURL* handle) {
    bool has_type = false;
    const auto add = [&](const std::string& line) {
      auto* const list = curl_slist_append(headers_.get(), line.c_str());
      if (!headers_) headers_.reset(list);  // else it is the same list, longer
    };
    for (const auto& [name, value] : request_.headers) {
      has_type = has_type || ops::lower_case(name) == "content-type";
      std::string line{name};
      add(line.append(value.empty() ? ";" : ": ").append(value));
    }
    add("Expect:");
    if (!has_type) add("Content-Type:");  // none, rather than the form that libcurl supposes
    curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers_.get());
  }

  static Transfer& of(void* self) { return *static_cast<Transfer*>(self); }

  static curl_socket_t open_socket(void* self, curlsocktype /*purpose*/, curl_sockaddr* address) {
    if (of(self).egress_ == Egress::public_only) {
      std::array<char, NI_MAXHOST> text{};
      const bool is_known = getnameinfo(&address->addr, address->addrlen, text.data(), text.size(), nullptr,
                                        0, NI_NUMERICHOST) == 0;
      if (!is_known || !ops::is_global_address(text.data())) {
        of(self).is_blocked_ = true;
        return CURL_SOCKET_BAD;
      }
    }
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
  }

  static std::size_t take_body(char* data, std::size_t size, std::size_t count, void* self) noexcept {
    auto& transfer = of(self);
    try {
      if (transfer.response_.body.size() + size * count > limits::outbound_response_bytes_max) {
        transfer.is_too_large_ = true;
        return 0;
      }
      transfer.response_.body.append(data, size * count);
      return size * count;
    } catch (...) {  // out of memory: as an answer that is too large
      transfer.is_too_large_ = true;
      return 0;
    }
  }

  static std::size_t take_header(char* data, std::size_t size, std::size_t count, void* self) noexcept {
    auto& transfer = of(self);
    try {
      const std::string_view line{data, size * count};
      transfer.head_bytes_ += line.size();
      if (line.starts_with("HTTP/")) transfer.response_.headers.clear();  // an interim answer came before
      const auto colon = line.find(':');
      if (transfer.head_bytes_ > limits::outbound_head_bytes_max) {
        transfer.is_too_large_ = true;
        return 0;
      }
      if (colon != line.npos && !line.starts_with("HTTP/") &&
          transfer.response_.headers.size() < limits::header_count_max)
        transfer.response_.headers.emplace_back(ops::lower_case(line.substr(0, colon)),
                                                trimmed(line.substr(colon + 1)));
      return line.size();
    } catch (...) {
      transfer.is_too_large_ = true;
      return 0;
    }
  }

  static int go_on(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
    return std::chrono::steady_clock::now().time_since_epoch().count() >= of(self).ends_at_ ? 1 : 0;
  }

  const Request& request_;
  Egress egress_;
  const EndTime& ends_at_;
  std::unique_ptr<curl_slist, FreeList> headers_;
  Response response_;
  std::size_t head_bytes_ = 0;
  bool is_blocked_ = false;
  bool is_too_large_ = false;
};

std::string host_of(const std::string& url) {
  const auto origin = origin_of(url);
  return origin ? origin->host : "the host";
}

std::unexpected<NoAnswer> none(Kind kind, std::string message) {
  return std::unexpected(NoAnswer{kind, std::move(message)});
}

}  // namespace

struct CurlHttpClient::Implementation {
  Implementation(const Clock& of, std::string agent) : clock(of), user_agent(std::move(agent)) {}

  const Clock& clock;
  std::string user_agent;
  std::atomic<bool> stopping{false};
  EndTime ends_at{std::numeric_limits<EndTime::value_type>::max()};
  std::mutex mutex;
  std::condition_variable returned;
  std::vector<Handle> idle;   ///< guarded by mutex; each keeps its connections
  std::size_t under_way = 0;  ///< guarded by mutex

  /// Null where there is none by the deadline.
  Handle take(milliseconds at_most) {
    std::unique_lock lock{mutex};
    const bool is_free = returned.wait_for(
        lock, at_most, [&] { return stopping || under_way < limits::outbound_requests_max; });
    if (!is_free || stopping) return nullptr;
    Handle handle;
    if (idle.empty()) {
      handle.reset(curl_easy_init());
    } else {
      handle = std::move(idle.back());
      idle.pop_back();
    }
    if (handle) ++under_way;
    return handle;
  }

  void give_back(Handle handle) {
    curl_easy_reset(handle.get());
    {
      const std::scoped_lock lock{mutex};
      --under_way;
      idle.push_back(std::move(handle));
    }
    returned.notify_one();
  }

  [[nodiscard]] milliseconds left(TimePoint deadline) const {
    return std::clamp(std::chrono::duration_cast<milliseconds>(deadline - clock.now()), milliseconds{0},
                      limits::outbound_deadline_max);
  }

  std::expected<Response, NoAnswer> perform(CURL* handle, const Request& request, Egress egress,
                                            milliseconds time) {
    Transfer transfer{request, egress, ends_at};
    transfer.prepare(handle, user_agent, time);
    const auto code = curl_easy_perform(handle);
    if (code == CURLE_OK) {
      long status = 0;
      curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
      auto response = transfer.take_response();
      response.status = static_cast<int>(status);
      return response;
    }
    const auto host = host_of(request.url);
    if (transfer.is_blocked())
      return none(Kind::refused,
                  host +
                      " has an address that the internet cannot reach; if it is yours, add its "
                      "origin to plugins.egress in hub.yaml");
    long sent = 0;
    curl_easy_getinfo(handle, CURLINFO_REQUEST_SIZE, &sent);
    if (transfer.is_too_large())
      return none(Kind::unknown, host + " answered with more than " +
                                     std::to_string(limits::outbound_response_bytes_max) + " bytes");
    return none(sent == 0 ? Kind::not_sent : Kind::unknown, host + ": " + curl_easy_strerror(code));
  }
};

CurlHttpClient::CurlHttpClient(std::string user_agent, const Clock& clock)
    : implementation_(std::make_unique<Implementation>(clock, std::move(user_agent))) {
  static const auto initialised = curl_global_init(CURL_GLOBAL_DEFAULT);  // once in the process
  static_cast<void>(initialised);
}

CurlHttpClient::~CurlHttpClient() {
  stop({});
}

void CurlHttpClient::stop(milliseconds grace) {
  auto& self = *implementation_;
  {
    const std::scoped_lock lock{self.mutex};
    self.stopping = true;
    self.ends_at = (std::chrono::steady_clock::now() + grace).time_since_epoch().count();
  }
  self.returned.notify_all();
}

std::expected<Response, NoAnswer> CurlHttpClient::send(const Request& request, const EgressRules& rules,
                                                       TimePoint deadline) {
  auto& self = *implementation_;
  if (auto fault = request_fault(request); !fault.empty()) return none(Kind::refused, std::move(fault));
  const auto egress = allow(rules, request.url);
  if (!egress) return none(Kind::refused, egress.error().message);
  auto handle = self.take(self.left(deadline));
  if (!handle)
    return none(Kind::not_sent,
                self.stopping ? "the hub is stopping" : "too many requests to other services are under way");
  const auto time = self.left(deadline);
  auto result = time.count() > 0 ? self.perform(handle.get(), request, *egress, time)
                                 : none(Kind::not_sent, "there was no time left to ask");
  self.give_back(std::move(handle));
  return result;
}

}  // namespace leadhub::outbound
