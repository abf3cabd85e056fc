#pragma once

#include <expected>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "control/queries.hpp"
#include "lead/action.hpp"
#include "ops/error.hpp"

namespace leadhub::control {

/// Why a reply was not taken, with its HTTP status.
struct ReplyProblem {
  int status = 500;
  std::string detail;
};

/// Takes what the team answers to leads in chats. Thread-safe.
class Replies {
 public:
  struct Ports {
    std::function<std::vector<std::string>()> channels;  ///< those that answer chats
    /// The keyed hash by which a reply's key is known.
    std::function<std::string(std::string_view key)> hash_key;
    /// As of Services::act.
    std::function<Result<bool>(const lead::Action& action)> act;
  };
  /// `queries` outlives it.
  Replies(Queries& queries, Ports ports) : queries_(queries), ports_(std::move(ports)) {}

  /// Takes one and answers with its message; {"status": "pending"} where the pipeline has a backlog. `body`:
  /// {"text", "channel", "author"}, the last two optional. `key`: the client's, by which a repetition is
  /// known; nullopt: it repeats nothing. The same key with the same text gives the same message; with
  /// another text or for another lead it is a 409.
  ///
  /// Problems: 400 for what is no such body or key; 404 for a lead that is not there; 409 where the lead has
  /// no conversation in a channel that answers; 422 for a text that is empty or longer than
  /// limits::chat_text_bytes_max; 503.
  [[nodiscard]] std::expected<nlohmann::ordered_json, ReplyProblem> take(
      std::string_view reference, std::string_view body, const std::optional<std::string>& key);

 private:
  struct Asked;
  [[nodiscard]] static std::expected<Asked, ReplyProblem> read(std::string_view body);
  [[nodiscard]] std::expected<nlohmann::ordered_json, ReplyProblem> answer(const lead::Message& message,
                                                                           const std::string& lead_id,
                                                                           const Asked& asked) const;

  Queries& queries_;
  Ports ports_;
};

}  // namespace leadhub::control
