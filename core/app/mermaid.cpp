#include "app/mermaid.hpp"

#include <algorithm>
#include <utility>

namespace leadhub::app {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// Taken literally wherever they stand; so is whatever is not ASCII.
bool is_plain(char c) {
  constexpr std::string_view plain = " _,/(@=%?!:'";
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         static_cast<unsigned char>(c) >= 0x80 || plain.find(c) != plain.npos;
}

/// Taken literally behind the beginning, where Markdown would see a list.
bool is_plain_inside(char c) {
  constexpr std::string_view inside = ".-+)";
  return inside.find(c) != inside.npos;
}

std::pair<std::string_view, std::string_view> brackets_of(Flowchart::Shape shape) {
  switch (shape) {
    case Flowchart::Shape::box:
      return {"[", "]"};
    case Flowchart::Shape::rounded:
      return {"(", ")"};
    case Flowchart::Shape::diamond:
      return {"{", "}"};
    case Flowchart::Shape::stadium:
      return {"([", "])"};
    case Flowchart::Shape::cylinder:
      return {"[(", ")]"};
    case Flowchart::Shape::hexagon:
      return {"{{", "}}"};
  }
  return {"[", "]"};
}

}  // namespace

std::string mermaid_label(std::string_view text) {
  std::string label;
  bool is_inside = false;
  for (const char c : text) {
    if (c == '\n')
      label += "<br/>";
    else if (is_plain(c) || (is_inside && is_plain_inside(c)))
      label += c;
    else
      label += "#" + std::to_string(static_cast<int>(c)) + ";";
    is_inside = c != '\n' && (is_inside || (!is_digit(c) && c != ' '));
  }
  return label;
}

std::string Flowchart::next_name() {
  return "n" + std::to_string(++nodes_);
}

void Flowchart::line(const std::string& content) {
  text_.append(static_cast<std::size_t>(depth_) * 2, ' ').append(content).append("\n");
}

std::string Flowchart::node(std::string_view label, Shape shape) {
  const auto name = next_name();
  const auto [open, close] = brackets_of(shape);
  line(name + std::string{open} + "\"" + mermaid_label(label) + "\"" + std::string{close});
  return name;
}

std::string Flowchart::resting_node(std::string_view label) {
  const auto name = next_name();
  line(name + "[\"" + mermaid_label(label) + "\"]:::resting");
  return name;
}

void Flowchart::edge(std::string_view from, std::string_view to, std::string_view label, Line drawn) {
  std::string content{from};
  content += drawn == Line::solid ? " -->" : " -.->";
  if (!label.empty()) content += "|\"" + mermaid_label(label) + "\"|";
  line(content + " " + std::string{to});
}

std::string Flowchart::begin_group(std::string_view title) {
  const auto name = next_name();
  line("subgraph " + name + "[\"" + mermaid_label(title) + "\"]");
  ++depth_;
  return name;
}

void Flowchart::end_group() {
  --depth_;
  line("end");
}

}  // namespace leadhub::app
