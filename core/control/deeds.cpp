#include "control/deeds.hpp"

#include <algorithm>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <utility>

#include "lead/deed.hpp"
#include "lead/event.hpp"
#include "normalise/text.hpp"
#include "ops/clock.hpp"
#include "ops/limits.hpp"

namespace leadhub::control {
namespace {

using nlohmann::ordered_json;

std::unexpected<Error> invalid(std::string message) {
  return fail(ErrorCode::invalid, std::move(message));
}

/// The one document of the deed, member by member.
class Reader {
 public:
  explicit Reader(const ordered_json& body) : body_(body) {}

  [[nodiscard]] bool has(const char* name) const { return body_.contains(name) && !body_.at(name).is_null(); }

  Result<std::string> text(const char* name) const {
    if (!has(name) || !body_.at(name).is_string())
      return invalid(std::string{"give \""} + name + "\", a text");
    auto text = normalise::clean_text(body_.at(name).get<std::string>());
    if (text.empty()) return invalid(std::string{"\""} + name + "\" is empty; write something");
    if (text.size() > limits::event_text_bytes_max)
      return invalid(std::string{"\""} + name + "\" is longer than " +
                     std::to_string(limits::event_text_bytes_max) + " bytes");
    return text;
  }

  Result<std::vector<std::string>> texts(const char* name) const {
    std::vector<std::string> list;
    if (!has(name)) return list;
    if (!body_.at(name).is_array()) return invalid(std::string{"\""} + name + "\" is a list of texts");
    for (const auto& element : body_.at(name)) {
      if (!element.is_string()) return invalid(std::string{"\""} + name + "\" is a list of texts");
      auto text = normalise::clean_line(element.get<std::string>());
      if (text.empty() || text.size() > limits::tag_bytes_max)
        return invalid("a tag has 1 to " + std::to_string(limits::tag_bytes_max) + " bytes");
      list.push_back(std::move(text));
    }
    return list;
  }

  /// Empty takes a date away.
  Result<std::string> time(const char* name) const {
    const auto& value = body_.at(name);
    if (value.is_string() &&
        (value.get_ref<const std::string&>().empty() || parse_rfc3339(value.get_ref<const std::string&>())))
      return value.get<std::string>();
    return invalid(std::string{"\""} + name + "\" is a time, as in 2026-01-05T12:00:00Z");
  }

  [[nodiscard]] const ordered_json& body() const { return body_; }

 private:
  const ordered_json& body_;
};

using Made = Result<ordered_json>;

ordered_json event(std::string_view type) {
  return {{"version", 1}, {"type", type}};
}

Made tag(const Reader& reader) {
  const auto add = reader.texts("add");
  if (!add) return std::unexpected(add.error());
  const auto remove = reader.texts("remove");
  if (!remove) return std::unexpected(remove.error());
  if (add->empty() && remove->empty()) return invalid("name a tag to \"add\" or to \"remove\"");
  auto out = event(lead::deed::tagged);
  if (!add->empty()) out["attributes"]["add"] = *add;
  if (!remove->empty()) out["attributes"]["remove"] = *remove;
  return out;
}

Made note(const Reader& reader) {
  const auto text = reader.text("text");
  if (!text) return std::unexpected(text.error());
  auto out = event(lead::deed::noted);
  out["message"] = *text;
  return out;
}

Made assign(const Reader& reader) {
  const auto owner = reader.text("owner");
  if (!owner) return std::unexpected(owner.error());
  auto out = event(lead::deed::assigned);
  out["attributes"]["owner"] = *owner;
  return out;
}

Made lose(const Reader& reader) {
  auto out = event(lead::deed::lost);
  if (!reader.has("reason")) return out;
  const auto reason = reader.text("reason");
  if (!reason) return std::unexpected(reason.error());
  out["attributes"]["reason"] = *reason;
  return out;
}

bool is_currency(const ordered_json& value) {
  if (!value.is_string()) return false;
  const auto& text = value.get_ref<const std::string&>();
  return text.size() == 3 && std::ranges::all_of(text, [](char c) { return c >= 'A' && c <= 'Z'; });
}

Made convert(const Reader& reader) {
  const auto& body = reader.body();
  auto out = event("purchase.completed");
  if (reader.has("value")) {
    const auto& value = body.at("value");
    if (!value.is_number() || value.get<double>() < 0)
      return invalid("\"value\" is what the sale is worth: a number, nothing or more");
    if (!reader.has("currency")) return invalid("a value needs its \"currency\", as in EUR");
    out["value"] = value;
  }
  if (reader.has("currency")) {
    if (!is_currency(body.at("currency")))
      return invalid("\"currency\" is a code of ISO 4217: three capitals, as in EUR");
    out["currency"] = body.at("currency");
  }
  if (reader.has("at")) {
    const auto at = reader.time("at");
    if (!at) return std::unexpected(at.error());
    if (!at->empty()) out["occurred_at"] = *at;
  }
  if (reader.has("again")) {
    if (!body.at("again").is_boolean()) return invalid("\"again\" is true or false");
    if (body.at("again").get<bool>()) out["attributes"]["again"] = true;
  }
  return out;
}

Made account(const Reader& reader) {
  auto out = event(lead::deed::account);
  if (reader.has("owner")) {
    const auto owner = reader.text("owner");
    if (!owner) return std::unexpected(owner.error());
    out["attributes"]["owner"] = *owner;
  }
  for (const auto* name : {"renews_at", "follow_up_at"}) {
    if (!reader.has(name)) continue;
    const auto time = reader.time(name);
    if (!time) return std::unexpected(time.error());
    out["attributes"][name] = *time;
  }
  if (!out.contains("attributes")) return invalid("give \"owner\", \"renews_at\" or \"follow_up_at\"");
  return out;
}

Made recycle(const Reader&) {
  return event(lead::deed::recycled);
}
Made answer(const Reader&) {
  return event(lead::deed::answered);
}

struct Deed {
  std::string_view name;
  Made (*make)(const Reader&);
  std::initializer_list<std::string_view> members;
};

const Deed* find(std::string_view name) {
  static const Deed deeds[]{{"tag", tag, {"add", "remove"}},
                            {"note", note, {"text"}},
                            {"assign", assign, {"owner"}},
                            {"answer", answer, {}},
                            {"lose", lose, {"reason"}},
                            {"recycle", recycle, {}},
                            {"convert", convert, {"value", "currency", "at", "again"}},
                            {"account", account, {"owner", "renews_at", "follow_up_at"}}};
  const auto* found = std::ranges::find(deeds, name, &Deed::name);
  return found == std::end(deeds) ? nullptr : found;
}

}  // namespace

Result<std::string> deed_document(std::string_view body, const std::optional<std::string>& key) {
  const auto given = ordered_json::parse(body, nullptr, false);
  if (!given.is_object() || !given.contains("deed") || !given.at("deed").is_string())
    return invalid(
        "send a JSON object whose \"deed\" is tag, note, assign, answer, lose, recycle, convert or account");
  const auto* deed = find(given.at("deed").get_ref<const std::string&>());
  if (deed == nullptr)
    return invalid(
        "there is no such deed; send tag, note, assign, answer, lose, recycle, convert or account");
  for (const auto& [name, value] : given.items())
    if (name != "deed" && std::ranges::find(deed->members, name) == deed->members.end())
      return invalid("the deed \"" + std::string{deed->name} +
                     "\" takes no such member as one of those sent");
  auto made = deed->make(Reader{given});
  if (!made) return std::unexpected(made.error());
  if (key) (*made)["key"] = *key;
  auto document = made->dump(-1, ' ', false, ordered_json::error_handler_t::replace);
  if (const auto event = lead::parse_event(document); !event) return std::unexpected(event.error());
  return document;
}

}  // namespace leadhub::control
