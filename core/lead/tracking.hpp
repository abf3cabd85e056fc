#pragma once

namespace leadhub::lead {

/// What becomes known of a mail once it has left. Nothing, unless somebody asks for it.
struct Tracking {
  bool clicks = false;  ///< which of its links are followed
  bool opens = false;   ///< when its pictures are shown
};

}  // namespace leadhub::lead
