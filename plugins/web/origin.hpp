#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Origins as RFC 6454 and the HTML standard write them: scheme "://" host [":" port].
namespace leadhub::webform {

/// `text` as a browser would send it in an Origin header (lower case, no default port); nullopt where it is
/// none: a path, a user, a blank, a wildcard or another scheme than http and https. "null" is taken as it is.
std::optional<std::string> parse_origin(std::string_view text);

/// The origin part of an http or https URL, as a view into it, without a default port. Empty for anything
/// else.
std::string_view origin_of(std::string_view url);

/// Whether `text` is a whole http or https URL in ASCII, without blanks, that a browser can be sent to.
bool is_page_url(std::string_view text);

enum class OriginVerdict {
  absent = 1,  ///< no Origin header: no browser, or one that does not send it. CORS has nothing to say
  allowed,
  refused,
};

/// Which websites may send to a channel: the hub's own origin and the listed ones. Thread-safe.
class OriginPolicy {
 public:
  /// `origins`: as parse_origin() gives them.
  explicit OriginPolicy(std::vector<std::string> origins) : origins_(std::move(origins)) {}

  /// `origin`: the Origin header, empty where there is none; `public_url`: the hub's own.
  [[nodiscard]] OriginVerdict judge(std::string_view origin, std::string_view public_url) const;

  [[nodiscard]] const std::vector<std::string>& listed() const { return origins_; }

 private:
  std::vector<std::string> origins_;
};

}  // namespace leadhub::webform
