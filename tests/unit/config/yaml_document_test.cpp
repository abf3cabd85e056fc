#include "config/yaml_document.hpp"

#include <gmock/gmock.h>

#include "config/text_file.hpp"
#include "ops/limits.hpp"
#include "support.hpp"

namespace leadhub::config {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

json value_of(const std::string& text) {
  const auto result = read_yaml("f", text);
  EXPECT_THAT(result.diagnostics, IsEmpty())
      << text << to_text(result.diagnostics.empty() ? Diagnostic{} : result.diagnostics[0]);
  return result.document ? result.document->root : json{};
}

std::string first_error(const std::string& text) {
  const auto result = read_yaml("f", text);
  return result.diagnostics.empty() ? "" : to_text(result.diagnostics.front());
}

TEST(Yaml, TakesPlainScalarsByTheCoreSchemaOfYaml12) {
  const auto value = value_of(
      "{a: NO, b: yes, c: on, d: 010, e: 0o10, f: 0xFF, g: true, h: FALSE, i: ~, j: null, k: 1.50, l: -3, m: "
      "+4, n: 1e3, o: .5, p: 1_000, "
      "q: 12:30:45, r: 2026-01-05, s: 1.2.3, t: 'true', u: \"10\", v: , w: 0x, x: y, y: -, z: 1.}");
  EXPECT_EQ(
      value,
      json::parse(
          R"({"a":"NO","b":"yes","c":"on","d":10,"e":8,"f":255,"g":true,"h":false,"i":null,"j":null,"k":1.5,"l":-3,
    "m":4,"n":1000.0,"o":0.5,"p":"1_000","q":"12:30:45","r":"2026-01-05","s":"1.2.3","t":"true","u":"10","v":null,"w":"0x","x":"y",
    "y":"-","z":1.0})"));
}

TEST(Yaml, RefusesNumbersThatJsonCannotHold) {
  for (const auto* text : {"a: .inf", "a: -.Inf", "a: .NAN", "a: 99999999999999999999", "a: 1e999"})
    EXPECT_THAT(first_error(text), HasSubstr("f:1:4: ")) << text;
}

TEST(Yaml, KnowsWhereKeysAndValuesStand) {
  const auto result = read_yaml("f", "# é\nä: {x: 1,\n  y: [2, zwölf, drei]}\n");
  ASSERT_TRUE(result.document);
  const auto& source = result.document->source;
  EXPECT_EQ(source.at("/ä").key, (Position{2, 1}));
  EXPECT_EQ(source.at("/ä").value, (Position{2, 4}));
  EXPECT_EQ(source.at("/ä/x").key, (Position{2, 5}));
  EXPECT_EQ(source.at("/ä/y/2").value, (Position{3, 17}));
  EXPECT_EQ(source.at("/ä/y/9").value, (Position{3, 6}));  // the nearest that holds it
}

TEST(Yaml, CountsPositionsAlikeWithWindowsLineEndsAndByteOrderMark) {
  const auto result = read_yaml("f",
                                "\xEF\xBB\xBF"
                                "a: 1\r\nb:\r\n  c: 2\r\n");
  ASSERT_TRUE(result.document);
  EXPECT_EQ(result.document->source.at("/a").key, (Position{1, 1}));
  EXPECT_EQ(result.document->source.at("/b/c").value, (Position{3, 6}));
}

TEST(Yaml, RefusesADuplicateKeyWithBothPlaces) {
  EXPECT_EQ(first_error("a: 1\nb:\n  c: 1\n  d: 2\n  c: {x: 3}\n"),
            "f:5:3: the key \"c\" stands here twice, first at 3:3; remove or rename one of them");
  EXPECT_THAT(first_error("{a: 1, 'a': 2}"),
              HasSubstr("f:1:8: the key \"a\" stands here twice, first at 1:2"));
}

TEST(Yaml, SaysPlainlyWhatIsWrongWithTheSyntax) {
  const std::vector<std::pair<std::string, std::string>> table{
      {"edge:\n\tlisten: x\n", "f:2:1: a tab indents this line; YAML takes spaces only"},
      {"a:\n  b: 1\n \tc: 2\n", "f:3:2: a tab indents this line"},
      {"a:\n\t- b\n", "f:2:1: a tab indents this line"},
      {"a: b: c\n", "f:1:5: a \":\" stands where no value can begin"},
      {"a: {b: 1\n", "is never closed"},
      {"a: [1, 2\n", "is never closed"},
      {"a: 'x\nb: 1\n", "f:1:4: this quote is never closed"},
      {"a: &x \"y\\\"\nb: 1\n", "this quote is never closed"},
      {"a: ]\n", "f:1:4: a \"]\" or \"}\" closes nothing"},
      {"a: @x\n", "f:1:4: no value can begin with this character"},
      {"a: \"\\q\"\n", "escapes nothing"},
      {"a: *x\n", "f:1:4: this alias names no anchor"},
      {"a: &x [*x]\n", "f:1:8: this alias stands inside what it names"},
      {"a: 1\n---\nb: 2\n", "f:2:1: the file goes on after the end of its document"},
      {"{a: 1} x\n", "f:1:8: the file goes on"},
      {"a: 1\nx: &m {b: 1}\ny:\n  <<: *m\n", "f:4:3: merge keys"},
      {"a: !!binary aGk=\n", "f:1:4: tags"},
      {"a: !mine {b: 1}\n", "f:1:4: tags"},
      {"? [a]\n: b\n", "f:1:3: a key cannot be a list"},
      {"~: 1\n", "f:1:1: a key is empty"},
      {"a: {b: 1,, c: 2}\n", "a key is empty"},
      {"x: &x a\n*x : 1\n", "f:2:1: a key cannot be an alias"},
      {"a:\n  - b\n c: 1\n", "f:3:2: this line belongs to no mapping"},
      {"- a\n- b\n", "f:1:1: the file does not begin with a mapping"},
      {"just text\n", "f:1:1: the file does not begin with a mapping"},
      {"", "f: the file is empty"},
      {"# nothing but this\n", "f: the file is empty"},
      {"a: \xFF\n", "f:1:4: these bytes are not UTF-8"},
      {"é: \xC3(\n", "f:1:4: these bytes are not UTF-8"},
      {std::string{"a: b\0c\n", 7}, "f:1:5: a control character"},
      {"a: b\rc: d\n", "f:1:5: a control character"},
      {"\xFF\xFE"
       "a",
       "f:1:1: the file is UTF-16"},
      {std::string(600, 'k') + ": 1\n", "f:1:1: a key is longer than 512 bytes"},
  };
  for (const auto& [text, wanted] : table) EXPECT_THAT(first_error(text), HasSubstr(wanted)) << text;
}

TEST(Yaml, ForgivesWhatYamlAllows) {
  EXPECT_EQ(value_of("a: |\n  x\n  \ty\n"), (json{{"a", "x\n\ty\n"}}));
  EXPECT_EQ(value_of("a:\t1\n"), (json{{"a", 1}}));
  EXPECT_EQ(value_of("---\na: !!str 10\n...\n"), (json{{"a", "10"}}));
  EXPECT_EQ(value_of("1: x\nNO: y\n"), (json{{"1", "x"}, {"NO", "y"}}));
  EXPECT_EQ(value_of("a: 'it''s'\nb: \"q\\\"q\"\n"), (json{{"a", "it's"}, {"b", "q\"q"}}));
}

TEST(Yaml, ExpandsAliasesAndCountsThem) {
  EXPECT_EQ(value_of("a: &x {b: [1, 2]}\nc: *x\nd: [*x]\n"),
            json::parse(R"({"a":{"b":[1,2]},"c":{"b":[1,2]},"d":[{"b":[1,2]}]})"));
  std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 12; ++i) {
    const auto before = "*a" + std::to_string(i - 1);
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + before;
    for (int j = 0; j < 9; ++j) bomb += ", " + before;
    bomb += "]\n";
  }
  EXPECT_THAT(first_error(bomb), HasSubstr("holds more than 100000 values; use fewer aliases"));
  std::string large = "a: &a " + std::string(1'000'000, 'x') + "\nb: [*a, *a, *a, *a, *a]\n";
  EXPECT_THAT(first_error(large), HasSubstr("bytes; use fewer aliases"));
}

TEST(Yaml, BoundsDepthAndSize) {
  const std::string deep = "a: " + std::string(100, '[') + std::string(100, ']');
  EXPECT_THAT(first_error(deep), HasSubstr("nested deeper than 64 levels"));
  EXPECT_THAT(first_error("a: " + std::string(300'000, '[')), HasSubstr("f:1:"));
  EXPECT_THAT(first_error("a: " + std::string(300'000, '{')), HasSubstr("f:1:"));
  EXPECT_THAT(first_error("a: " + std::string(limits::config_bytes_max, 'x')),
              HasSubstr("f: the file is larger than 4194304 bytes"));
  std::string many = "a: [x";
  for (int i = 0; i < 200'000; ++i) many += ",x";
  EXPECT_THAT(first_error(many + "]"), HasSubstr("more than 100000 values"));
}

TEST(Yaml, KeepsTheOrderOfTheFileWhenDumping) {
  const auto result = read_yaml("f", "z: 1\na: {y: [b, {q: 1, c: 2}], b: \"x\\n\"}\n");
  ASSERT_TRUE(result.document);
  EXPECT_EQ(dump_in_file_order(result.document->root, result.document->source.at("")),
            R"({"z":1,"a":{"y":["b",{"q":1,"c":2}],"b":"x\n"}})");
}

TEST(TextFile, TellsApartWhyItCannotBeRead) {
  const test::Folder folder;
  EXPECT_THAT(read_text_file(folder.path() / "none", 10).error().message, HasSubstr("no such file"));
  EXPECT_THAT(read_text_file(folder.path(), 10).error().message, HasSubstr("directory"));
  EXPECT_THAT(read_text_file(folder.write("large", "12345678901"), 10).error().message,
              HasSubstr("larger than 10 bytes"));
  EXPECT_EQ(*read_text_file(folder.write("fits", "1234567890"), 10), "1234567890");
}

TEST(TextFile, AcceptsUtf8AndNothingElse) {
  for (const std::string text :
       {"plain\ttext\r\n", "é", "€", "😀", "\xED\x9F\xBF", "\xEF\xBF\xBF", "\xF4\x8F\xBF\xBF"})
    EXPECT_EQ(first_non_text_byte(text), std::nullopt) << text;
  for (const std::string text :
       {"\x80", "\xC0\x80", "\xC1\xBF", "\xE0\x80\x80", "\xED\xA0\x80", "\xF0\x80\x80\x80",
        "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xC3", "\xE2\x82", "\x7F", "\x1B[0m"})
    EXPECT_EQ(first_non_text_byte(text), 0U);
}

// --- ${...}
// --------------------------------------------------------------------------------------------------------

class Interpolation : public ::testing::Test {
 protected:
  [[nodiscard]] Result<Interpolated> run(const std::string& text) const {
    return interpolate(text, variables_, folder_.path());
  }

  test::Folder folder_;
  Environment variables_ =
      test::environment({{"NAME", "value"}, {"EMPTY", ""}, {"NESTED", "${env:NAME}"}, {"BINARY", "\xFF"}});
};

TEST_F(Interpolation, PutsInVariablesDefaultsAndFiles) {
  folder_.write("secret", "from a file\n");
  folder_.write("windows", "two\nlines\r\n");
  EXPECT_EQ(run("${env:NAME}")->text, "value");
  EXPECT_EQ(run("a-${env:NAME}-b-${env:NAME}")->text, "a-value-b-value");
  EXPECT_EQ(run("${env:NONE:-fallback=}")->text, "fallback=");
  EXPECT_EQ(run("${env:EMPTY:-fallback}")->text, "fallback");
  EXPECT_EQ(run("${env:NONE:-}")->text, "");
  EXPECT_EQ(run("${env:EMPTY}")->text, "");
  EXPECT_EQ(run("${file:secret}")->text, "from a file");
  EXPECT_EQ(run("${file:windows}")->text, "two\nlines");
  EXPECT_EQ(run("${file:" + (folder_.path() / "secret").string() + "}")->text, "from a file");
  EXPECT_EQ(run("${env:NESTED}")->text, "${env:NAME}");
}

TEST_F(Interpolation, LeavesEverythingElseAlone) {
  EXPECT_EQ(run("$5, {{name}} and ^a$")->text, "$5, {{name}} and ^a$");
  EXPECT_EQ(run("$${env:NAME}")->text, "${env:NAME}");
  EXPECT_EQ(run("$${")->text, "${");
  EXPECT_EQ(run("plain")->origin, Origin::file);
  EXPECT_EQ(run("$${x}")->origin, Origin::file);
  EXPECT_EQ(run("${env:NONE:-}")->origin, Origin::secret);
}

TEST_F(Interpolation, RefusesWhatItCannotResolve) {
  EXPECT_THAT(run("${env:NONE}").error().message, HasSubstr("NONE is not set; set it"));
  EXPECT_THAT(run("${env:NAME").error().message, HasSubstr("never closed"));
  EXPECT_THAT(run("${NAME}").error().message, HasSubstr("neither env: nor file:"));
  EXPECT_THAT(run("${env:}").error().message, HasSubstr("name of a variable"));
  EXPECT_THAT(run("${env:A B}").error().message, HasSubstr("name of a variable"));
  EXPECT_THAT(run("${env:NONE:-${env:NAME}}").error().message, HasSubstr("inside another"));
  EXPECT_THAT(run("${env:BINARY}").error().message, HasSubstr("BINARY does not hold UTF-8"));
  EXPECT_THAT(run("${file:}").error().message, HasSubstr("names no file"));
  EXPECT_THAT(run("${file:none}").error().message, HasSubstr("no such file"));
  EXPECT_THAT(run("${file:.}").error().message, HasSubstr("directory"));
  folder_.write("large", std::string(limits::secret_file_bytes_max + 1, 'x'));
  EXPECT_THAT(run("${file:large}").error().message, HasSubstr("larger than"));
}

}  // namespace
}  // namespace leadhub::config
