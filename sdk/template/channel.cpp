// Acme's leads: a webhook that posts {"id": "...", "mail": "...", "who": "...", "opt_in": true} with the
// header X-Acme-Token. Everything that is Acme's own stands in this file; replace it by your provider's.
#include <leadhub/sdk/channel.hpp>
#include <nlohmann/json.hpp>
#include <string>

namespace {

using nlohmann::json;
namespace sdk = leadhub::sdk;

/// Whether both are equal, in a time that does not tell where they differ.
bool equal_in_constant_time(std::string_view left, std::string_view right) {
  unsigned difference = left.size() == right.size() ? 0 : 1;
  for (std::size_t i = 0; i < left.size() && i < right.size(); ++i)
    difference |= static_cast<unsigned char>(left[i]) ^ static_cast<unsigned char>(right[i]);
  return difference == 0;
}

class AcmeChannel : public sdk::Channel {
 public:
  AcmeChannel(sdk::Host host, std::string) : host_(host) {}

  // What the schema cannot say. The configuration holds a reference to the token; the host gives its value.
  void check(std::string_view, const sdk::Diagnostics& diagnostics) override {
    if (host_.secret("/token").value_or("").size() < 8)
      diagnostics.report("/token", "is shorter than 8 characters; make a longer one and tell Acme");
  }

  void activate(std::string_view config) override {
    event_type_ = json::parse(config).at("event").get<std::string>();
    token_ = host_.secret("/token").value_or("");
  }

  // Is it Acme who calls? Many threads at once, so nothing here is changed without a lock.
  sdk::Verdict authenticate(const sdk::HttpRequest& request, std::int64_t) override {
    if (request.method() != "POST")
      return sdk::Verdict::refuse({405, {{"Allow", "POST"}}, "POST only\n"}, "a method other than POST");
    if (!equal_in_constant_time(request.header("x-acme-token"), token_)) {
      host_.count("wrong_token");
      return sdk::Verdict::refuse({401, {}, "wrong X-Acme-Token\n"}, "wrong token");
    }
    return sdk::Verdict::accept();
  }

  // What does it say? Pure: the same request gives the same events, today and when it is read again in a
  // year.
  sdk::Reading read(const sdk::HttpRequest& request) const override {
    const json lead = json::parse(request.body(), nullptr, false);
    if (!lead.is_object()) throw sdk::ChannelError("the body is no JSON object; see fixtures/lead.json");
    json event{{"type", event_type_},
               {"person", {{"email", lead.value("mail", "")}, {"name", lead.value("who", "")}}}};
    // The provider's own id: the same lead sent twice is one event.
    if (lead.contains("id")) event["key"] = lead.at("id");
    if (lead.value("opt_in", false))
      event["consent"] = {{{"purpose", "marketing_email"}, {"state", "granted"}, {"text", "Keep me posted"}}};
    return {{event.dump()}, {200, {{"Content-Type", "text/plain"}}, "thanks\n"}};
  }

 private:
  sdk::Host host_;
  std::string event_type_;
  std::string token_;
};

}  // namespace

LEADHUB_EXPORT_CHANNEL(AcmeChannel);
