#include "multipart.hpp"

#include <gtest/gtest.h>

#include "limits.hpp"

namespace leadhub::webform {
namespace {

constexpr std::size_t many = 500;

std::string part(const std::string& head, const std::string& content) {
  return "--b\r\n" + head + "\r\n\r\n" + content + "\r\n";
}
std::string field(const std::string& name, const std::string& content) {
  return part("Content-Disposition: form-data; name=\"" + name + "\"", content);
}
MultipartError error_of(const std::string& body, std::string_view boundary = "b") {
  const auto parts = parse_multipart(body, boundary, many);
  return parts ? MultipartError{} : parts.error();
}

TEST(Multipart, GivesPartsInTheirOrder) {
  const std::string body =
      field("a", "1") +
      part("content-disposition: form-data; name=up; filename=\"x.txt\"\r\nContent-Type: text/plain",
           "line\r\nend\r\n") +
      field("a", "") + "--b--\r\n";
  const auto parts = parse_multipart(body, "b", many);
  ASSERT_TRUE(parts);
  ASSERT_EQ(parts->size(), 3u);
  EXPECT_EQ((*parts)[0].content, "1");
  EXPECT_FALSE((*parts)[0].is_file);
  EXPECT_EQ((*parts)[1].name, "up");
  EXPECT_EQ((*parts)[1].file_name, "x.txt");
  EXPECT_EQ((*parts)[1].content_type, "text/plain");
  EXPECT_EQ((*parts)[1].content, "line\r\nend\r\n");
  EXPECT_EQ((*parts)[2].content, "");
}

TEST(Multipart, MayHaveNoPart) {
  const auto parts = parse_multipart("--b--", "b", many);
  ASSERT_TRUE(parts);
  EXPECT_TRUE(parts->empty());
}

TEST(Multipart, KeepsBytesThatOnlyLookLikeABoundary) {
  const std::string content = "x--b\r\n --b-- \r\n-b\r\n--a";
  const std::string body = field("a", content) + "--b--";
  const auto parts = parse_multipart(body, "b", many);
  ASSERT_TRUE(parts);
  EXPECT_EQ((*parts)[0].content, content);
}

TEST(Multipart, DecodesNamesAsBrowsersEncodeThem) {
  const auto parts = parse_multipart(
      part("Content-Disposition: form-data; name=\"a%22b%0D%0Ac%41\"; filename=\"C:\\dir\\x \\\"y\\\".txt\"",
           "") +
          "--b--",
      "b", many);
  ASSERT_TRUE(parts);
  EXPECT_EQ((*parts)[0].name, "a\"b\r\nc%41");
  EXPECT_EQ((*parts)[0].file_name, "C:\\dir\\x \"y\".txt");
}

TEST(Multipart, IsRefusedWhereItIsCutOffOrAmbiguous) {
  EXPECT_EQ(error_of(""), MultipartError::malformed);
  EXPECT_EQ(error_of(field("a", "1")), MultipartError::malformed) << "no final boundary";
  EXPECT_EQ(error_of("preamble\r\n" + field("a", "1") + "--b--"), MultipartError::malformed);
  EXPECT_EQ(error_of(field("a", "1") + "--b--\r\nepilogue"), MultipartError::malformed);
  EXPECT_EQ(error_of("--b\nContent-Disposition: form-data; name=a\n\n1\n--b--"), MultipartError::malformed);
  EXPECT_EQ(error_of(field("a", "1") + "--bc\r\n--b--"), MultipartError::malformed) << "longer boundary";
  EXPECT_EQ(error_of(part("Content-Type: text/plain", "1") + "--b--"), MultipartError::malformed)
      << "no name";
  EXPECT_EQ(error_of(part("Content-Disposition: attachment; name=\"a\"", "1") + "--b--"),
            MultipartError::malformed);
  EXPECT_EQ(error_of(part("Content-Disposition: form-data; name=\"a\"; name=\"b\"", "1") + "--b--"),
            MultipartError::malformed);
  EXPECT_EQ(error_of(part("Content-Disposition: form-data; name=\"a", "1") + "--b--"),
            MultipartError::malformed);
  EXPECT_EQ(
      error_of(part("Content-Disposition: form-data; name=\"a\"\r\nContent-Transfer-Encoding: base64", "1") +
               "--b--"),
      MultipartError::malformed);
  EXPECT_EQ(error_of(part("Content-Disposition: form-data; name=\"a\"\r\nX: " + std::string(8192, 'x'), "1") +
                     "--b--"),
            MultipartError::malformed);
  EXPECT_EQ(error_of(part("no colon", "1") + "--b--"), MultipartError::malformed);
  EXPECT_EQ(error_of(field("a", "1") + "--b--", ""), MultipartError::malformed) << "no boundary";
}

TEST(Multipart, IsBounded) {
  std::string body;
  for (int i = 0; i < 10'000; ++i) body += field("a", "1");
  EXPECT_EQ(error_of(body + "--b--"), MultipartError::too_many_parts);
}

TEST(Multipart, SurvivesEveryCut) {
  const std::string whole =
      field("a", "1") + part("Content-Disposition: form-data; name=\"f\"; filename=\"x\"", "data") + "--b--";
  for (std::size_t size = 0; size < whole.size(); ++size)
    EXPECT_FALSE(parse_multipart(whole.substr(0, size), "b", many)) << size;
  EXPECT_TRUE(parse_multipart(whole, "b", many));
}

TEST(MultipartBoundary, IsTheParametersValue) {
  EXPECT_EQ(multipart_boundary("multipart/form-data; boundary=----x1"), "----x1");
  EXPECT_EQ(multipart_boundary("multipart/form-data; charset=utf-8; Boundary=\"a b\""), "a b");
  EXPECT_EQ(multipart_boundary("multipart/form-data"), "");
  EXPECT_EQ(multipart_boundary("multipart/form-data; boundary="), "");
  EXPECT_EQ(multipart_boundary("multipart/form-data; boundary=a; boundary=b"), "");
  EXPECT_EQ(multipart_boundary("multipart/form-data; boundary=\"a\r\nb\""), "");
  EXPECT_EQ(multipart_boundary("multipart/form-data; boundary=" + std::string(71, 'x')), "");
}

TEST(SafeFileName, HasNoPath) {
  EXPECT_EQ(safe_file_name("../../etc/passwd"), "passwd");
  EXPECT_EQ(safe_file_name("C:\\Users\\ada\\plan.pdf"), "plan.pdf");
  EXPECT_EQ(safe_file_name("a/b\\"), "unnamed");
  EXPECT_EQ(safe_file_name(".."), "unnamed");
  EXPECT_EQ(safe_file_name(""), "unnamed");
}

TEST(SafeFileName, IsPlainText) {
  EXPECT_EQ(safe_file_name(std::string_view("a\r\nb\0c\x7F.txt", 11)), "abc.txt");
  EXPECT_EQ(safe_file_name("invoice\xE2\x80\xAE"
                           "fdp.exe"),
            "invoicefdp.exe");
  EXPECT_EQ(safe_file_name("\xFF.txt"), "\xEF\xBF\xBD.txt");
}

TEST(SafeFileName, IsBounded) {
  std::string accents;
  for (int i = 0; i < 300; ++i) accents += "\xC3\xA9";
  EXPECT_EQ(safe_file_name(accents).size(), limits::file_name_bytes_max - 1);
}

}  // namespace
}  // namespace leadhub::webform
