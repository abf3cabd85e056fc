#include <gmock/gmock.h>

#include <sys/stat.h>
#include <unistd.h>
#include <array>

#include <iostream>

#include "ops/limits.hpp"
#include "plugin/plugin_host.hpp"
#include "plugin/test_plugins.hpp"

// Every bad plugin gives one clear sentence that names the file (or, once it is loaded, the channel) and the
// mend, and the host goes on with another plugin.
namespace leadhub::plugin {
namespace {

namespace fs = std::filesystem;
using test::request;
using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class Zoo : public ::testing::Test {
 protected:
  /// Whatever happened before: a healthy plugin still works.
  void TearDown() override {
    const auto healthy = host_.make_channel({"healthy", "healthy", "{}"});
    ASSERT_TRUE(healthy) << healthy.error().message;
    EXPECT_TRUE((*healthy)->read(request("/in/healthy")));
  }

  static fs::path file(const std::string& name) { return fs::path{ZOO} / (name + ".so"); }

  /// The sentence with which the host refuses a file; it must name the file.
  static std::string refusal_of(const fs::path& path) {
    const auto loaded = Module::load(path);
    if (loaded) return "was accepted";
    EXPECT_THAT(loaded.error().message, StartsWith(path.string() + ": "));
    EXPECT_EQ(loaded.error().message.find('\n'), std::string::npos) << "one line";
    return loaded.error().message.substr(path.string().size() + 2);
  }
  static std::string refusal(const std::string& name) { return refusal_of(file(name)); }

  /// The sentence with which a channel is refused; it must name the channel and the plugin.
  std::string channel_refusal(const std::string& plugin, const std::string& name,
                              const std::string& config = "{}") {
    const auto made = host_.make_channel({name, plugin, config});
    if (made) return "was accepted";
    const std::string who = "channel \"" + name + "\" (plugin " + plugin + "): ";
    EXPECT_THAT(made.error().message, StartsWith(who));
    return made.error().message.substr(std::min(who.size(), made.error().message.size()));
  }

  const Registry registry_ = Registry::search(std::vector<fs::path>{ZOO});
  test::TestServices test_;
  PluginHost host_{registry_, test_.services};
};

// --- Before anything of the file runs
// ---------------------------------------------------------------------------

TEST_F(Zoo, Descriptors) {
  EXPECT_EQ(refusal("descriptor_missing"),
            "has no leadhub descriptor (the ELF section .leadhub); build it with leadhub_add_plugin() of the "
            "leadhub SDK");
  EXPECT_EQ(refusal("descriptor_broken"),
            "its descriptor is no JSON object; mend descriptor.json and config_schema.json and build the "
            "plugin again");
  EXPECT_THAT(refusal("descriptor_wrong_id"),
              AllOf(HasSubstr("has the id \"Not An Id\""),
                    EndsWith("mend \"id\" in descriptor.json and build the plugin again")));
  EXPECT_THAT(refusal("descriptor_huge"),
              AllOf(StartsWith("has a descriptor of 2000002 bytes; at most 1048576"),
                    EndsWith("shorten its config_schema.json")));
  EXPECT_THAT(refusal("descriptor_too_new"),
              AllOf(StartsWith("is too new: it speaks plugin ABI 9.0 and this leadhub 1.0"),
                    HasSubstr("upgrade leadhub")));
}

TEST_F(Zoo, FilesThatAreNoPlugins) {
  const test::TemporaryFolder folder;
  EXPECT_EQ(refusal_of(folder.path() / "absent.so"), "does not exist; check the path");
  EXPECT_EQ(refusal_of(folder.write("text.so", "#!/bin/sh\necho no plugin\n")),
            "is no ELF shared object; put only built plugins into the plugin folder");
  EXPECT_EQ(refusal_of(folder.write("empty.so", "")),
            "is no ELF shared object; put only built plugins into the plugin folder");
  EXPECT_THAT(refusal_of(folder.copy("/proc/self/exe", "program.so")),
              HasSubstr("build it with leadhub_add_plugin()"));
  fs::create_directory(folder.path() / "folder.so");
  EXPECT_EQ(refusal_of(folder.path() / "folder.so"),
            "is a directory, not a plugin; remove it from the plugin folder");
}

TEST_F(Zoo, FifosAndDevicesAreNotOpened) {
  const test::TemporaryFolder folder;
  const auto fifo = folder.path() / "fifo.so";
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0644), 0);
  EXPECT_EQ(refusal_of(fifo), "is a FIFO, not a plugin; remove it from the plugin folder");
  const auto link = folder.path() / "device.so";
  fs::create_symlink("/dev/null", link);
  const auto loaded = Module::load(link);
  ASSERT_FALSE(loaded);
  EXPECT_THAT(loaded.error().message, HasSubstr("is a device, not a plugin"));
  fs::create_symlink("circle.so", folder.path() / "circle.so");
  EXPECT_THAT(refusal_of(folder.path() / "circle.so"), HasSubstr("cannot be looked at"));
}

TEST_F(Zoo, TruncatedFiles) {
  const test::TemporaryFolder folder;
  const std::string whole = test::read_file(file("healthy"));
  int number = 0;
  for (const std::size_t size :
       {4UL, 20UL, 64UL, 500UL, whole.size() / 2, whole.size() - 100, whole.size() - 1}) {
    const auto cut = folder.write("cut" + std::to_string(++number) + ".so", whole.substr(0, size));
    fs::permissions(cut, fs::perms{0644});
    EXPECT_THAT(refusal_of(cut), HasSubstr("; ")) << size;
  }
  EXPECT_THAT(refusal_of(folder.path() / "cut4.so"), HasSubstr("copy or build it again"));
}

TEST_F(Zoo, FlippedBytesNeverCrashTheReader) {
  const test::TemporaryFolder folder;
  const std::string whole = test::read_file(file("healthy"));
  const auto path = folder.path() / "flipped.so";
  unsigned state = 1;
  int refused = 0;
  for (int i = 0; i < 2'000; ++i) {
    std::string flipped = whole;
    for (int bit = 0; bit < 4; ++bit) {
      state = state * 1'664'525U + 1'013'904'223U;
      // The ELF header and the section table at the end are what the reader follows.
      const std::size_t at = state >> 8;
      char& byte =
          flipped[i % 2 == 0 ? at % 64
                             : flipped.size() - 1 - at % std::min<std::size_t>(flipped.size(), 4'096)];
      byte = static_cast<char>(byte ^ (1 << (state % 8)));
    }
    folder.write("flipped.so", flipped);
    if (!read_descriptor(path)) ++refused;
  }
  EXPECT_GT(refused, 100);
}

TEST_F(Zoo, WhatOthersCanWriteIsNotLoaded) {
  const test::TemporaryFolder folder;
  for (const unsigned mode : {0664U, 0646U, 0666U}) {
    const auto copy = folder.copy(file("healthy"), "writable" + std::to_string(mode) + ".so");
    fs::permissions(copy, fs::perms{mode});
    EXPECT_EQ(refusal_of(copy),
              "can be written by other users, who could so run code in leadhub; chmod go-w " + copy.string());
  }
  const auto copy = folder.copy(file("healthy"), "exposed.so");
  fs::permissions(folder.path(), fs::perms{0777});
  EXPECT_EQ(refusal_of(copy),
            "lies in a folder that every user can write, who could so exchange it; chmod o-w " +
                folder.path().string());
  fs::permissions(folder.path(), fs::perms{0755});
  EXPECT_EQ(refusal_of(copy), "was accepted") << "the mend mends";
}

/// root reads everything, so the file is read as another user, in a process of its own.
TEST_F(Zoo, UnreadableFiles) {
  const test::TemporaryFolder folder;
  const auto copy = folder.copy(file("healthy"), "secret.so");
  fs::permissions(copy, fs::perms{0});
  constexpr uid_t nobody = 65534;
  EXPECT_EXIT(
      {
        if (::geteuid() == 0 && ::seteuid(nobody) != 0) ::_exit(1);
        const auto loaded = Module::load(copy);
        std::cerr << (loaded ? "was accepted" : loaded.error().message) << std::endl;
        ::_exit(0);  // a leak checker cannot look into a process that has changed its user
      },
      ::testing::ExitedWithCode(0),
      "secret.so: cannot be read .Permission denied.; let the user that runs leadhub read it: chmod a.r");
}

// --- Loaded, but not what it should be
// --------------------------------------------------------------------------

TEST_F(Zoo, SymbolMagicAndSizes) {
  EXPECT_THAT(refusal("no_symbol"),
              AllOf(StartsWith("exports no symbol leadhub_plugin; put LEADHUB_EXPORT_CHANNEL")));
  EXPECT_THAT(refusal("tiny_symbol"),
              StartsWith("exports a leadhub_plugin that is no leadhub_plugin_entry; build it"));
  EXPECT_EQ(refusal("wrong_magic"),
            "has a wrong magic number in leadhub_plugin; build it with the leadhub SDK");
  EXPECT_THAT(refusal("wrong_entry_size"), AllOf(StartsWith("says that its leadhub_plugin has 4096 bytes"),
                                                 EndsWith("build it with the leadhub SDK")));
}

TEST_F(Zoo, TooOldAndTooNewAreToldApart) {
  EXPECT_EQ(refusal("too_old"),
            "is too old: it speaks plugin ABI 0.9 and this leadhub 1.0; get a newer version of the "
            "plugin or build it with the current SDK");
  EXPECT_EQ(refusal("too_new"),
            "is too new: it speaks plugin ABI 2.0 and this leadhub 1.0; upgrade leadhub or get an "
            "older version of the plugin");
  EXPECT_THAT(refusal("newer_minor"), StartsWith("is too new: it speaks plugin ABI 1.7"));
}

TEST_F(Zoo, FailingInitIsToldAndNotRepeated) {
  EXPECT_EQ(refusal("init_fails"), "could not start: the licence has expired; mend that and restart leadhub");
  EXPECT_EQ(refusal("init_fails"), "could not start: the licence has expired; mend that and restart leadhub");
  EXPECT_EQ(refusal("init_garbage"), "the plugin returned the unknown status 77 from init; tell its maker");
}

TEST_F(Zoo, UnresolvedSymbolsAreFoundAtOnce) {
  EXPECT_THAT(refusal("unresolved"),
              AllOf(StartsWith("cannot be loaded ("), HasSubstr("function_that_nobody_defines"),
                    EndsWith("install what it misses or build it for this system")));
}

TEST_F(Zoo, EveryRequiredCallIsMissed) {
  for (const auto* call : {"init", "deinit", "get_factory"})
    EXPECT_EQ(refusal(std::string{"no_"} + call),
              std::string{"the plugin lacks the required call "} + call + "; tell its maker");
  EXPECT_EQ(refusal("no_create"), "the plugin lacks the required call create; tell its maker");
  EXPECT_EQ(refusal("no_factory"), "the plugin has no leadhub.channel.factory/1; tell its maker");
  EXPECT_EQ(refusal("wrong_factory_size"),
            "the plugin says that its leadhub.channel.factory/1 has 3 bytes where its ABI version has 16; "
            "tell its maker");
  for (const auto* call :
       {"check", "activate", "deactivate", "destroy", "get_extension", "authenticate", "read"})
    EXPECT_EQ(channel_refusal("missing_call", call),
              std::string{"the plugin lacks the required call "} + call + "; tell its maker");
  EXPECT_EQ(channel_refusal("missing_call", "none"), "was accepted");
}

// --- Garbage from create, check and activate
// --------------------------------------------------------------------

TEST_F(Zoo, GarbageTables) {
  EXPECT_THAT(channel_refusal("garbage_table", "small channel"),
              HasSubstr("its leadhub_channel has 12 bytes where"));
  EXPECT_THAT(channel_refusal("garbage_table", "large channel"), HasSubstr("has 4294967295 bytes where"));
  EXPECT_THAT(channel_refusal("garbage_table", "small capture"),
              HasSubstr("its leadhub.capture.http/1 has 8 bytes where"));
  EXPECT_THAT(channel_refusal("garbage_table", "unknown status"),
              HasSubstr("unknown status 99 from create; tell its maker"));
  EXPECT_THAT(channel_refusal("garbage_table", "zero status"), HasSubstr("unknown status 0 from create"));
  EXPECT_EQ(channel_refusal("garbage_table", "no channel"),
            "the plugin has no leadhub_channel; tell its maker");
  EXPECT_THAT(channel_refusal("garbage_table", "silent error"),
              HasSubstr("failed without saying why; tell its maker"));
  EXPECT_THAT(channel_refusal("garbage_table", "huge error"), HasSubstr("claims 2147483647 of 512 bytes"));
  EXPECT_EQ(channel_refusal("garbage_table", "binary error"), "?  x");
}

TEST_F(Zoo, GarbageFromCheckAndActivate) {
  const auto config = [](const char* word) { return std::string{R"({"do":")"} + word + "\"}"; };
  EXPECT_THAT(channel_refusal("garbage_config", "a", config("null message")),
              HasSubstr("null pointer or empty; tell its maker"));
  EXPECT_THAT(channel_refusal("garbage_config", "a", config("null pointer")),
              HasSubstr("null pointer or empty; tell its maker"));
  EXPECT_THAT(channel_refusal("garbage_config", "a", config("unknown status")),
              HasSubstr("unknown status -5 from check"));
  EXPECT_THAT(channel_refusal("garbage_config", "a", config("zero status")),
              HasSubstr("unknown status 0 from activate"));
  const auto flood =
      check_channel_config(registry_, {"a", "garbage_config", config("flood")}, test_.services);
  ASSERT_TRUE(flood);
  EXPECT_EQ(flood->size(), limits::diagnostics_max);
}

TEST_F(Zoo, NonsensePassedToTheHostIsHarmless) {
  EXPECT_EQ(channel_refusal("garbage_calls", "a"), "was accepted");
}

// --- Garbage from authenticate and read
// -------------------------------------------------------------------------

class GarbageAnswer : public Zoo {
 protected:
  void SetUp() override { channel_ = *host_.make_channel({"odd", "garbage_answer", "{}"}); }

  /// Whatever the plugin did, it serves the next request.
  void expect_still_serving() {
    EXPECT_TRUE(channel_->authenticate(request("/in/odd", "fine"), TimePoint{}));
    const auto reading = channel_->read(request("/in/odd", "fine"));
    ASSERT_TRUE(reading);
    EXPECT_EQ(reading->events.size(), 1);
  }
  std::string authenticate(const std::string& what) {
    const auto result = channel_->authenticate(request("/in/odd", what), TimePoint{});
    expect_still_serving();
    return result ? "was accepted" : result.error().message;
  }
  std::string read(const std::string& what) {
    const auto result = channel_->read(request("/in/odd", what));
    expect_still_serving();
    return result ? "was accepted" : result.error().message;
  }
  std::shared_ptr<capture::ChannelPort> channel_;
};

TEST_F(GarbageAnswer, ResponsesThatBreakTheRules) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"null response", "a response that is a null pointer or of a wrong size"},
      {"response size", "a response that is a null pointer or of a wrong size"},
      {"status 99", "the status 99; it must lie between 200 and 599"},
      {"status 600", "the status 600; it must lie"},
      {"status negative", "the status -200; it must lie"},
      {"null body", "a response body that claims 17 bytes or is a null pointer"},
      {"endless body", "claims 18446744073709551615 bytes"},
      {"body with 204", "a body with the status 204"},
      {"null headers", "claims 1 headers or has a null pointer for them"},
      {"header count", "claims 4294967295 headers"},
      {"null header name", "headers that are null pointers or claim more than 16384 bytes"},
      {"endless header value", "headers that are null pointers or claim more than 16384 bytes"},
      {"empty header name", "the name \"\", which is no token"},
      {"blank in header name", "the name \"x one\", which is no token"},
      {"line break in header name", "the name \"x  set-cookie\", which is no token"},
      {"line break in header value", "header x-one with a control character"},
      {"NUL in header value", "header x-one with a control character"},
      {"content-length", "the response header content-length, which the host writes"},
      {"transfer-encoding", "the response header transfer-encoding, which the host writes"},
  };
  for (const auto& [what, sentence] : cases) {
    const auto names_it = AllOf(StartsWith("channel \"odd\" (plugin garbage_answer): the plugin gave "),
                                HasSubstr(sentence), EndsWith("; tell its maker"));
    EXPECT_THAT(authenticate(what), names_it) << what;
    EXPECT_THAT(read(what), names_it) << what;
  }
}

TEST_F(GarbageAnswer, VerdictsThatAreNone) {
  EXPECT_THAT(authenticate("unknown verdict"), HasSubstr("returned the unknown verdict 5; tell its maker"));
  EXPECT_THAT(authenticate("negative verdict"), HasSubstr("returned the unknown verdict -1"));
  EXPECT_THAT(authenticate("silent failure"), HasSubstr("failed without saying why"));
  EXPECT_THAT(authenticate("answer without response"), HasSubstr("wants to answer but gave no response"));
  EXPECT_THAT(authenticate("event too early"), HasSubstr("gave a lead event in authenticate()"));
}

TEST_F(GarbageAnswer, HarmlessOmissionsGetTheDocumentedDefault) {
  const auto refused = channel_->authenticate(request("/in/odd", "refuse without response"), TimePoint{});
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->response.status, 403);
  const auto read_without = channel_->read(request("/in/odd", "no response"));
  ASSERT_TRUE(read_without);
  EXPECT_EQ(read_without->response.status, 204);
  const auto held = channel_->authenticate(request("/in/odd", "huge reason"), TimePoint{});
  ASSERT_TRUE(held);
  EXPECT_THAT(held->reason, HasSubstr("claims 4294967295 of 512 bytes"));
}

TEST_F(GarbageAnswer, EventsThatBreakTheRules) {
  EXPECT_THAT(read("unknown status"), HasSubstr("unknown status 42 from read; tell its maker"));
  EXPECT_THAT(read("silent failure"), HasSubstr("failed without saying why"));
  EXPECT_EQ(read("event before failure"), "changed my mind");
  EXPECT_THAT(read("null event"), HasSubstr("a lead event that is a null pointer or empty"));
  EXPECT_THAT(read("empty event"), HasSubstr("a lead event that is a null pointer or empty"));
  EXPECT_THAT(read("endless event"), HasSubstr("claim more than 134217728 bytes for one request"));
  EXPECT_THAT(read("event that is no UTF-8"), HasSubstr("a lead event that is no UTF-8"));
  EXPECT_THAT(read("flood of events"), HasSubstr("more than 1000 lead events for one request"));
}

// --- Exceptions
// -------------------------------------------------------------------------------------------------

TEST_F(Zoo, ExceptionsThroughTheWrapperKeepTheirMessage) {
  EXPECT_EQ(channel_refusal("throws", "create"), "thrown in create");
  EXPECT_THAT(channel_refusal("throws", "create an int"),
              HasSubstr("threw something that is no std::exception"));
  EXPECT_EQ(channel_refusal("throws", "a", R"({"throw":"in check"})"), "thrown in check");
  EXPECT_EQ(channel_refusal("throws", "a", R"({"throw":"in activate"})"), "thrown in activate");
  EXPECT_EQ(channel_refusal("throws", "a", R"({"throw":"in deactivate"})"), "was accepted");

  const auto channel = *host_.make_channel({"a", "throws", "{}"});
  const auto authenticated = channel->authenticate(request("/in/a", "authenticate"), TimePoint{});
  ASSERT_FALSE(authenticated);
  EXPECT_EQ(authenticated.error().message, "channel \"a\" (plugin throws): thrown in authenticate");
  const auto long_winded = channel->authenticate(request("/in/a", "authenticate at length"), TimePoint{});
  ASSERT_FALSE(long_winded);
  EXPECT_THAT(long_winded.error().message, EndsWith(std::string(511, 'x'))) << "cut before the ü, not in it";
  const auto read = channel->read(request("/in/a", "read"));
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().message, "thrown in read");
  const auto read_int = channel->read(request("/in/a", "read an int"));
  ASSERT_FALSE(read_int);
  EXPECT_THAT(read_int.error().message, HasSubstr("no std::exception"));
  EXPECT_TRUE(channel->read(request("/in/a", "fine")));
}

TEST_F(Zoo, ExceptionsAcrossTheCAbiAreCaughtWhereTheRuntimeCarriesThem) {
  EXPECT_EQ(channel_refusal("throws_across", "a", R"({"long":"enough"})"),
            "the plugin let an exception out of check; tell its maker");
  const auto channel = *host_.make_channel({"a", "throws_across", "{}"});
  const auto authenticated = channel->authenticate(request("/in/a"), TimePoint{});
  ASSERT_FALSE(authenticated);
  EXPECT_THAT(authenticated.error().message, HasSubstr("let an exception out of authenticate"));
  const auto read = channel->read(request("/in/a"));
  ASSERT_FALSE(read);
  EXPECT_THAT(read.error().message, HasSubstr("let an exception out of read"));
}

// --- Garbage from deliver
// ---------------------------------------------------------------------------------------

class GarbageDelivery : public Zoo {
 protected:
  deliver::DeliveryResult deliver(const std::string& what) {
    deliver::OutgoingMail mail;
    mail.message_id = "1@example.com";
    mail.to = "ada@example.com";
    mail.subject = what;
    mail.text = "Hello";
    return transport_->deliver(mail);
  }
  std::unique_ptr<deliver::MailTransport> transport_ =
      *host_.make_transport({"odd", "garbage_delivery", "{}"});
};

TEST_F(GarbageDelivery, WhatNobodyCanMakeSenseOfIsUnknownAndNeverRepeated) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"no result", "gave no result for a delivery"},
      {"status 77", "returned the unknown status 77 from deliver"},
      {"twice", "gave two results for one delivery"},
      {"index", "gave the result of an item that there is not"},
      {"state 0", "gave a result whose state abi.h does not know"},
      {"state 99", "gave a result whose state abi.h does not know"},
      {"error size", "gave a failure whose error is a null pointer or of a wrong size"},
      {"no reason", "gave a failure whose error is a null pointer or of a wrong size"},
      {"retry class", "gave the unknown retry class -1 with a failure"},
      {"empty error", "gave the unknown retry class 0 with a failure"},
  };
  for (const auto& [what, detail] : cases) {
    const auto result = deliver(what);
    EXPECT_EQ(result.outcome, deliver::Delivery::unknown) << what;
    EXPECT_EQ(result.detail,
              "channel \"odd\" (plugin garbage_delivery): the plugin " + detail + "; tell its maker");
    EXPECT_EQ(deliver("null id").outcome, deliver::Delivery::sent) << "still serving after " << what;
  }
}

TEST_F(GarbageDelivery, FailuresKeepTheirClassAndWaitsTheirBounds) {
  const auto all = deliver("filled error");
  EXPECT_EQ(all.outcome, deliver::Delivery::rejected);
  EXPECT_THAT(all.detail, EndsWith("the whole provider is gone"));
  const auto backwards = deliver("a negative wait");
  EXPECT_EQ(backwards.outcome, deliver::Delivery::retry);
  EXPECT_EQ(backwards.retry_after, std::chrono::milliseconds{0});
  EXPECT_THAT(backwards.detail, EndsWith("(plugin garbage_delivery): later"));
  EXPECT_EQ(deliver("endless wait").retry_after, limits::delivery_retry_after_max);
  EXPECT_THAT(deliver("message size").detail, HasSubstr("whose message claims 513 of 512 bytes"));
}

TEST_F(GarbageDelivery, AnUntriedMailMayHaveAReasonButASoundOne) {
  const auto untried = deliver("untried");
  EXPECT_EQ(untried.outcome, deliver::Delivery::untried);
  EXPECT_THAT(untried.detail, EndsWith("(plugin garbage_delivery): later"));
  EXPECT_EQ(untried.retry_after, std::chrono::milliseconds{0}) << "a negative wait";
  EXPECT_EQ(deliver("untried, no reason").outcome, deliver::Delivery::untried);
  EXPECT_EQ(deliver("untried, error too small").outcome, deliver::Delivery::unknown);
}

/// Three mails of which a plugin claims the first badly, the second well and the third not at all.
class GarbageClaims : public Zoo {
 protected:
  struct Settled final : deliver::Handover {
    bool claim(std::size_t index) override { return claimed.push_back(index), true; }
    void settle(std::size_t index, deliver::DeliveryResult result) override {
      results.at(index) = std::move(result);
    }
    std::vector<std::size_t> claimed;
    std::array<deliver::DeliveryResult, 3> results;
  };
  void deliver(const std::string& what) {
    deliver::OutgoingMail mail;
    mail.message_id = "1@example.com";
    mail.to = "ada@example.com";
    mail.subject = what;
    mail.text = "Hello";
    transport_->deliver(std::vector{mail, mail, mail}, settled_);
  }
  void expect_outcomes(deliver::Delivery first, deliver::Delivery second, deliver::Delivery third) {
    EXPECT_EQ(settled_.results[0].outcome, first) << settled_.results[0].detail;
    EXPECT_EQ(settled_.results[1].outcome, second) << settled_.results[1].detail;
    EXPECT_EQ(settled_.results[2].outcome, third) << settled_.results[2].detail;
  }
  Settled settled_;
  std::unique_ptr<deliver::MailTransport> transport_ =
      *host_.make_transport({"odd", "garbage_delivery", "{}"});
};

TEST_F(GarbageClaims, OfWhatIsLeftWithoutAResultOnlyTheClaimedIsUnknown) {
  deliver("claim and forget");
  expect_outcomes(deliver::Delivery::unknown, deliver::Delivery::sent, deliver::Delivery::untried);
  EXPECT_THAT(settled_.results[0].detail, HasSubstr("gave no result for a delivery"));
}

TEST_F(GarbageClaims, AnErrorForAllDoesNotCoverWhatWasClaimed) {
  deliver("claim and fail");
  expect_outcomes(deliver::Delivery::unknown, deliver::Delivery::rejected, deliver::Delivery::rejected);
  EXPECT_THAT(settled_.results[0].detail, HasSubstr("claimed a delivery and failed without a result for it"));
}

TEST_F(GarbageClaims, AClaimAfterTheResultIsRefusedAndTheMailInDoubt) {
  deliver("claim late");
  EXPECT_EQ(settled_.claimed, (std::vector<std::size_t>{1})) << "the sender is not asked";
  EXPECT_EQ(settled_.results[1].outcome, deliver::Delivery::sent);
  EXPECT_THAT(settled_.results[0].detail, HasSubstr("claimed a delivery after its result"));
  EXPECT_EQ(settled_.results[0].outcome, deliver::Delivery::unknown) << "it said that it had sent it";
}

TEST_F(GarbageClaims, AfterAClaimForNobodyNoResultIsTrusted) {
  deliver("claim nobody");
  expect_outcomes(deliver::Delivery::untried, deliver::Delivery::unknown, deliver::Delivery::untried);
  EXPECT_THAT(settled_.results[1].detail, HasSubstr("claimed an item that there is not"));
}

TEST_F(Zoo, TransportsWithoutASoundTableAreRefused) {
  const auto refusal = [&](const std::string& plugin, const std::string& config) {
    const auto made = host_.make_transport({"a", plugin, config});
    return made ? "was accepted" : made.error().message;
  };
  EXPECT_EQ(refusal("healthy", "{}"),
            "channel \"a\" (plugin healthy): the plugin has no leadhub.deliver/1; tell its maker");
  EXPECT_THAT(refusal("garbage_delivery", R"({"flaw": "wrong size"})"),
              HasSubstr("says that its leadhub.deliver/1 has 4 bytes where its ABI version has 16"));
  EXPECT_THAT(refusal("garbage_delivery", R"({"flaw": "missing call"})"),
              HasSubstr("lacks the required call deliver"));
}

TEST_F(Zoo, AnExceptionOutOfDeliverMakesTheMailUnknown) {
  const auto transport = *host_.make_transport({"a", "throws_across", "{}"});
  const auto result =
      transport->deliver({"1@example.com", "ada@example.com", "", "s", "t", "", {}, TimePoint{}});
  EXPECT_EQ(result.outcome, deliver::Delivery::unknown);
  EXPECT_THAT(result.detail, HasSubstr("let an exception out of deliver"));
}

// --- All of them together
// ---------------------------------------------------------------------------------------

TEST_F(Zoo, ARegistryOfTheWholeZooLoadsNothingAndFindsTheHealthy) {
  std::size_t refused = 0;
  for (const auto& entry : registry_.files()) {
    if (entry.state != PluginFile::State::refused) continue;
    ++refused;
    EXPECT_THAT(entry.message, StartsWith(entry.path.string() + ": "));
  }
  EXPECT_EQ(refused, 5) << "the five with a bad descriptor; the others are found out when they are loaded";
  EXPECT_NE(registry_.find("healthy"), nullptr);
}

}  // namespace
}  // namespace leadhub::plugin
