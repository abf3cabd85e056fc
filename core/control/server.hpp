#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "capture/importer.hpp"
#include "control/broadcasts.hpp"
#include "control/messages.hpp"
#include "control/queries.hpp"
#include "control/reports.hpp"
#include "control/segments.hpp"
#include "control/token.hpp"
#include "lead/action.hpp"
#include "ops/error.hpp"

namespace leadhub::control {

/// What the control API needs of the running hub. All of it is called from the API's threads and outlives the
/// server.
struct Services {
  Queries& queries;
  Messages& messages;
  Segments& segments;
  /// Reads entry `seq` again; the number of the entry that replaces it.
  std::function<Result<std::int64_t>(std::int64_t seq)> redrive;
  /// Logs what is to be done to leads and waits a moment for the pipeline to do it; whether it is done.
  /// Errors: `conflict` where it cannot be done, saying why; `unavailable`.
  std::function<Result<bool>(const lead::Action& action)> act;
  /// Takes lead events, one document a line; as of capture::Importer.
  std::function<Result<capture::ImportReport>(std::string_view lines, capture::ImportMode mode)> import;
  /// Waits until the pipeline has passed the entry, for a moment at most.
  std::function<void(std::int64_t seq)> wait_for_pipeline;
  /// Waits until something was committed after `seq`, at most so long; the new head.
  std::function<std::int64_t(std::int64_t seq, std::chrono::milliseconds at_most)> wait_for_commit;
  /// Error: why the hub cannot take requests now.
  std::function<Result<void>()> ready;
  std::function<std::string()> metrics;  ///< in the Prometheus text format
  std::function<nlohmann::ordered_json()> status;
  std::function<nlohmann::ordered_json()> plugins;
  /// Where a person decides about their mails: preference centre, and unsubscribing from all and from each of
  /// these purposes.
  std::function<nlohmann::ordered_json(std::string_view lead_id, const std::vector<std::string>& purposes)>
      links{};
  std::function<std::vector<std::string>()> chat_channels{};  ///< those that answer chats
  /// The keyed hash by which a reply's Idempotency-Key is known.
  std::function<std::string(std::string_view key)> hash_reply_key{};
  /// What would make a lead hot: {"ways", "gains"}, as of qualify::Outlook. Errors as of Queries::lead().
  std::function<Result<nlohmann::ordered_json>(std::string_view reference)> outlook{};
  /// Reads the configuration again and puts it in force; notices, a line each. Errors: `invalid`,
  /// every fault a line, where the old one stays; `unavailable`.
  std::function<Result<std::vector<std::string>>()> reload{};
  std::function<Result<nlohmann::ordered_json>(const ReportQuery&)> report{};  ///< as Reports::make
  /// Sends a template, filled with samples, to one address by a channel that delivers mails; {"sent",
  /// "detail"}. Errors: `not_found`, `conflict` where the other side or the pause of all sending refuses.
  std::function<Result<nlohmann::ordered_json>(const std::string& name, const std::string& to,
                                               const std::string& via)>
      send_test{};
  Broadcasts* broadcasts = nullptr;
  /// Error: `not_found` where the hub has nothing of that name to be paused.
  std::function<Result<void>(const lead::PauseScope& scope)> find_pausable{};
};

/// The control listener: API, health and metrics, on cpp-httplib. Loopback unless configured otherwise; a TLS
/// proxy belongs in front where it is to be reached from elsewhere.
///
/// cpp-httplib 0.11.4 lets chunked bodies, compressed bodies and endless headers past its limits, so every
/// request is authenticated and its framing checked before a body is read, nothing is decompressed, and a
/// connection serves one request. Open without the token: /healthz, /readyz, /metrics and
/// /api/v1/openapi.json, none of which says anything about a person.
class Server {
 public:
  /// Binds and listens. Error: `io` where the address cannot be had.
  [[nodiscard]] static Result<std::unique_ptr<Server>> start(const std::string& address, std::uint16_t port,
                                                             TokenCheck token, Services services);
  ~Server();

  [[nodiscard]] std::uint16_t port() const;
  void stop();

 private:
  struct Implementation;
  explicit Server(std::unique_ptr<Implementation> implementation);
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace leadhub::control
