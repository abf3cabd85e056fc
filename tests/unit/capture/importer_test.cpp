#include "capture/importer.hpp"

#include <gmock/gmock.h>

#include "ops/limits.hpp"
#include "support/drafts.hpp"
#include "support/temporary_folder.hpp"

namespace leadhub::capture {
namespace {

using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;

std::string line(const std::string& key, const std::string& email) {
  return R"({"type":"x.leadhub.imported","key":")" + key + R"(","person":{"email":")" + email + "\"}}\n";
}

class ImporterTest : public testing::Test {
 protected:
  ImporterTest()
      : keys{ops::KeyRing::open(folder / "keys").value()},
        inbox{store::InboxWriterStore::open(folder / "inbox.db", "main", clock).value(),
              {},
              clock,
              [](std::int64_t) {},
              [](const Error&) {}},
        importer{inbox, {keys, test::lower_case}, clock, [](const lead::LeadEvent& event) -> Result<void> {
                   if (event.person.email.empty()) return fail(ErrorCode::invalid, "it names nobody");
                   return {};
                 }} {}

  ImportReport import(const std::string& lines, ImportMode mode = ImportMode::commit) {
    auto report = importer.import(lines, mode);
    if (!report) throw std::runtime_error(report.error().message);
    return *report;
  }
  store::InboxEntry stored(std::int64_t seq) {
    return store::InboxReader::open(folder / "inbox.db", 1).value()->get(seq).value().entry;
  }

  test::TemporaryFolder folder;
  ManualClock clock{test::start_time};
  ops::KeyRing keys;
  InboxWriter inbox;
  Importer importer;
};

TEST_F(ImporterTest, PutsAllSoundLinesIntoOneEntry) {
  const auto report = import(line("1", "ada@example.com") + "\r\n" + line("2", "") + "{nonsense\n" +
                             line("3", "alan@example.com"));
  EXPECT_EQ(report.accepted, 2);
  EXPECT_THAT(report.refused,
              ElementsAre(testing::AllOf(Field(&RefusedLine::line, 3),
                                         Field(&RefusedLine::reason, HasSubstr("names nobody"))),
                          testing::AllOf(Field(&RefusedLine::line, 4),
                                         Field(&RefusedLine::reason, HasSubstr("no valid JSON")))));
  EXPECT_EQ(inbox.head(), 1);
  EXPECT_EQ(stored(1).channel, "import");
  EXPECT_EQ(stored(1).state, store::EntryState::accepted);
  EXPECT_THAT(stored(1).events, testing::AllOf(HasSubstr("ada@"), HasSubstr("alan@")));
}

TEST_F(ImporterTest, CountsWhatIsKnownAndWhatContradicts) {
  static_cast<void>(import(line("1", "ada@example.com")));
  const auto report = import(line("1", "ada@example.com") + line("2", "b@example.com") +
                             line("2", "b@example.com") + line("1", "eve@example.com"));
  EXPECT_EQ(report.accepted, 1);
  EXPECT_EQ(report.duplicates, 2);
  EXPECT_EQ(report.conflicts, 1);
  EXPECT_EQ(stored(3).state, store::EntryState::conflict);
  EXPECT_EQ(import(line("1", "ada@example.com")).duplicates, 1);
  EXPECT_EQ(inbox.head(), 3) << "nothing is stored for duplicates";
}

TEST_F(ImporterTest, StoresNothingWhileItChecks) {
  const auto report = import(line("1", "ada@example.com") + line("2", ""), ImportMode::check);
  EXPECT_EQ(report.accepted, 1);
  EXPECT_EQ(report.refused.size(), 1U);
  EXPECT_EQ(inbox.head(), 0);
  EXPECT_EQ(import("").accepted, 0);
  EXPECT_EQ(inbox.head(), 0) << "nor for nothing";
}

TEST_F(ImporterTest, TakesNoWordForAConfirmation) {
  const auto report = import(
      R"({"type":"newsletter.subscribed","person":{"email":"a@example.com"},"consent":[{"purpose":"p","state":"granted","confirms":"1.0"}]})");
  ASSERT_EQ(report.refused.size(), 1U);
  EXPECT_THAT(report.refused[0].reason, HasSubstr("only the hub itself"));
}

TEST_F(ImporterTest, BoundsTheLinesOfOneCall) {
  std::string lines;
  for (std::size_t i = 0; i < limits::import_batch_events_max; ++i)
    lines += line(std::to_string(i), "a@example.com");
  EXPECT_EQ(import(lines, ImportMode::check).accepted, 1000);
  const auto report = importer.import(lines + line("more", "a@example.com"), ImportMode::commit);
  ASSERT_FALSE(report.has_value());
  EXPECT_THAT(report.error().message, HasSubstr("several requests"));
  EXPECT_EQ(inbox.head(), 0);
}

TEST_F(ImporterTest, SaysSoWhenTheInboxTakesNothing) {
  inbox.stop();
  const auto report = importer.import(line("1", "ada@example.com"), ImportMode::commit);
  ASSERT_FALSE(report.has_value());
  EXPECT_EQ(report.error().code, ErrorCode::unavailable);
}

}  // namespace
}  // namespace leadhub::capture
