#include "lead/words.hpp"

namespace leadhub::lead {

std::string minute_in_words(TimePoint time) {
  auto text = format_rfc3339(time).substr(0, 16) + " UTC";
  text[10] = ' ';
  return text;
}

std::string name_in_words(const Lead& lead) {
  if (const auto& name = lead.field(Field::name); !name.empty()) return name;
  for (const auto kind : {ContactKind::email, ContactKind::phone})
    if (const auto* point = lead.primary(kind); point != nullptr) return point->canonical;
  return "somebody without a name";
}

}  // namespace leadhub::lead
