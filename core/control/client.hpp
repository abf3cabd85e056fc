#pragma once

#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "ops/error.hpp"

namespace leadhub::control {

/// The command line's way to the running hub. Used by one thread.
class Client {
 public:
  /// `url`: "http://127.0.0.1:8081".
  Client(const std::string& url, std::string token);
  Client(Client&&) noexcept;
  ~Client();

  /// `path` with its query, each part percent-encoded. Errors: `unavailable` where no hub answers; else what
  /// the API said, with its sentence.
  [[nodiscard]] Result<nlohmann::ordered_json> get(const std::string& path);
  [[nodiscard]] Result<nlohmann::ordered_json> post(const std::string& path,
                                                    const nlohmann::ordered_json& body);
  /// The same under a key of one's own: posted again with that key it is done once.
  [[nodiscard]] Result<nlohmann::ordered_json> post_once(const std::string& path,
                                                         const nlohmann::ordered_json& body,
                                                         const std::string& key);
  /// Posts JSON lines.
  [[nodiscard]] Result<nlohmann::ordered_json> post_lines(const std::string& path, const std::string& lines);

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

/// Percent-encodes one part of a path or query (RFC 3986, section 2.3: all but the unreserved characters).
[[nodiscard]] std::string percent_encoded(std::string_view text);

}  // namespace leadhub::control
