#pragma once

#include <string_view>

/// The lists that the program was built with, each as sorted lines (by byte), every line ending in LF. Made
/// from npm packages while building; core/verify/lists says how.
namespace leadhub::verify::built_in {

extern const std::string_view version;     ///< "disposable-email-domains 1.0.62, ..."
extern const std::string_view disposable;  ///< domains; those below them count, too
extern const std::string_view free;        ///< domains of providers that give mailboxes to anybody
extern const std::string_view role;        ///< local parts: "info", "sales"
extern const std::string_view top_levels;  ///< top-level domains that the domains above stand under

}  // namespace leadhub::verify::built_in
