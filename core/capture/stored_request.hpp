#pragma once

#include "capture/http.hpp"
#include "store/inbox_store.hpp"

namespace leadhub::capture {

/// The request as the inbox keeps it, without headers that only prove who sent it: they have done their work,
/// and are secrets.
[[nodiscard]] store::StoredRequest stored_request(HttpRequest request);

/// A kept request, to be read again.
[[nodiscard]] HttpRequest restored_request(const store::InboxEntryDetail& entry);

}  // namespace leadhub::capture
