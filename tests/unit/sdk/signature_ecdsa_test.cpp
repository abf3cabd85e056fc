#include <gtest/gtest.h>
#include <leadhub/sdk/signature_ecdsa.hpp>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>

#include "requests.hpp"

namespace leadhub::sdk {
namespace {

using Json = nlohmann::json;

constexpr std::int64_t hour_ms = 3'600'000;

Json vector_of(const std::string& id) {
  std::ifstream file(LEADHUB_SOURCE_DIR "/tests/data/signature_vectors.json");
  for (Json& vector : Json::parse(file))
    if (vector["id"] == id) return vector;
  ADD_FAILURE() << "there is no vector " << id;
  return {};
}

OwnedRequest request_of(const Json& vector) {
  OwnedRequest request;
  for (const auto& [name, value] : vector["headers"].items()) {
    std::string lower = name;
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](unsigned char c) { return std::tolower(c); });
    request.headers.emplace_back(lower, value.get<std::string>());
  }
  request.body = vector["body"];
  return request;
}

std::string& header(OwnedRequest& request, std::string_view name) {
  for (auto& [known, value] : request.headers)
    if (known == name) return value;
  return request.headers.emplace_back(name, "").second;
}

constexpr auto signature_header = "x-twilio-email-event-webhook-signature";
constexpr auto timestamp_header = "x-twilio-email-event-webhook-timestamp";

class SendGridSignature : public testing::Test {
 protected:
  SignatureVerdict verify(const OwnedRequest& request, std::int64_t now_ms) const {
    return request.shown([&](const HttpRequest& shown) { return verifier_.verify(shown, now_ms); });
  }

  const Json vector_ = vector_of("sendgrid-single");
  const EcdsaVerifier verifier_{sendgrid_scheme(), {vector_["public_key"].get<std::string>()}};
  const std::int64_t signed_at_ms_ = 1'600'112'502'000;
  OwnedRequest request_ = request_of(vector_);
};

TEST(EcdsaVerifier, AgreesWithThePublishedVectors) {
  std::ifstream file(LEADHUB_SOURCE_DIR "/tests/data/signature_vectors.json");
  int checked = 0;
  for (const Json& vector : Json::parse(file)) {
    if (!vector.contains("public_key")) continue;
    OwnedRequest request = request_of(vector);
    const std::string timestamp = header(request, timestamp_header);
    const EcdsaVerifier verifier(sendgrid_scheme(), {vector["public_key"].get<std::string>()});
    const std::int64_t now_ms = std::atoll(timestamp.c_str()) * 1000;
    const auto verdict =
        request.shown([&](const HttpRequest& shown) { return verifier.verify(shown, now_ms); });
    EXPECT_EQ(verdict == SignatureVerdict::genuine, vector["expect"] == "accept") << vector["id"];
    ++checked;
  }
  EXPECT_EQ(checked, 6);
}

TEST_F(SendGridSignature, IsOverTheTimeAndEveryByteOfTheBody) {
  EXPECT_EQ(verify(request_, signed_at_ms_), SignatureVerdict::genuine);
  OwnedRequest other = request_;
  other.body.pop_back();
  EXPECT_EQ(verify(other, signed_at_ms_), SignatureVerdict::wrong);
  other = request_;
  other.body[3] = 'E';
  EXPECT_EQ(verify(other, signed_at_ms_), SignatureVerdict::wrong);
  other = request_;
  header(other, timestamp_header) = "1600112503";
  EXPECT_EQ(verify(other, signed_at_ms_), SignatureVerdict::wrong);
}

TEST_F(SendGridSignature, CountsForAsLongAsDeliveriesAreRepeated) {
  EXPECT_EQ(verify(request_, signed_at_ms_ + 25 * hour_ms), SignatureVerdict::genuine);
  EXPECT_EQ(verify(request_, signed_at_ms_ + 25 * hour_ms + 1), SignatureVerdict::stale);
  EXPECT_EQ(verify(request_, signed_at_ms_ - 300'000), SignatureVerdict::genuine);
  EXPECT_EQ(verify(request_, signed_at_ms_ - 300'001), SignatureVerdict::premature);
}

TEST_F(SendGridSignature, NeedsBothHeaders) {
  for (const std::string_view name : {signature_header, timestamp_header}) {
    OwnedRequest other = request_;
    header(other, name) = "";
    EXPECT_EQ(verify(other, signed_at_ms_), SignatureVerdict::missing) << name;
  }
}

TEST_F(SendGridSignature, TakesNothingMalformed) {
  for (const std::string_view time :
       {"yesterday", "-1600112502", "1600112502.5", "99999999999999999999", "+1"}) {
    OwnedRequest other = request_;
    header(other, timestamp_header) = time;
    EXPECT_EQ(verify(other, signed_at_ms_), SignatureVerdict::malformed) << time;
  }
  OwnedRequest other = request_;
  header(other, signature_header) = std::string(513, 'A');
  EXPECT_EQ(verify(other, signed_at_ms_), SignatureVerdict::malformed);
  for (const std::string_view signature : {"AAAA", "not base64!", "===="}) {
    header(other, signature_header) = signature;
    EXPECT_EQ(verify(other, signed_at_ms_), SignatureVerdict::wrong) << signature;
  }
}

TEST_F(SendGridSignature, IsCheckedUnderEveryKey) {
  const std::string key = vector_["public_key"];
  const std::string old_key = vector_of("sendgrid-wrong-key")["public_key"];
  const auto verdict = [&](const std::vector<std::string>& keys) {
    const EcdsaVerifier verifier(sendgrid_scheme(), keys);
    return request_.shown([&](const HttpRequest& shown) { return verifier.verify(shown, signed_at_ms_); });
  };
  EXPECT_EQ(verdict({old_key}), SignatureVerdict::wrong);
  EXPECT_EQ(verdict({old_key, key}), SignatureVerdict::genuine);
  EXPECT_EQ(verdict({"-----BEGIN PUBLIC KEY-----\n" + key.substr(0, 64) + "\n" + key.substr(64) +
                     "\n-----END PUBLIC KEY-----\n"}),
            SignatureVerdict::genuine);
}

TEST(EcdsaVerifier, TakesKeysOfItsCurveAlone) {
  const EcdsaScheme scheme = sendgrid_scheme();
  // openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:secp384r1 | openssl pkey -pubout
  const std::string other_curve =
      "MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAEQI/aHvzyo3YtB5gwNpkdZ/UF631Gyt/u/grdcrnNsLriUbpjAmsPYCXMW2"
      "vkmDD7DRhZysAYI14TS3cgraP6IcdTnCAX6WpdKMqd93WT/hP4Ibt1T1Eab5ice71gXO1i";
  for (const std::string& text : {std::string{}, std::string("secret"), other_curve, std::string("AAAA")})
    EXPECT_NE(EcdsaVerifier::key_problem(scheme, text), "") << text;
  const std::string key = vector_of("sendgrid-single")["public_key"];
  EXPECT_EQ(EcdsaVerifier::key_problem(scheme, key), "");
  EXPECT_EQ(EcdsaVerifier::key_problem(scheme, key + "\n"), "") << "as a file ends";
  EXPECT_NE(EcdsaVerifier::key_problem(scheme, key.substr(0, key.size() - 8)), "");
  EXPECT_THROW(EcdsaVerifier(scheme, {}), ChannelError);
  EXPECT_THROW(EcdsaVerifier(scheme, {key, "secret"}), ChannelError);
}

TEST(EcdsaVerifier, ExplainsWithoutSecrets) {
  const EcdsaVerifier verifier(sendgrid_scheme(),
                               {vector_of("sendgrid-single")["public_key"].get<std::string>()});
  for (const auto verdict : {SignatureVerdict::missing, SignatureVerdict::malformed, SignatureVerdict::stale,
                             SignatureVerdict::premature, SignatureVerdict::wrong})
    EXPECT_GT(verifier.explain(verdict).size(), 20U);
}

}  // namespace
}  // namespace leadhub::sdk
