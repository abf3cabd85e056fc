#pragma once

#include <soci/soci.h>

#include <memory>
#include <string>

#include "store/database.hpp"
#include "store/inbox_rows.hpp"
#include "store/inbox_store.hpp"

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

  void prepare_next() {
    workspace_value = workspace;
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
