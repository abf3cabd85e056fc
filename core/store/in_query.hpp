#pragma once

#include <soci/soci.h>

#include <algorithm>
#include <array>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace leadhub::store {

/// A prepared SELECT ... IN (...) over texts, asked for many at a time. `sql` ends before the list; its one
/// other parameter, first in the text, is the workspace. Throws soci::soci_error; used by one thread.
class InQuery {
 public:
  static constexpr std::size_t texts_at_once = 64;

  /// `bind` binds the row's columns to the statement.
  InQuery(soci::session& session, std::string sql, long long workspace,
          const std::function<void(soci::statement&)>& bind)
      : workspace_(workspace), statement_(session) {
    bind(statement_);
    statement_.exchange(soci::use(workspace_));
    for (std::size_t i = 0; i < texts_at_once; ++i) {
      sql += (i == 0 ? "(:k" : ", :k") + std::to_string(i);
      statement_.exchange(soci::use(texts_[i]));
    }
    statement_.alloc();
    statement_.prepare(sql + ")");
    statement_.define_and_bind();
  }
  InQuery(const InQuery&) = delete;
  InQuery& operator=(const InQuery&) = delete;

  /// Calls `row` for each row found. Places that are not needed repeat the last text.
  template <class Row>
  void each(std::span<const std::string_view> texts, Row&& row) {
    while (!texts.empty()) {
      const auto count = std::min(texts_at_once, texts.size());
      for (std::size_t i = 0; i < texts_at_once; ++i) texts_[i] = texts[std::min(i, count - 1)];
      statement_.execute();
      while (statement_.fetch()) row();
      texts = texts.subspan(count);
    }
  }

 private:
  long long workspace_;
  std::array<std::string, texts_at_once> texts_;
  soci::statement statement_;
};

}  // namespace leadhub::store
