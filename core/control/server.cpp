#include "control/server.hpp"

#include <httplib.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <regex>
#include <thread>
#include <utility>
#include <vector>

#include "config/units.hpp"
#include "control/bounded_server.hpp"
#include "control/deeds.hpp"
#include "control/http_status.hpp"
#include "control/openapi.hpp"
#include "control/parameters.hpp"
#include "control/replies.hpp"
#include "control/sending.hpp"
#include "ops/limits.hpp"
#include "ops/log.hpp"
#include "ops/uuid.hpp"

namespace leadhub::control {
namespace {

using httplib::Request;
using httplib::Response;
using nlohmann::ordered_json;

constexpr auto json_type = "application/json";

std::string title_of(int status) {
  switch (status) {
    case 400:
      return "Bad request";
    case 401:
      return "Not authenticated";
    case 404:
      return "Not found";
    case 405:
      return "Method not allowed";
    case 409:
      return "Conflict";
    case 413:
      return "Too large";
    case 414:
      return "URI too long";
    case 415:
      return "Unsupported media type";
    case 416:
      return "Range not satisfiable";
    case 422:
      return "Unprocessable content";
    case 503:
      return "Unavailable";
    default:
      return "Internal error";
  }
}

/// What to say where the library refused and said nothing.
std::string detail_of(int status) {
  switch (status) {
    case 404:
      return "there is nothing at this path; see /api/v1/openapi.json";
    case 405:
      return "this path takes other methods; the header Allow names them";
    case 414:
      return "the path is too long";
    case 416:
      return "send no Range; answers come whole";
    default:
      return "this is no HTTP request that the control API takes; see /api/v1/openapi.json";
  }
}

/// RFC 9457.
void send_problem(Response& response, int status, const std::string& detail) {
  response.status = status;
  const ordered_json problem{
      {"type", "about:blank"}, {"title", title_of(status)}, {"status", status}, {"detail", detail}};
  response.set_content(problem.dump(-1, ' ', false, ordered_json::error_handler_t::replace),
                       "application/problem+json");
}

void send(Response& response, const Result<ordered_json>& document) {
  if (!document)
    return send_problem(response, http_status_of(document.error().code), document.error().message);
  response.set_content(document->dump(-1, ' ', false, ordered_json::error_handler_t::replace), json_type);
}

/// 202 where what was asked for is logged and not done yet.
void send_or_pend(Response& response, const Result<ordered_json>& document) {
  if (document && document->contains("status")) response.status = 202;
  send(response, document);
}

bool is_open(const std::string& path) {
  return path == "/healthz" || path == "/readyz" || path == "/metrics" || path == "/api/v1/openapi.json";
}

}  // namespace

struct Server::Implementation {
  Implementation(TokenCheck token_check, Services hub_services)
      : token(token_check),
        services(std::move(hub_services)),
        replies(services.queries, {services.chat_channels, services.hash_reply_key, services.act}),
        sending(services.queries, services.messages, {services.find_pausable, services.act}) {}

  BoundedServer server;
  TokenCheck token;
  Services services;
  Replies replies;
  Sending sending;
  std::uint16_t port = 0;
  std::thread thread;

  /// What a path takes, to tell a wrong method from a wrong path.
  struct Route {
    std::string_view methods;  ///< as the header Allow has them
    std::regex path;
  };
  std::vector<Route> routes;

  void harden();
  void add_routes();
  void get(const std::string& path, std::vector<std::string_view> parameters,
           httplib::Server::Handler handler);
  void post(const std::string& path, httplib::Server::Handler handler,
            std::vector<std::string_view> parameters = {});
  [[nodiscard]] std::string_view methods_of(const std::string& path) const;
  [[nodiscard]] bool refuse(const Request& request, Response& response) const;
  void tap(const Request& request, Response& response) const;
  void merge(const Request& request, Response& response) const;
  void unmerge(const Request& request, Response& response) const;
  void dismiss(const Request& request, Response& response) const;
  void erase(const Request& request, Response& response) const;
  void reply(const Request& request, Response& response);
  void do_deed(const Request& request, Response& response) const;
  void redrive_messages(const Request& request, Response& response) const;
  void estimate(const Request& request, Response& response) const;
  void reload(Response& response) const;
  void report(const Request& request, Response& response) const;
  void conversions(const Request& request, Response& response) const;
  /// The counts of all, or who is in one.
  void segments(const Request& request, Response& response, const std::optional<std::string>& name) const;
  enum class Suppressing { begin = 1, end };
  void suppress(const Request& request, Response& response, Suppressing how) const;
  void act(Response& response, const lead::Action& action, const std::string& shown) const;
  void import(const Request& request, Response& response) const;
};

bool Server::Implementation::refuse(const Request& request, Response& response) const {
  const auto refuse_with = [&](int status, const std::string& detail) {
    send_problem(response, status, detail);
    return true;
  };
  if (request.path.size() > limits::control_path_bytes_max) return refuse_with(400, "the path is too long");
  if (!is_open(request.path)) {
    // One header, and the whole of it: two would leave open which of them was meant.
    if (request.get_header_value_count("Authorization") != 1 ||
        !token.accepts(request.get_header_value("Authorization"))) {
      response.set_header("WWW-Authenticate", "Bearer realm=\"leadhub\"");
      return refuse_with(
          401, "send the control token as \"Authorization: Bearer TOKEN\"; it lies beside the store");
    }
  }
  if (request.has_header("Transfer-Encoding") || request.get_header_value_count("Content-Length") > 1)
    return refuse_with(400, "send one Content-Length and no Transfer-Encoding");
  if (request.has_header("Content-Encoding")) return refuse_with(415, "send the body uncompressed");
  if (request.get_header_value<std::uint64_t>("Content-Length", 0) > limits::control_body_bytes_max)
    return refuse_with(413, "the body is larger than the control API takes");
  return false;
}

void Server::Implementation::harden() {
  server.set_payload_max_length(limits::control_body_bytes_max);
  // The library's own SO_REUSEPORT would let a second hub share the port in silence.
  server.set_socket_options([](int socket) {
    const int yes = 1;
    ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  });
  server.new_task_queue = [] { return new httplib::ThreadPool(limits::control_threads); };
  server.set_pre_routing_handler([this](const Request& request, Response& response) {
    response.set_header("X-Content-Type-Options", "nosniff");
    response.set_header("Cache-Control", "no-store");
    return refuse(request, response) ? httplib::Server::HandlerResponse::Handled
                                     : httplib::Server::HandlerResponse::Unhandled;
  });
  server.set_exception_handler([](const Request&, Response& response, std::exception_ptr raised) {
    try {
      std::rethrow_exception(std::move(raised));
    } catch (const std::exception& error) {
      log::error("control", std::string{"a request failed: "} + error.what());
    } catch (...) {
      log::error("control", "a request failed");
    }
    send_problem(response, 500, "the request failed; the log says why");
  });
  // What the library itself refuses. "Unhandled" keeps it from cutting the answer into the ranges asked for;
  // the length is set here then.
  const httplib::Server::HandlerWithResponse explain = [this](const Request& request, Response& response) {
    if (response.body.empty()) {
      if (const auto methods = methods_of(request.path); response.status == 404 && !methods.empty()) {
        response.status = 405;
        response.set_header("Allow", std::string{methods});
      }
      send_problem(response, response.status, detail_of(response.status));
      response.set_header("Content-Length", std::to_string(response.body.size()));
    }
    return httplib::Server::HandlerResponse::Unhandled;
  };
  server.set_error_handler(explain);
}

/// Entries after `after` as soon as there are any, each with what became of it.
void Server::Implementation::tap(const Request& request, Response& response) const {
  auto page = inbox_page(request);
  const auto wait =
      number_parameter(request, "wait", 0, std::chrono::milliseconds{limits::long_poll_max}.count());
  if (!page) return send_problem(response, 400, page.error().message);
  if (!wait) return send_problem(response, 400, wait.error().message);
  const auto start = page->after.value_or(services.wait_for_commit(INT64_MAX, {}));
  page->after = start;
  page->before.reset();
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds{wait->value_or(0)};
  while (true) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    const auto head = services.wait_for_commit(*page->after, std::max(left, std::chrono::milliseconds{0}));
    if (head > *page->after) services.wait_for_pipeline(head);
    auto found = services.queries.inbox(*page);
    if (!found) return send(response, found);
    const bool any = !(*found)["items"].empty();
    (*found)["next"] = any ? (*found)["items"].back()["seq"] : ordered_json(std::max(head, *page->after));
    if (any || left.count() <= 0) return send(response, found);
    page->after = std::max(head, *page->after);
  }
}

/// Does it and answers with the lead `shown`, or with 202 where the pipeline has a backlog.
void Server::Implementation::act(Response& response, const lead::Action& action,
                                 const std::string& shown) const {
  const auto done = services.act(action);
  if (!done) return send_problem(response, http_status_of(done.error().code), done.error().message);
  if (*done) return send(response, services.queries.lead(shown));
  response.status = 202;
  response.set_content(ordered_json{{"status", "pending"}}.dump(), json_type);
}

void Server::Implementation::merge(const Request& request, Response& response) const {
  const auto body = body_texts(request, {"lead"});
  if (!body) return send_problem(response, 400, body.error().message);
  const auto into = services.queries.lead_id(request.matches[1].str());
  if (!into) return send_problem(response, http_status_of(into.error().code), into.error().message);
  const auto merged = services.queries.lead_id(body->front());
  if (!merged) return send_problem(response, http_status_of(merged.error().code), merged.error().message);
  act(response, lead::MergeLeads{*into, *merged}, *into);
}

void Server::Implementation::unmerge(const Request& request, Response& response) const {
  const auto merged = request.matches[1].str();
  if (!ops::is_uuid(merged))
    return send_problem(response, 400,
                        "a merged lead is named by its id; `leadhub leads show` lists as aliases what was "
                        "merged into a lead");
  act(response, lead::UnmergeLead{merged}, merged);
}

void Server::Implementation::erase(const Request& request, Response& response) const {
  const auto id = services.queries.lead_id(request.matches[1].str());
  if (!id) return send_problem(response, http_status_of(id.error().code), id.error().message);
  const auto done = services.act(lead::EraseLead{*id});
  if (!done) return send_problem(response, http_status_of(done.error().code), done.error().message);
  response.status = *done ? 200 : 202;
  response.set_content(ordered_json{{"id", *id}, {"status", *done ? "erased" : "pending"}}.dump(), json_type);
}

void Server::Implementation::do_deed(const Request& request, Response& response) const {
  const auto key = idempotency_key(request);
  if (!key) return send_problem(response, 400, key.error().message);
  const auto document = deed_document(request.body, *key);
  if (!document) return send_problem(response, 400, document.error().message);
  const auto id = services.queries.lead_id(request.matches[1].str());
  if (!id) return send_problem(response, http_status_of(id.error().code), id.error().message);
  act(response, lead::RecordDeed{*id, *document}, *id);
}

void Server::Implementation::reply(const Request& request, Response& response) {
  const auto key = idempotency_key(request);
  if (!key) return send_problem(response, 400, key.error().message);
  const auto taken = replies.take(request.matches[1].str(), request.body, *key);
  if (!taken) return send_problem(response, taken.error().status, taken.error().detail);
  response.status = taken->contains("status") ? 202 : 200;
  response.set_content(taken->dump(), json_type);
}

void Server::Implementation::redrive_messages(const Request& request, Response& response) const {
  const auto body = body_texts(request, {"via"});
  if (!body) return send_problem(response, 400, body.error().message);
  const auto& via = body->front();
  if (const auto known = services.messages.destination(via); !known)
    return send_problem(response, http_status_of(known.error().code), known.error().message);
  const auto done = services.act(lead::RedriveDeliveries{via});
  if (!done) return send_problem(response, http_status_of(done.error().code), done.error().message);
  if (*done) return send(response, services.messages.destination(via));
  response.status = 202;
  response.set_content(ordered_json{{"status", "pending"}}.dump(), json_type);
}

void Server::Implementation::estimate(const Request& request, Response& response) const {
  std::vector<std::string> texts;
  for (const auto* name : {"segment", "purpose", "cursor"}) {
    const auto text = text_parameter(request, name);
    if (!text) return send_problem(response, 400, text.error().message);
    texts.push_back(text->value_or(""));
  }
  send(response, services.broadcasts->estimate(texts[0], texts[1], texts[2]));
}

void Server::Implementation::reload(Response& response) const {
  const auto notices = services.reload();
  if (!notices) return send_problem(response, http_status_of(notices.error().code), notices.error().message);
  response.set_content(ordered_json{{"status", "in_force"}, {"notices", *notices}}.dump(), json_type);
}

void Server::Implementation::report(const Request& request, Response& response) const {
  const auto by = text_parameter(request, "by");
  const auto since = text_parameter(request, "since");
  for (const auto* text : {&by, &since})
    if (!*text) return send_problem(response, 400, text->error().message);
  const auto query = report_query(request.matches[1].str(), *by, *since);
  if (!query) return send_problem(response, http_status_of(query.error().code), query.error().message);
  send(response, services.report(*query));
}

void Server::Implementation::conversions(const Request& request, Response& response) const {
  const auto since = text_parameter(request, "since");
  const auto cursor = text_parameter(request, "cursor");
  for (const auto* text : {&since, &cursor})
    if (!*text) return send_problem(response, 400, text->error().message);
  const auto span = config::parse_duration(since->value_or("90d"));
  if (!span) return send_problem(response, 400, "the parameter since: " + span.error().message);
  send(response, services.queries.conversions(*span, cursor->value_or("")));
}

void Server::Implementation::segments(const Request& request, Response& response,
                                      const std::optional<std::string>& name) const {
  const auto cursor = text_parameter(request, "cursor");
  if (!cursor) return send_problem(response, 400, cursor.error().message);
  if (*cursor && !ops::is_uuid(**cursor))
    return send_problem(response, 400, "the parameter cursor must be `next` of the piece before");
  const auto after = cursor->value_or("");
  send(response, name ? services.segments.leads(*name, after) : services.segments.counts(after));
}

void Server::Implementation::suppress(const Request& request, Response& response, Suppressing how) const {
  const auto body = body_texts(request, {"address"});
  if (!body) return send_problem(response, 400, body.error().message);
  const auto address = services.queries.address(body->front());
  if (!address) return send_problem(response, http_status_of(address.error().code), address.error().message);
  const auto done = services.act(how == Suppressing::begin ? lead::Action{*address}
                                                           : lead::LiftSuppression{address->address_hash});
  if (!done) return send_problem(response, http_status_of(done.error().code), done.error().message);
  if (*done) return send(response, services.queries.suppression(*address));
  response.status = 202;
  response.set_content(ordered_json{{"status", "pending"}}.dump(), json_type);
}

void Server::Implementation::dismiss(const Request& request, Response& response) const {
  const auto pair = body_texts(request, {"first", "second"});
  if (!pair) return send_problem(response, 400, pair.error().message);
  std::vector<std::string> ids;
  for (const auto& reference : *pair) {
    auto id = services.queries.lead_id(reference);
    if (!id) return send_problem(response, http_status_of(id.error().code), id.error().message);
    ids.push_back(std::move(*id));
  }
  act(response, lead::DismissProposal{ids[0], ids[1]}, ids[0]);
}

void Server::Implementation::import(const Request& request, Response& response) const {
  const auto check_only = text_parameter(request, "check_only");
  if (!check_only) return send_problem(response, 400, check_only.error().message);
  if (*check_only && **check_only != "true" && **check_only != "false")
    return send_problem(response, 400, "the parameter check_only must be true or false");
  const auto mode = *check_only == "true" ? capture::ImportMode::check : capture::ImportMode::commit;
  const auto report = services.import(request.body, mode);
  if (!report) return send_problem(response, http_status_of(report.error().code), report.error().message);
  ordered_json document{{"accepted", report->accepted},
                        {"duplicates", report->duplicates},
                        {"conflicts", report->conflicts},
                        {"refused", ordered_json::array()}};
  for (const auto& refused : report->refused)
    document["refused"].push_back({{"line", refused.line}, {"reason", refused.reason}});
  send(response, document);
}

/// Calls the handler where the parameters are good.
httplib::Server::Handler checked(std::vector<std::string_view> parameters, httplib::Server::Handler handler) {
  return [parameters = std::move(parameters), handler = std::move(handler)](const Request& request,
                                                                            Response& response) {
    if (const auto good = check_parameters(request, parameters); !good)
      return send_problem(response, 400, good.error().message);
    handler(request, response);
  };
}

void Server::Implementation::get(const std::string& path, std::vector<std::string_view> parameters,
                                 httplib::Server::Handler handler) {
  routes.push_back({"GET, HEAD", std::regex{path}});
  server.Get(path, checked(std::move(parameters), std::move(handler)));
}

void Server::Implementation::post(const std::string& path, httplib::Server::Handler handler,
                                  std::vector<std::string_view> parameters) {
  routes.push_back({"POST", std::regex{path}});
  server.Post(path, checked(std::move(parameters), std::move(handler)));
}

std::string_view Server::Implementation::methods_of(const std::string& path) const {
  if (path.size() > limits::control_path_bytes_max) return {};
  const auto found = std::find_if(routes.begin(), routes.end(),
                                  [&](const Route& route) { return std::regex_match(path, route.path); });
  return found == routes.end() ? std::string_view{} : found->methods;
}

void Server::Implementation::add_routes() {
  const auto plain = "text/plain; charset=utf-8";
  get("/healthz", {}, [plain](const Request&, Response& response) { response.set_content("ok\n", plain); });
  get("/readyz", {}, [this, plain](const Request&, Response& response) {
    const auto ready = services.ready();
    if (!ready) return send_problem(response, 503, ready.error().message);
    response.set_content("ready\n", plain);
  });
  get("/metrics", {}, [this](const Request&, Response& response) {
    response.set_content(services.metrics(), "text/plain; version=0.0.4; charset=utf-8");
  });
  get("/api/v1/openapi.json", {}, [](const Request&, Response& response) {
    response.set_content(std::string{openapi_document()}, json_type);
  });
  get("/api/v1/status", {},
      [this](const Request&, Response& response) { send(response, services.status()); });
  get("/api/v1/plugins", {},
      [this](const Request&, Response& response) { send(response, services.plugins()); });
  get("/api/v1/leads", {"limit", "cursor", "stage", "temperature"},
      [this](const Request& request, Response& response) {
        const auto page = lead_page(request);
        if (!page) return send_problem(response, 400, page.error().message);
        send(response, services.queries.leads(*page));
      });
  get("/api/v1/export", {"cursor", "shape"}, [this](const Request& request, Response& response) {
    const auto page = export_page(request);
    if (!page) return send_problem(response, 400, page.error().message);
    send(response, services.queries.exported(*page));
  });
  post("/api/v1/import", [this](const Request& request, Response& response) { import(request, response); },
       {"check_only"});
  get("/api/v1/leads/([^/]+)", {}, [this](const Request& request, Response& response) {
    send(response, services.queries.lead(request.matches[1].str()));
  });
  get("/api/v1/leads/([^/]+)/outlook", {}, [this](const Request& request, Response& response) {
    send(response, services.outlook(request.matches[1].str()));
  });
  get("/api/v1/segments", {"cursor"},
      [this](const Request& request, Response& response) { segments(request, response, {}); });
  get("/api/v1/segments/([^/]+)/leads", {"cursor"}, [this](const Request& request, Response& response) {
    segments(request, response, request.matches[1].str());
  });
  get("/api/v1/leads/([^/]+)/links", {}, [this](const Request& request, Response& response) {
    const auto document = services.queries.lead(request.matches[1].str());
    if (!document)
      return send_problem(response, http_status_of(document.error().code), document.error().message);
    std::vector<std::string> purposes;
    for (const auto& permission : (*document)["permissions"])
      if (permission["channel"] == "email") purposes.push_back(permission["purpose"]);
    send(response, services.links((*document)["id"].get<std::string>(), purposes));
  });
  get("/api/v1/leads/([^/]+)/attachments/([0-9a-f]{64})", {},
      [this](const Request& request, Response& response) {
        const auto content = services.queries.attachment(request.matches[1].str(), request.matches[2].str());
        if (!content)
          return send_problem(response, http_status_of(content.error().code), content.error().message);
        // Never shown in place: whoever sent it chose its type.
        response.set_header("Content-Disposition", "attachment");
        response.set_content(content->first, "application/octet-stream");
      });
  post("/api/v1/leads/([^/]+)/merge",
       [this](const Request& request, Response& response) { merge(request, response); });
  post("/api/v1/leads/([^/]+)/unmerge",
       [this](const Request& request, Response& response) { unmerge(request, response); });
  post("/api/v1/leads/([^/]+)/erase",
       [this](const Request& request, Response& response) { erase(request, response); });
  get("/api/v1/leads/([^/]+)/conversation", {}, [this](const Request& request, Response& response) {
    send(response, services.queries.conversation(request.matches[1].str()));
  });
  post("/api/v1/leads/([^/]+)/deeds",
       [this](const Request& request, Response& response) { do_deed(request, response); });
  post("/api/v1/leads/([^/]+)/replies",
       [this](const Request& request, Response& response) { reply(request, response); });
  get("/api/v1/proposals", {"limit"}, [this](const Request& request, Response& response) {
    const auto limit = number_parameter(request, "limit", 1, limits::page_size_max);
    if (!limit) return send_problem(response, 400, limit.error().message);
    send(response, services.queries.proposals(limit->value_or(limits::page_size_default)));
  });
  post("/api/v1/proposals/dismiss",
       [this](const Request& request, Response& response) { dismiss(request, response); });
  get("/api/v1/sending", {},
      [this](const Request&, Response& response) { send(response, services.queries.sending()); });
  post("/api/v1/sending/pause", [this](const Request& request, Response& response) {
    send_or_pend(response, sending.pause(request.body));
  });
  post("/api/v1/sending/resume", [this](const Request& request, Response& response) {
    send_or_pend(response, sending.resume(request.body));
  });
  get("/api/v1/broadcasts", {},
      [this](const Request&, Response& response) { send(response, services.broadcasts->list()); });
  post("/api/v1/broadcasts", [this](const Request& request, Response& response) {
    send_or_pend(response, services.broadcasts->start(request.body));
  });
  get("/api/v1/broadcast-estimates", {"segment", "purpose", "cursor"},
      [this](const Request& request, Response& response) { estimate(request, response); });
  get("/api/v1/broadcasts/([^/]+)", {}, [this](const Request& request, Response& response) {
    send(response, services.broadcasts->get(request.matches[1].str()));
  });
  post("/api/v1/broadcasts/([^/]+)/cancel", [this](const Request& request, Response& response) {
    send_or_pend(response, services.broadcasts->cancel(request.matches[1].str()));
  });
  post("/api/v1/messages/([^/]+)/settle", [this](const Request& request, Response& response) {
    send_or_pend(response, sending.settle(request.matches[1].str(), request.body));
  });
  get("/api/v1/messages", {"limit", "cursor", "state", "kind", "via"},
      [this](const Request& request, Response& response) {
        const auto filter = message_filter(request);
        if (!filter) return send_problem(response, 400, filter.error().message);
        send(response, services.messages.list(*filter));
      });
  get("/api/v1/messages/([^/]+)", {}, [this](const Request& request, Response& response) {
    send(response, services.messages.get(request.matches[1].str()));
  });
  get("/api/v1/destinations", {},
      [this](const Request&, Response& response) { send(response, services.messages.destinations()); });
  post("/api/v1/messages/redrive",
       [this](const Request& request, Response& response) { redrive_messages(request, response); });
  post("/api/v1/templates/([^/]+)/test", [this](const Request& request, Response& response) {
    const auto body = body_texts(request, {"to", "via"});
    if (!body) return send_problem(response, 400, body.error().message);
    send(response, services.send_test(request.matches[1].str(), body->at(0), body->at(1)));
  });
  post("/api/v1/reload", [this](const Request&, Response& response) { reload(response); });
  get("/api/v1/suppressions", {"limit", "cursor"}, [this](const Request& request, Response& response) {
    const auto limit = number_parameter(request, "limit", 1, limits::page_size_max);
    if (!limit) return send_problem(response, 400, limit.error().message);
    const auto cursor = text_parameter(request, "cursor");
    if (!cursor) return send_problem(response, 400, cursor.error().message);
    send(response,
         services.queries.suppressions(cursor->value_or(""), limit->value_or(limits::page_size_default)));
  });
  post("/api/v1/suppressions", [this](const Request& request, Response& response) {
    suppress(request, response, Suppressing::begin);
  });
  post("/api/v1/suppressions/lift",
       [this](const Request& request, Response& response) { suppress(request, response, Suppressing::end); });
  get("/api/v1/inbox", {"limit", "cursor", "after", "channel", "status"},
      [this](const Request& request, Response& response) {
        const auto page = inbox_page(request);
        if (!page) return send_problem(response, 400, page.error().message);
        send(response, services.queries.inbox(*page));
      });
  get("/api/v1/inbox/([0-9]{1,18})", {}, [this](const Request& request, Response& response) {
    send(response, services.queries.inbox_entry(std::stoll(request.matches[1].str())));
  });
  post("/api/v1/inbox/([0-9]{1,18})/redrive", [this](const Request& request, Response& response) {
    const auto seq = services.redrive(std::stoll(request.matches[1].str()));
    if (!seq) return send_problem(response, http_status_of(seq.error().code), seq.error().message);
    services.wait_for_pipeline(*seq);
    send(response, services.queries.inbox_entry(*seq));
  });
  get("/api/v1/conversions", {"since", "cursor"},
      [this](const Request& request, Response& response) { conversions(request, response); });
  get("/api/v1/reports/([^/]+)", {"by", "since"},
      [this](const Request& request, Response& response) { report(request, response); });
  get("/api/v1/tap", {"limit", "after", "channel", "wait"},
      [this](const Request& request, Response& response) { tap(request, response); });
}

Server::Server(std::unique_ptr<Implementation> implementation) : implementation_(std::move(implementation)) {}

Server::~Server() {
  stop();
}

Result<std::unique_ptr<Server>> Server::start(const std::string& address, std::uint16_t port,
                                              TokenCheck token, Services services) {
  auto implementation = std::make_unique<Implementation>(token, std::move(services));
  implementation->harden();
  implementation->add_routes();
  auto& server = implementation->server;
  int bound = port;
  if (port == 0)
    bound = server.bind_to_any_port(address);
  else if (!server.bind_to_port(address, port))
    bound = -1;
  if (bound < 0)
    return fail(ErrorCode::io, "control.listen " + address + ":" + std::to_string(port) +
                                   " cannot be had; end whatever listens there, or choose another port");
  implementation->port = static_cast<std::uint16_t>(bound);
  implementation->thread = std::thread{[&server] { server.listen_after_bind(); }};
  while (!server.is_running()) std::this_thread::yield();
  return std::unique_ptr<Server>{new Server{std::move(implementation)}};
}

std::uint16_t Server::port() const {
  return implementation_->port;
}

void Server::stop() {
  implementation_->server.stop();
  if (implementation_->thread.joinable()) implementation_->thread.join();
}

}  // namespace leadhub::control
