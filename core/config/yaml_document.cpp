#include "config/yaml_document.hpp"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <sstream>
#include <unordered_map>

#include "config/suggestion.hpp"
#include "config/text_file.hpp"
#include "ops/limits.hpp"

namespace leadhub::config {
namespace {

using nlohmann::json;

/// Thrown through yaml-cpp to end its parsing; what is wrong has been noted before.
struct Stop {};

/// Turns byte offsets into positions.
class Lines {
 public:
  explicit Lines(std::string_view text) : text_(text), starts_{0} {
    for (std::size_t i = 0; i < text.size(); ++i)
      if (text[i] == '\n') starts_.push_back(i + 1);
  }

  /// The position of a byte, its column counted in characters. Asked mostly in the order of the text, so that
  /// it goes on counting where it stopped: a file of one long line costs no more than others.
  [[nodiscard]] Position position(std::size_t offset) {
    const auto after = std::ranges::upper_bound(starts_, offset);
    const auto line = static_cast<std::size_t>(after - starts_.begin()) - 1;
    if (line != counted_line_ || offset < counted_to_) {
      counted_line_ = line;
      counted_to_ = starts_[line];
      counted_column_ = 1;
    }
    const auto between = text_.substr(counted_to_, offset - counted_to_);
    counted_column_ += static_cast<std::size_t>(std::ranges::count_if(between, begins_character));
    counted_to_ = offset;
    return {line + 1, counted_column_};
  }

  [[nodiscard]] std::size_t offset(const YAML::Mark& mark) const {
    const auto line = std::min(static_cast<std::size_t>(std::max(mark.line, 0)), starts_.size() - 1);
    return std::min(starts_[line] + static_cast<std::size_t>(std::max(mark.column, 0)), text_.size());
  }

  [[nodiscard]] Position position(const YAML::Mark& mark) { return position(offset(mark)); }

  [[nodiscard]] std::size_t line_start(std::size_t line) const {
    return starts_[std::min(line, starts_.size() - 1)];
  }

  [[nodiscard]] std::string_view line_text(std::size_t line) const {
    if (line >= starts_.size()) return {};
    const auto end = line + 1 < starts_.size() ? starts_[line + 1] - 1 : text_.size();
    return text_.substr(starts_[line], end - starts_[line]);
  }

  [[nodiscard]] std::string_view text() const { return text_; }

 private:
  static bool begins_character(char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }

  std::string_view text_;
  std::vector<std::size_t> starts_;
  std::size_t counted_line_ = 0;
  std::size_t counted_to_ = 0;
  std::size_t counted_column_ = 1;
};

// --- Scalars: the core schema
// ------------------------------------------------------------------------------------

bool all_in(std::string_view text, std::string_view set) {
  return !text.empty() && text.find_first_not_of(set) == std::string_view::npos;
}

std::string_view without_sign(std::string_view text) {
  if (!text.empty() && (text.front() == '-' || text.front() == '+')) text.remove_prefix(1);
  return text;
}

constexpr std::string_view digits = "0123456789";

bool is_float(std::string_view text) {
  text = without_sign(text);
  const auto exponent = text.find_first_of("eE");
  if (exponent != std::string_view::npos && !all_in(without_sign(text.substr(exponent + 1)), digits))
    return false;
  const auto mantissa = text.substr(0, exponent);
  const auto dot = mantissa.find('.');
  const auto whole = mantissa.substr(0, dot);
  const auto fraction = dot == std::string_view::npos ? std::string_view{} : mantissa.substr(dot + 1);
  if (whole.empty()) return all_in(fraction, digits);
  return all_in(whole, digits) && (fraction.empty() || all_in(fraction, digits));
}

bool is_infinite_or_nan(std::string_view text) {
  constexpr std::array<std::string_view, 3> infinite{".inf", ".Inf", ".INF"};
  constexpr std::array<std::string_view, 3> not_a_number{".nan", ".NaN", ".NAN"};
  return std::ranges::find(infinite, without_sign(text)) != infinite.end() ||
         std::ranges::find(not_a_number, text) != not_a_number.end();
}

/// nullopt where the number does not fit.
std::optional<json> whole_number(std::string_view text, int base) {
  if (text.starts_with('+')) text.remove_prefix(1);
  std::int64_t value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (failure != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return json(value);
}

std::optional<json> floating_number(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  double value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure != std::errc{} || end != text.data() + text.size() || !std::isfinite(value))
    return std::nullopt;
  return json(value);
}

/// A plain scalar as the core schema reads it; nullopt for a number that JSON cannot hold. Null never comes
/// here.
std::optional<json> plain_scalar(const std::string& text) {
  if (text == "true" || text == "True" || text == "TRUE") return json(true);
  if (text == "false" || text == "False" || text == "FALSE") return json(false);
  if (all_in(without_sign(text), digits)) return whole_number(text, 10);
  if (text.starts_with("0o") && all_in(std::string_view{text}.substr(2), "01234567"))
    return whole_number(std::string_view{text}.substr(2), 8);
  if (text.starts_with("0x") && all_in(std::string_view{text}.substr(2), "0123456789abcdefABCDEF"))
    return whole_number(std::string_view{text}.substr(2), 16);
  if (is_float(text)) return floating_number(text);
  if (is_infinite_or_nan(text)) return std::nullopt;
  return json(text);
}

// --- Building
// ----------------------------------------------------------------------------------------------------

/// A subtree, with what it costs to copy it.
struct Tree {
  json value;
  SourceNode source;
  std::size_t nodes = 1;
  std::size_t bytes = 0;
};

/// A mapping or list that is being read.
struct Frame {
  Tree tree;
  YAML::anchor_t anchor = 0;
  std::optional<std::string> key;  ///< read, its value not yet
  Position key_position;
  bool key_is_usable = true;
};

class Builder final : public YAML::EventHandler {
 public:
  Builder(std::string file, Lines& lines, std::vector<Diagnostic>& diagnostics)
      : file_(std::move(file)), lines_(lines), diagnostics_(diagnostics) {}

  [[nodiscard]] std::optional<Tree> take_root() { return std::move(root_); }

  void note(Position position, std::string message) {
    diagnostics_.push_back({file_, position, Severity::error, std::move(message)});
  }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (documents_++ > 0)
      stop(lines_.position(mark),
           "the file goes on after the end of its document; keep one document in one file");
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    if (expects_key())
      return refuse_key(lines_.position(mark),
                        "a key is empty; write a name before the \":\", and no comma too many");
    add_scalar(mark, anchor, json(nullptr), "null");
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto position = lines_.position(mark);
    if (expects_key()) return refuse_key(position, "a key cannot be an alias; write the name out");
    const auto named = anchors_.find(anchor);
    if (named == anchors_.end())
      stop(position, "this alias stands inside what it names; write the value out");
    count(named->second.nodes, named->second.bytes, position);
    Tree copy = named->second;
    copy.source.value = copy.source.key = position;
    add(std::move(copy));
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& text) override {
    const auto position = lines_.position(mark);
    if (tag != "?" && !is_closed(lines_.offset(mark)))
      stop(position, "this quote is never closed; close it, or double a quote that belongs to the text");
    if (expects_key()) return begin_member(position, text);
    if (tag == "!" || tag == "tag:yaml.org,2002:str") return add_scalar(mark, anchor, json(text), "");
    if (tag != "?") refuse_tag(position);
    auto value = plain_scalar(text);
    if (!value)
      note(position, in_quotes(text) +
                         " is a number that cannot be used here; write a smaller one, or put it in quotes");
    add_scalar(mark, anchor, value.value_or(json(0)), text);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    begin(mark, tag, "tag:yaml.org,2002:seq", anchor, json::array());
  }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    begin(mark, tag, "tag:yaml.org,2002:map", anchor, json::object());
  }
  void OnSequenceEnd() override { end(); }
  void OnMapEnd() override { end(); }

 private:
  [[noreturn]] void stop(Position position, std::string message) {
    note(position, std::move(message));
    throw Stop{};
  }

  [[nodiscard]] bool expects_key() const {
    return !frames_.empty() && frames_.back().tree.value.is_object() && !frames_.back().key;
  }

  /// What stands where the key should, and its value, are read and dropped.
  void refuse_key(Position position, std::string message) {
    note(position, std::move(message));
    frames_.back().key = "";
    frames_.back().key_is_usable = false;
  }

  void refuse_tag(Position position) {
    note(position, "tags (a word after \"!\") are not supported; leave the tag out");
  }

  void begin_member(Position position, const std::string& key) {
    auto& frame = frames_.back();
    if (key.size() > limits::config_key_bytes_max)
      return refuse_key(position, "a key is longer than " + std::to_string(limits::config_key_bytes_max) +
                                      " bytes; shorten it, or mend the quotes");
    if (key == "<<")
      return refuse_key(position,
                        "merge keys (\"<<\") are not part of YAML 1.2; write the keys out, or use an alias "
                        "for a whole value");
    const auto& members = frame.tree.source.members;
    if (const auto earlier = members.find(key); earlier != members.end()) {
      const auto first = earlier->second.key;
      return refuse_key(position, "the key " + in_quotes(key) + " stands here twice, first at " +
                                      std::to_string(first.line) + ":" + std::to_string(first.column) +
                                      "; remove or rename one of them");
    }
    frame.key = key;
    frame.key_position = position;
    frame.key_is_usable = true;
    count(0, key.size(), position);
  }

  void begin(const YAML::Mark& mark, const std::string& tag, std::string_view own_tag, YAML::anchor_t anchor,
             json empty) {
    const auto position = lines_.position(mark);
    if (expects_key())
      stop(position, "a key cannot be a list or a mapping; put the key in quotes if it is text");
    if (!tag.empty() && tag != "?" && tag != "!" && tag != own_tag) refuse_tag(position);
    if (frames_.size() >= limits::config_depth_max)
      stop(position,
           "this is nested deeper than " + std::to_string(limits::config_depth_max) + " levels; flatten it");
    count(1, 0, position);
    Frame frame;
    frame.tree.value = std::move(empty);
    frame.tree.source.value = frame.tree.source.key = position;
    frame.anchor = anchor;
    frames_.push_back(std::move(frame));
  }

  void end() {
    Frame frame = std::move(frames_.back());
    frames_.pop_back();
    remember(frame.anchor, frame.tree);
    add(std::move(frame.tree));
  }

  void add_scalar(const YAML::Mark& mark, YAML::anchor_t anchor, json value, std::string spelling) {
    Tree tree;
    tree.value = std::move(value);
    tree.source.value = tree.source.key = lines_.position(mark);
    tree.bytes = tree.value.is_string() ? tree.value.get_ref<const std::string&>().size() : 0;
    if (!tree.value.is_string()) tree.source.spelling = std::move(spelling);
    count(1, tree.bytes, tree.source.value);
    remember(anchor, tree);
    add(std::move(tree));
  }

  /// An anchored subtree is kept a second time, so it is counted a second time.
  void remember(YAML::anchor_t anchor, const Tree& tree) {
    if (anchor == 0) return;
    count(tree.nodes, tree.bytes, tree.source.value);
    anchors_[anchor] = tree;
  }

  void add(Tree tree) {
    if (frames_.empty()) {
      root_ = std::move(tree);
      return;
    }
    auto& frame = frames_.back();
    frame.tree.nodes += tree.nodes;
    frame.tree.bytes += tree.bytes;
    if (frame.tree.value.is_array()) {
      frame.tree.value.push_back(std::move(tree.value));
      frame.tree.source.elements.push_back(std::move(tree.source));
      return;
    }
    const std::string key = *std::exchange(frame.key, std::nullopt);
    if (!frame.key_is_usable) return;
    tree.source.key = frame.key_position;
    frame.tree.bytes += key.size();
    frame.tree.value[key] = std::move(tree.value);
    frame.tree.source.members.insert_or_assign(key, std::move(tree.source));
  }

  void count(std::size_t nodes, std::size_t bytes, Position position) {
    nodes_ += nodes;
    bytes_ += bytes;
    if (nodes_ > limits::config_nodes_max)
      stop(position, "with its aliases written out, the file holds more than " +
                         std::to_string(limits::config_nodes_max) + " values; use fewer aliases");
    if (bytes_ > limits::config_bytes_max)
      stop(position, "with its aliases written out, the file is larger than " +
                         std::to_string(limits::config_bytes_max) + " bytes; use fewer aliases");
  }

  /// Whether a quoted scalar that begins at or after `start` (a tag or an anchor may stand first) ends before
  /// the file does. yaml-cpp takes the end of the file for the quote's.
  [[nodiscard]] bool is_closed(std::size_t start) const {
    const auto text = lines_.text();
    while (start < text.size() && (text[start] == '!' || text[start] == '&')) {
      start = std::min(text.find_first_of(" \t\r\n", start), text.size());
      start = std::min(text.find_first_not_of(" \t\r\n", start), text.size());
    }
    if (start >= text.size() || (text[start] != '"' && text[start] != '\'')) return true;
    const char quote = text[start];
    for (std::size_t i = start + 1; i < text.size(); ++i) {
      if (quote == '"' && text[i] == '\\') {
        ++i;
      } else if (text[i] == quote) {
        if (quote == '"' || i + 1 >= text.size() || text[i + 1] != quote) return true;
        ++i;
      }
    }
    return false;
  }

  std::string file_;
  Lines& lines_;
  std::vector<Diagnostic>& diagnostics_;
  std::vector<Frame> frames_;
  std::unordered_map<YAML::anchor_t, Tree> anchors_;
  std::optional<Tree> root_;
  std::size_t nodes_ = 0;
  std::size_t bytes_ = 0;
  int documents_ = 0;
};

// --- What yaml-cpp says, in our words
// ------------------------------------------------------------------------------

struct Translation {
  std::string_view theirs;
  std::string_view ours;
};

constexpr std::array translations{
    Translation{"illegal map value",
                "a \":\" stands where no value can begin; check the indentation, or put the text in quotes"},
    Translation{"end of map flow not found",
                "a \"{\" is never closed; add its \"}\", or put the text in quotes"},
    Translation{"end of sequence flow not found",
                "a \"[\" is never closed; add its \"]\", or put the text in quotes"},
    Translation{"illegal flow end", "a \"]\" or \"}\" closes nothing; remove it, or put the text in quotes"},
    Translation{"end of map not found",
                "this line belongs to no mapping above it; give it the same indentation as its siblings"},
    Translation{"end of sequence not found",
                "this line belongs to no list above it; give it the same indentation as its siblings"},
    Translation{"illegal block entry",
                "a \"- \" cannot stand here; put it on a line of its own, below its key"},
    Translation{"illegal map key",
                "a key cannot stand here; give it a line of its own, with the indentation of its siblings"},
    Translation{"unknown token", "no value can begin with this character; put the value in quotes"},
    Translation{"referenced anchor is not defined",
                "this alias names no anchor above it; define the anchor, or put the value in quotes"},
    Translation{"unknown escape character", "a \"\\\" escapes nothing here; double it, or use single quotes"},
    Translation{"invalid unicode", "this \"\\u\" escape is no character; write the character itself"},
    Translation{"bad character found while scanning hex",
                "this \"\\x\" or \"\\u\" escape lacks its hexadecimal digits; double the \"\\\", or use "
                "single quotes"},
    Translation{"illegal EOF in scalar",
                "this quote is never closed; close it, or double a quote that belongs to the text"},
    Translation{"illegal document indicator in scalar",
                "a quoted text runs into the end of the document; close its quote"},
    Translation{"multiple anchors", "a value has two anchors; keep one"},
    Translation{"multiple tags", "a value has two tags; leave them out"},
};

std::string in_our_words(const std::string& theirs) {
  for (const auto& translation : translations)
    if (theirs.find(translation.theirs) != std::string::npos) return std::string{translation.ours};
  return "this is not YAML; check the indentation and the quotes around here";
}

/// Where a line is indented with a tab: the byte in it.
std::optional<std::size_t> tab_in_indentation(std::string_view line) {
  const auto first = line.find_first_not_of(" \t\r");
  const auto tab = line.find('\t');
  return first != std::string_view::npos && tab < first ? std::optional{tab} : std::nullopt;
}

Diagnostic syntax_error(const std::string& file, Lines& lines, const YAML::Exception& exception) {
  const auto line = static_cast<std::size_t>(std::max(exception.mark.line, 0));
  for (const auto suspect : {line, line == 0 ? line : line - 1}) {
    if (const auto tab = tab_in_indentation(lines.line_text(suspect)))
      return {file, lines.position(lines.line_start(suspect) + *tab), Severity::error,
              "a tab indents this line; YAML takes spaces only"};
  }
  return {file, lines.position(exception.mark), Severity::error, in_our_words(exception.msg)};
}

std::optional<Diagnostic> encoding_error(const std::string& file, std::string_view text) {
  if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF"))
    return Diagnostic{file, {1, 1}, Severity::error, "the file is UTF-16; save it as UTF-8"};
  const auto at = first_non_text_byte(text);
  if (!at) return std::nullopt;
  const bool is_control = static_cast<unsigned char>(text[*at]) < 0x80U;
  return Diagnostic{file, Lines{text}.position(*at), Severity::error,
                    is_control
                        ? "a control character stands here; check that this is a text file, and remove it"
                        : "these bytes are not UTF-8; save the file as UTF-8"};
}

void parse(std::string_view text, Builder& builder, Lines& lines, const std::string& file,
           std::vector<Diagnostic>& diagnostics) {
  try {
    std::istringstream stream{std::string{text}};
    YAML::Parser parser{stream};
    while (parser.HandleNextDocument(builder)) continue;
  } catch (const Stop&) {  // NOLINT(bugprone-empty-catch): the builder has said why it stopped
  } catch (const YAML::Exception& exception) {
    diagnostics.push_back(syntax_error(file, lines, exception));
  } catch (const std::exception&) {
    diagnostics.push_back(
        {file, {}, Severity::error, "the file cannot be read as YAML; check that it is the right one"});
  }
}

// --- Interpolation
// -------------------------------------------------------------------------------------------------

class Interpolator {
 public:
  Interpolator(const std::string& file, const Environment& environment, const std::filesystem::path& folder)
      : file_(file), environment_(environment), folder_(folder) {}

  void walk(json& value, SourceNode& node) {
    if (value.is_object()) {
      for (auto& [key, member] : value.items()) walk(member, node.members.at(key));
    } else if (value.is_array()) {
      for (std::size_t i = 0; i < value.size(); ++i) walk(value[i], node.elements.at(i));
    } else if (value.is_string()) {
      replace(value, node);
    }
  }

  [[nodiscard]] std::vector<Diagnostic> take_diagnostics() { return std::move(diagnostics_); }

 private:
  void replace(json& value, SourceNode& node) {
    auto result = interpolate(value.get_ref<const std::string&>(), environment_, folder_);
    if (result) bytes_ += result->text.size();
    if (result && bytes_ > limits::config_bytes_max)
      result = fail(ErrorCode::invalid, "the values of all ${...} together are larger than " +
                                            std::to_string(limits::config_bytes_max) +
                                            " bytes; use fewer of them");
    if (!result) {
      node.origin = Origin::unresolved;
      diagnostics_.push_back({file_, node.value, Severity::error, result.error().message});
      return;
    }
    node.origin = result->origin;
    value = std::move(result->text);
  }

  const std::string& file_;
  const Environment& environment_;
  const std::filesystem::path& folder_;
  std::vector<Diagnostic> diagnostics_;
  std::size_t bytes_ = 0;
};

}  // namespace

YamlResult read_yaml(std::string file, std::string_view text) {
  YamlResult result;
  if (text.size() > limits::config_bytes_max) {
    result.diagnostics.push_back({file,
                                  {},
                                  Severity::error,
                                  "the file is larger than " + std::to_string(limits::config_bytes_max) +
                                      " bytes; check that it is the right one"});
    return result;
  }
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  if (auto error = encoding_error(file, text)) {
    result.diagnostics.push_back(*std::move(error));
    return result;
  }
  Lines lines{text};
  Builder builder{file, lines, result.diagnostics};
  parse(text, builder, lines, file, result.diagnostics);
  auto root = builder.take_root();
  if (!root && result.diagnostics.empty())
    builder.note({}, "the file is empty; see examples/hub.yaml for what belongs into it");
  if (root && !root->value.is_object())
    builder.note(
        root->source.value,
        "the file does not begin with a mapping; write keys such as \"channels:\" at the left margin");
  if (root && root->value.is_object())
    result.document =
        YamlDocument{std::move(root->value), SourceMap{std::move(file), std::move(root->source)}};
  return result;
}

std::vector<Diagnostic> interpolate_all(YamlDocument& document, const Environment& environment,
                                        const std::filesystem::path& folder) {
  const auto file = document.source.file();
  SourceNode root = document.source.at("");
  Interpolator interpolator{file, environment, folder};
  interpolator.walk(document.root, root);
  document.source = SourceMap{file, std::move(root)};
  return interpolator.take_diagnostics();
}

std::string dump_in_file_order(const json& value, const SourceNode& node) {
  std::string text;
  if (value.is_array()) {
    for (std::size_t i = 0; i < value.size(); ++i)
      text += (i == 0 ? "" : ",") + dump_in_file_order(value[i], node.elements.at(i));
    return '[' + text + ']';
  }
  if (!value.is_object()) return value.dump();
  std::vector<const std::pair<const std::string, SourceNode>*> members;
  members.reserve(node.members.size());
  for (const auto& member : node.members) members.push_back(&member);
  std::ranges::stable_sort(members, {}, [](const auto* member) { return member->second.key; });
  for (const auto* member : members)
    text += (text.empty() ? "" : ",") + json(member->first).dump() + ':' +
            dump_in_file_order(value.at(member->first), member->second);
  return '{' + text + '}';
}

}  // namespace leadhub::config
