#pragma once

namespace leadhub::store {

/// How a connection uses its file.
enum class Access {
  read_write = 1,
  read_only,
  scratch,  ///< read_write, for a file that nobody keeps: a commit does not wait for the disk
};

}  // namespace leadhub::store
