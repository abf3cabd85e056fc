#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>

#include "support.hpp"
#include "transport.hpp"

namespace leadhub::email {
namespace {

using testing::a_mail;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::names_in;
using ::testing::Not;
using testing::read_file;
using testing::read_with_python;
using ::testing::StartsWith;

class Maildir : public ::testing::Test {
 protected:
  static Settings settings(const std::filesystem::path& folder) {
    return {TransportKind::maildir, folder.string(), testing::a_sender()};
  }
  const testing::TemporaryFolder above_;
  const std::filesystem::path folder_ = above_.path() / "data" / "mail";
  std::unique_ptr<OneByOneTransport> maildir_ = make_maildir_transport(settings(folder_));
};

TEST_F(Maildir, EachMailIsAFileThatAStrangerCanRead) {
  const auto outcome = maildir_->deliver(a_mail());
  EXPECT_EQ(outcome.state, LEADHUB_DELIVERY_DONE);
  EXPECT_EQ(outcome.provider_id, "0198-confirm@engines.example.eml");
  ASSERT_THAT(names_in(folder_), ElementsAre("0198-confirm@engines.example.eml"));
  const auto python = read_with_python(folder_ / outcome.provider_id);
  EXPECT_EQ(python["subject"], "Please confirm");
  EXPECT_EQ(python["parts"][0]["text"], "Dear Ada,\nplease confirm.\n");
}

TEST_F(Maildir, TheSameIdIsTheSameMail) {
  auto mail = a_mail();
  maildir_->deliver(mail);
  mail.subject = "Please confirm, again";
  maildir_->deliver(mail);
  ASSERT_THAT(names_in(folder_), ElementsAre("0198-confirm@engines.example.eml"));
  EXPECT_EQ(read_with_python(folder_ / "0198-confirm@engines.example.eml")["subject"],
            "Please confirm, again");
  mail.message_id = "0199-confirm@engines.example";
  maildir_->deliver(mail);
  EXPECT_EQ(names_in(folder_).size(), 2);
}

TEST_F(Maildir, MailsAreForTheirOwnerAlone) {
  maildir_->deliver(a_mail());
  struct stat status {};
  ASSERT_EQ(::stat(folder_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0700U);
  ASSERT_EQ(::stat((folder_ / "0198-confirm@engines.example.eml").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0077U, 0U);
}

TEST_F(Maildir, AFolderThatIsThereIsTaken) {
  const auto again = make_maildir_transport(settings(folder_.string() + "/"));
  EXPECT_EQ(again->deliver(a_mail()).state, LEADHUB_DELIVERY_DONE);
}

TEST_F(Maildir, AFolderThatCannotBeMadeIsSaidAtTheStart) {
  std::ofstream{above_.path() / "file"} << "in the way";
  try {
    make_maildir_transport(settings(above_.path() / "file"));
    FAIL();
  } catch (const sdk::ChannelError& error) {
    EXPECT_THAT(error.what(),
                AllOf(HasSubstr("/file cannot be made (File exists)"), HasSubstr("change directory")));
  }
  EXPECT_THROW(make_maildir_transport(settings(above_.path() / "file" / "below")), sdk::ChannelError);
}

TEST_F(Maildir, AFolderThatIsGoneMakesMailsWait) {
  std::filesystem::remove_all(folder_);
  const auto gone = maildir_->deliver(a_mail());
  EXPECT_EQ(gone.state, LEADHUB_DELIVERY_FAILED);
  EXPECT_EQ(gone.retry_class, sdk::RetryClass::transient);
  EXPECT_EQ(gone.message, "the mail cannot be written to " + folder_.string() +
                              " (No such file or directory); make room or see that leadhub may write there");
  std::filesystem::create_directories(folder_);
  EXPECT_EQ(maildir_->deliver(a_mail()).state, LEADHUB_DELIVERY_DONE);
}

TEST_F(Maildir, AFileThatDoesNotFitLeavesNothingBehindAndTheOldOneWhole) {
  maildir_->deliver(a_mail());
  const auto before = read_file(folder_ / "0198-confirm@engines.example.eml");
  rlimit old{};
  ::getrlimit(RLIMIT_FSIZE, &old);
  const auto old_handler = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit small{100, old.rlim_max};
  ::setrlimit(RLIMIT_FSIZE, &small);
  const auto outcome = maildir_->deliver(a_mail());
  ::setrlimit(RLIMIT_FSIZE, &old);
  std::signal(SIGXFSZ, old_handler);
  EXPECT_EQ(outcome.state, LEADHUB_DELIVERY_FAILED);
  EXPECT_EQ(outcome.retry_class, sdk::RetryClass::transient);
  EXPECT_THAT(outcome.message, AllOf(HasSubstr("(File too large); make room"), Not(HasSubstr("ada@"))));
  EXPECT_THAT(names_in(folder_), ElementsAre("0198-confirm@engines.example.eml"));
  EXPECT_EQ(read_file(folder_ / "0198-confirm@engines.example.eml"), before);
}

TEST_F(Maildir, ALinkInThePlaceOfTheFileLeadsNowhere) {
  const auto target = above_.path() / "target";
  std::ofstream{target} << "untouched";
  std::filesystem::create_symlink(target, folder_ / ".0198-confirm@engines.example.part");
  EXPECT_EQ(maildir_->deliver(a_mail()).state, LEADHUB_DELIVERY_FAILED);
  EXPECT_EQ(read_file(target), "untouched");
}

TEST(FileStem, IsSafeWhateverTheIdHolds) {
  EXPECT_EQ(file_stem("0198.a-b_c@engines.example"), "0198.a-b_c@engines.example");
  EXPECT_EQ(file_stem("../../etc/passwd"), "%2E.%2F..%2Fetc%2Fpasswd");
  EXPECT_EQ(file_stem(".hidden@x"), "%2Ehidden@x");
  EXPECT_EQ(file_stem("a b%c~ä\n@x"), "a%20b%25c%7E%C3%A4%0A@x");
  EXPECT_NE(file_stem("a/b@x"), file_stem("a%2Fb@x"));
  EXPECT_NE(file_stem(std::string{'\0'}), file_stem(""));
}

TEST(FileStem, LongIdsAreShortenedAndStayApart) {
  const auto one = file_stem(std::string(250, 'a') + "1@x");
  const auto other = file_stem(std::string(250, 'a') + "2@x");
  EXPECT_NE(one, other);
  EXPECT_LT(one.size(), 200);
  EXPECT_THAT(one, StartsWith(std::string(100, 'a') + "~"));
  EXPECT_EQ(one, file_stem(std::string(250, 'a') + "1@x"));
  EXPECT_LT(file_stem(std::string(10'000, '/')).size(), 200);
  EXPECT_THAT(file_stem(""), Not(IsEmpty()));
}

}  // namespace
}  // namespace leadhub::email
