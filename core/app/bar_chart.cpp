#include "app/bar_chart.hpp"

#include <plplot/plplot.h>

#include <algorithm>
#include <array>
#include <fstream>

#include "app/output.hpp"

namespace leadhub::app {
namespace {

// Colours by their place in PLplot's map: paper, ink and grid, then the series in turn.
constexpr PLINT ink = 1;
constexpr PLINT grid = 2;
constexpr PLINT first_series = 3;
struct Colour {
  PLINT red, green, blue;
};
constexpr std::array<Colour, 11> colours{{{255, 255, 255},
                                          {51, 51, 51},
                                          {221, 221, 221},
                                          {46, 110, 180},
                                          {224, 123, 57},
                                          {76, 159, 112},
                                          {176, 65, 62},
                                          {125, 91, 166},
                                          {58, 166, 185},
                                          {201, 162, 39},
                                          {140, 140, 140}}};

constexpr double bars_share = 0.8;  // of a category's place; the rest is a gap
constexpr std::size_t legend_characters_max = 16;
constexpr std::size_t axis_characters_max = 90;  // side by side below it

PLINT colour_of(std::size_t series) {
  return first_series + static_cast<PLINT>(series % (colours.size() - first_series));
}

/// A text as PLplot prints it: "#" begins its commands.
std::string plain(const std::string& text) {
  std::string out;
  for (const char c : printable(text)) out.append(c == '#' ? 2 : 1, c);
  return out;
}

/// A name that leaves room for its neighbours.
std::string label(const std::string& name, std::size_t characters_max) {
  std::size_t end = 0;
  for (std::size_t seen = 0; end < name.size(); ++end)
    if ((static_cast<unsigned char>(name[end]) & 0xC0U) != 0x80U && seen++ == characters_max)
      return plain(name.substr(0, end)) + "..";
  return plain(name);
}

double highest(const BarChart& chart) {
  double value = 0;
  for (const auto& series : chart.series)
    for (const auto one : series.values) value = std::max(value, one);
  return value > 0 ? value : 1;
}

void begin(const std::string& file) {
  std::array<PLINT, colours.size()> red{};
  std::array<PLINT, colours.size()> green{};
  std::array<PLINT, colours.size()> blue{};
  for (std::size_t i = 0; i < colours.size(); ++i) {
    red.at(i) = colours.at(i).red;
    green.at(i) = colours.at(i).green;
    blue.at(i) = colours.at(i).blue;
  }
  plsdev("svg");
  plsfnam(file.c_str());
  plspage(0, 0, 720, 405, 0, 0);
  plscmap0(red.data(), green.data(), blue.data(), static_cast<PLINT>(colours.size()));
  plinit();
  pladv(0);
  plschr(0, 0.8);
  plsyax(9, 0);  // no powers of ten below a thousand million
}

void draw_axes(const BarChart& chart) {
  plvpor(0.09, 0.8, 0.14, 0.88);
  plwind(0, static_cast<PLFLT>(chart.categories.size()), 0, highest(chart) * 1.08);
  plcol0(grid);
  plbox("", 0, 0, "g", 0, 0);
  plcol0(ink);
  plbox("b", 0, 0, "bnstv", 0, 0);
  pllab("", plain(chart.unit).c_str(), plain(chart.title).c_str());
  const auto room = std::max<std::size_t>(axis_characters_max / chart.categories.size(), 4) - 1;
  for (std::size_t i = 0; i < chart.categories.size(); ++i) {
    const auto middle = (static_cast<double>(i) + 0.5) / static_cast<double>(chart.categories.size());
    plmtex("b", 1.6, middle, 0.5, label(chart.categories[i], room).c_str());
  }
}

void draw_bars(const BarChart& chart) {
  const auto width = bars_share / static_cast<double>(chart.series.size());
  for (std::size_t s = 0; s < chart.series.size(); ++s) {
    plcol0(colour_of(s));
    for (std::size_t i = 0; i < chart.series[s].values.size(); ++i) {
      if (chart.series[s].values[i] <= 0) continue;
      const auto left = static_cast<double>(i) + (1 - bars_share) / 2 + static_cast<double>(s) * width;
      const auto right = left + width;
      const std::array<PLFLT, 4> x{left, left, right, right};
      const std::array<PLFLT, 4> y{0, chart.series[s].values[i], chart.series[s].values[i], 0};
      plfill(4, x.data(), y.data());
    }
  }
}

void draw_legend(const BarChart& chart) {
  const auto count = chart.series.size();
  std::vector<std::string> names;
  names.reserve(count);
  for (const auto& series : chart.series) names.push_back(label(series.name, legend_characters_max));
  std::vector<const char*> texts;
  std::vector<PLINT> colors;
  for (std::size_t i = 0; i < count; ++i) {
    texts.push_back(names[i].c_str());
    colors.push_back(colour_of(i));
  }
  const std::vector<PLINT> kinds(count, PL_LEGEND_COLOR_BOX);
  const std::vector<PLINT> ink_colors(count, ink);
  const std::vector<PLINT> patterns(count, 0);
  const std::vector<PLFLT> scales(count, 0.6);
  const std::vector<PLFLT> lines(count, 0);
  PLFLT width = 0;
  PLFLT height = 0;
  pllegend(&width, &height, 0, PL_POSITION_OUTSIDE | PL_POSITION_RIGHT, 0.01, 0, 0.02, 0, 0, 0, 0, 0,
           static_cast<PLINT>(count), kinds.data(), 0.6, 0.8, 1.8, 0, ink_colors.data(), texts.data(),
           colors.data(), patterns.data(), scales.data(), lines.data(), nullptr, nullptr, nullptr, nullptr,
           nullptr, nullptr, nullptr);
}

}  // namespace

Result<void> write_svg(const BarChart& chart, const std::filesystem::path& file) {
  // PLplot would ask at the terminal for another name.
  if (!std::ofstream{file})
    return fail(ErrorCode::io, file.string() + " cannot be written; name a file in a folder of your own");
  begin(file.string());
  draw_axes(chart);
  draw_bars(chart);
  draw_legend(chart);
  plend();
  return {};
}

}  // namespace leadhub::app
