#pragma once

#include <string>
#include <string_view>

namespace leadhub::app {

/// Writes a Mermaid flowchart line by line.
class Flowchart {
 public:
  enum class Shape { box = 1, rounded, diamond, stadium, cylinder, hexagon };
  enum class Line { solid = 1, dotted };

  Flowchart() = default;

  /// Adds a node with any text as its label; a line feed in it is one on the screen. Returns its name.
  std::string node(std::string_view label, Shape shape = Shape::box);
  /// The same, drawn as something that is there but does not work.
  std::string resting_node(std::string_view label);
  void edge(std::string_view from, std::string_view to, std::string_view label = {}, Line line = Line::solid);
  /// What follows stands in a frame of its own, until end_group(). Returns the frame's name.
  std::string begin_group(std::string_view title);
  void end_group();

  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  void line(const std::string& content);
  [[nodiscard]] std::string next_name();

  std::string text_ = "flowchart LR\n  classDef resting stroke-dasharray: 4 4,color:#777777\n";
  int depth_ = 1;
  int nodes_ = 0;
};

/// Any text as Mermaid takes it between quotes: what Mermaid, Markdown or HTML would read as its own stands
/// as a numbered entity.
[[nodiscard]] std::string mermaid_label(std::string_view text);

}  // namespace leadhub::app
