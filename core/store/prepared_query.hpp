#pragma once

#include <soci/soci.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>

namespace leadhub::store {

/// A SELECT that is prepared when it is first asked, and kept: what is asked for each mail or lead costs half
/// as much so. Throws soci::soci_error; used by one thread.
class PreparedQuery {
 public:
  /// `bind` binds the columns, then the parameters, all of which outlive the query.
  PreparedQuery(soci::session& session, std::string sql, std::function<void(soci::statement&)> bind)
      : session_(session), sql_(std::move(sql)), bind_(std::move(bind)) {}

  /// Asks with what the parameters are now, and calls `row` for each row.
  template <class Row>
  void each(Row&& row) {
    if (!statement_) prepare();
    statement_->execute();
    while (statement_->fetch()) row();
  }

 private:
  void prepare() {
    auto statement = std::make_unique<soci::statement>(session_);
    bind_(*statement);
    statement->alloc();
    statement->prepare(sql_);
    statement->define_and_bind();
    statement_ = std::move(statement);
  }

  soci::session& session_;
  std::string sql_;
  std::function<void(soci::statement&)> bind_;
  std::unique_ptr<soci::statement> statement_;
};

}  // namespace leadhub::store
