#include "mail/preview_values.hpp"

#include <nlohmann/json.hpp>
#include <string_view>

namespace leadhub::mail {
namespace {

using nlohmann::ordered_json;

constexpr std::string_view attribute_prefix = "attributes.";

ordered_json sample(const Field& field) {
  std::string text{field.sample};
  if (field.type == FieldType::truth) return text == "true";
  if (field.type != FieldType::list) return text;
  auto entries = ordered_json::array();
  for (std::size_t begin = 0; begin < text.size();) {
    const auto end = std::min(text.find(", ", begin), text.size());
    entries.push_back(text.substr(begin, end - begin));
    begin = end + 2;
  }
  return entries;
}

ordered_json text_at(const ordered_json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? *found : ordered_json(nullptr);
}

ordered_json contacts(const ordered_json& points) {
  auto out = ordered_json::array();
  for (const auto& point : points) {
    const auto kind = point.value("kind", "");
    if (kind != "email" && kind != "phone") continue;
    out.push_back({{"kind", kind == "email" ? "E-mail" : "Phone"},
                   {"value", text_at(point, "canonical")},
                   {"confirmed", !text_at(point, "verified_at").is_null()}});
  }
  return out;
}

ordered_json scores(const ordered_json& entries) {
  auto out = ordered_json::array();
  for (const auto& entry : entries) {
    const auto points = entry.value("points", 0);
    out.push_back({{"points", (points < 0 ? "" : "+") + std::to_string(points)},
                   {"rule", text_at(entry, "rule")},
                   {"at", text_at(entry, "at")}});
  }
  return out;
}

ordered_json timeline(const ordered_json& lines) {
  auto out = ordered_json::array();
  for (const auto& line : lines)
    out.push_back(
        {{"type", text_at(line, "type")},
         {"channel", text_at(line, "channel")},
         {"occurred_at", text_at(line, "occurred_at")},
         {"message", line.contains("event") && line["event"].is_object() ? text_at(line["event"], "message")
                                                                         : ordered_json(nullptr)}});
  return out;
}

const ordered_json& list_at(const ordered_json& object, const char* name) {
  static const ordered_json none = ordered_json::array();
  const auto found = object.find(name);
  return found == object.end() ? none : *found;
}

}  // namespace

ordered_json sample_values(const Template& mail) {
  ordered_json values;
  for (const auto& field : fields()) {
    const auto bracket = field.name.find("[].");
    if (bracket == std::string_view::npos) {
      if (field.type == FieldType::records)
        values[std::string{field.name}] = ordered_json::array({ordered_json::object()});
      else if (field.name != "attributes.*")
        values[std::string{field.name}] = sample(field);
      continue;
    }
    values[std::string{field.name.substr(0, bracket)}][0][std::string{field.name.substr(bracket + 3)}] =
        sample(field);
  }
  for (const auto& name : mail.names)
    if (name.starts_with(attribute_prefix))
      values["attributes"][name.substr(attribute_prefix.size())] = "sample";
  return values;
}

ordered_json lead_values(const ordered_json& lead_document) {
  auto values = lead_document;
  const auto name = text_at(values, "name");
  const auto company = text_at(values, "company");
  values["lead"] = name.is_null() ? text_at(values, "email") : name;
  if (!name.is_null() && !company.is_null())
    values["lead"] = name.get<std::string>() + " (" + company.get<std::string>() + ")";
  values["owner_name"] = text_at(values, "owner");
  values["contacts"] = contacts(list_at(lead_document, "contact_points"));
  values["scores"] = scores(list_at(lead_document, "scores"));
  values["timeline"] = timeline(list_at(lead_document, "timeline"));
  return values;
}

MailKind fitting_kind(const TemplateSet& templates, const Template& mail) {
  for (const auto kind : {MailKind::marketing, MailKind::hand_off, MailKind::confirmation})
    if (templates.faults(mail, kind).empty()) return kind;
  return MailKind::marketing;
}

}  // namespace leadhub::mail
