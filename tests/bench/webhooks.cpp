#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>

#include "provider_requests.hpp"

/// bench_webhooks ROOT FOLDER COUNT: what providers send, signed now and ready to be sent as it is.
///
/// Writes FOLDER/channels.yaml, the lines of hub.yaml for the channels that take it, and FOLDER/requests:
/// COUNT requests, each as its length in decimal digits, a line end, and the bytes of HTTP. Every event has
/// ids and a person of its own.
namespace leadhub::bench {
namespace {

/// One of the senders; they take turns.
struct Sender {
  const char* plugin;
  const char* fixture;
  /// Makes the body that of another event. `n`: unlike all others of this run and of earlier ones.
  void (*renew)(Json& body, const std::string& n);
};

std::string address_of(const std::string& n) {
  return "person-" + n + "@example.com";
}

/// Digits alone, as the ids of messengers are.
std::uint64_t number_of(const std::string& n) {
  return std::hash<std::string>{}(n) >> 12U;
}

void renew_typeform(Json& body, const std::string& n) {
  body["event_id"] = "01" + n;
  Json& response = body["form_response"];
  response["token"] = "t" + n;
  for (Json& answer : response["answers"])
    if (answer["type"] == "email") answer["email"] = address_of(n);
}

void renew_json(Json& body, const std::string& n) {
  body["email"] = address_of(n);
}

void renew_sendgrid(Json& body, const std::string& n) {
  for (std::size_t i = 0; i < body.size(); ++i) {
    body[i]["sg_event_id"] = n + "-" + std::to_string(i);
    body[i]["email"] = address_of(n);
  }
}

void renew_telegram(Json& body, const std::string& n) {
  body["update_id"] = number_of(n);
  Json& message = body["message"];
  message["from"]["id"] = message["chat"]["id"] = number_of(n);
}

void renew_whatsapp(Json& body, const std::string& n) {
  Json& value = body["entry"][0]["changes"][0]["value"];
  const std::string number = "4474" + std::to_string(number_of(n) % 90'000'000 + 10'000'000);
  value["contacts"][0]["wa_id"] = value["messages"][0]["from"] = number;
  value["messages"][0]["id"] = "wamid." + n;
}

constexpr std::array senders{
    Sender{"webform", "typeform_response", &renew_typeform}, Sender{"webform", "json_signed", &renew_json},
    Sender{"newsletter", "sendgrid_batch", &renew_sendgrid}, Sender{"chat", "telegram_text", &renew_telegram},
    Sender{"chat", "whatsapp_text", &renew_whatsapp}};

Json fixture_of(const Sender& sender, const std::string& root) {
  for (Json& fixture : accepted_fixtures(root + "/plugins/" + sender.plugin))
    if (fixture["file"] == sender.fixture) return std::move(fixture);
  std::fprintf(stderr, "there is no fixture %s of %s\n", sender.fixture, sender.plugin);
  std::exit(1);
}

std::string bytes_of(const Request& request, const std::string& channel) {
  std::string text = "POST /in/" + channel + " HTTP/1.1\r\nhost: localhost\r\n";
  for (const auto& [name, value] : request.headers)
    text.append(name).append(": ").append(value).append("\r\n");
  return text + "content-length: " + std::to_string(request.body.size()) + "\r\n\r\n" + request.body;
}

int write_all(const std::string& root, const std::string& folder, std::uint64_t count) {
  std::array<Json, senders.size()> fixtures;
  std::ranges::transform(senders, fixtures.begin(),
                         [&](const Sender& sender) { return fixture_of(sender, root); });
  std::ofstream channels(folder + "/channels.yaml");
  std::ofstream requests(folder + "/requests", std::ios::binary);
  const std::int64_t now_ms = std::chrono::duration_cast<std::chrono::milliseconds>(
                                  std::chrono::system_clock::now().time_since_epoch())
                                  .count();
  for (std::uint64_t i = 0; i < count; ++i) {
    const Sender& sender = senders[i % senders.size()];
    Json& fixture = fixtures[i % senders.size()];
    const std::string n = std::to_string(now_ms) + "x" + std::to_string(i);
    Request request;
    for (const auto& [name, value] : fixture["request"]["headers"].items())
      request.headers.emplace_back(name, name == "webhook-id" ? "msg_" + n : value.get<std::string>());
    Json body = Json::parse(fixture["request"]["body"].get_ref<const std::string&>());
    sender.renew(body, n);
    request.body = body.dump();
    sign(request, fixture["config"], now_ms);
    const std::string channel = fixture["config"]["provider"];
    const std::string bytes = bytes_of(request, channel);
    requests << bytes.size() << '\n' << bytes;
    if (i < senders.size())  // JSON is YAML
      channels << "  " << channel << ": "
               << Json{{"plugin", sender.plugin}, {"config", fixture["config"]}}.dump() << '\n';
  }
  requests.close();
  channels.close();
  return requests && channels ? 0 : 1;
}

}  // namespace
}  // namespace leadhub::bench

int main(int count, char** arguments) {
  if (count != 4) {
    std::fprintf(stderr, "usage: bench_webhooks ROOT FOLDER COUNT\n");
    return 2;
  }
  return leadhub::bench::write_all(arguments[1], arguments[2], std::strtoull(arguments[3], nullptr, 10));
}
