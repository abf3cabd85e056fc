#include "lead/event.hpp"

#include <gmock/gmock.h>

#include <string>

#include "ops/limits.hpp"

namespace leadhub::lead {
namespace {

using testing::HasSubstr;
using testing::Not;

/// `{"type":"form.submitted",MEMBERS}`
std::string with(const std::string& members) {
  return R"({"type":"form.submitted",)" + members + "}";
}

std::string text(std::size_t bytes) {
  return "\"" + std::string(bytes, 'a') + "\"";
}

std::string repeated(const std::string& element, std::size_t count) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) (out += i == 0 ? "" : ",") += element;
  return out;
}

std::string numbered_members(const std::string& value, std::size_t count) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i)
    out += (i == 0 ? "\"m" : ",\"m") + std::to_string(i) + "\":" + value;
  return out;
}

TEST(ParseEvent, ReadsEveryMember) {
  const auto event = parse_event(R"({
    "version": 1, "type": "purchase.completed", "key": "evt_1", "occurred_at": "2026-01-05T12:00:00Z",
    "anonymous_id": "visitor-7", "value": 12.5, "currency": "EUR",
    "items": [{"id": "sku-1", "name": "Book", "quantity": 2, "price": 6.25}],
    "person": {"email": "ada@example.com", "phone": "+442079460958", "name": "Ada Lovelace", "first_name": "Ada",
      "last_name": "Lovelace", "company": "Engines", "job_title": "Analyst", "country": "GB", "city": "London",
      "language": "en", "timezone": "Europe/London", "external_ids": {"hubspot": "151"}},
    "consent": [{"purpose": "newsletter", "channel": "sms", "state": "withdrawn", "text": "Yes, please.",
      "url": "https://example.com/form", "ip": "192.0.2.1", "user_agent": "Mozilla"}],
    "attribution": {"utm_source": "search", "gclid": "g1"},
    "message": "Hello", "attributes": {"yes": true, "count": -3, "ratio": 0.5, "text": "x", "list": ["a", "b"]},
    "attachments": [{"field": "cv", "name": "cv.pdf", "content_type": "application/pdf", "content": "aGk="}],
    "signal": {"trust": "human", "reason": "r", "message_id": "m", "user_agent": "u", "url": "l",
      "bounce": "block", "status": "5.7.1"}})");
  ASSERT_TRUE(event) << event.error().message;
  EXPECT_EQ(event->type, "purchase.completed");
  EXPECT_EQ(event->key, "evt_1");
  EXPECT_EQ(event->occurred_at, from_milliseconds(1767614400000));
  EXPECT_EQ(event->anonymous_id, "visitor-7");
  EXPECT_EQ(event->value, 12.5);
  EXPECT_EQ(event->currency, "EUR");
  ASSERT_EQ(event->items.size(), 1U);
  EXPECT_EQ(event->items[0].id, "sku-1");
  EXPECT_EQ(event->items[0].quantity, 2.0);
  EXPECT_EQ(event->items[0].price, 6.25);
  const auto& person = event->person;
  EXPECT_EQ(person.email, "ada@example.com");
  EXPECT_EQ(person.phone, "+442079460958");
  EXPECT_EQ(person.name, "Ada Lovelace");
  EXPECT_EQ(person.first_name, "Ada");
  EXPECT_EQ(person.last_name, "Lovelace");
  EXPECT_EQ(person.company, "Engines");
  EXPECT_EQ(person.job_title, "Analyst");
  EXPECT_EQ(person.country, "GB");
  EXPECT_EQ(person.city, "London");
  EXPECT_EQ(person.language, "en");
  EXPECT_EQ(person.time_zone, "Europe/London");
  EXPECT_THAT(person.external_ids, testing::ElementsAre(NamedText{"hubspot", "151"}));
  ASSERT_EQ(event->consent.size(), 1U);
  EXPECT_EQ(event->consent[0].purpose, "newsletter");
  EXPECT_EQ(event->consent[0].channel, "sms");
  EXPECT_EQ(event->consent[0].state, ConsentState::withdrawn);
  EXPECT_EQ(event->consent[0].text, "Yes, please.");
  EXPECT_EQ(event->consent[0].ip, "192.0.2.1");
  EXPECT_THAT(event->attribution,
              testing::ElementsAre(NamedText{"utm_source", "search"}, NamedText{"gclid", "g1"}));
  EXPECT_EQ(event->message, "Hello");
  using Attribute = std::pair<std::string, AttributeValue>;
  EXPECT_THAT(event->attributes,
              testing::ElementsAre(Attribute{"yes", true}, Attribute{"count", std::int64_t{-3}},
                                   Attribute{"ratio", 0.5}, Attribute{"text", std::string{"x"}},
                                   Attribute{"list", std::vector<std::string>{"a", "b"}}));
  ASSERT_EQ(event->attachments.size(), 1U);
  EXPECT_EQ(event->attachments[0].name, "cv.pdf");
  EXPECT_EQ(event->attachments[0].content, "aGk=");
  EXPECT_EQ(event->trust, SignalTrust::human);
  EXPECT_EQ(event->bounce, BounceKind::block);
  EXPECT_EQ(event->bounce_status, "5.7.1");
}

TEST(ParseEvent, NeedsNothingButTheType) {
  const auto event = parse_event(R"({"type":"page.viewed"})");
  ASSERT_TRUE(event) << event.error().message;
  EXPECT_EQ(event->key, "");
  EXPECT_EQ(event->occurred_at, std::nullopt);
  EXPECT_EQ(event->trust, SignalTrust::unknown);
  EXPECT_EQ(event->bounce, std::nullopt);
  EXPECT_EQ(event->bounce_status, "");
}

struct Case {
  const char* name;
  std::string json;
  const char* message;  ///< part of the refusal's message; empty: it is taken
};

void PrintTo(const Case& test, std::ostream* out) {
  *out << test.name;
}

class ParseEventRule : public testing::TestWithParam<Case> {};

TEST_P(ParseEventRule, Holds) {
  const auto& test = GetParam();
  const auto event = parse_event(test.json);
  if (*test.message == '\0') {
    EXPECT_TRUE(event) << event.error().message;
    return;
  }
  ASSERT_FALSE(event) << "it was taken";
  EXPECT_EQ(event.error().code, ErrorCode::invalid);
  EXPECT_THAT(event.error().message, HasSubstr(test.message));
}

std::vector<Case> rules() {
  constexpr auto field = limits::event_field_bytes_max;
  constexpr auto long_text = limits::event_text_bytes_max;
  const std::string nul = "\\u0000";
  return {
      // The document itself.
      {"Empty", "", "is no valid JSON"},
      {"NoObject", "[]", "must be an object"},
      {"Cut", R"({"type":"form.submitted")", "is no valid JSON"},
      {"TwoDocuments", R"({"type":"form.submitted"}{})", "is no valid JSON"},
      {"ByteThatIsNoUtf8", with("\"message\":\"\xff\""), "is no valid JSON"},
      {"HalfASurrogate", with(R"("message":"\ud800")"), "is no valid JSON"},
      {"OverlongUtf8", with("\"message\":\"\xc0\xaf\""), "is no valid JSON"},
      {"RawControl", with("\"message\":\"a\nb\""), "is no valid JSON"},
      {"Nul", with("\"message\":\"a" + nul + "\""), "/message holds a NUL character"},
      {"NulInAField", with("\"person\":{\"email\":\"" + nul + "\"}"), "/person/email holds a NUL"},
      {"HugeNumber", with(R"("value":1e999)"), "is no valid JSON"},
      {"NotANumber", with(R"("value":NaN)"), "is no valid JSON"},
      {"NestedWithoutEnd", std::string(100'000, '['), "is no valid JSON"},
      {"DeepInAnAttribute",
       with(R"("attributes":{"a":)" + std::string(900, '[') + std::string(900, ']') + "}"),
       "/attributes must be a string"},
      {"UnknownMember", with(R"("typo":1)"), "has an unknown member \"typo\""},
      {"DuplicateMember", R"({"type":"form.submitted","type":"form.submitted"})", "names a member twice"},
      {"DuplicateEscapedMember", R"({"type":"form.submitted","t\u0079pe":"form.submitted"})", "twice"},
      // version, type, key
      {"Version", with(R"("version":1)"), ""},
      {"VersionTwo", with(R"("version":2)"), "/version must be 1"},
      {"VersionText", with(R"("version":"1")"), "/version must be 1"},
      {"TypeMissing", R"({"key":"a"})", "/type is missing"},
      {"TypeEmpty", R"({"type":""})", "/type is no known event type"},
      {"TypeUnknown", R"({"type":"form.submited"})", "/type is no known event type"},
      {"TypeNumber", R"({"type":1})", "/type must be a string"},
      {"TypeOfAVendor", R"({"type":"x.acme.page_v2.seen"})", ""},
      {"TypeWithoutVendor", R"({"type":"x..seen"})", "/type is no known"},
      {"TypeWithoutName", R"({"type":"x.acme."})", "/type is no known"},
      {"TypeInUpperCase", R"({"type":"x.Acme.seen"})", "/type is no known"},
      {"TypeOf40And80", R"({"type":"x.)" + std::string(40, 'v') + "." + std::string(80, 'n') + "\"}", ""},
      {"TypeOf41", R"({"type":"x.)" + std::string(41, 'v') + ".n\"}", "/type is no known"},
      {"TypeOf1And81", R"({"type":"x.v.)" + std::string(81, 'n') + "\"}", "/type is no known"},
      {"KeyEmpty", with(R"("key":"")"), "/key is empty"},
      {"KeyLongest", with("\"key\":" + text(limits::event_key_bytes_max)), ""},
      {"KeyTooLong", with("\"key\":" + text(limits::event_key_bytes_max + 1)), "/key is longer than 512"},
      // plain members
      {"OccurredAtWithOffset", with(R"("occurred_at":"2026-01-05T14:00:00.5+02:00")"), ""},
      {"OccurredAtDate", with(R"("occurred_at":"2026-01-05")"), "/occurred_at must be an RFC 3339"},
      {"OccurredAtNumber", with(R"("occurred_at":1767614400)"), "/occurred_at must be a string"},
      {"AnonymousIdLongest", with("\"anonymous_id\":" + text(field)), ""},
      {"AnonymousIdTooLong", with("\"anonymous_id\":" + text(field + 1)),
       "/anonymous_id is longer than 4096"},
      {"ValueNegative", with(R"("value":-0.01)"), ""},
      {"ValueLargeInteger", with(R"("value":18446744073709551615)"), ""},
      {"ValueText", with(R"("value":"1")"), "/value must be a number"},
      {"CurrencyLower", with(R"("currency":"eur")"), "/currency must be an ISO 4217"},
      {"CurrencyLong", with(R"("currency":"EURO")"), "/currency is longer"},
      {"CurrencyShort", with(R"("currency":"EU")"), "/currency must be an ISO 4217"},
      {"MessageLongest", with("\"message\":" + text(long_text)), ""},
      {"MessageTooLong", with("\"message\":" + text(long_text + 1)), "/message is longer than 65536"},
      {"MessageNull", with(R"("message":null)"), "/message must be a string"},
      // items
      {"ItemEmpty", with(R"("items":[{}])"), ""},
      {"ItemsMost", with("\"items\":[" + repeated("{}", limits::event_items_max) + "]"), ""},
      {"ItemsTooMany", with("\"items\":[" + repeated("{}", limits::event_items_max + 1) + "]"),
       "/items has more than 200 elements"},
      {"ItemsNoArray", with(R"("items":{})"), "/items must be an array"},
      {"ItemUnknownMember", with(R"("items":[{"sku":"1"}])"), "/items has an unknown member"},
      {"ItemQuantityText", with(R"("items":[{"quantity":"2"}])"), "/items/quantity must be a number"},
      {"ItemTwice", with(R"("items":[{"id":"1","id":"2"}])"), "/items names a member twice"},
      // person
      {"PersonEmpty", with(R"("person":{})"), ""},
      {"PersonUnknown", with(R"("person":{"mail":"x"})"), "/person has an unknown member \"mail\""},
      {"PersonTwice", with(R"("person":{"email":"a","email":"b"})"), "/person names a member twice"},
      {"PersonList", with(R"("person":{"email":["a"]})"), "/person/email must be a string"},
      {"PersonFieldLongest", with("\"person\":{\"name\":" + text(field) + "}"), ""},
      {"PersonFieldTooLong", with("\"person\":{\"name\":" + text(field + 1) + "}"), "/person/name is longer"},
      {"ExternalIdsMost",
       with("\"person\":{\"external_ids\":{" + numbered_members("\"1\"", limits::event_attributes_max) +
            "}}"),
       ""},
      {"ExternalIdsTooMany",
       with("\"person\":{\"external_ids\":{" + numbered_members("\"1\"", limits::event_attributes_max + 1) +
            "}}"),
       "/person/external_ids has more than 200 members"},
      {"ExternalIdNumber", with(R"("person":{"external_ids":{"crm":7}})"), "/person/external_ids must be a"},
      // consent
      {"ConsentMinimal", with(R"("consent":[{"purpose":"news","state":"granted"}])"), ""},
      {"ConsentMost",
       with("\"consent\":[" + repeated(R"({"purpose":"p","state":"granted"})", limits::event_consents_max) +
            "]"),
       ""},
      {"ConsentTooMany",
       with("\"consent\":[" +
            repeated(R"({"purpose":"p","state":"granted"})", limits::event_consents_max + 1) + "]"),
       "/consent has more than 20 elements"},
      {"ConsentWithoutPurpose", with(R"("consent":[{"state":"granted"}])"), "/consent/purpose is missing"},
      {"ConsentEmptyPurpose", with(R"("consent":[{"purpose":"","state":"granted"}])"),
       "/consent/purpose is missing"},
      {"ConsentWithoutState", with(R"("consent":[{"purpose":"p"}])"), "/consent/state is missing"},
      {"ConsentStateUnknown", with(R"("consent":[{"purpose":"p","state":"maybe"}])"), "granted or withdrawn"},
      {"ConsentChannelUnknown", with(R"("consent":[{"purpose":"p","state":"granted","channel":"fax"}])"),
       "/consent/channel must be"},
      {"ConsentTextLongest",
       with(R"("consent":[{"purpose":"p","state":"granted","text":)" + text(long_text) + "}]"), ""},
      {"ConsentTextTooLong",
       with(R"("consent":[{"purpose":"p","state":"granted","text":)" + text(long_text + 1) + "}]"),
       "/consent/text is longer"},
      {"ConsentUnknownMember", with(R"("consent":[{"purpose":"p","state":"granted","by":"x"}])"),
       "/consent has an unknown member"},
      // attribution
      {"AttributionUnknown", with(R"("attribution":{"utm_sorce":"x"})"),
       "has an unknown member \"utm_sorce\""},
      {"AttributionNumber", with(R"("attribution":{"utm_source":1})"), "/attribution/utm_source must be a"},
      {"AttributionTwice", with(R"("attribution":{"gclid":"1","gclid":"2"})"), "twice"},
      // attributes
      {"AttributesMost", with("\"attributes\":{" + numbered_members("1", limits::event_attributes_max) + "}"),
       ""},
      {"AttributesTooMany",
       with("\"attributes\":{" + numbered_members("1", limits::event_attributes_max + 1) + "}"),
       "/attributes has more than 200 members"},
      {"AttributeNull", with(R"("attributes":{"a":null})"), "/attributes may hold"},
      {"AttributeObject", with(R"("attributes":{"a":{}})"), "/attributes may hold"},
      {"AttributeListOfNumbers", with(R"("attributes":{"a":[1]})"), "/attributes must be a string"},
      {"AttributeListMost", with("\"attributes\":{\"a\":[" + repeated("\"x\"", 100) + "]}"), ""},
      {"AttributeListTooLong", with("\"attributes\":{\"a\":[" + repeated("\"x\"", 101) + "]}"),
       "/attributes has more than 100 elements"},
      {"AttributeNameEmpty", with(R"("attributes":{"":1})"), "/attributes has a name that is empty"},
      {"AttributeNameLongest", with("\"attributes\":{" + text(128) + ":1}"), ""},
      {"AttributeNameTooLong", with("\"attributes\":{" + text(129) + ":1}"), "beyond 128 bytes"},
      {"AttributeBeyond64Bits", with(R"("attributes":{"a":9223372036854775808})"), "beyond 64 bits"},
      // attachments
      {"AttachmentWhole", with(R"("attachments":[{"name":"a.txt","content":"aGk="}])"), ""},
      {"AttachmentEmptyFile", with(R"("attachments":[{"name":"a.txt","content":""}])"), ""},
      {"AttachmentWithoutName", with(R"("attachments":[{"content":"aGk="}])"), "/attachments/name must be"},
      {"AttachmentWithPath", with(R"("attachments":[{"name":"../a","content":"aGk="}])"), "without a path"},
      {"AttachmentWithBackslash", with(R"("attachments":[{"name":"c:\\a","content":"aGk="}])"),
       "without a path"},
      {"AttachmentNamedUp", with(R"("attachments":[{"name":"..","content":"aGk="}])"), "without a path"},
      {"AttachmentWithoutContent", with(R"("attachments":[{"name":"a"}])"),
       "/attachments/content is missing"},
      {"AttachmentNoBase64", with(R"("attachments":[{"name":"a","content":"aGk"}])"), "must be base64"},
      {"AttachmentUnknown", with(R"("attachments":[{"name":"a","content":"","size":1}])"), "unknown member"},
      {"AttachmentsMost",
       with("\"attachments\":[" + repeated(R"({"name":"a","content":""})", limits::event_attachments_max) +
            "]"),
       ""},
      {"AttachmentsTooMany",
       with("\"attachments\":[" +
            repeated(R"({"name":"a","content":""})", limits::event_attachments_max + 1) + "]"),
       "/attachments has more than 20 elements"},
      // signal
      {"SignalScanner", with(R"("signal":{"trust":"scanner"})"), ""},
      {"SignalUnknownTrust", with(R"("signal":{"trust":"robot"})"), "/signal/trust must be"},
      {"SignalHardBounce", with(R"("signal":{"bounce":"hard","status":"5.1.1"})"), ""},
      {"SignalSoftBounce", with(R"("signal":{"bounce":"soft","status":"4.250.123"})"), ""},
      {"SignalUnknownBounce", with(R"("signal":{"bounce":"bouncy"})"), "/signal/bounce must be"},
      {"SignalStatusOfAnotherClass", with(R"("signal":{"status":"3.1.1"})"), "/signal/status must be"},
      {"SignalStatusOfSmtp", with(R"("signal":{"status":"550"})"), "/signal/status must be"},
      {"SignalStatusWithoutDetail", with(R"("signal":{"status":"5.1."})"), "/signal/status must be"},
      {"SignalStatusWithoutSubject", with(R"("signal":{"status":"5..1"})"), "/signal/status must be"},
      {"SignalStatusTooLong", with(R"("signal":{"status":"5.1234.1"})"), "/signal/status must be"},
      {"SignalStatusWithMore", with(R"("signal":{"status":"5.1.1.1"})"), "/signal/status must be"},
      {"SignalStatusEmpty", with(R"("signal":{"status":""})"), "/signal/status must be"},
      {"SignalUnknownMember", with(R"("signal":{"agent":"x"})"), "/signal has an unknown member"},
  };
}

INSTANTIATE_TEST_SUITE_P(Rules, ParseEventRule, testing::ValuesIn(rules()),
                         [](const auto& test) { return test.param.name; });

TEST(ParseEvent, NeverQuotesAValueOrAStrangeName) {
  const std::string secret = "ada.lovelace@example.com";
  const auto quoted = "\"" + secret + "\"";
  for (const auto& json :
       {with("\"typo\":" + quoted),
        R"({"type":)" + quoted + "}",
        with("\"version\":" + quoted),
        with("\"occurred_at\":" + quoted),
        with("\"currency\":" + quoted),
        with("\"value\":" + quoted),
        with("\"items\":" + quoted),
        with("\"person\":" + quoted),
        with("\"person\":{" + quoted + ":1}"),
        with("\"consent\":[{\"purpose\":\"p\",\"state\":" + quoted + "}]"),
        with("\"consent\":[{\"purpose\":\"p\",\"state\":\"granted\",\"channel\":" + quoted + "}]"),
        with("\"attribution\":{" + quoted + ":\"x\"}"),
        with("\"attributes\":{" + quoted + ":null}"),
        with("\"signal\":{" + quoted + ":1}"),
        with("\"signal\":{" + quoted + ":\"x\"}"),
        with("\"signal\":{\"trust\":" + quoted + "}"),
        with("\"signal\":{\"bounce\":" + quoted + "}"),
        with("\"signal\":{\"status\":" + quoted + "}"),
        with("\"" + secret + "\\n\":1"),
        with("\"attachments\":[{\"name\":\"" + secret + "/\",\"content\":\"\"}]"),
        "{" + quoted}) {
    const auto event = parse_event(json);
    ASSERT_FALSE(event) << json;
    EXPECT_THAT(event.error().message, Not(HasSubstr("lovelace"))) << json;
    EXPECT_THAT(event.error().message, Not(HasSubstr("\n"))) << json;
  }
}

TEST(ParseEvent, BoundsTheWholeEventButNotItsAttachments) {
  const auto message = "\"message\":" + text(60'000);
  const auto lists = [](std::size_t bytes) {
    return "\"attributes\":{\"a\":[" + repeated(text(4'000), bytes / 4'000) + "]}";
  };
  EXPECT_TRUE(parse_event(with(message + "," + lists(100'000))));
  EXPECT_FALSE(parse_event(with(message + "," + lists(220'000))));

  const auto attachment =
      "\"attachments\":[{\"name\":\"a\",\"content\":\"" + std::string(4'000'000, 'A') + "\"}]";
  EXPECT_TRUE(parse_event(with(attachment + "," + message)));
  const auto padded = parse_event(with(attachment + "," + message + "," + lists(220'000)));
  ASSERT_FALSE(padded) << "an attachment must not lift the bound for the rest";
  EXPECT_THAT(padded.error().message, HasSubstr("larger than 262144 bytes"));
}

TEST(ParseEvent, LeavesRoomForTheKeyThatTheHostAdds) {
  std::string json = with("\"items\":[],\"person\":{}");
  json.insert(1, std::string(limits::event_bytes_max - json.size(), ' '));
  ASSERT_EQ(json.size(), limits::event_bytes_max);
  EXPECT_TRUE(parse_event(json));
  const auto keyed = "{\"key\":\"" + std::string(36, 'k') + "\"," + json.substr(1);
  const auto event = parse_event(keyed);
  ASSERT_TRUE(event) << event.error().message;
  EXPECT_EQ(event->key.size(), 36U);
  EXPECT_FALSE(parse_event("{ " + json.substr(1)));
}

TEST(WithoutAttachmentContents, LeavesAnEventThatCanBeReadAgain) {
  const auto event = with(R"("message":"hi","attachments":[{"name":"a.txt","content":"aGk="}])");
  const auto slim = without_attachment_contents(event);
  EXPECT_THAT(slim, Not(HasSubstr("aGk=")));
  const auto read = parse_event(slim);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->message, "hi");
  ASSERT_EQ(read->attachments.size(), 1U);
  EXPECT_EQ(read->attachments[0].name, "a.txt");
  EXPECT_EQ(read->attachments[0].content, "");
}

TEST(WithoutAttachmentContents, ReturnsOtherEventsAsTheyAre) {
  const auto event = with(R"( "message" : "the word \"attachments\" alone" )");
  EXPECT_EQ(without_attachment_contents(event), event);
}

TEST(ParseEvent, RefusesWhatNestsDeeperThanItsSchema) {
  const auto refusal = [](const std::string& member) {
    const auto event = parse_event(R"({"type":"form.submitted",)" + member + "}");
    return event ? "accepted" : event.error().message;
  };
  EXPECT_THAT(refusal(R"("attributes":{"a":[["deep"]]})"), testing::HasSubstr("/attributes"));
  EXPECT_THAT(refusal(R"("attributes":{"a":{"b":1}})"), testing::HasSubstr("/attributes"));
  EXPECT_THAT(refusal(R"("person":{"name":["Ada"]})"), testing::HasSubstr("/person/name"));
  EXPECT_THAT(refusal(R"("signal":{"reason":{}})"), testing::HasSubstr("/signal/reason"));
  EXPECT_THAT(refusal(R"("message":)" + std::string(100'000, '[') + std::string(100'000, ']')),
              testing::HasSubstr("no valid JSON"));
}

}  // namespace
}  // namespace leadhub::lead
