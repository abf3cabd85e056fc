#include "config/config.hpp"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>
#include <random>

#include "config/condition_paths.hpp"
#include "config/validator.hpp"
#include "config/yaml_document.hpp"
#include "support.hpp"

namespace leadhub::config {
namespace {

using nlohmann::json;
using namespace std::chrono_literals;
using test::changed;
using test::errors;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

// --- What is right
// ---------------------------------------------------------------------------------------------------

TEST(Config, LoadsTheExampleUnchanged) {
  const auto file = test::source("examples/hub.yaml");
  const auto result = load_config(file, test::environment(), test::installed());
  for (const auto& diagnostic : result.diagnostics)
    EXPECT_EQ(diagnostic.severity, Severity::notice) << to_text(diagnostic);
  ASSERT_TRUE(result.config);
  const auto& config = *result.config;
  EXPECT_EQ(config.workspace, "analytical-engines");
  EXPECT_EQ(config.public_url, "http://localhost:8080");
  EXPECT_EQ(config.time_zone, "Europe/London");
  EXPECT_EQ(config.edge.listen, (Endpoint{"127.0.0.1", 8080}));
  EXPECT_THAT(config.edge.trusted_proxies, IsEmpty());
  EXPECT_EQ(config.edge.limits.connections_per_address, 256U);
  EXPECT_EQ(config.edge.limits.requests_per_address, (Rate{600, 1min}));
  EXPECT_EQ(config.edge.limits.body_bytes, 1U << 20U);
  EXPECT_EQ(config.edge.limits.upload_bytes, 10U << 20U);
  EXPECT_FALSE(config.edge.tls);
  EXPECT_EQ(config.control.listen, (Endpoint{"127.0.0.1", 8081}));
  EXPECT_EQ(config.control.token, "");
  EXPECT_EQ(config.store.url.location, test::source("examples/data/leadhub.db").string());
  EXPECT_EQ(config.store.keep_raw, std::chrono::days{90});
  EXPECT_THAT(config.plugins.search, ElementsAre(test::source("examples/plugins")));
  EXPECT_EQ(config.default_country, "GB");
  EXPECT_EQ(config.qualify.score.size(), 6U);
  EXPECT_EQ(config.qualify.temperature.size(), 2 + qualify::built_in_temperature_rules().size());
  EXPECT_EQ(config.segments.size(), 1U);
  EXPECT_EQ(config.routes.team.size(), 3U);
  EXPECT_EQ(config.routes.team[0].capacity->leads, 20U);
  EXPECT_EQ(config.routes.time_zone, "Europe/London");
  EXPECT_EQ(config.routes.rules.at(0).method, route::Method::territory);
  EXPECT_EQ(config.routes.rules.at(0).answer_within, std::chrono::hours{1});
  EXPECT_EQ(config.routes.rules.at(0).then, route::WhenMissed::reassign);
}

TEST(Config, KeepsChannelsAndTheirKeysInTheOrderOfTheFile) {
  const test::Folder folder;
  const auto result =
      test::load(folder, test::example(), test::environment({{"DEMO_SECRET", "a real secret"}}));
  ASSERT_TRUE(result.config);
  std::vector<std::string> names;
  for (const auto& channel : result.config->channels) names.push_back(channel.name);
  EXPECT_THAT(names, ElementsAre("website", "demo", "ads", "news", "telegram", "mail"));
  const auto& website = result.config->channels[0];
  EXPECT_EQ(website.state, ChannelState::active);
  EXPECT_THAT(
      website.config,
      StartsWith(
          R"({"provider":"html","event":"form.submitted","title":"Talk to us","fields":{"your-email":)"));
  EXPECT_EQ(json::parse(result.config->channels[1].config).at("secret"), "a real secret");
  EXPECT_EQ(json::parse(result.config->channels[2].config).at("key"), "google-key");
}

TEST(Config, SaysWhichChannelsAreActive) {
  const test::Folder folder;
  const auto result = test::load(folder, test::example());
  ASSERT_TRUE(result.config);
  EXPECT_EQ(result.config->channels[3].state, ChannelState::active);
  EXPECT_EQ(result.config->channels[4].state, ChannelState::active);
  EXPECT_THAT(test::texts(folder, result.diagnostics, Severity::notice), IsEmpty());
  EXPECT_EQ(json::parse(result.config->sections.at("tests")).size(), 2U);
}

TEST(Config, FillsInDefaultsThatTheSchemaStates) {
  const test::Folder folder;
  const auto result = test::load(folder, "channels: {}\n");
  ASSERT_TRUE(result.config);
  const auto& config = *result.config;
  const auto& schema = hub_schema();
  const auto stated = [&](const std::string& pointer) {
    return schema.at(json::json_pointer{pointer}).at("default");
  };
  EXPECT_EQ(config.workspace, stated("/properties/workspace").get<std::string>());
  EXPECT_EQ(config.public_url, stated("/properties/public_url").get<std::string>());
  EXPECT_EQ(config.time_zone, stated("/definitions/time_zone").get<std::string>());
  EXPECT_EQ(config.edge.listen,
            *parse_endpoint(stated("/definitions/edge/properties/listen").get<std::string>()));
  EXPECT_EQ(config.control.listen,
            *parse_endpoint(stated("/definitions/control/properties/listen").get<std::string>()));
  EXPECT_EQ(
      config.edge.limits.connections_per_address,
      stated("/definitions/edge/properties/limits/properties/connections_per_address").get<std::size_t>());
  EXPECT_EQ(
      schema.at("/definitions/edge/properties/limits/properties/connections_per_address/maximum"_json_pointer)
          .get<std::size_t>(),
      limits::connections_max);
  EXPECT_EQ(config.store.url.location,
            (folder.path() /
             parse_store_url(stated("/definitions/store/properties/url").get<std::string>())->location)
                .string());
  EXPECT_EQ(!config.qualify.temperature.empty(),
            stated("/definitions/qualify/properties/builtin").get<bool>());
  const auto grade_limit = [&](const std::string& group, std::size_t place) {
    return stated("/definitions/qualify/properties/grade/properties/" + group).at(place).get<double>();
  };
  EXPECT_EQ(config.qualify.grade,
            (lead::GradeLimits{grade_limit("fit", 0), grade_limit("fit", 1), grade_limit("engagement", 0),
                               grade_limit("engagement", 1)}));
  const auto edge_limit = [&](const std::string& key) {
    return stated("/definitions/edge/properties/limits/properties/" + key).get<std::string>();
  };
  EXPECT_EQ(config.edge.limits.requests_per_address, *parse_rate(edge_limit("requests_per_address")));
  EXPECT_EQ(config.edge.limits.body_bytes, *parse_size(edge_limit("body")));
  EXPECT_EQ(config.edge.limits.upload_bytes, *parse_size(edge_limit("upload")));
  EXPECT_EQ(config.store.keep_raw,
            *parse_duration(stated("/definitions/store/properties/keep_raw").get<std::string>()));
}

TEST(Config, TakesEverythingThatTheExampleLeavesOut) {
  const test::Folder folder;
  folder.write("token", "very secret\n");
  const auto result = test::load(folder,
                                 "edge:\n  listen: '[::]:443'\n  trusted_proxies: [10.0.0.0/8, '::1']\n"
                                 "  tls: {certificate: tls/chain.pem, key: /etc/tls/key.pem}\n"
                                 "control: {listen: 0.0.0.0:9000, token: '${file:token}'}\n"
                                 "store: {url: 'postgresql://leadhub@db/leadhub'}\n"
                                 "qualify: {builtin: false}\n"
                                 "channels:\n  off:\n    plugin: webform\n    enabled: false\n"
                                 "    placement: in_process\n    config: {provider: json, fields: {}}\n");
  ASSERT_TRUE(result.config) << to_text(result.diagnostics.at(0));
  const auto& config = *result.config;
  EXPECT_EQ(config.edge.listen, (Endpoint{"::", 443}));
  EXPECT_THAT(config.edge.trusted_proxies,
              ElementsAre(AddressRange{"10.0.0.0", 8}, AddressRange{"::1", 128}));
  EXPECT_EQ(config.edge.tls->certificate, folder.path() / "tls/chain.pem");
  EXPECT_EQ(config.edge.tls->key, "/etc/tls/key.pem");
  EXPECT_EQ(config.control.token, "very secret");
  EXPECT_EQ(config.store.url, (StoreUrl{StoreUrl::Kind::postgresql, "postgresql://leadhub@db/leadhub"}));
  EXPECT_TRUE(config.qualify.temperature.empty());
  EXPECT_EQ(config.channels.at(0).state, ChannelState::disabled);
  EXPECT_THAT(test::texts(folder, result.diagnostics, Severity::notice),
              ElementsAre(HasSubstr("hub.yaml:5:19: notice: the control listener can be reached")));
}

TEST(Config, ReadsWhatVerifiesAndWhoIsWho) {
  const test::Folder folder;
  const auto result = test::load(folder, R"(channels:
  website:
    plugin: newsletter
    country: FR
    config: {provider: native, double_opt_in: {template: confirm, expires: 3d, resend_after: 2h}}
identify: {role_addresses: one_person}
verify:
  email:
    mx: true
    disposable: reject
    role: off
    lists: {free: lists/free.txt}
    probe: {helo_name: hub.example.com, interval: 30s, skip: [mail.example.com]}
  phone: {possible: false}
  dns: {servers: ["192.0.2.53"], timeout: 5s, cache: 1h}
)");
  ASSERT_TRUE(result.config) << (result.diagnostics.empty() ? "" : result.diagnostics.front().message);
  const auto& verify = result.config->verify;
  EXPECT_TRUE(verify.mx);
  EXPECT_EQ(verify.disposable, ListPolicy::reject);
  EXPECT_EQ(verify.role, ListPolicy::off);
  EXPECT_EQ(verify.free, ListPolicy::flag);
  EXPECT_EQ(verify.free_list, folder.path() / "lists/free.txt");
  EXPECT_FALSE(verify.possible_phone);
  EXPECT_EQ(verify.dns_servers, std::vector<std::string>{"192.0.2.53"});
  EXPECT_EQ(verify.dns_timeout, std::chrono::seconds{5});
  EXPECT_EQ(verify.dns_cache, std::chrono::hours{1});
  EXPECT_EQ(verify.probe_helo_name, "hub.example.com");
  EXPECT_EQ(verify.probe_interval, std::chrono::seconds{30});
  EXPECT_EQ(verify.probe_skip, std::vector<std::string>{"mail.example.com"});
  EXPECT_EQ(result.config->role_addresses, RoleAddresses::one_person);
  const auto& channel = result.config->channels.front();
  EXPECT_EQ(channel.country, "FR");
  ASSERT_TRUE(channel.double_opt_in);
  EXPECT_EQ(channel.double_opt_in->expires, std::chrono::days{3});
  EXPECT_EQ(channel.double_opt_in->resend_after, std::chrono::hours{2});
}

TEST(Config, ReadsWhatReportsAreHeldAgainst) {
  const test::Folder folder;
  const auto result = test::load(folder, R"(time_zone: Europe/Berlin
channels: {website: {plugin: webform, config: {provider: json, fields: {email: {to: email}}}}}
report:
  costs:
    - {source: google, campaign: spring, from: 2026-01-01, to: 2026-01-31, cost: 1200.5, currency: EUR}
    - {channel: website, from: 2026-02-01, to: 2026-02-01, cost: 0, currency: USD}
  objectives:
    - {channel: website, lead_time: 14d}
)");
  ASSERT_TRUE(result.config) << (result.diagnostics.empty() ? "" : result.diagnostics.front().message);
  const auto& report = result.config->report;
  EXPECT_EQ(report.time_zone, "Europe/Berlin");
  ASSERT_EQ(report.costs.size(), 2);
  EXPECT_EQ(report.costs[0].source, "google");
  EXPECT_EQ(report.costs[0].campaign, "spring");
  EXPECT_EQ(report.costs[0].amount, 1200.5);
  EXPECT_EQ(report.costs[0].to - report.costs[0].from, std::chrono::days{30});
  EXPECT_EQ(report.costs[1].channel, "website");
  ASSERT_EQ(report.objectives.size(), 1);
  EXPECT_EQ(report.objectives[0].lead_time, std::chrono::days{14});
  EXPECT_EQ(report.objectives[0].share, 0.9);
}

TEST(Config, ChecksCostsAndObjectives) {
  const auto say = [](const std::string& report) {
    return errors(
        "channels: {website: {plugin: webform, config: {provider: json, fields: {email: {to: "
        "email}}}}}\nreport: " +
        report + "\n");
  };
  const std::string days = "from: 2026-01-01, to: 2026-01-31";
  const std::vector<std::pair<std::string, std::string>> wrong{
      {"{costs: [{sorce: google, source: a, " + days + ", cost: 1, currency: EUR}]}",
       "hub.yaml:2:19: report.costs.0: unknown key \"sorce\"; did you mean \"source\"?"},
      {"{costs: [{channel: webste, " + days + ", cost: 1, currency: EUR}]}",
       "hub.yaml:2:28: there is no channel \"webste\"; did you mean \"website\"?"},
      {"{costs: [{" + days + ", cost: 1, currency: EUR}]}",
       "the cost is of nothing; name the channel, source or campaign"},
      {"{costs: [{source: a, from: 2026-01-31, to: 2026-01-01, cost: 1, currency: EUR}]}",
       "the cost ends before it begins"},
      {"{costs: [{source: a, from: 2026-01-32, to: 2026-02-01, cost: 1, currency: EUR}]}",
       "\"2026-01-32\" is not a day; write it as in 2026-01-31"},
      {"{costs: [{source: a, " + days + ", cost: -1, currency: EUR}]}", "the number -1 is too small"},
      {"{costs: [{source: a, " + days + ", cost: 1, currency: euro}]}", "three capitals, as in EUR"},
      {"{objectives: [{channel: webste, lead_time: 14d}]}", "did you mean \"website\"?"},
      {"{objectives: [{channel: website, lead_time: 14}]}", "14d"},
      {"{objectives: [{channel: website, lead_time: 14d, share: 90}]}", "too large"},
      {"{objectives: [{channel: website, lead_time: 14d}, {channel: website, lead_time: 1d}]}",
       "the channel has an objective already"}};
  for (const auto& [report, message] : wrong)
    EXPECT_THAT(say(report), Contains(HasSubstr(message))) << report;
}

TEST(Config, TakesEveryStepOfAJourney) {
  EXPECT_THAT(errors("channels: {mail: {plugin: email, config: {transport: maildir, from: a@b.example}}}\n"
                     "segments: {a: {lead.country: GB}, b: {any: [{segment: a}, {not: {segment: [a]}}]}}\n"
                     "nurture:\n  journeys:\n    j:\n      enter: {event.type: x.acme.thing}\n      steps:\n"
                     "        - {name: first, send: {template: t, via: mail}}\n        - wait: 1d\n        - "
                     "wait_until: {at: \"10:00\"}\n"
                     "        - if: {segment: b, lead.score: {gte: 1, lt: 10}, lead.tags: {contains: x}, "
                     "lead.created_at: {within: 7d}}\n"
                     "          then: [{tag: x}]\n        - split: {a: {share: 30, steps: []}, b: {share: "
                     "70, steps: [{end: true}]}}\n"
                     "        - set: {attributes.size: 3}\n        - notify: {template: t, via: mail}\n      "
                     "  - call: {via: mail}\n        - end: true\n"),
              IsEmpty());
}

TEST(Config, TracksWhatAJourneyAsksForAndNothingElse) {
  const auto tracking = [](const std::string& track) {
    const test::Folder folder;
    const auto file = folder.write("hub.yaml", "channels: {}\nnurture: {journeys: {j: {" + track +
                                                   "enter: {lead.score: 1}, steps: [{end: true}]}}}\n");
    const auto& journey =
        load_config(file, test::environment(), test::installed()).config.value().nurture.journeys.at(0);
    return std::pair{journey.track.clicks, journey.track.opens};
  };
  EXPECT_EQ(tracking(""), (std::pair{false, false}));
  EXPECT_EQ(tracking("track: [], "), (std::pair{false, false}));
  EXPECT_EQ(tracking("track: [clicks], "), (std::pair{true, false}));
  EXPECT_EQ(tracking("track: [opens, clicks], "), (std::pair{true, true}));
}

TEST(Config, FindsThePluginFoldersOfAFileThatIsWrongElsewhere) {
  const test::Folder folder;
  const auto file = folder.write("hub.yaml", "plugins: {search: [a, /b]}\nchanels: {}\n");
  EXPECT_THAT(plugin_search_path(file, test::environment()), ElementsAre(folder.path() / "a", "/b"));
  EXPECT_THAT(plugin_search_path(folder.path() / "none", test::environment()), IsEmpty());
}

TEST(Config, PointsIntoAChannelsConfig) {
  const auto result = load_config(test::source("examples/hub.yaml"), test::environment(), test::installed());
  ASSERT_TRUE(result.config);
  const auto diagnostic = result.config->channel_error(result.config->channels[0], "/fields/size", "twice");
  EXPECT_EQ(diagnostic.position, (Position{33, 15}));
  EXPECT_EQ(diagnostic.message, "channels.website.config.fields.size: twice");
}

// --- What is wrong
// ---------------------------------------------------------------------------------------------------

struct Typo {
  std::string from;
  std::string to;
  std::string wanted;
};

TEST(Config, NamesPlaceAndMendForATypoInEverySection) {
  const std::vector<Typo> table{
      {"workspace: analytical", "workspce: analytical",
       "hub.yaml:2:1: unknown key \"workspce\"; did you mean \"workspace\"?"},
      {"workspace: analytical-engines", "workspace: Analytical Engines",
       "hub.yaml:2:12: workspace: \"Analytical Engines\" does not have the right form; write it as in "
       "analytical-engines"},
      {"http://localhost:8080  ", "localhost:8080  ",
       "hub.yaml:3:13: public_url: \"localhost:8080\" is not a web address; "},
      {"Europe/London  ", "Europe/Londn  ",
       "hub.yaml:4:12: time_zone: \"Europe/Londn\" is not a time zone of this system; did you mean "
       "\"Europe/London\"?"},
      {"  listen: 127.0.0.1:8080", "  lsiten: 127.0.0.1:8080",
       "hub.yaml:7:3: edge: unknown key \"lsiten\"; did you mean \"listen\"?"},
      {"listen: 127.0.0.1:8080", "listen: 8080",
       "hub.yaml:7:11: edge.listen: expected text, found the number 8080; put it in quotes: \"8080\""},
      {"trusted_proxies: []", "trusted_proxies: [10.0.0.1/8]",
       "hub.yaml:8:21: edge.trusted_proxies.0: \"10.0.0.1/8\" has bits set behind its prefix"},
      {"connections_per_address: 256", "connections_per_address: 0",
       "edge.limits.connections_per_address: the number 0 is too small; write at least 1"},
      {"600 per 1m", "600/1m", "edge.limits.requests_per_address: \"600/1m\" is not a rate; "},
      {"body: 1 MiB", "body: 1 GiB",
       "edge.limits.body is larger than the hub can take; write at most 64 MiB"},
      {"  token: ", "  tokn: ", "hub.yaml:12:3: control: unknown key \"tokn\"; did you mean \"token\"?"},
      {"sqlite:data", "sqlit:data", "hub.yaml:14:8: store.url: \"sqlit:data/leadhub.db\" names no store; "},
      {"keep_raw: 90d", "keep_raw: 90",
       "hub.yaml:15:13: store.keep_raw: expected text, found the number 90; write it with its unit: 90d"},
      {"keep_raw: 90d", "keep_leads: 1d",
       "hub.yaml:15:15: store.keep_leads would erase leads that are still warm, for ever; write at least "
       "30d"},
      {"body: 1 MiB", "body: 1",
       "edge.limits.body: expected text, found the number 1; write it with its unit: 1 "},
      {"600 per 1m", "600",
       "requests_per_address: expected text, found the number 600; write it with its unit: 600 per 1m"},
      {"per_address: 10 per 1m", "per_address: 10",
       "spam.per_address: expected text, found the number 10; write it with its unit: 10 per 1m"},
      {"keep_raw: 90d", "keep_raw: 90 days",
       "hub.yaml:15:13: store.keep_raw: \"90 days\" is not a duration; "},
      {"placement: in_process", "placement: worker",
       "hub.yaml:19:14: the placement \"worker\" is not part of this version; write in_process"},
      {"placement: in_process", "placement: inprocess", "did you mean \"in_process\"?"},
      {"  website: ", "  import: ",
       "channel \"import\": the hub files its own events under this name; choose another"},
      {"  website: ", "  Website: ",
       "hub.yaml:22:3: channels: the key \"Website\" cannot stand here; a channel's name has small letters"},
      {"    plugin: webform", "    plugn: webform",
       "hub.yaml:23:5: channels.website: unknown key \"plugn\"; did you mean \"plugin\"?"},
      {"    plugin: webform", "    plugin: webfrom",
       "hub.yaml:23:13: channel \"website\": there is no plugin \"webfrom\"; did you mean \"webform\"?"},
      {"      fields:  ", "      feilds:  ",
       "hub.yaml:28:7: channels.website.config: unknown key \"feilds\"; did you mean \"fields\"?"},
      {"required: true, label: E-mail", "required: NO, label: E-mail",
       "channels.website.config.fields.your-email.required: expected true or false, found the text \"NO\"; "
       "write false"},
      {"type: integer", "type: interger", "did you mean \"integer\"?"},
      {"provider: telegram ", "provider: telegrm ", "did you mean \"telegram\"?"},
      {"provider: native ", "providr: native ", "did you mean \"provider\"?"},
      {"transport: maildir", "transport: maildr", "did you mean \"maildir\"?"},
      {"default_country: GB", "default_country: UK",
       "hub.yaml:75:20: normalise.default_country: \"UK\" is not the country's ISO 3166 code; write GB"},
      {"default_country: GB", "default_country: 010",
       "normalise.default_country: expected text, found the number 010; put it in quotes: \"010\""},
      {"mx: false", "mx: NO", "verify.email.mx: expected true or false, found the text \"NO\"; write false"},
      {"disposable: reject", "disposable: rejct", "did you mean \"reject\"?"},
      {"phone: {possible", "phone: {posible", "unknown key \"posible\"; did you mean \"possible\"?"},
      {"servers: []", "servers: [dns.example.com]",
       "verify.dns.servers.0: \"dns.example.com\" is not an IP address; "},
      {"builtin: true", "bultin: true", "unknown key \"bultin\"; did you mean \"builtin\"?"},
      {"add: 50", "ad: 50", "unknown key \"ad\"; did you mean \"add\"?"},
      {"{is: hot, when: {lead.score: {gte: 60}}}", "{is: hot, when: {lead.score: {gte: 60, lt: 20}}}",
       "no number meets both ends of this comparison; turn them round"},
      {"to: \"18:00\", time_zone", "to: \"08:00\", time_zone",
       "the working day ends before it begins; write a time after `from`"},
      {"{event.type: demo.requested}, add", "{event.typ: demo.requested}, add",
       "a condition cannot look at \"event.typ\"; did you mean \"event.type\"?"},
      {"{event.type: demo.requested}, add", "{event.type: demo.request}, add",
       "\"demo.request\" is none of the values of event.type; did you mean \"demo.requested\"?"},
      {"event.trust: human}, add: 2", "event.trust: huamn}, add: 2", "did you mean \"human\"?"},
      {"{gte: 200}", "{get: 200}", "unknown key \"get\"; did you mean \"gt\"?"},
      {"{lead.email.free: true}", "{lead.email.free: yes}",
       "lead.email.free is true or false, not the text \"yes\"; write true or false"},
      {"at_most: 10 per 7d", "at_most: 10", "qualify.score.2.at_most: expected text, found the number 10"},
      {"half_life: 30d", "half_life: 30x", "qualify.decay.half_life: \"30x\" is not a duration"},
      {"is: hot", "is: hott",
       "qualify.temperature.0.is: \"hott\" is none of the values it can have; did you mean \"hot\"?"},
      {"    registered: {when", "    registred: {when",
       "unknown key \"registred\"; did you mean \"registered\"?"},
      {"[registered, developing]}", "[registered, devloping]}",
       "\"devloping\" is none of the values of lead.stage; did you mean \"developing\"?"},
      {"territory: [US, CA]", "territory: [US, XX]", "route.team.0.territory.1: \"XX\" is not a country"},
      {"capacity: 20 per 1d", "capacity: 0 per 1d",
       "route.team.0.capacity: \"0 per 1d\" is a rate of nothing"},
      {"name: Charles", "name: Grace", "a second member of the team is called \"Grace\""},
      {"2026-12-24/2027-01-02", "2027-01-02/2026-12-24", "ends before it begins"},
      {"days: [mon, tue, wed, thu, fri]", "days: [mon, tuesday]", "write one of: mon, tue, wed"},
      {"assign: territory", "assign: teritory",
       "there is no way to assign or member of the team \"teritory\"; did you mean \"territory\"?"},
      {"then: reassign", "then: reasign", "did you mean \"reassign\"?"},
      {"notify: {via: mail", "notify: {via: mial", "there is no channel \"mial\"; did you mean \"mail\"?"},
      {"from: \"21:00\"", "from: \"21.00\"", "nurture.quiet_hours.from: \"21.00\" is not a time of day"},
      {"mails: 3, per", "mail: 3, per", "unknown key \"mail\"; did you mean \"mails\"?"},
      {"      goal: {lead", "      gaol: {lead", "unknown key \"gaol\"; did you mean \"goal\"?"},
      {"      enter: {event.type: newsletter", "      track: [click]\n      enter: {event.type: newsletter",
       "nurture.journeys.welcome.track.0: \"click\" is none of the values it can have; did you mean "
       "\"clicks\"?"},
      {"- send: {template: welcome", "- sned: {template: welcome",
       "unknown key \"sned\"; did you mean \"send\"?"},
      {"send: {template: tips, via: mail}", "send: {template: tips, via: post}",
       "there is no channel \"post\"; known channels: "},
      {"send: {template: tips, via: mail}", "send: {template: tips, via: telegram}",
       "the channel \"telegram\" answers chats and sends no mails; name a channel that does"},
      {"- wait: 3d", "- wait: three days", "is not a duration"},
      {"then:\n            - send", "than:\n            - send",
       "unknown key \"than\"; did you mean \"then\"?"},
      {"long: {share: 50", "long: {share: 40", "the shares of this split add up to 90; make it 100"},
      {"at: 2026-01-05T12:00:00Z", "at: yesterday", "tests.0.at: \"yesterday\" is not a point in time"},
      {"{channel: news, post", "{channel: nwes, post",
       "there is no channel \"nwes\"; did you mean \"news\"?"},
      {"after: 10m, confirm", "after: 10m, cofirm", "unknown key \"cofirm\"; did you mean \"confirm\"?"},
      {"stage: registered, temperature: cold}", "stage: registered, temprature: cold}",
       "a lead has no field \"temprature\"; did you mean \"temperature\"?"},
      {"owner: Charles", "owner: Charlie",
       "there is no member of the team \"Charlie\"; did you mean \"Charles\"?"},
  };
  for (const auto& [from, to, wanted] : table) {
    const auto text = changed(from, to);
    ASSERT_FALSE(text.empty()) << "not in the example: " << from;
    const auto found = errors(text);
    EXPECT_THAT(found, Contains(HasSubstr(wanted))) << from << " -> " << to;
    const auto line =
        std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(test::example().find(from)),
                   '\n') +
        1;
    EXPECT_THAT(found, ::testing::Each(StartsWith("hub.yaml:"))) << to;
    if (from.starts_with("long: {share")) continue;  // reported where the split begins
    EXPECT_THAT(found, Contains(StartsWith("hub.yaml:" + std::to_string(line) + ":")))
        << from << " -> " << to;
  }
}

TEST(Config, ChecksWhatConditionsCompare) {
  const auto fault = [](const std::string& condition) {
    return errors("channels: {}\nsegments:\n  s: " + condition + "\n");
  };
  EXPECT_THAT(fault("{lead.stage: {gt: 1}}"),
              ElementsAre(HasSubstr("hub.yaml:3:20: \"gt\" cannot be used here: lead.stage is a text; ")));
  EXPECT_THAT(fault("{lead.score: {matches: x}}"),
              ElementsAre(HasSubstr("\"matches\" cannot be used here: lead.score is a number")));
  EXPECT_THAT(fault("{lead.score: many}"),
              ElementsAre(HasSubstr("lead.score is a number, not the text \"many\"")));
  EXPECT_THAT(
      fault("{lead.phone: 010}"),
      ElementsAre("hub.yaml:3:19: lead.phone is a text, not the number 010; put it in quotes: \"010\""));
  EXPECT_THAT(fault("{lead.company: {matches: '(a'}}"),
              ElementsAre("hub.yaml:3:31: segments.s.lead.company.matches: \"(a\" is no regular expression: "
                          "a \"(\" is never closed; close it, or write \"\\(\""));
  EXPECT_THAT(fault("{lead.company: {matches: 'a(?=b)'}}"),
              ElementsAre(HasSubstr("of RE2 (which has no look-around")));
  EXPECT_THAT(
      fault("{segment: s}"),
      ElementsAre(
          "hub.yaml:3:3: the segment \"s\" names itself, in the end; write its condition without it"));
  EXPECT_THAT(fault("{segment: t}"), ElementsAre(HasSubstr("there is no segment \"t\"; known segments: s")));
  EXPECT_THAT(fault("{any: {lead.score: 1}}"),
              ElementsAre(HasSubstr("segments.s.any: expected a list, found a mapping")));
  EXPECT_THAT(fault("{}"), ElementsAre(HasSubstr("segments.s: has too few keys")));
  EXPECT_THAT(fault("{lead.attributes.any-name_1: [1, x]}"), IsEmpty());
}

TEST(Config, FindsRulesThatCanNeverDoAnything) {
  EXPECT_THAT(
      errors(
          "channels: {}\nsegments: {a: {lead.score: {gt: 5, lte: 5}}, b: {lead.score: {gte: 5, lte: 5}}}\n"),
      ElementsAre("hub.yaml:2:16: no number meets both ends of this comparison; turn them round"));
  EXPECT_THAT(
      errors(R"(channels: {}
route:
  team: [{name: Grace, email: grace@example.com}]
  rules:
    - {when: {lead.temperature: hot}, assign: territory}
    - {when: {lead.temperature: warm}, assign: territory}
    - {when: {lead.temperature: hot}, assign: Grace}
)"),
      ElementsAre("hub.yaml:7:8: an earlier rule has the same condition, and the first that holds decides; "
                  "take one of them out"));
  EXPECT_THAT(errors(R"(channels: {}
route: {team: [], rules: [{when: {lead.temperature: hot}, assign: territory}]}
)"),
              ElementsAre(HasSubstr("there is nobody in route.team; add somebody")));
}

TEST(Config, FindsSegmentsThatTurnInACircle) {
  EXPECT_THAT(errors("channels: {}\nsegments: {a: {segment: b}, b: {not: {segment: a}}, c: {segment: [a, "
                     "d]}, d: {lead.score: 1}}\n"),
              ElementsAre(HasSubstr("hub.yaml:2:12: the segment \"a\""),
                          HasSubstr("hub.yaml:2:29: the segment \"b\"")));
  EXPECT_THAT(errors("channels: {}\nsegments: {a: {segment: [b, c]}, b: {segment: c}, c: {lead.score: 1}}\n"),
              IsEmpty());
  std::string chain = "channels: {}\nsegments:\n  s0: {lead.score: 1}\n";
  for (int i = 1; i < 5'000; ++i)
    chain += "  s" + std::to_string(i) + ": {segment: s" + std::to_string(i - 1) + "}\n";
  EXPECT_THAT(errors(chain), IsEmpty());
}

TEST(Config, ChecksTheShapeOfSteps) {
  const auto fault = [](const std::string& step) {
    return errors("channels: {}\nnurture: {journeys: {j: {enter: {lead.score: 1}, steps: [\n" + step +
                  "]}}}\n");
  };
  EXPECT_THAT(fault("{wait: 1d, tag: x}"),
              ElementsAre("hub.yaml:3:1: nurture.journeys.j.steps.0: only one of the keys \"wait\" and "
                          "\"tag\" can stand here; remove the others"));
  EXPECT_THAT(
      fault("{name: x}"),
      ElementsAre(HasSubstr(
          "hub.yaml:3:1: nurture.journeys.j.steps.0: one of these keys is missing; add one: send, wait")));
  EXPECT_THAT(fault("{if: {lead.score: 1}}"),
              ElementsAre(HasSubstr("\"if\" makes sense only together with \"then\"")));
  EXPECT_THAT(
      fault("{if: {lead.score: 1}, then: [{if: {lead.scor: 1}, then: [{wait: 1y}]}]}"),
      ElementsAre(
          HasSubstr("hub.yaml:3:36: a condition cannot look at \"lead.scor\"; did you mean \"lead.score\"?"),
          HasSubstr("hub.yaml:3:65: ...j.steps.0.then.0.then.0.wait: \"1y\" is not a duration")));
  EXPECT_THAT(fault("{set: {stage: hot}}"),
              ElementsAre(HasSubstr("the key \"stage\" cannot stand here; a step sets attributes")));
  EXPECT_THAT(
      fault("{end: false}"),
      ElementsAre(HasSubstr("steps.0.end: false is none of the values it can have; write one of: true")));
  EXPECT_THAT(fault("{name: a, end: true}, {name: a, end: true}"),
              ElementsAre(HasSubstr("a second step of this journey has this name")));
}

TEST(Config, SaysWhyAFileCannotBeRead) {
  const test::Folder folder;
  const auto text_of = [&](const std::filesystem::path& file) {
    return test::texts(folder, load_config(file, test::environment(), test::installed()).diagnostics);
  };
  EXPECT_THAT(text_of(folder.path() / "hub.yaml"),
              ElementsAre("hub.yaml: there is no such file; check the path"));
  EXPECT_THAT(text_of(folder.path()), ElementsAre(HasSubstr("this is a directory; name a file in it")));
  const auto locked = folder.write("locked.yaml", "channels: {}\n");
  std::filesystem::permissions(locked, std::filesystem::perms::none);
  if (!std::ifstream{locked}) {  // root may read everything
    EXPECT_THAT(text_of(locked),
                ElementsAre(HasSubstr("locked.yaml: the file may not be read; give this user")));
  }
  EXPECT_THAT(text_of(folder.write("large.yaml", "a: " + std::string(limits::config_bytes_max, 'x'))),
              ElementsAre(HasSubstr("larger than 4194304 bytes")));
  std::string garbage;
  for (int i = 0; i < 10'000; ++i) garbage += static_cast<char>((i * 7919) % 251);
  EXPECT_THAT(text_of(folder.write("garbage.yaml", garbage)),
              ElementsAre(HasSubstr("garbage.yaml:1:1: a control character")));
  EXPECT_THAT(text_of(folder.write("empty.yaml", "")), ElementsAre(HasSubstr("the file is empty")));
}

TEST(Config, TakesABoundedNumberOfChannels) {
  std::string text = "channels:\n";
  for (std::size_t i = 0; i <= limits::channels_max; ++i)
    text += "  c" + std::to_string(i) + ": {plugin: webform, config: {provider: json, fields: {}}}\n";
  EXPECT_THAT(errors(text), ElementsAre("hub.yaml:1:1: channels: has too many keys; keep at most 1000"));
  EXPECT_EQ(hub_schema().at("/properties/channels/maxProperties"_json_pointer).get<std::size_t>(),
            limits::channels_max);
}

TEST(Config, SaysManyThingsAtOnceButNotTooMany) {
  std::string text = "channels: {}\n";
  for (int i = 0; i < 500; ++i) text += "k" + std::to_string(i) + "xyzzy: 1\n";
  const auto found = errors(text);
  EXPECT_THAT(found, SizeIs(limits::diagnostics_max + 1));
  EXPECT_THAT(found.back(), HasSubstr("400 more"));
}

TEST(Config, GivesAWholeReportForAThoroughlyBrokenFile) {
  const test::Folder folder;
  const auto result = test::load(folder, test::read(test::fixture("broken_hub.yaml")));
  EXPECT_FALSE(result.config);
  std::string report;
  for (const auto severity : {Severity::error, Severity::notice})
    for (const auto& line : test::texts(folder, result.diagnostics, severity)) report += line + "\n";
  const auto golden = test::fixture("broken_hub.golden");
  if (std::getenv("LEADHUB_UPDATE_GOLDEN") != nullptr) std::ofstream{golden} << report;
  EXPECT_EQ(report, test::read(golden)) << "run with LEADHUB_UPDATE_GOLDEN=1 where the change is meant";
}

// --- Secrets
// -----------------------------------------------------------------------------------------------------------

/// Puts a secret where every scalar of the example stands, one after the other and then everywhere: whatever
/// is said, it never holds the secret.
TEST(Secrets, NeverStandInADiagnostic) {
  const std::string canary = "c4n4ry(";
  const test::Folder folder;
  folder.write("secret", canary);
  const auto variables = test::environment({{"S", canary}});
  const auto read = read_yaml("f", test::example());
  ASSERT_TRUE(read.document);
  json example = read.document->root;
  example["control"]["listen"] = "0.0.0.0:8081";  // each load says that others can reach it
  const json flat = example.flatten();
  const std::vector<std::string> references{"${env:S}", "${file:secret}", "${env:NONE:-c4n4ry(}",
                                            "x${env:S}"};
  std::size_t said = 0;
  std::size_t turn = 0;
  json everywhere = flat;
  json mutated = example;
  for (const auto& [pointer, unused] : flat.items()) {
    everywhere[pointer] = "${env:S}";
    mutated[json::json_pointer{pointer}] = references[turn % references.size()];
    if (++turn % 2 != 0) continue;
    const auto result = test::load(folder, mutated.dump(), variables);
    said += result.diagnostics.size();
    for (const auto& diagnostic : result.diagnostics)
      ASSERT_THAT(to_text(diagnostic), Not(HasSubstr("c4n4ry"))) << pointer;
    mutated = example;
  }
  for (const auto& diagnostic : test::load(folder, everywhere.unflatten().dump(), variables).diagnostics)
    EXPECT_THAT(to_text(diagnostic), Not(HasSubstr("c4n4ry")));
  EXPECT_GT(said, 200U);
}

TEST(Secrets, AreNotJudgedWhereTheyCouldNotBeResolved) {
  EXPECT_THAT(
      errors("channels: {}\nstore: {keep_raw: '${env:NONE}'}\nverify: {email: {mx: '${env:NONE}'}}\n"),
      ElementsAre(HasSubstr("hub.yaml:2:19: the environment variable NONE is not set"),
                  HasSubstr("hub.yaml:3:22: the environment variable NONE is not set")));
}

TEST(Secrets, AreTextWhateverTheyHold) {
  EXPECT_THAT(
      errors("channels: {}\nverify: {email: {mx: '${env:MX}'}}\n", test::environment({{"MX", "true"}})),
      ElementsAre("hub.yaml:2:22: verify.email.mx: expected true or false, found a text from ${...}; what "
                  "${...} stands for is always "
                  "text, so write the value itself here"));
}

// --- Schemas
// -----------------------------------------------------------------------------------------------------------

TEST(ComposedSchema, AcceptsTheExampleAndKnowsEachPlugin) {
  const auto schema = composed_schema(test::installed());
  auto read = read_yaml("f", test::example());
  ASSERT_TRUE(read.document);
  EXPECT_THAT(interpolate_all(*read.document, test::environment(), "."), IsEmpty());
  EXPECT_THAT(check(read.document->root, schema, read.document->source, ""), IsEmpty());
  read = read_yaml("f", changed("      fields:  ", "      feilds:  "));
  ASSERT_TRUE(read.document);
  EXPECT_THAT(check(read.document->root, schema, read.document->source, ""), Not(IsEmpty()));
  EXPECT_EQ(schema.at("/definitions/channel/properties/plugin/enum"_json_pointer),
            json({"webform", "newsletter", "chat", "email"}));
}

TEST(ComposedSchema, HasThePartsOfThePlugins) {
  const std::vector<PluginSchema> plugins{{"webhook", R"({"type": "object", "required": ["room"]})"},
                                          {"odd", "not JSON"}};
  const auto schema = composed_schema(plugins);
  EXPECT_EQ(schema.at("definitions").at("plugin.webhook").at("required"), json::array({"room"}));
  EXPECT_EQ(schema.at("definitions").at("plugin.odd"), json(true));
  const test::Folder folder;
  const auto result =
      load_config(folder.write("hub.yaml", "channels: {a: {plugin: webhook}, b: {plugin: odd}}\n"),
                  test::environment(), plugins);
  EXPECT_THAT(test::texts(folder, result.diagnostics),
              ElementsAre("hub.yaml:1:12: channels.a.config: the key \"room\" is missing; add it",
                          HasSubstr("is broken; tell the author")));
}

TEST(ConditionPaths, AreInTheDocumentation) {
  const auto text = test::read(test::source("docs/configuration.md"));
  for (const auto& name : condition_path_names()) EXPECT_THAT(text, HasSubstr("`" + name + "`"));
}

// --- Whatever comes
// ------------------------------------------------------------------------------------------------------

TEST(Config, SurvivesRandomDamage) {
  const test::Folder folder;
  const std::string original = test::example();
  const std::string alphabet = "{}[]:,-#&*!|>'\"%@`\t\n \\$~?<=0aN\xC3\x80\xFF";
  std::mt19937 random{20260105};
  int refused = 0;
  constexpr int rounds = 200;
  for (int round = 0; round < rounds; ++round) {
    std::string text = original;
    for (auto changes = 1 + random() % 8; changes > 0; --changes) {
      const auto at = random() % text.size();
      switch (random() % 4) {
        case 0:
          text[at] = alphabet[random() % alphabet.size()];
          break;
        case 1:
          text.insert(at, 1, alphabet[random() % alphabet.size()]);
          break;
        case 2:
          text.erase(at, 1 + random() % 20);
          break;
        default:
          text.insert(at, text.substr(random() % text.size(), random() % 40));
          break;
      }
    }
    const auto result = test::load(folder, text);
    EXPECT_EQ(result.config.has_value(), !has_errors(result.diagnostics));
    refused += result.config ? 0 : 1;
    for (const auto& diagnostic : result.diagnostics) {
      EXPECT_FALSE(diagnostic.message.empty());
      EXPECT_EQ(diagnostic.message.find('\n'), std::string::npos) << diagnostic.message;
      EXPECT_NO_THROW(static_cast<void>(json(to_text(diagnostic)).dump())) << "not UTF-8";
    }
  }
  EXPECT_GT(refused, rounds / 2);
}

}  // namespace
}  // namespace leadhub::config
