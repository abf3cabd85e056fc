#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "capture/http.hpp"

namespace leadhub::capture {

/// A plain page of the hub's own: readable everywhere, without scripts, never cached, never indexed, and
/// telling nobody where its visitor goes next.
struct Page {
  int status = 200;
  std::string title;
  std::vector<std::string> paragraphs;  ///< plain text
  std::string button;                   ///< what it says; empty: there is none
  std::string action;                   ///< where it posts to
  struct Choice {
    std::string name;
    std::string value;
    std::string label;
    bool is_ticked = false;
  };
  std::vector<Choice> choices{};  ///< boxes in front of the button
  struct SecondButton {
    std::string name;  ///< empty: there is none
    std::string value;
    std::string label;
  };
  SecondButton second_button{};
  struct Link {
    std::string label;  ///< empty: there is none
    std::string target;
  };
  Link link{};
};
[[nodiscard]] HttpResponse to_response(const Page& page);

/// What the hub's pages say, with 503, where nothing can be stored or looked up now.
[[nodiscard]] HttpResponse come_back_later();

}  // namespace leadhub::capture
