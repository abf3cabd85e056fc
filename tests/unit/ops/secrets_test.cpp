#include <gmock/gmock.h>
#include <rapidcheck/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <set>

#include "ops/crypto.hpp"
#include "ops/key_ring.hpp"
#include "ops/uuid.hpp"
#include "support/temporary_folder.hpp"

namespace leadhub::ops {
namespace {

using testing::HasSubstr;

TEST(Sha256, GivesThePublishedDigests) {  // FIPS 180-4, examples
  EXPECT_EQ(sha256_hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(HmacSha256, GivesThePublishedDigest) {  // RFC 4231, test case 2
  std::string hexadecimal;
  for (const auto byte : hmac_sha256("Jefe", "what do ya want for nothing?")) {
    char text[3];
    std::snprintf(text, sizeof text, "%02x", byte);
    hexadecimal += text;
  }
  EXPECT_EQ(hexadecimal, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

TEST(Base64, FollowsTheRfc) {  // RFC 4648, section 10
  for (const auto& [plain, encoded] :
       std::vector<std::pair<std::string, std::string>>{{"", ""},
                                                        {"f", "Zg=="},
                                                        {"fo", "Zm8="},
                                                        {"foo", "Zm9v"},
                                                        {"foob", "Zm9vYg=="},
                                                        {"foobar", "Zm9vYmFy"}}) {
    EXPECT_EQ(base64_encode(plain), encoded);
    EXPECT_EQ(base64_decode(encoded), plain);
  }
  EXPECT_EQ(base64url_encode("\xfb\xff\xfe?"), "-__-Pw");
}

TEST(Base64, RefusesWhatIsNotCanonical) {
  for (const auto* text : {"Zg", "Zg=", "Zg===", "Zh==", "Zm9=", "====", "=", "Z g=", "Zm9v\n", " Zm9v",
                           "Zm9v    ", "    ", "Zm9v====", "Zm-v", "Zm_v", "----", "Zg==Zg==", "\n\n\n\n"})
    EXPECT_EQ(base64_decode(text), std::nullopt) << text;
}

RC_GTEST_PROP(Base64, GivesBackAnyBytes, (const std::string& bytes)) {
  RC_ASSERT(base64_decode(base64_encode(bytes)) == bytes);
}

TEST(EqualInConstantTime, ComparesAll) {
  EXPECT_TRUE(equal_in_constant_time("", ""));
  EXPECT_TRUE(equal_in_constant_time("abc", "abc"));
  EXPECT_FALSE(equal_in_constant_time("abc", "abd"));
  EXPECT_FALSE(equal_in_constant_time("abc", "abcd"));
}

TEST(RandomBytes, AreOfTheLengthAndNeverTheSame) {
  std::set<std::string> seen;
  for (int i = 0; i < 100; ++i) {
    const auto bytes = random_bytes(16);
    EXPECT_EQ(bytes.size(), 16U);
    EXPECT_TRUE(seen.insert(bytes).second);
  }
}

TEST(Uuid, IsVersionSevenSortedByTime) {
  std::set<std::string> seen;
  for (int i = 0; i < 1'000; ++i) EXPECT_TRUE(seen.insert(make_uuid(from_milliseconds(5))).second);
  const auto uuid = make_uuid(from_milliseconds(0x0123456789ab));
  EXPECT_TRUE(is_uuid(uuid));
  EXPECT_EQ(uuid.substr(0, 13), "01234567-89ab");
  EXPECT_EQ(uuid[14], '7');
  EXPECT_THAT(std::string("89ab"), HasSubstr(uuid.substr(19, 1)));
  EXPECT_LT(make_uuid(from_milliseconds(1)), make_uuid(from_milliseconds(2)));
}

TEST(Uuid, IsTheSameForTheSameName) {
  const auto time = from_milliseconds(1'767'614'400'000);
  EXPECT_EQ(make_uuid(time, "log/1.0"), make_uuid(time, "log/1.0"));
  EXPECT_NE(make_uuid(time, "log/1.0"), make_uuid(time, "log/1.1"));
  EXPECT_TRUE(is_uuid(make_uuid(time, "log/1.0")));
}

TEST(IsUuid, TakesTheFormOnly) {
  for (const auto* text :
       {"", "0189", "01234567-89ab-7cde-8f01-23456789abcdef", "01234567-89AB-7cde-8f01-23456789abcd",
        "0123456789ab-7cde-8f01-23456789abcd--", "g1234567-89ab-7cde-8f01-23456789abcd"})
    EXPECT_FALSE(is_uuid(text)) << text;
}

TEST(Base64Url, IsReadAsItWasWritten) {
  for (const std::string bytes : {"", "a", "ab", "abc", "\xFB\xFF\xFE"})
    EXPECT_EQ(base64url_decode(base64url_encode(bytes)), bytes);
  for (const std::string other : {"YQ==", "+/+/", "Y", "a b=", "YWJ\n"})
    EXPECT_FALSE(base64url_decode(other)) << other;
}

TEST(KeyRing, OpensTheLinksThatItSigned) {
  const test::TemporaryFolder folder;
  const auto keys = KeyRing::open(folder / "keys");
  ASSERT_TRUE(keys);
  const auto token = keys->sign_link("confirm/main", "17.0.1767614400");
  EXPECT_EQ(keys->open_link("confirm/main", token), "17.0.1767614400");
  EXPECT_EQ(KeyRing::open(folder / "keys")->open_link("confirm/main", token), "17.0.1767614400");
}

TEST(KeyRing, OpensNoLinkThatWasCutStretchedChangedOrIsForSomethingElse) {
  const test::TemporaryFolder folder;
  const test::TemporaryFolder elsewhere;
  const auto keys = KeyRing::open(folder / "keys");
  const auto token = keys->sign_link("confirm/main", "17.0.1767614400");
  EXPECT_FALSE(keys->open_link("unsubscribe/main", token));
  EXPECT_FALSE(keys->open_link("confirm/other", token));
  EXPECT_FALSE(KeyRing::open(elsewhere / "keys")->open_link("confirm/main", token));
  EXPECT_FALSE(keys->open_link("confirm/main", token + "a"));
  EXPECT_FALSE(keys->open_link("confirm/main", token + std::string(1'000'000, 'a')));
  for (std::size_t size = 0; size < token.size(); ++size)
    EXPECT_FALSE(keys->open_link("confirm/main", token.substr(0, size))) << size;
  for (std::size_t i = 0; i < token.size(); ++i) {
    auto changed = token;
    changed[i] = changed[i] == '7' ? '8' : '7';
    if (changed != token) {
      EXPECT_FALSE(keys->open_link("confirm/main", changed)) << changed;
    }
  }
}

TEST(KeyRing, OpensOldLinksAfterANewKeyWasAdded) {
  const test::TemporaryFolder folder;
  const auto token = KeyRing::open(folder / "keys")->sign_link("confirm/main", "17");
  EXPECT_EQ(KeyRing::rotate(folder / "keys"), 2);
  const auto rotated = KeyRing::open(folder / "keys");
  ASSERT_TRUE(rotated) << rotated.error().message;
  EXPECT_THAT(rotated->signing_keys(), testing::ElementsAre(1, 2));
  EXPECT_EQ(rotated->open_link("confirm/main", token), "17");
  EXPECT_TRUE(rotated->sign_link("confirm/main", "17").starts_with("2."));
}

TEST(KeyRing, HashesTheSameAfterANewKeyWasAdded) {
  const test::TemporaryFolder folder;
  const auto hash = KeyRing::open(folder / "keys")->hash("p", "v");
  ASSERT_TRUE(KeyRing::rotate(folder / "keys"));
  EXPECT_EQ(KeyRing::open(folder / "keys")->hash("p", "v"), hash);
}

TEST(KeyRing, OpensNoLinkOfARevokedKey) {
  const test::TemporaryFolder folder;
  const auto token = KeyRing::open(folder / "keys")->sign_link("confirm/main", "17");
  EXPECT_EQ(KeyRing::revoke(folder / "keys", 1).error().code, ErrorCode::conflict) << "it signs";
  ASSERT_TRUE(KeyRing::rotate(folder / "keys"));
  ASSERT_TRUE(KeyRing::revoke(folder / "keys", 1));
  EXPECT_FALSE(KeyRing::open(folder / "keys")->open_link("confirm/main", token));
  EXPECT_EQ(KeyRing::revoke(folder / "keys", 1).error().code, ErrorCode::not_found);
}

TEST(KeyRing, IsNotMadeByARotation) {
  const test::TemporaryFolder folder;
  EXPECT_EQ(KeyRing::rotate(folder / "keys").error().code, ErrorCode::not_found);
  EXPECT_FALSE(std::filesystem::exists(folder / "keys"));
}

TEST(KeyRing, IsMadeOnceForItsOwnerOnly) {
  const test::TemporaryFolder folder;
  const auto first = KeyRing::open(folder / "keys");
  ASSERT_TRUE(first) << first.error().message;
  struct stat status {};
  ASSERT_EQ(::stat((folder / "keys").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600U);
  const auto second = KeyRing::open(folder / "keys");
  ASSERT_TRUE(second) << second.error().message;
  EXPECT_EQ(first->signing_key("a"), second->signing_key("a"));
  EXPECT_EQ(first->hash("p", "v"), second->hash("p", "v"));
  const test::TemporaryFolder elsewhere;
  EXPECT_NE(KeyRing::open(elsewhere / "keys")->hash("p", "v"), first->hash("p", "v"));
}

TEST(KeyRing, KeepsPurposesApart) {
  const test::TemporaryFolder folder;
  const auto ring = KeyRing::open(folder / "keys").value();
  EXPECT_EQ(ring.signing_key("a").size(), 32U);
  EXPECT_NE(ring.signing_key("a"), ring.signing_key("b"));
  EXPECT_EQ(ring.hash("p", "v").size(), 22U);
  EXPECT_NE(ring.hash("p", "v"), ring.hash("q", "v"));
  EXPECT_NE(ring.hash("p", "qv"), ring.hash("pq", "v"));
}

TEST(KeyRing, RefusesAFileThatOthersMayRead) {
  const test::TemporaryFolder folder;
  ASSERT_TRUE(KeyRing::open(folder / "keys"));
  ASSERT_EQ(::chmod((folder / "keys").c_str(), 0640), 0);
  const auto ring = KeyRing::open(folder / "keys");
  ASSERT_FALSE(ring);
  EXPECT_EQ(ring.error().code, ErrorCode::incompatible);
  EXPECT_THAT(ring.error().message, HasSubstr("chmod 600"));
}

TEST(KeyRing, NeverReplacesAFileThatItCannotRead) {
  const test::TemporaryFolder folder;
  for (const std::string content :
       {"", "{}", "rubbish", R"({"signing":[{"key":"Zg=="}],"hashing":[{"key":"Zg=="}]})"}) {
    ASSERT_TRUE(write_private_file(folder / "keys", content));
    const auto ring = KeyRing::open(folder / "keys");
    ASSERT_FALSE(ring) << content;
    EXPECT_EQ(ring.error().code, ErrorCode::incompatible);
    EXPECT_THAT(ring.error().message, HasSubstr("restore it from the backup"));
    EXPECT_EQ(read_small_file(folder / "keys").value(), content);
  }
  EXPECT_EQ(KeyRing::open(folder / "missing/keys").error().code, ErrorCode::io);
}

}  // namespace
}  // namespace leadhub::ops
