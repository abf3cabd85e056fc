#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <re2/re2.h>

#include "mail/template_set.hpp"
#include "template_folder.hpp"

/// Whatever stands in a lead, a mail has the links and elements of its template and no others.
namespace leadhub::mail {
namespace {

using nlohmann::ordered_json;

/// Every way in which a value reaches a mail.
constexpr std::string_view body = R"(# Hello {{name}}

Dear **{{name}}** of *{{company}}*, {{#city}}in {{city}}{{/city}} `{{job_title}}`:

- {{name}}
- [{{company}}](https://shop.example/?lead={{id}}&c={{company}} "{{city}}")
{{#tags}}
- {{.}}
{{/tags}}

1. {{attributes.note}}

> {{name}}

{{name}} <https://shop.example/{{id}}>

    {{company}}

{{name}}
{{company}}

![{{name}}](https://shop.example/{{id}}.png)
)";

const std::vector<std::string>& hostile() {
  static const std::vector<std::string> parts{
      "[x](http://evil.example)",
      "![x](http://evil.example/p.png)",
      "<a href=\"http://evil.example\">",
      "<a",
      "</a></p></td>",
      "<script>alert(1)</script>",
      "<!--",
      "-->",
      "http://evil.example",
      "https://evil.example/path?x=1",
      "www.evil.example",
      "evil.example",
      "mailto:x@evil.example",
      "javascript:alert(1)",
      "x@evil.example",
      "<http://evil.example>",
      "[x]: http://evil.example",
      "[x][x]",
      "&lt;",
      "&#60;b&#62;",
      "`",
      "```",
      "**",
      "__",
      "# ",
      "- ",
      "1. ",
      "> ",
      "    ",
      "---",
      "\n\n",
      "\r\n",
      "\t",
      "\\",
      "\"",
      "'",
      ")",
      "](",
      "{{company}}",
      "{{{company}}}",
      "{{#tags}}",
      "{{> x}}",
      "\uE000"
      "0"
      "\uE001",
      "\uE002",
      "\u202E",
      "\u2066",
      "\u200B",
      "\xC2\xA0",
      std::string("\0", 1),
      "\x01",
      "\xff\xfe",
      "Ada",
      "Zoë",
      std::string(10'000, 'x'),
      std::string(10'000, '['),
      std::string(10'000, '<'),
  };
  return parts;
}

std::vector<std::string> all_of(std::string_view text, const char* pattern) {
  const re2::RE2 expression{pattern};
  re2::StringPiece rest{text.data(), text.size()};
  std::vector<std::string> found;
  for (std::string match; re2::RE2::FindAndConsume(&rest, expression, &match);) found.push_back(match);
  return found;
}

/// The names of the elements of an HTML text, in order.
std::vector<std::string> elements(const std::string& html) {
  return all_of(html, "<(/?[a-zA-Z0-9!-]+)");
}

/// The targets of its links, without what a value may add: the query, the path.
std::vector<std::string> targets(const std::string& html) {
  return all_of(html, "(?:href|src)=\"([a-z]+://[^/\"]+)[^\"]*\"");
}

/// What a mail program would make a link of in a text, each with its host.
std::vector<std::string> bare_links(const std::string& text) {
  return all_of(text,
                "([a-z]+://[^/\\s]*|www\\.[A-Za-z0-9]|mailto:[A-Za-z0-9]|[A-Za-z0-9]\\.[A-Za-z]{2,})\\S*");
}

std::string without_tags(const std::string& html) {
  auto text = html.substr(html.find("</style>"));
  re2::RE2::GlobalReplace(&text, "<[^>]*>", " ");
  return text;
}

RenderedMail rendered(const TemplateSet& set, const std::string& value, const std::string& id) {
  auto values = marketing_values();
  for (const auto* name : {"name", "company", "city", "job_title"}) values[name] = value;
  values["id"] = id;
  values["tags"] = {value, value};
  values["attributes"] = {{"note", value}};
  const auto mail = set.render(*set.find("mail"), MailKind::marketing, values);
  EXPECT_TRUE(mail) << mail.error().message;
  return mail.value_or(RenderedMail{});
}

const TemplateSet& mails() {
  static const auto set = [] {
    TemplateFolder folder;
    folder.write("mail.md",
                 "---\nsubject: For {{name}}\npreheader: About {{company}}\n---\n" + std::string{body});
    auto loaded = folder.load();
    EXPECT_THAT(folder.diagnostics, ::testing::IsEmpty());
    return loaded;
  }();
  return set;
}

void expect_same_shape(const RenderedMail& plain, const RenderedMail& mail) {
  EXPECT_EQ(elements(mail.html), elements(plain.html));
  EXPECT_EQ(targets(mail.html), targets(plain.html));
  EXPECT_EQ(bare_links(mail.text), bare_links(plain.text)) << mail.text;
  EXPECT_EQ(bare_links(without_tags(mail.html)), bare_links(without_tags(plain.html)));
  for (const auto* header : {&mail.subject, &mail.preheader})
    for (const char c : *header) EXPECT_FALSE(static_cast<unsigned char>(c) < ' ' || c == '\x7f');
  for (const auto* bidirectional : {"\u202E", "\u2066"}) {
    EXPECT_EQ(mail.html.find(bidirectional), std::string::npos);
    EXPECT_EQ(mail.text.find(bidirectional), std::string::npos);
    EXPECT_EQ(mail.subject.find(bidirectional), std::string::npos);
  }
}

TEST(HostileValues, AloneChangeNoLinkAndNoElement) {
  const auto plain = rendered(mails(), "Ada", "plain");
  ASSERT_EQ(targets(plain.html).size(), 5U);
  for (const auto& part : hostile()) {
    // Where nothing can be seen of a value, it is empty, and its sections are not there.
    const auto mail = rendered(mails(), "Ada" + part + "Ada", part);
    SCOPED_TRACE(part.substr(0, 40));
    expect_same_shape(plain, mail);
  }
}

RC_GTEST_PROP(HostileValues, CombinedChangeNoLinkAndNoElement, ()) {
  const auto parts = *rc::gen::container<std::vector<std::string>>(rc::gen::elementOf(hostile()));
  std::string value = "Ada";
  for (const auto& part : parts) value += part;
  const auto noise = *rc::gen::container<std::string>(rc::gen::inRange<char>(1, 127));
  expect_same_shape(rendered(mails(), "Ada", "plain"), rendered(mails(), value + noise, noise));
}

}  // namespace
}  // namespace leadhub::mail
