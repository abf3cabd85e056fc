#pragma once

#include <gmime/gmime.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "message.hpp"

/// What the tests of the e-mail plugin share.
namespace leadhub::email::testing {

using Json = nlohmann::ordered_json;

class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "leadhub-email-XXXXXX").string();
    path_ = ::mkdtemp(name.data());
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

inline std::string read_file(const std::filesystem::path& file) {
  std::ifstream in{file, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

/// The names of everything in a folder, hidden files among them, sorted.
inline std::vector<std::string> names_in(const std::filesystem::path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator{folder})
    names.push_back(entry.path().filename().string());
  std::sort(names.begin(), names.end());
  return names;
}

inline Mail a_mail() {
  return {"0198-confirm@engines.example",
          "ada@example.com",
          "Ada Lovelace",
          "Please confirm",
          "Dear Ada,\nplease confirm.\n",
          "<p>Dear Ada</p>\n",
          {{"List-Unsubscribe", "<https://engines.example/u/1>"},
           {"List-Unsubscribe-Post", "List-Unsubscribe=One-Click"}},
          "2026-01-05T12:00:00.123Z"};
}

/// The same as the host hands it over.
inline std::string document_of(const Mail& mail) {
  Json document{{"type", "mail"},
                {"version", 1},
                {"message_id", mail.message_id},
                {"to", mail.to},
                {"subject", mail.subject},
                {"text", mail.text},
                {"date", mail.date}};
  if (!mail.to_name.empty()) document["to_name"] = mail.to_name;
  if (!mail.html.empty()) document["html"] = mail.html;
  for (const auto& [name, value] : mail.headers)
    document["headers"].push_back(Json{{"name", name}, {"value", value}});
  return document.dump();
}

inline Sender a_sender() {
  return {{"Ada at Analytical Engines", "ada@analytical-engines.example"},
          Mailbox{"", "hello@analytical-engines.example"}};
}

/// What Python's email module reads from a file.
inline Json read_with_python(const std::filesystem::path& file) {
  const std::string command = std::string{"python3 '"} + READ_EML + "' '" + file.string() + "'";
  FILE* pipe = ::popen(command.c_str(), "r");
  std::string output;
  std::array<char, 4096> some;
  while (const std::size_t size = std::fread(some.data(), 1, some.size(), pipe))
    output.append(some.data(), size);
  EXPECT_EQ(::pclose(pipe), 0) << command;
  return Json::parse(output, nullptr, false);
}

inline Json read_with_python(const std::string& bytes) {
  const TemporaryFolder folder;
  std::ofstream{folder.path() / "one.eml", std::ios::binary} << bytes;
  return read_with_python(folder.path() / "one.eml");
}

struct Unref {
  void operator()(void* object) const { g_object_unref(object); }
};
using ReadMessage = std::unique_ptr<GMimeMessage, Unref>;

/// What GMime reads from bytes that it did not make in this message.
inline ReadMessage read_with_gmime(const std::string& bytes) {
  GMimeStream* stream = g_mime_stream_mem_new_with_buffer(bytes.data(), bytes.size());
  GMimeParser* parser = g_mime_parser_new_with_stream(stream);
  ReadMessage message{g_mime_parser_construct_message(parser, nullptr)};
  g_object_unref(parser);
  g_object_unref(stream);
  return message;
}

}  // namespace leadhub::email::testing
