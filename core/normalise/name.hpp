#pragma once

#include <string>
#include <string_view>

namespace leadhub::normalise {

/// A person's name in its parts, each as it was typed; an empty part is not there.
struct PersonName {
  std::string prefix;  ///< "Rev. Dr"
  std::string given;   ///< "Anthony R", middle names included
  std::string family;  ///< "von der Lippe"
  std::string suffix;  ///< "Jr.", "III, PhD"
};

/// Splits a full name. There is no right answer for all the world's names: what is typed stays the name, the
/// parts are only derived from it and give way to any that are given.
///
/// - "Given Family" and "Family, Given"; particles (van, de la, bin) go with the family name, a capital one
/// in
///   front is a given name ("Van Truong"); titles and generations are taken off either end.
/// - Han, Hangul and kana: the family name first, with or without a blank. Without one, its length is
/// guessed:
///   a known double surname, else one character; of four Han characters two; where Han turns to kana, there.
/// - A family name in capitals before others that are not ("DUPONT Jean") is one.
/// - A single word is a given name, after a title a family name ("Herr Schmidt"). What ends in a company's
///   legal form is no person and has no parts.
/// - A nickname in parentheses belongs to no part.
///
/// Any UTF-8; linear. Thread-safe.
[[nodiscard]] PersonName split_name(std::string_view full);

/// The usual capitals for a name that is typed without any, or in nothing else: "ada o'neil-mcdonald" ->
/// "Ada O'Neil-McDonald". A suggestion: what was typed is never replaced. Empty: nothing to suggest.
[[nodiscard]] std::string suggested_capitals(std::string_view name);

/// Whether the last word is a legal form: Ltd, GmbH, S.A.
[[nodiscard]] bool is_company_name(std::string_view name);

/// A company as given, without quotation marks around it; empty for what people type to get past a field
/// ("n/a", "none", "-").
[[nodiscard]] std::string company_name(std::string_view given);

}  // namespace leadhub::normalise
