#pragma once

#include <string>

#include "mail/document.hpp"

namespace leadhub::mail {

/// The text part of a document whose values are in and whose nesting is bounded. Ends with LF unless empty.
[[nodiscard]] std::string plain_text(cmark_node* document);

}  // namespace leadhub::mail
