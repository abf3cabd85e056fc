#include "transfer/event_draft.hpp"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <string_view>
#include <variant>

#include "lead/lead.hpp"
#include "ops/crypto.hpp"

namespace leadhub::transfer {
namespace {

constexpr std::size_t key_hash_bytes = 16;  // as short as no two of all rows will share it

/// Writes one event; no document is built in memory.
class DocumentWriter {
 public:
  void text(std::string_view value) {
    writer_.String(value.data(), static_cast<rapidjson::SizeType>(value.size()));
  }
  void members(const std::vector<lead::NamedText>& list) {
    for (const auto& [name, value] : list) {
      text(name);
      text(value);
    }
  }
  void object(std::string_view name, const std::vector<lead::NamedText>& list) {
    if (list.empty()) return;
    text(name);
    writer_.StartObject();
    members(list);
    writer_.EndObject();
  }
  void person(const EventDraft& draft) {
    text("person");
    writer_.StartObject();
    members(draft.person);
    object("external_ids", draft.external_ids);
    writer_.EndObject();
  }
  void attributes(const EventDraft& draft) {
    if (draft.attributes.empty()) return;
    text("attributes");
    writer_.StartObject();
    for (const auto& [name, value] : draft.attributes) {
      text(name);
      std::visit([this](const auto& held) { write(held); }, value);
    }
    writer_.EndObject();
  }
  void consent(const EventDraft& draft) {
    if (draft.consent.empty()) return;
    text("consent");
    writer_.StartArray();
    for (const auto& statement : draft.consent) {
      writer_.StartObject();
      members({{"purpose", statement.purpose},
               {"channel", statement.channel},
               {"state", std::string{lead::to_string(statement.state)}},
               {"text", statement.text}});
      writer_.EndObject();
    }
    writer_.EndArray();
  }
  [[nodiscard]] std::string write(const EventDraft& draft) {
    writer_.StartObject();
    members(draft.members);
    person(draft);
    object("attribution", draft.attribution);
    attributes(draft);
    consent(draft);
    writer_.EndObject();
    return {buffer_.GetString(), buffer_.GetSize()};
  }

 private:
  void write(bool value) { writer_.Bool(value); }
  void write(std::int64_t value) { writer_.Int64(value); }
  void write(double value) { writer_.Double(value); }
  void write(const std::string& value) { text(value); }
  void write(const std::vector<std::string>& list) {
    writer_.StartArray();
    for (const auto& entry : list) text(entry);
    writer_.EndArray();
  }

  rapidjson::StringBuffer buffer_;
  rapidjson::Writer<rapidjson::StringBuffer> writer_{buffer_};
};

}  // namespace

std::string content_key(std::string_view content) {
  return "row-" + ops::base64url_encode(ops::as_text(ops::sha256(content)).substr(0, key_hash_bytes));
}

std::string to_document(const EventDraft& draft) {
  auto document = DocumentWriter{}.write(draft);
  if (!draft.has_key) document.insert(1, "\"key\":\"" + content_key(document) + "\",");
  return document;
}

}  // namespace leadhub::transfer
