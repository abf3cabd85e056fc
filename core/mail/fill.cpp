#include "mail/fill.hpp"

#include <mstch/mstch.hpp>
#include <nlohmann/json.hpp>

#include "mail/value_text.hpp"
#include "normalise/text.hpp"
#include "ops/limits.hpp"

namespace leadhub::mail {
namespace {

using nlohmann::ordered_json;

/// mstch escapes by a function of the whole process. Ours are escaped later, where they stand.
void leave_escaping_to_us() {
  static const bool is_set = [] {
    mstch::config::escape = [](const std::string& text) { return text; };
    return true;
  }();
  static_cast<void>(is_set);
}

std::string text_of(const ordered_json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_number_float() || value.is_number_integer()) return value.dump();
  if (value.is_boolean()) return value.get<bool>() ? "yes" : "no";
  return {};
}

const ordered_json* member(const ordered_json& values, std::string_view name) {
  constexpr std::string_view attributes = "attributes.";
  if (!values.is_object()) return nullptr;
  if (name.starts_with(attributes)) {
    const auto group = values.find("attributes");
    return group == values.end() ? nullptr : member(*group, name.substr(attributes.size()));
  }
  const auto found = values.find(std::string{name});
  return found == values.end() ? nullptr : &*found;
}

bool is_true(const ordered_json& value) {
  return value.is_boolean() ? value.get<bool>() : !text_of(value).empty();
}

std::string written(const Marks::Value& value, std::string_view before) {
  return shown_behind(before, value.text, value.type);
}

class ContextMaker {
 public:
  explicit ContextMaker(Marks& marks) : marks_(marks) {}

  void add(mstch::map& context, std::string_view name, const Field& field, const ordered_json& value) {
    if (field.type == FieldType::records) return add_records(context, name, value);
    if (value.is_array()) return add_list(context, name, value);
    const auto text = text_of(value);
    const bool is_there =
        field.type == FieldType::truth || value.is_boolean() ? is_true(value) : is_shown(text, field.type);
    context[mustache_key(name)] = is_there ? marks_.add(text, field.type) : std::string{};
    context[mustache_section_key(name)] = is_there;
  }

 private:
  static bool is_shown(const std::string& text, FieldType type) { return !shown(text, type).empty(); }

  void add_list(mstch::map& context, std::string_view name, const ordered_json& value) {
    mstch::array entries;
    std::string joined;
    for (const auto& entry : value) {
      const auto text = text_of(entry);
      if (entries.size() == limits::mail_list_max) break;
      if (!is_shown(text, FieldType::list)) continue;
      joined += (joined.empty() ? "" : ", ") + text;
      entries.emplace_back(marks_.add(text, FieldType::list));
    }
    context[mustache_key(name)] = joined.empty() ? std::string{} : marks_.add(joined, FieldType::list);
    context[mustache_section_key(name)] = std::move(entries);
  }

  void add_records(mstch::map& context, std::string_view name, const ordered_json& value) {
    mstch::array entries;
    const auto prefix = std::string{name} + "[].";
    for (const auto& record : value) {
      if (!record.is_object() || entries.size() == limits::mail_list_max) break;
      mstch::map entry;
      for (const auto& field : fields()) {
        if (!field.name.starts_with(prefix)) continue;
        const auto own = field.name.substr(prefix.size());
        const auto* found = member(record, own);
        add(entry, own, field, found == nullptr ? ordered_json{} : *found);
      }
      entries.emplace_back(std::move(entry));
    }
    context[mustache_section_key(name)] = std::move(entries);
  }

  Marks& marks_;
};

}  // namespace

struct Filling::Context {
  mstch::map root;
};

Filling::Filling(const ordered_json& values, const std::set<std::string>& names)
    : context_(std::make_unique<Context>()) {
  leave_escaping_to_us();
  ContextMaker maker{marks_};
  for (const auto& name : names) {
    const auto* field = find_field(name, "");
    const auto* value = member(values, name);
    if (field != nullptr && value != nullptr) maker.add(context_->root, name, *field, *value);
  }
}

Filling::~Filling() = default;

void Filling::put(std::string_view name, std::string text) {
  context_->root[mustache_section_key(name)] = !text.empty();
  context_->root[mustache_key(name)] = std::move(text);
}

bool Filling::holds(std::string_view name) const {
  const auto found = context_->root.find(mustache_section_key(name));
  if (found == context_->root.end()) return false;
  const auto* const is_there = boost::get<bool>(&found->second);
  return is_there != nullptr && *is_there;
}

std::string Filling::fill(const Piece& piece, const Partials& partials) const {
  if (piece.mustache.empty()) return {};
  return mstch::render(piece.mustache, context_->root, partials);
}

std::string Filling::fill_line(const Piece& piece) const {
  auto line = marks_.replaced(normalise::clean_line(fill(piece, {})), written);
  line.resize(line.find_last_not_of(' ') + 1);
  return line.erase(0, line.find_first_not_of(' '));
}

std::string Filling::fill_text(const Piece& piece, const Partials& partials) const {
  auto text = marks_.replaced(fill(piece, partials), written);
  if (!text.empty() && !text.ends_with('\n')) text += '\n';
  return text;
}

}  // namespace leadhub::mail
