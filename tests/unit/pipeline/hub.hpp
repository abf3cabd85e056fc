#pragma once

#include <stdexcept>
#include <string>
#include <vector>

#include "lead/action.hpp"
#include "pipeline/pipeline.hpp"
#include "store/inbox_store.hpp"
#include "store/lead_reader.hpp"
#include "store/lead_store.hpp"
#include "support/drafts.hpp"
#include "support/temporary_folder.hpp"

namespace leadhub::test {

template <class T>
T value_or_throw(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().message);
  return std::move(*result);
}

/// The inbox and the lead store in a folder of their own, with a pipeline between them that can be opened
/// again and again.
class Hub {
 public:
  Hub() { open_inbox(); }

  [[nodiscard]] Result<std::unique_ptr<pipeline::Pipeline>> try_open() {
    return pipeline::Pipeline::open(
        value_or_throw(store::InboxReader::open(inbox_file(), inbox->workspace())),
        value_or_throw(store::LeadStore::open(lead_file(), "main", clock)), options, inbox->log_id(),
        inbox->head(), attempt_file(), clock, [this](const Error& error) { fatal = error.message; });
  }
  void open() {
    pipeline.reset();
    pipeline = value_or_throw(try_open());
  }

  void open_inbox() {
    inbox.reset();
    inbox = value_or_throw(store::InboxWriterStore::open(inbox_file(), "main", clock));
  }

  std::int64_t append(store::DraftEntry draft) {
    return value_or_throw(inbox->append(std::span{&draft, 1})).front().seq;
  }
  std::int64_t append_form(const std::string& person, const std::string& members = "") {
    return append(entry({event(form(person, members))}));
  }
  std::int64_t redrive(std::int64_t original, const std::vector<std::string>& events) {
    store::DraftEntry draft;
    draft.kind = store::EntryKind::redrive;
    draft.channel = "website";
    draft.received_at = start_time;
    draft.redrive_of = original;
    for (const auto& json : events) draft.events.push_back(event(json));
    return append(std::move(draft));
  }

  /// Puts what is to be done to leads into the log; act() takes it, too.
  void log(const lead::Action& action) {
    store::DraftEntry draft;
    draft.kind = store::EntryKind::action;
    draft.received_at = clock.now();
    draft.events = {event(lead::to_json(action))};
    append(std::move(draft));
  }
  void act(const lead::Action& action) {
    log(action);
    run();
  }

  /// Opens the pipeline where it is not open and takes all there is.
  void run() {
    if (!pipeline) open();
    while (pipeline->cursor() < inbox->head()) {
      const auto taken = pipeline->step();
      if (!taken) throw std::runtime_error(taken.error().message);
    }
  }

  [[nodiscard]] std::unique_ptr<store::InboxReader> inbox_reader() {
    return value_or_throw(store::InboxReader::open(inbox_file(), inbox->workspace()));
  }
  [[nodiscard]] std::unique_ptr<store::LeadReader> reader() {
    return value_or_throw(store::LeadReader::open(lead_file(), inbox->workspace()));
  }
  /// Lets go of entries as if an hour had passed; how many.
  std::int64_t purge(std::int64_t processed) {
    const store::QuarantineLookup lookup = [this](std::span<const std::int64_t> entries) {
      return std::filesystem::exists(lead_file()) ? reader()->in_quarantine(entries)
                                                  : Result<std::vector<std::int64_t>>{};
    };
    return value_or_throw(inbox->purge({start_time + std::chrono::hours{1}, processed, 0, 100, lookup}))
        .purged;
  }
  [[nodiscard]] std::vector<std::string> leads_with(const std::string& email) {
    return value_or_throw(reader()->find({lead::ContactKind::email, email}));
  }
  /// The lead with this address. Throws where there is not exactly one.
  [[nodiscard]] lead::LeadRecord lead_with(const std::string& email) {
    const auto ids = leads_with(email);
    if (ids.size() != 1) throw std::runtime_error(std::to_string(ids.size()) + " leads have " + email);
    return value_or_throw(reader()->get(ids.front()));
  }

  [[nodiscard]] std::filesystem::path inbox_file() const { return folder / "leadhub-inbox.db"; }
  [[nodiscard]] std::filesystem::path lead_file() const { return folder / "leadhub.db"; }
  [[nodiscard]] std::filesystem::path attempt_file() const { return folder / "attempt"; }

  TemporaryFolder folder;
  ManualClock clock{start_time};
  pipeline::StageOptions options;
  std::string fatal;
  std::unique_ptr<store::InboxWriterStore> inbox;
  std::unique_ptr<pipeline::Pipeline> pipeline;
};

}  // namespace leadhub::test
