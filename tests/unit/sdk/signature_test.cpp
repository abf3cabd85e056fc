#include <gtest/gtest.h>
#include <leadhub/sdk/signature.hpp>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>

#include "requests.hpp"

namespace leadhub::sdk {
namespace {

using Json = nlohmann::json;

constexpr std::int64_t noon_ms = 1767614400000;  // 2026-01-05T12:00:00Z

SignatureVerdict verify(const SignatureVerifier& verifier, const OwnedRequest& request,
                        std::int64_t now_ms = noon_ms, const GivenValues& given = {}) {
  return request.shown([&](const HttpRequest& shown) { return verifier.verify(shown, now_ms, given); });
}

SignatureScheme over_body(std::string header, std::string prefix = {},
                          SignatureEncoding encoding = SignatureEncoding::hex) {
  SignatureScheme scheme;
  scheme.name = "test";
  scheme.signature = Source::header(std::move(header));
  scheme.prefix = std::move(prefix);
  scheme.encoding = encoding;
  return scheme;
}

// ---------------------------------------------------------------------------------- published vectors

SignatureScheme slack() {
  SignatureScheme scheme = over_body("x-slack-signature", "v0=");
  scheme.timestamp = Source::header("x-slack-request-timestamp");
  scheme.before = {Part::literal("v0:"), Part::timestamp(), Part::literal(":")};
  return scheme;
}

SignatureScheme zendesk() {
  SignatureScheme scheme = over_body("x-zendesk-webhook-signature", {}, SignatureEncoding::base64);
  scheme.timestamp = Source::header("x-zendesk-webhook-signature-timestamp");
  scheme.time_unit = TimeUnit::rfc3339;
  scheme.before = {Part::timestamp()};
  return scheme;
}

SignatureScheme scheme_of(const std::string& vector) {
  if (vector.rfind("slack", 0) == 0) return slack();
  if (vector.rfind("zendesk", 0) == 0) return zendesk();
  if (vector.rfind("x-hub", 0) == 0) return over_body("x-hub-signature-256", "sha256=");
  return standard_webhooks_scheme();
}

TEST(SignatureVerifier, AgreesWithThePublishedVectors) {
  std::ifstream file(LEADHUB_SOURCE_DIR "/tests/data/signature_vectors.json");
  int checked = 0;
  for (const Json& vector : Json::parse(file)) {
    if (!vector.contains("secret")) continue;  // those with a public key: signature_ecdsa_test.cpp
    OwnedRequest request;
    for (const auto& [name, value] : vector["headers"].items()) {
      std::string lower = name;
      std::transform(lower.begin(), lower.end(), lower.begin(),
                     [](unsigned char c) { return std::tolower(c); });
      request.headers.emplace_back(lower, value.get<std::string>());
    }
    request.body = vector["body"];
    const std::int64_t now_ms = vector.value("now", std::int64_t{1767614400}) * 1000;
    const SignatureVerifier verifier(scheme_of(vector["id"]), {vector["secret"].get<std::string>()});
    EXPECT_EQ(verify(verifier, request, now_ms) == SignatureVerdict::genuine, vector["expect"] == "accept")
        << vector["id"];
    ++checked;
  }
  EXPECT_EQ(checked, 11);
}

// ------------------------------------------------------ one of each scheme, computed by another program
//
// The body is {"a":1}, the key "secret", the time 2026-01-05T12:00:00Z. Made with
//   printf %s TEXT | openssl dgst -sha256 -hmac secret              hexadecimal
//   printf %s TEXT | openssl dgst -sha256 -hmac secret -binary | base64

OwnedRequest signed_request(std::vector<std::pair<std::string, std::string>> headers) {
  OwnedRequest request;
  request.headers = std::move(headers);
  request.body = R"({"a":1})";
  return request;
}

/// Genuine as it is; wrong with another body, another secret or another signature; missing without it.
void check_scheme(const SignatureScheme& scheme, const OwnedRequest& request, const GivenValues& given = {}) {
  SCOPED_TRACE(request.headers.empty() ? "given" : request.headers.back().first);
  const SignatureVerifier verifier(scheme, {"secret"});
  EXPECT_EQ(verify(verifier, request, noon_ms, given), SignatureVerdict::genuine);
  EXPECT_EQ(verify(SignatureVerifier(scheme, {"other"}), request, noon_ms, given), SignatureVerdict::wrong);
  EXPECT_EQ(verify(SignatureVerifier(scheme, {"other", "secret"}), request, noon_ms, given),
            SignatureVerdict::genuine);
  EXPECT_EQ(verify(verifier, OwnedRequest{}, noon_ms), SignatureVerdict::missing);
  if (scheme.covers == Covers::nothing) return;
  OwnedRequest other = request;
  other.body += " ";
  EXPECT_EQ(verify(verifier, other, noon_ms, given), SignatureVerdict::wrong);
  other = request;
  std::string& signature = other.headers.back().second;
  char& digit = signature[signature.size() - 5];
  digit = digit == '0' ? '1' : '0';
  EXPECT_EQ(verify(verifier, other, noon_ms, given), SignatureVerdict::wrong);
}

void check_window(const SignatureScheme& scheme, const OwnedRequest& request) {
  SCOPED_TRACE(request.headers.back().first);
  const SignatureVerifier verifier(scheme, {"secret"});
  EXPECT_EQ(verify(verifier, request, noon_ms + 300'000), SignatureVerdict::genuine);
  EXPECT_EQ(verify(verifier, request, noon_ms + 300'001), SignatureVerdict::stale);
  EXPECT_EQ(verify(verifier, request, noon_ms - 300'000), SignatureVerdict::genuine);
  EXPECT_EQ(verify(verifier, request, noon_ms - 300'001), SignatureVerdict::premature);
}

TEST(Schemes, OverTheBodyAlone) {
  constexpr const char* hex = "aa9e2e3575f5d7098b6caccd790888c36d5fdb63342a73bada2d6a51747a8494";
  constexpr const char* base64 = "qp4uNXX11wmLbKzNeQiIw21f22M0KnO62i1qUXR6hJQ=";
  constexpr const char* sha1 = "f8446672f033e4b2beafc5ca3a71eafcd2cafb6e";
  check_scheme(over_body("x-hub-signature-256", "sha256="),  // Meta, WhatsApp, Messenger
               signed_request({{"x-hub-signature-256", std::string("sha256=") + hex}}));
  check_scheme(over_body("typeform-signature", "sha256=", SignatureEncoding::base64),
               signed_request({{"typeform-signature", std::string("sha256=") + base64}}));
  check_scheme(over_body("tally-signature", {}, SignatureEncoding::base64),  // WooCommerce as well
               signed_request({{"tally-signature", base64}}));
  check_scheme(over_body("signature"), signed_request({{"signature", hex}}));  // MailerSend
  SignatureScheme intercom = over_body("x-hub-signature", "sha1=");
  intercom.digest = Digest::sha1;
  check_scheme(intercom, signed_request({{"x-hub-signature", std::string("sha1=") + sha1}}));
  SignatureScheme tawk = over_body("x-tawk-signature");
  tawk.digest = Digest::sha1;
  check_scheme(tawk, signed_request({{"x-tawk-signature", sha1}}));
}

TEST(Schemes, WithATime) {
  check_window(slack(),
               signed_request({{"x-slack-request-timestamp", "1767614400"},
                               // TEXT: v0:1767614400:{"a":1}
                               {"x-slack-signature", "v0=" + hex_encode(Hmac(Digest::sha256, "secret")(
                                                                 {"v0:1767614400:", R"({"a":1})"}))}}));

  SignatureScheme crisp = over_body("x-crisp-signature");  // TEXT: [1767614400000;{"a":1}]
  crisp.timestamp = Source::header("x-crisp-request-timestamp");
  crisp.time_unit = TimeUnit::by_magnitude;
  crisp.before = {Part::literal("["), Part::timestamp(), Part::literal(";")};
  crisp.after = {Part::literal("]")};
  const OwnedRequest from_crisp = signed_request(
      {{"x-crisp-request-timestamp", "1767614400000"},
       {"x-crisp-signature", "a7f90278827aaa2cad246f7e70bfd9b670b7d79ddca4417c88dfd85df312402b"}});
  check_scheme(crisp, from_crisp);
  check_window(crisp, from_crisp);

  SignatureScheme chatwoot = over_body("x-chatwoot-signature", "sha256=");  // TEXT: 1767614400.{"a":1}
  chatwoot.timestamp = Source::header("x-chatwoot-timestamp");
  chatwoot.before = {Part::timestamp(), Part::literal(".")};
  const OwnedRequest from_chatwoot = signed_request(
      {{"x-chatwoot-timestamp", "1767614400"},
       {"x-chatwoot-signature", "sha256=6b02b95f4ef078aefc96c0eec496de667c9897598146cf73c9e0b9f891aa88bc"}});
  check_scheme(chatwoot, from_chatwoot);
  check_window(chatwoot, from_chatwoot);

  SignatureScheme webflow = over_body("x-webflow-signature");  // TEXT: 1767614400000:{"a":1}
  webflow.timestamp = Source::header("x-webflow-timestamp");
  webflow.time_unit = TimeUnit::milliseconds;
  webflow.before = {Part::timestamp(), Part::literal(":")};
  const OwnedRequest from_webflow = signed_request(
      {{"x-webflow-timestamp", "1767614400000"},
       {"x-webflow-signature", "79841bfb25c16d14a5d16fa6b58a4944ebf56548d47b97e93e20df3533aea6ef"}});
  check_scheme(webflow, from_webflow);
  check_window(webflow, from_webflow);

  const OwnedRequest from_zendesk = signed_request(  // TEXT: 2026-01-05T12:00:00Z{"a":1}
      {{"x-zendesk-webhook-signature-timestamp", "2026-01-05T12:00:00Z"},
       {"x-zendesk-webhook-signature", "q54lyseNP0xeS/bHT8+CzxEjkLoC1oGzk/YtiEA6+2w="}});
  check_scheme(zendesk(), from_zendesk);
  check_window(zendesk(), from_zendesk);
}

TEST(Schemes, WithMethodAndAddress) {
  SignatureScheme hubspot = over_body("x-hubspot-signature-v3", {}, SignatureEncoding::base64);
  hubspot.timestamp = Source::header("x-hubspot-request-timestamp");
  hubspot.time_unit = TimeUnit::milliseconds;
  hubspot.before = {Part::method(), Part::full_url()};
  hubspot.after = {Part::timestamp()};
  OwnedRequest request = signed_request(  // TEXT: POSThttp://localhost:8080/in/test?a=1{"a":1}1767614400000
      {{"x-hubspot-request-timestamp", "1767614400000"},
       {"x-hubspot-signature-v3", "IXN2R+bay4KWFtkUxf6ILFHKgght/4zy/xbBfNoVRoM="}});
  request.query = "a=1";
  check_scheme(hubspot, request);
  check_window(hubspot, request);
  request.query = "a=2";
  EXPECT_EQ(verify(SignatureVerifier(hubspot, {"secret"}), request), SignatureVerdict::wrong);
}

TEST(Schemes, WithAListOfFields) {
  SignatureScheme stripe = over_body("stripe-signature");  // TEXT: 1767614400.{"a":1}
  stripe.list = SignatureList::fields;
  stripe.list_label = "v1";
  stripe.timestamp = Source::list_field("t");
  stripe.before = {Part::timestamp(), Part::literal(".")};
  constexpr const char* good = "v1=6b02b95f4ef078aefc96c0eec496de667c9897598146cf73c9e0b9f891aa88bc";
  const std::string bad = "v1=" + std::string(64, '0');
  for (const std::string& list :
       {std::string("t=1767614400,") + good, "t=1767614400," + bad + "," + good + ",v0=x",
        std::string(good) + ", t=1767614400"}) {
    const OwnedRequest request = signed_request({{"stripe-signature", list}});
    EXPECT_EQ(verify(SignatureVerifier(stripe, {"secret"}), request), SignatureVerdict::genuine) << list;
    check_window(stripe, request);
  }
  for (const std::string& list :
       {std::string("t=1767614400"), "t=1767614400," + bad, "t=1767614401," + std::string(good),
        "t=1767614400,v0" + std::string(good).substr(2)})
    EXPECT_EQ(verify(SignatureVerifier(stripe, {"secret"}), signed_request({{"stripe-signature", list}})),
              SignatureVerdict::wrong)
        << list;
  EXPECT_EQ(verify(SignatureVerifier(stripe, {"secret"}), signed_request({{"stripe-signature", good}})),
            SignatureVerdict::missing);
  EXPECT_EQ(verify(SignatureVerifier(stripe, {"secret"}),
                   signed_request({{"stripe-signature", "t=soon," + std::string(good)}})),
            SignatureVerdict::malformed);
}

TEST(Schemes, WithALiteralInFrontOfTheBody) {
  SignatureScheme linkedin = over_body("x-li-signature");  // TEXT: hmacsha256={"a":1}
  linkedin.before = {Part::literal("hmacsha256=")};
  check_scheme(linkedin,
               signed_request(
                   {{"x-li-signature", "f2d9a5026c4b83880f40f6453d1467f17be0e906ea8841d7ba8a4560f8220fd6"}}));
}

TEST(Schemes, InsideTheBody) {
  SignatureScheme mailgun;  // TEXT: 1767614400token
  mailgun.name = "Mailgun";
  mailgun.signature = Source::given("signature");
  mailgun.timestamp = Source::given("timestamp");
  mailgun.before = {Part::timestamp(), Part::given("token")};
  mailgun.covers = Covers::nothing;
  const GivenValues given{{"signature", "3fe1959d5bafa51f117db32ef11c7b79a1ba65eff3d292a2db4d8113541802d8"},
                          {"timestamp", "1767614400"},
                          {"token", "token"}};
  check_scheme(mailgun, {}, given);
  const SignatureVerifier verifier(mailgun, {"secret"});
  EXPECT_EQ(verify(verifier, {}, noon_ms + 300'001, given), SignatureVerdict::stale);
  GivenValues other = given;
  other[2].second = "tokem";
  EXPECT_EQ(verify(verifier, {}, noon_ms, other), SignatureVerdict::wrong);
  other.pop_back();
  EXPECT_EQ(verify(verifier, {}, noon_ms, other), SignatureVerdict::missing);
}

TEST(Schemes, OverTheFieldsOfAForm) {
  SignatureScheme mandrill =
      over_body("x-mandrill-signature", {}, SignatureEncoding::base64);  // Twilio as well
  mandrill.digest = Digest::sha1;
  mandrill.before = {Part::full_url()};
  mandrill.covers = Covers::form_fields;
  OwnedRequest request =  // TEXT: http://localhost:8080/in/testaempty b1b+2
      signed_request({{"x-mandrill-signature", "QCk7KzhVIzK1gZhQ+A9zNLZ/nXo="}});
  request.body = "b=1&a=empty+&b=%2B2";
  check_scheme(mandrill, request);
  request.body = "a=empty%20&b=1&b=%2b2";
  EXPECT_EQ(verify(SignatureVerifier(mandrill, {"secret"}), request), SignatureVerdict::genuine)
      << "the order of other names and the way of encoding mean nothing";
  request.body.clear();
  for (int i = 0; i < 1001; ++i) request.body += "a&";
  EXPECT_EQ(verify(SignatureVerifier(mandrill, {"secret"}), request), SignatureVerdict::malformed);
}

TEST(Schemes, WithOtherDigestsEncodingsAndKeys) {
  SignatureScheme sha512 = over_body("x-signature");
  sha512.digest = Digest::sha512;
  check_scheme(sha512,
               signed_request({{"x-signature",
                                "42f08c0da01c9a46d4e5663d5f2140526a016507c598182c6769cca2bcf7ba43"
                                "c395b719b01d288f5ad322564dce1d40ca28ef50b876fc49a33d13d6783114dd"}}));
  check_scheme(over_body("x-signature", {}, SignatureEncoding::base64url),
               signed_request({{"x-signature", "qp4uNXX11wmLbKzNeQiIw21f22M0KnO62i1qUXR6hJQ"}}));
  SignatureScheme hex_key = over_body("x-signature");
  hex_key.key = KeyForm::hex;
  // openssl dgst -sha256 -mac HMAC -macopt hexkey:00ff10
  EXPECT_EQ(verify(SignatureVerifier(hex_key, {"00ff10"}),
                   signed_request({{"x-signature",
                                    "863E3F49B02504A15C1B6C210431EDFBB0A758F1ECDCFA1C67B6668649BE3DC4"}})),
            SignatureVerdict::genuine)
      << "capital digits are digits";
  EXPECT_THROW(SignatureVerifier(hex_key, {"xyz"}), ChannelError);
}

// ------------------------------------------------------------------------------------ what may go wrong

TEST(SignatureScheme, CoversTheBodyUnlessItSaysOtherwise) {
  const SignatureVerifier verifier(over_body("x-signature"), {"secret"});
  EXPECT_EQ(verifier.scheme().covers, Covers::body);
}

TEST(SignatureScheme, ThatContradictsItselfIsRefused) {
  const auto refused = [](const SignatureScheme& scheme) {
    try {
      static_cast<void>(SignatureVerifier(scheme, {"secret"}));
      return std::string("taken");
    } catch (const ChannelError& error) {
      return std::string(error.what());
    }
  };
  SignatureScheme scheme = slack();
  scheme.before = {Part::literal("v0:")};
  EXPECT_EQ(refused(scheme), "the signature scheme of test has a time that it does not sign");
  scheme = slack();
  scheme.timestamp = Source::none();
  EXPECT_EQ(refused(scheme), "the signature scheme of test signs a time that it does not have");
  scheme = slack();
  scheme.tolerance_ms = 0;
  EXPECT_NE(refused(scheme), "taken");
  scheme = slack();
  scheme.list = SignatureList::spaced;
  EXPECT_NE(refused(scheme), "taken");
  scheme = slack();
  scheme.timestamp = Source::list_field("t");
  EXPECT_NE(refused(scheme), "taken");
  scheme = slack();
  scheme.signature = Source::none();
  EXPECT_NE(refused(scheme), "taken");
  EXPECT_THROW(SignatureVerifier(slack(), {}), ChannelError);
  EXPECT_THROW(SignatureVerifier(slack(), {" \n"}), ChannelError);
}

TEST(SignatureVerifier, LooksAtABoundedNumberOfSignatures) {
  SignatureScheme scheme = over_body("x-signature");
  scheme.list = SignatureList::spaced;
  scheme.list_label = "v1";
  const std::string good = "v1,aa9e2e3575f5d7098b6caccd790888c36d5fdb63342a73bada2d6a51747a8494";
  const auto among = [&](int others) {
    std::string list;
    for (int i = 0; i < others; ++i) list += "v1,00 ";
    return verify(SignatureVerifier(scheme, {"secret"}), signed_request({{"x-signature", list + good}}));
  };
  EXPECT_EQ(among(15), SignatureVerdict::genuine);
  EXPECT_EQ(among(16), SignatureVerdict::wrong);
}

TEST(SignatureVerifier, ExplainsItself) {
  const SignatureVerifier verifier(standard_webhooks_scheme(), {"whsec_ZGVtbw"});
  EXPECT_EQ(verifier.explain(SignatureVerdict::missing),
            "the request is not signed as Standard Webhooks does; send webhook-id, webhook-timestamp, "
            "webhook-signature");
  EXPECT_EQ(
      verifier.explain(SignatureVerdict::malformed),
      "what the signature needs is malformed: webhook-id, webhook-timestamp, webhook-signature; the time is "
      "in whole seconds since 1970");
  EXPECT_EQ(verifier.explain(SignatureVerdict::stale),
            "the signature is older than 5 minutes; check the sender's clock");
}

// ----------------------------------------------------------------------------------- Standard Webhooks

constexpr const char* secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
constexpr std::int64_t signed_at_ms = 1614265330000;

OwnedRequest standard(const std::string& prefix = "webhook") {
  OwnedRequest request;
  request.headers = {{prefix + "-id", "msg_p5jXN8AQM9LWM0D4loKWxJek"},
                     {prefix + "-timestamp", "1614265330"},
                     {prefix + "-signature", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="}};
  request.body = "{\"test\": 2432232314}";
  return request;
}

SignatureVerifier with(const std::vector<std::string>& secrets) {
  return SignatureVerifier(standard_webhooks_scheme(), secrets);
}

TEST(StandardWebhooks, TakesTheOlderNamesOfTheHeaders) {
  EXPECT_EQ(verify(with({secret}), standard("svix"), signed_at_ms), SignatureVerdict::genuine);
}

TEST(StandardWebhooks, TakesTheSecretHoweverItIsWritten) {
  EXPECT_EQ(verify(with({"MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}), standard(), signed_at_ms),
            SignatureVerdict::genuine);
  EXPECT_EQ(verify(with({"whsec_ZGVtbw"}), standard(), signed_at_ms), SignatureVerdict::wrong)
      << "without padding it is a secret all the same";
}

TEST(StandardWebhooks, TakesBothSecretsWhileOneIsChanged) {
  EXPECT_EQ(verify(with({"whsec_bmV3IHNlY3JldA==", secret}), standard(), signed_at_ms),
            SignatureVerdict::genuine);
  EXPECT_EQ(verify(with({"whsec_bmV3IHNlY3JldA=="}), standard(), signed_at_ms), SignatureVerdict::wrong);
}

TEST(StandardWebhooks, HasAWindowOfFiveMinutesEitherSide) {
  const SignatureVerifier verifier = with({secret});
  EXPECT_EQ(verify(verifier, standard(), signed_at_ms + 300'000), SignatureVerdict::genuine);
  EXPECT_EQ(verify(verifier, standard(), signed_at_ms + 301'000), SignatureVerdict::stale);
  EXPECT_EQ(verify(verifier, standard(), signed_at_ms - 300'000), SignatureVerdict::genuine);
  EXPECT_EQ(verify(verifier, standard(), signed_at_ms - 301'000), SignatureVerdict::premature);
}

TEST(StandardWebhooks, SaysStaleOnlyToWhoKnowsTheSecret) {
  OwnedRequest forged = standard();
  forged.headers[2].second = "v1,AAAA";
  EXPECT_EQ(verify(with({secret}), forged, signed_at_ms + 10'000'000), SignatureVerdict::wrong);
}

TEST(StandardWebhooks, RefusesWhatIsMissingOrMalformed) {
  const SignatureVerifier verifier = with({secret});
  EXPECT_EQ(verify(verifier, OwnedRequest{}, signed_at_ms), SignatureVerdict::missing);
  for (const char* timestamp :
       {"-1", "1e9", "99999999999999999999", "16142653300000", " 1614265330", "0x10", "+1614265330"}) {
    OwnedRequest bad = standard();
    bad.headers[1].second = timestamp;
    EXPECT_EQ(verify(verifier, bad, signed_at_ms), SignatureVerdict::malformed) << timestamp;
  }
  OwnedRequest long_id = standard();
  long_id.headers[0].second = std::string(513, 'x');
  EXPECT_EQ(verify(verifier, long_id, signed_at_ms), SignatureVerdict::malformed);
  OwnedRequest other_body = standard();
  other_body.body += " ";
  EXPECT_EQ(verify(verifier, other_body, signed_at_ms), SignatureVerdict::wrong);
}

TEST(StandardWebhooks, RefusesASecretThatIsNone) {
  EXPECT_THROW(with({"whsec_"}), ChannelError);
  EXPECT_THROW(with({"not base64!"}), ChannelError);
  try {
    static_cast<void>(with({secret, "hush hush"}));
    ADD_FAILURE();
  } catch (const ChannelError& error) {
    EXPECT_EQ(std::string(error.what()).find("hush"), std::string::npos) << "no secret in a message";
    EXPECT_NE(std::string(error.what()).find("number 2"), std::string::npos);
  }
}

TEST(StandardWebhooks, HasAnIdThatIsShortAndVisible) {
  const auto id_of = [](const OwnedRequest& request) {
    return request.shown([](const HttpRequest& shown) { return std::string(standard_webhooks_id(shown)); });
  };
  EXPECT_EQ(id_of(standard()), "msg_p5jXN8AQM9LWM0D4loKWxJek");
  EXPECT_EQ(id_of(standard("svix")), "msg_p5jXN8AQM9LWM0D4loKWxJek");
  OwnedRequest blank = standard();
  blank.headers[0].second = "a b";
  EXPECT_EQ(id_of(blank), "");
}

}  // namespace
}  // namespace leadhub::sdk
