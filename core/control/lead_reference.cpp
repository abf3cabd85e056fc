#include "control/lead_reference.hpp"

#include <utility>

#include "normalise/email.hpp"
#include "normalise/phone.hpp"
#include "ops/uuid.hpp"

namespace leadhub::control {

Result<std::string> lead_id_of(store::LeadReader& leads, std::string_view reference,
                               std::string_view default_country) {
  if (ops::is_uuid(reference)) return std::string{reference};
  store::ContactKey key;
  if (reference.find('@') != reference.npos) {
    auto canonical = normalise::canonical_email(reference);
    if (!canonical) return std::unexpected(canonical.error());
    key = {lead::ContactKind::email, std::move(*canonical)};
  } else {
    auto phone = normalise::canonical_phone(reference, default_country);
    if (!phone)
      return fail(ErrorCode::invalid,
                  "a lead is named by its id, an e-mail address or a phone number; this is none");
    key = {lead::ContactKind::phone, std::move(phone->e164)};
  }
  const auto ids = leads.find(key);
  if (!ids) return std::unexpected(ids.error());
  if (ids->empty()) return fail(ErrorCode::not_found, "there is no such lead; see `leadhub leads list`");
  if (ids->size() == 1) return ids->front();
  std::string list;
  for (const auto& id : *ids) list += (list.empty() ? "" : ", ") + id;
  return fail(ErrorCode::conflict, "several leads have it; name one by its id: " + list);
}

}  // namespace leadhub::control
