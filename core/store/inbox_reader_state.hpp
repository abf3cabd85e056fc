#pragma once

#include <soci/soci.h>

#include <memory>
#include <optional>
#include <string>

#include "store/database.hpp"
#include "store/inbox_rows.hpp"
#include "store/inbox_store.hpp"
#include "store/prepared_query.hpp"

/// What an InboxReader consists of; shared by the files that implement it.
namespace leadhub::store {

struct InboxReader::Implementation {
  std::unique_ptr<Database> database;
  std::int64_t workspace = 0;

  // The pipeline's own query, prepared once.
  long long after = 0;
  long long limit = 0;
  long long workspace_value = 0;
  EntryRow row;
  std::unique_ptr<soci::statement> next;

  // What a sender asks before each mail.
  std::string withdrawn_hash;
  long long withdrawn_after = 0;
  std::string withdrawn_purpose;
  std::optional<PreparedQuery> withdrawn;

  void make_queries() {
    workspace_value = workspace;
    withdrawn.emplace(
        database->session(),
        "SELECT DISTINCT purpose FROM withdrawals WHERE workspace_id = :w AND address_hash = :h "
        "AND seq > :s",
        [this](soci::statement& statement) {
          statement.exchange(soci::into(withdrawn_purpose));
          statement.exchange(soci::use(workspace_value));
          statement.exchange(soci::use(withdrawn_hash));
          statement.exchange(soci::use(withdrawn_after));
        });
  }

  void prepare_next() {
    next = std::make_unique<soci::statement>(database->session());
    row.bind(*next);
    next->exchange(soci::use(workspace_value));
    next->exchange(soci::use(after));
    next->exchange(soci::use(limit));
    next->alloc();
    next->prepare("SELECT " + std::string{entry_columns} +
                  " FROM inbox WHERE workspace_id = :w AND seq > :s ORDER BY seq LIMIT :n");
    next->define_and_bind();
  }
};

}  // namespace leadhub::store
