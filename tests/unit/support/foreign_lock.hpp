#pragma once

#include <sqlite3.h>

#include <filesystem>

namespace leadhub::test {

/// A foreign connection that keeps everybody else from writing the file while it lives.
class ForeignLock {
 public:
  explicit ForeignLock(const std::filesystem::path& file) {
    sqlite3_open(file.c_str(), &connection_);
    sqlite3_exec(connection_, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr);
  }
  ~ForeignLock() { sqlite3_close(connection_); }
  ForeignLock(const ForeignLock&) = delete;
  ForeignLock& operator=(const ForeignLock&) = delete;

 private:
  sqlite3* connection_ = nullptr;
};

}  // namespace leadhub::test
