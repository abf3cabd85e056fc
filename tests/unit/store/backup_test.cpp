#include "store/backup.hpp"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <array>
#include <atomic>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <thread>

#include "lead/action.hpp"
#include "ops/key_ring.hpp"
#include "pipeline/hub.hpp"
#include "store/migrations.hpp"

namespace leadhub::store {
namespace {

using std::filesystem::path;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

constexpr std::array names{"leadhub.db", "leadhub-inbox.db", "leadhub.keys", "manifest.json"};

std::string content_of(const path& file) {
  std::ifstream stream{file, std::ios::binary};
  return {std::istreambuf_iterator<char>{stream}, {}};
}

void write(const path& file, const std::string& content) {
  std::ofstream{file, std::ios::binary} << content;
}

std::vector<std::string> names_in(const path& folder) {
  std::vector<std::string> found;
  for (const auto& file : std::filesystem::directory_iterator{folder})
    found.push_back(file.path().filename().string());
  return found;
}

mode_t mode_of(const path& file) {
  struct stat status {};
  if (::stat(file.c_str(), &status) != 0) throw std::runtime_error(file.string());
  return status.st_mode & 0777;
}

StateFiles state_in(const path& folder) {
  return {folder / "leadhub.db", folder / "leadhub-inbox.db", folder / "leadhub.keys"};
}

class Backup : public testing::Test {
 protected:
  Backup() {
    if (!ops::KeyRing::open(hub.folder / "leadhub.keys")) throw std::runtime_error("there is no key ring");
    hub.append_form(R"("email":"ada@example.com","name":"Ada Lovelace")");
    hub.run();
  }

  [[nodiscard]] Result<BackupManifest> back_up(const path& folder) const {
    return make_backup(state_in(hub.lead_file().parent_path()), folder, "1.2.3", hub.clock, {});
  }
  [[nodiscard]] Result<BackupManifest> restore() const {
    return restore_backup(kept(), state_in(target()), hub.clock, {});
  }
  [[nodiscard]] path kept() const { return elsewhere / "kept"; }
  [[nodiscard]] path target() const {
    std::filesystem::create_directories(elsewhere / "target");
    return elsewhere / "target";
  }
  [[nodiscard]] std::optional<lead::Pause> pause_of(const path& leads) const {
    const auto pauses =
        test::value_or_throw(test::value_or_throw(LeadReader::open(leads, hub.inbox->workspace()))->pauses());
    return pauses.empty() ? std::nullopt : std::optional{pauses.front()};
  }
  void act(const lead::Action& action) {
    DraftEntry draft;
    draft.kind = EntryKind::action;
    draft.received_at = test::start_time;
    draft.events = {test::event(lead::to_json(action))};
    hub.append(std::move(draft));
  }

  test::Hub hub;
  test::TemporaryFolder elsewhere;
};

TEST_F(Backup, HoldsBothFilesAndTheKeysForTheirOwnerOnly) {
  hub.append_form(R"("email":"grace@example.com")");  // not processed
  const auto made = back_up(kept());
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_THAT(names_in(kept()), UnorderedElementsAre(names[0], names[1], names[2], names[3]));
  EXPECT_EQ(mode_of(kept()), 0700U);
  for (const auto* name : names) EXPECT_EQ(mode_of(kept() / name), 0600U) << name;

  const auto read = read_manifest(kept());
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->program, "1.2.3");
  EXPECT_EQ(read->made_at, hub.clock.now());
  EXPECT_EQ(read->leads, made->leads);
  EXPECT_EQ(read->leads.schema, static_cast<std::int64_t>(leads_migrations().size()));
  EXPECT_EQ(read->leads.digest, test::value_or_throw(ops::digest_of(kept() / names[0], {})));
  EXPECT_EQ(read->logs, (std::vector<BackupManifest::Log>{{"main", hub.inbox->log_id(), 1, 2}}));
  EXPECT_EQ(content_of(kept() / names[2]), content_of(hub.folder / "leadhub.keys"));
}

TEST_F(Backup, TakesNoFolderThatHoldsAnything) {
  ASSERT_TRUE(back_up(kept()));
  const auto before = content_of(kept() / "manifest.json");
  const auto again = back_up(kept());
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, ErrorCode::conflict);
  EXPECT_THAT(again.error().message, HasSubstr("holds a backup already"));
  EXPECT_EQ(content_of(kept() / "manifest.json"), before);

  std::filesystem::remove(kept() / "manifest.json");
  EXPECT_THAT(back_up(kept()).error().message, HasSubstr("cut short"));
  EXPECT_TRUE(std::filesystem::exists(kept() / names[0])) << "it is not ours to remove";
}

TEST_F(Backup, LeavesNothingBehindWhereItFails) {
  std::filesystem::remove(hub.folder / "leadhub.keys");
  const auto failed = back_up(kept());
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, ErrorCode::not_found);
  EXPECT_FALSE(std::filesystem::exists(kept()));
  EXPECT_FALSE(std::filesystem::exists(hub.folder / "leadhub.keys")) << "no ring is made for a backup";
}

TEST_F(Backup, TakesNoTwoFilesThatDoNotBelongTogether) {
  const test::Hub other;
  const auto made = make_backup({hub.lead_file(), other.inbox_file(), hub.folder / "leadhub.keys"}, kept(),
                                "1", hub.clock, {});
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, ErrorCode::incompatible);
  EXPECT_THAT(made.error().message, HasSubstr("do not belong together"));
  EXPECT_FALSE(std::filesystem::exists(kept()));
}

TEST_F(Backup, IsWholeWhileTheHubGoesOnWriting) {
  std::atomic<bool> stop{false};
  std::thread writer{[&] {  // commits and processes, as a hub does with two threads and two connections
    for (int person = 0; !stop; ++person) {
      std::vector<DraftEntry> drafts;
      for (int i = 0; i < 20; ++i)
        drafts.push_back(test::entry({test::event(test::form("\"email\":\"p" + std::to_string(person) + "." +
                                                             std::to_string(i) + "@example.com\""))}));
      EXPECT_TRUE(hub.inbox->append(drafts));
      EXPECT_TRUE(hub.inbox->checkpoint_if_due());
      if (person % 3 == 0) continue;
      EXPECT_TRUE(hub.pipeline->step());
    }
  }};
  std::int64_t lagged = 0;
  for (int round = 0; round < 10; ++round) {
    const auto folder = elsewhere / ("kept" + std::to_string(round));
    const auto into = elsewhere / ("restored" + std::to_string(round));
    std::filesystem::create_directories(into);
    const auto made = back_up(folder);
    ASSERT_TRUE(made) << made.error().message;
    EXPECT_LE(made->logs.at(0).cursor, made->logs.at(0).head);
    lagged += made->logs.at(0).head > made->logs.at(0).cursor ? 1 : 0;
    // Runs PRAGMA integrity_check on both, and reads cursor and head from the files themselves.
    const auto restored = restore_backup(folder, state_in(into), hub.clock, {});
    ASSERT_TRUE(restored) << restored.error().message;
  }
  stop = true;
  writer.join();
  EXPECT_GT(lagged, 0) << "the hub wrote while it was copied";
}

TEST_F(Backup, ComesBackAsItWasWithSendingPaused) {
  ASSERT_TRUE(back_up(kept()));
  hub.append_form(R"("email":"too.late@example.com")");
  hub.run();
  const auto restored = restore();
  ASSERT_TRUE(restored) << restored.error().message;
  EXPECT_THAT(names_in(target()), UnorderedElementsAre(names[0], names[1], names[2]));
  for (const auto* name : {names[0], names[1], names[2]}) EXPECT_EQ(mode_of(target() / name), 0600U) << name;
  EXPECT_EQ(content_of(target() / names[2]), content_of(hub.folder / "leadhub.keys"));

  const auto leads = test::value_or_throw(LeadReader::open(target() / names[0], hub.inbox->workspace()));
  EXPECT_EQ(test::value_or_throw(leads->find({lead::ContactKind::email, "ada@example.com"})).size(), 1U);
  EXPECT_THAT(test::value_or_throw(leads->find({lead::ContactKind::email, "too.late@example.com"})),
              IsEmpty());
  EXPECT_EQ(test::value_or_throw(leads->cursor()).seq, 1);
  const auto inbox = test::value_or_throw(InboxWriterStore::open(target() / names[1], "main", hub.clock));
  EXPECT_EQ(inbox->head(), 1);
  const auto pause = pause_of(target() / names[0]);
  ASSERT_TRUE(pause);
  EXPECT_EQ(pause->reason, "restored");
  EXPECT_FALSE(pause_of(hub.lead_file())) << "the original goes on";
}

TEST_F(Backup, StaysPausedWhateverTheLogStillHolds) {
  // Named, since GCC 12 takes what a temporary of them holds for uninitialised.
  const lead::PauseSending pause;
  const lead::ResumeSending resume;
  act(pause);
  hub.run();
  act(resume);  // committed, not yet processed
  ASSERT_TRUE(back_up(kept()));
  ASSERT_TRUE(restore());
  test::Hub copy;
  copy.inbox.reset();
  for (const auto* name : {names[0], names[1]})
    std::filesystem::copy_file(target() / name, copy.folder / name,
                               std::filesystem::copy_options::overwrite_existing);
  copy.open_inbox();
  copy.run();
  EXPECT_EQ(copy.pipeline->cursor(), 3);
  EXPECT_TRUE(pause_of(copy.lead_file())) << "told before the backup was restored";

  std::swap(hub.inbox, copy.inbox);
  act(resume);
  std::swap(hub.inbox, copy.inbox);
  copy.run();
  EXPECT_FALSE(pause_of(copy.lead_file()));
}

TEST_F(Backup, IsRefusedWhereAByteOfItIsAnother) {
  ASSERT_TRUE(back_up(kept()));
  for (const auto* name : {names[0], names[1], names[2]}) {
    const auto whole = content_of(kept() / name);
    for (const auto at : {std::size_t{20}, whole.size() / 2, whole.size() - 1}) {
      auto flipped = whole;
      flipped[at] = static_cast<char>(flipped[at] ^ 1);
      write(kept() / name, flipped);
      const auto refused = restore();
      ASSERT_FALSE(refused) << name << " at " << at;
      EXPECT_EQ(refused.error().code, ErrorCode::incompatible);
      EXPECT_THAT(refused.error().message, HasSubstr(std::string{name} + ": is not what was backed up"));
      EXPECT_THAT(names_in(target()), IsEmpty());
    }
    write(kept() / name, whole.substr(0, whole.size() - 1));
    EXPECT_FALSE(restore()) << name << " is cut";
    write(kept() / name, whole);
  }
  EXPECT_TRUE(restore());
}

TEST_F(Backup, IsRefusedWithoutItsManifestOrWithAnother) {
  ASSERT_TRUE(back_up(kept()));
  const auto whole = content_of(kept() / "manifest.json");
  const auto refused_with = [&](const std::string& manifest) {
    write(kept() / "manifest.json", manifest);
    const auto refused = restore();
    EXPECT_FALSE(refused) << manifest;
    EXPECT_THAT(names_in(target()), IsEmpty());
    return refused ? std::string{} : refused.error().message;
  };
  const auto changed = [&](const std::function<void(nlohmann::json&)>& change) {
    auto document = nlohmann::json::parse(whole);
    change(document);
    return document.dump();
  };
  for (const auto& manifest :
       {std::string{}, std::string{"{}"}, std::string{"[1]"}, whole.substr(0, whole.size() / 2)})
    EXPECT_THAT(refused_with(manifest), HasSubstr("is damaged"));
  EXPECT_THAT(refused_with(changed([](auto& manifest) { manifest["logs"][0]["head"] = 7; })),
              HasSubstr("other logs"));
  EXPECT_THAT(refused_with(changed([](auto& manifest) { manifest["leadhub_backup"] = 2; })),
              HasSubstr("1.2.3"));
  EXPECT_THAT(
      refused_with(changed([](auto& manifest) { manifest["files"]["leadhub.db"]["schema"] = 1'000; })),
      HasSubstr("use the newer leadhub"));
  std::filesystem::remove(kept() / "manifest.json");
  EXPECT_THAT(restore().error().message, HasSubstr("cut short"));
}

TEST_F(Backup, IsRestoredOverNothing) {
  ASSERT_TRUE(back_up(kept()));
  for (const auto* name :
       {"leadhub.db", "leadhub-inbox.db", "leadhub.keys", "leadhub.db-wal", "leadhub-inbox.db-shm"}) {
    write(target() / name, "mine");
    const auto refused = restore();
    ASSERT_FALSE(refused) << name;
    EXPECT_EQ(refused.error().code, ErrorCode::conflict);
    EXPECT_THAT(refused.error().message, HasSubstr(std::string{name} + ": is there already"));
    EXPECT_EQ(content_of(target() / name), "mine");
    std::filesystem::remove(target() / name);
  }
  write(target() / "leadhub.db.restoring", "what a restoring left that was cut short");
  const auto restored = restore();
  EXPECT_TRUE(restored) << restored.error().message;
}

TEST_F(Backup, TellsOfEveryByteTwice) {
  std::int64_t bytes = 0;
  const auto made = make_backup({hub.lead_file(), hub.inbox_file(), hub.folder / "leadhub.keys"}, kept(), "1",
                                hub.clock, [&](std::int64_t more) { bytes += more; });
  ASSERT_TRUE(made);
  EXPECT_EQ(bytes, 2 * (made->leads.digest.bytes + made->inbox.digest.bytes) + made->keys.digest.bytes);
}

}  // namespace
}  // namespace leadhub::store
