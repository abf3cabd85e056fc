#include "value_template.hpp"

#include <nlohmann/json.hpp>
#include <utility>

#include "limits.hpp"
#include "text.hpp"

namespace leadhub::webhook {
namespace {

using Json = nlohmann::ordered_json;
using webform::split_once;
using webform::trim;

constexpr std::string_view opening = "{{";
constexpr std::string_view closing = "}}";

/// A piece of a template: plain text, or what stands between the braces.
struct Piece {
  enum class Kind { text = 1, placeholder };
  Kind kind;
  std::string_view text;
};

/// Takes the next piece off the front of `rest`. What is never closed is text.
Piece next_piece(std::string_view& rest) {
  const std::size_t start = rest.find(opening);
  const std::size_t end = start == rest.npos ? rest.npos : rest.find(closing, start);
  if (end == rest.npos) return {Piece::Kind::text, std::exchange(rest, {})};
  if (start > 0) {
    const std::string_view text = rest.substr(0, start);
    rest.remove_prefix(start);
    return {Piece::Kind::text, text};
  }
  const std::string_view inner = rest.substr(opening.size(), end - opening.size());
  rest.remove_prefix(end + closing.size());
  return {Piece::Kind::placeholder, inner};
}

std::vector<std::string_view> choices_of(std::string_view placeholder) {
  std::vector<std::string_view> choices;
  for (auto rest = webform::Halves{{}, placeholder};;) {
    rest = split_once(rest.after, '|');
    choices.push_back(trim(rest.before));
    if (rest.after.empty()) return choices;
  }
}

bool is_literal(std::string_view choice) {
  return choice.size() >= 2 && choice.front() == '\'' && choice.back() == '\'';
}

bool is_path(std::string_view choice) {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '.';
  };
  return !choice.empty() && choice.front() != '.' && choice.back() != '.' &&
         std::all_of(choice.begin(), choice.end(), fits);
}

bool has_value(const Json& value) {
  if (value.is_string()) return !value.get_ref<const std::string&>().empty();
  return !value.is_null() && !(value.is_structured() && value.empty());
}

Json value_of(std::string_view placeholder, const Json& values) {
  for (const std::string_view choice : choices_of(placeholder)) {
    if (is_literal(choice)) return std::string(choice.substr(1, choice.size() - 2));
    if (const Json& found = value_at(values, choice); has_value(found)) return found;
  }
  return nullptr;
}

std::string to_text(const Json& value) {
  if (value.is_null()) return {};
  if (value.is_string()) return value.get<std::string>();
  if (!value.is_array()) return value.dump();
  std::string list;
  for (const Json& element : value) list += (list.empty() ? "" : ", ") + to_text(element);
  return list;
}

std::string percent_encoded(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const bool is_unreserved = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                               c == '-' || c == '.' || c == '_' || c == '~';
    const auto byte = static_cast<unsigned char>(c);
    if (is_unreserved)
      out += c;
    else
      (out += '%').append({digits[byte >> 4U], digits[byte & 15U]});
  }
  return out;
}

std::string_view chat_entity(char c) {
  switch (c) {
    case '&':
      return "&amp;";
    case '<':
      return "&lt;";
    case '>':
      return "&gt;";
    default:
      return {};
  }
}

/// Bounded between characters, never in one, nor in an entity.
std::string for_chat(std::string_view text) {
  const std::string line = webform::single_line(text);
  std::string out;
  for (std::size_t i = 0; i < line.size();) {
    std::size_t end = i + 1;
    while (end < line.size() && (static_cast<unsigned char>(line[end]) & 0xC0U) == 0x80U) ++end;
    const std::string_view entity = chat_entity(line[i]);
    const std::string_view piece = entity.empty() ? std::string_view(line).substr(i, end - i) : entity;
    if (out.size() + piece.size() > limits::chat_bytes_max) return out + "\u2026";
    out += piece;
    i = end;
  }
  return out;
}

std::string escaped(std::string text, Escape escape) {
  switch (escape) {
    case Escape::url:
      return percent_encoded(text);
    case Escape::chat:
      return for_chat(text);
    case Escape::none:
      break;
  }
  return text;
}

/// Fills in one JSON value, and remembers whether a placeholder in it had no value.
class Filler {
 public:
  Filler(const Json& values, Escape escape) : values_(values), escape_(escape) {}

  std::optional<Json> fill(const Json& shape) {
    if (shape.is_string()) return fill_string(shape.get_ref<const std::string&>());
    if (shape.is_object()) return fill_mapping(shape);
    if (shape.is_array()) return fill_list(shape);
    return shape;
  }

  std::string fill_text(std::string_view text) {
    std::string out;
    for (std::string_view rest = text; !rest.empty();) {
      const Piece piece = next_piece(rest);
      out += piece.kind == Piece::Kind::text ? std::string(piece.text)
                                             : escaped(to_text(found(piece.text)), escape_);
    }
    return out;
  }

 private:
  Json found(std::string_view placeholder) {
    Json value = value_of(placeholder, values_);
    if (value.is_null()) is_lacking_ = true;
    return value;
  }

  std::optional<Json> fill_string(const std::string& text) {
    std::string_view rest = text;
    const Piece first = text.empty() ? Piece{Piece::Kind::text, {}} : next_piece(rest);
    if (first.kind == Piece::Kind::text || !rest.empty()) {
      std::string filled = fill_text(text);
      return filled.empty() ? std::nullopt : std::optional<Json>(std::move(filled));
    }
    Json value = found(first.text);
    if (value.is_null()) return std::nullopt;
    return value.is_string() ? Json(escaped(value.get<std::string>(), escape_)) : value;
  }

  std::optional<Json> fill_mapping(const Json& shape) {
    Json out = Json::object();
    Json merged = Json::object();
    for (const auto& [key, member] : shape.items()) {
      std::optional<Json> value = fill(member);
      if (!value) continue;
      if (key == "<<")
        merged = *std::move(value);
      else
        out[key] = *std::move(value);
    }
    if (merged.is_object()) out.update(merged);
    return out.empty() ? std::nullopt : std::optional<Json>(std::move(out));
  }

  std::optional<Json> fill_list(const Json& shape) {
    Json out = Json::array();
    for (const Json& element : shape) {
      const bool was_lacking = std::exchange(is_lacking_, false);
      std::optional<Json> value = fill(element);
      if (value && !is_lacking_) out.push_back(*std::move(value));
      is_lacking_ = was_lacking;
    }
    return out.empty() ? std::nullopt : std::optional<Json>(std::move(out));
  }

  const Json& values_;
  Escape escape_;
  bool is_lacking_ = false;
};

}  // namespace

const Json& value_at(const Json& values, std::string_view path) {
  static const Json none;
  const Json* at = &values;
  for (auto rest = webform::Halves{{}, path}; !rest.after.empty();) {
    rest = split_once(rest.after, '.');
    const std::string segment(rest.before);
    const bool is_number = !segment.empty() && segment.size() < 6 &&
                           segment.find_first_not_of("0123456789") == std::string::npos;
    if (at->is_object() && at->contains(segment))
      at = &at->at(segment);
    else if (at->is_array() && is_number && std::stoul(segment) < at->size())
      at = &at->at(std::stoul(segment));
    else
      return none;
  }
  return *at;
}

std::string template_problem(std::string_view text) {
  for (std::string_view rest = text; !rest.empty();) {
    const Piece piece = next_piece(rest);
    if (piece.kind == Piece::Kind::text) {
      if (piece.text.find(opening) != piece.text.npos)
        return "a \"{{\" is never closed; close it with \"}}\"";
      continue;
    }
    const auto choices = choices_of(piece.text);
    for (std::size_t i = 0; i < choices.size(); ++i) {
      if (is_literal(choices[i]) && i + 1 < choices.size())
        return "nothing after a text in quotes is ever looked at; put the text last";
      if (!is_literal(choices[i]) && !is_path(choices[i]))
        return "\"{{" + std::string(piece.text) +
               "}}\" names no field; write it as in {{company}}, {{attributes.size}} or {{company | "
               "'unknown'}}";
    }
  }
  return {};
}

std::vector<std::string> template_roots(std::string_view text) {
  std::vector<std::string> roots;
  for (std::string_view rest = text; !rest.empty();) {
    const Piece piece = next_piece(rest);
    if (piece.kind == Piece::Kind::text) continue;
    for (const std::string_view choice : choices_of(piece.text))
      if (!is_literal(choice)) roots.emplace_back(split_once(choice, '.').before);
  }
  return roots;
}

std::string fill_in_text(std::string_view text, const Json& values, Escape escape) {
  return Filler{values, escape}.fill_text(text);
}

std::optional<Json> fill_in(const Json& shape, const Json& values, Escape escape) {
  return Filler{values, escape}.fill(shape);
}

}  // namespace leadhub::webhook
