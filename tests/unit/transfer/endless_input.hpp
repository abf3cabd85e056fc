#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <istream>
#include <streambuf>
#include <string>
#include <utility>

namespace leadhub::test {

/// A prefix, and then one character so many times: a gigabyte that nobody has to hold.
class EndlessInput : public std::istream {
 public:
  EndlessInput(std::string prefix, char filling, std::int64_t count)
      : std::istream(nullptr), buffer_(std::move(prefix), filling, count) {
    rdbuf(&buffer_);
  }

 private:
  class Buffer : public std::streambuf {
   public:
    Buffer(std::string prefix, char filling, std::int64_t count) : prefix_(std::move(prefix)), left_(count) {
      block_.fill(filling);
      setg(prefix_.data(), prefix_.data(), prefix_.data() + prefix_.size());
    }

   private:
    int_type underflow() override {
      const auto count = std::min<std::int64_t>(left_, static_cast<std::int64_t>(block_.size()));
      if (count == 0) return traits_type::eof();
      left_ -= count;
      setg(block_.data(), block_.data(), block_.data() + count);
      return traits_type::to_int_type(block_.front());
    }

    std::string prefix_;
    std::int64_t left_;
    std::array<char, 65536> block_{};
  };

  Buffer buffer_;
};

}  // namespace leadhub::test
