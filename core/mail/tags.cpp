#include "mail/tags.hpp"

#include <algorithm>

#include "config/suggestion.hpp"

namespace leadhub::mail {
namespace {

using config::in_quotes;

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\n";
  const auto first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
         c == '.';
}

bool is_name(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, is_name_character);
}

TagType type_of(char sigil) {
  switch (sigil) {
    case '#':
      return TagType::section;
    case '^':
      return TagType::inverted;
    case '/':
      return TagType::close;
    case '>':
      return TagType::partial;
    case '!':
      return TagType::comment;
    default:
      return TagType::field;
  }
}

class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  TagScan run() {
    while (next()) {
    }
    for (const auto& open : open_)
      say(open.offset, "the section {{" + sigil_of(open) + open.name + "}} is not closed; write {{/" +
                           open.name + "}} where it ends");
    return std::move(scan_);
  }

 private:
  static std::string sigil_of(const Tag& tag) { return tag.type == TagType::inverted ? "^" : "#"; }

  void say(std::size_t offset, std::string message) { scan_.faults.push_back({offset, std::move(message)}); }

  /// Reads on behind the next pair of braces; false: there is none.
  bool next() {
    const auto begin = text_.find("{{", at_);
    say_stray_end(begin);
    if (begin == std::string_view::npos) return false;
    const auto end = text_.find("}}", begin + 2);
    const auto another = text_.find("{{", begin + 2);
    const bool is_comment = text_.substr(begin + 2, 1) == "!";
    if (text_.substr(begin, 3) == "{{{") return refuse_triple(begin);
    if (end == std::string_view::npos || (another < end && !is_comment)) {
      say(begin, "the tag does not end; write }} behind it");
      at_ = begin + 2;
      return true;
    }
    at_ = end + 2;
    take(begin, text_.substr(begin + 2, end - begin - 2));
    return true;
  }

  void say_stray_end(std::size_t before) {
    const auto stray = text_.substr(0, before).find("}}", at_);
    if (stray != std::string_view::npos) say(stray, "there is no tag that }} ends; write {{ before it");
  }

  bool refuse_triple(std::size_t begin) {
    say(begin, "{{{ }}} would put a value in without escaping it; write two braces");
    const auto end = text_.find("}}}", begin);
    at_ = end == std::string_view::npos ? begin + 3 : end + 3;
    return true;
  }

  void take(std::size_t begin, std::string_view inner) {
    const char sigil = inner.empty() ? ' ' : inner.front();
    if (sigil == '&') return say(begin, "{{& }} would put a value in without escaping it; leave the & out");
    if (sigil == '=') return say(begin, "delimiters stay as they are; write tags between {{ and }}");
    Tag tag{type_of(sigil), {}, {}, begin, at_ - begin};
    if (tag.type != TagType::field) inner.remove_prefix(1);
    if (tag.type == TagType::comment) return keep(std::move(tag));
    if (const auto bar = inner.find('|'); bar != std::string_view::npos && tag.type == TagType::field) {
      tag.fallback = trimmed(inner.substr(bar + 1));
      inner = inner.substr(0, bar);
    }
    tag.name = trimmed(inner);
    if (!is_name(tag.name)) return say(begin, bad_name(tag.name));
    if (tag.fallback && tag.fallback->find_first_of("{}\n") != std::string::npos)
      return say(begin, "what stands behind the bar is plain text in one line, without braces");
    place(std::move(tag));
  }

  static std::string bad_name(const std::string& name) {
    if (name.empty()) return "the tag names nothing; write the name of a field between the braces";
    return in_quotes(name) + " is no name of a field; names have letters, digits, _, - and dots";
  }

  void keep(Tag tag) { scan_.tags.push_back(std::move(tag)); }

  void place(Tag tag) {
    if (tag.type == TagType::section || tag.type == TagType::inverted) open_.push_back(tag);
    if (tag.type != TagType::close) return keep(std::move(tag));
    if (open_.empty()) return say(tag.offset, "there is no section {{#" + tag.name + "}} to close");
    if (open_.back().name != tag.name) return cross(tag);
    open_.pop_back();
    keep(std::move(tag));
  }

  void cross(const Tag& tag) {
    const auto& inner = open_.back();
    const auto same = std::ranges::find(open_, tag.name, &Tag::name);
    if (same == open_.end())
      return say(tag.offset, "{{/" + tag.name + "}} closes no section; the open one is {{" + sigil_of(inner) +
                                 inner.name + "}}");
    say(tag.offset, "{{/" + tag.name + "}} crosses the section {{" + sigil_of(inner) + inner.name +
                        "}}, which began within; close that one first");
    open_.erase(same, open_.end());
  }

  std::string_view text_;
  std::size_t at_ = 0;
  TagScan scan_;
  std::vector<Tag> open_;
};

void append_tag(std::string& out, const Tag& tag) {
  const auto put = [&](std::string_view sigil, const std::string& key) {
    out.append("{{").append(sigil).append(key).append("}}");
  };
  const auto section = mustache_section_key(tag.name);
  switch (tag.type) {
    case TagType::field:
      put("", tag.name == "." ? "." : mustache_key(tag.name));
      if (!tag.fallback) break;
      put("^", section);
      out += *tag.fallback;
      put("/", section);
      break;
    case TagType::section:
      put("#", section);
      break;
    case TagType::inverted:
      put("^", section);
      break;
    case TagType::close:
      put("/", section);
      break;
    case TagType::partial:
      put(">", tag.name);
      break;
    case TagType::comment:
      put("!", "");
      break;
  }
}

}  // namespace

TagScan scan_tags(std::string_view text) {
  return Scanner{text}.run();
}

std::string mustache_key(std::string_view name) {
  std::string key{name};
  std::ranges::replace(key, '.', '/');
  return key;
}

std::string mustache_section_key(std::string_view name) {
  return mustache_key(name) + "[]";
}

std::string to_mustache(std::string_view text, const std::vector<Tag>& tags) {
  std::string out;
  std::size_t at = 0;
  for (const auto& tag : tags) {
    out += text.substr(at, tag.offset - at);
    append_tag(out, tag);
    at = tag.offset + tag.size;
  }
  return out += text.substr(at);
}

}  // namespace leadhub::mail
