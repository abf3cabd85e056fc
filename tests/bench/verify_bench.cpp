// What registration costs an event on one core: normalise + syntax + phone + name, and each part alone.
#include <benchmark/benchmark.h>

#include <array>
#include <string>

#include "normalise/country.hpp"
#include "normalise/email.hpp"
#include "normalise/locale.hpp"
#include "normalise/name.hpp"
#include "normalise/normalise.hpp"
#include "normalise/phone.hpp"
#include "verify/email_typo.hpp"
#include "verify/verify.hpp"

namespace leadhub {
namespace {

/// What forms send; several, so that no branch is learnt by heart.
const std::array<std::string, 4>& events() {
  static const auto made = [] {
    const auto event = [](const char* person) {
      return std::string{
                 R"({"type":"form.submitted","key":"evt_1","occurred_at":"2026-01-05T11:59:58Z","person":{)"} +
             person +
             R"(},"consent":[{"purpose":"newsletter","channel":"email","state":"granted","text":"Yes, send me the )"
             R"(newsletter.","url":"https://www.example.com/contact"}],"attribution":{"landing_page":)"
             R"("https://www.example.com/contact?utm_source=google&utm_medium=cpc&gclid=Cj0KCQjw8vnMBRDg"},)"
             R"("message":"I would like to know more about the engine.","attributes":{"budget":5000}})";
    };
    return std::array<std::string, 4>{
        event(
            R"("email":"Ada.Lovelace@Example.com","phone":"020 7946 0958","name":"Dr. Ada King Lovelace","country":"GB")"),
        event(
            R"("email":"info@gmail.com","phone":"+49 30 123456","name":"Ludwig van Beethoven","company":"Klang GmbH")"),
        event(
            R"("email":"jose@xn--espaa-rta.es","phone":"+1 650 253 0000","name":"María de la Cruz","country":"Spain")"),
        event(R"("email":"taro@example.jp","phone":"+81 3-1234-5678","name":"山田太郎","language":"ja_JP")")};
  }();
  return made;
}

void register_one_event(benchmark::State& state) {
  const normalise::Options options{"GB"};
  const verify::Policy policy;
  const verify::EmailLists lists;
  std::size_t i = 0;
  for (auto _ : state) {
    auto event = normalise::normalise({{1, 0}, "website", {}, events()[i++ % events().size()]}, options);
    if (!event) return state.SkipWithError(event.error().message.c_str());
    verify::verify_offline(*event, policy, lists);
    benchmark::DoNotOptimize(event);
  }
}
BENCHMARK(register_one_event)->Unit(benchmark::kMicrosecond);

template <std::size_t Size, class Read>
void read_each(benchmark::State& state, const std::array<std::string, Size>& values, Read read) {
  std::size_t i = 0;
  for (auto _ : state) benchmark::DoNotOptimize(read(values[i++ % Size]));
}

void email_syntax(benchmark::State& state) {
  static const std::array<std::string, 4> values{"Ada.Lovelace@Example.com", "info@gmail.com",
                                                 "x+news@mail.example.co.uk", "o'brien@example.org"};
  read_each(state, values, [](const auto& value) { return normalise::read_email(value); });
}
BENCHMARK(email_syntax)->Unit(benchmark::kMicrosecond);

void email_syntax_international(benchmark::State& state) {
  static const std::array<std::string, 4> values{"jos\u00e9@espa\u00f1a.es", "\u5c71\u7530@\u4f8b\u5b50.jp",
                                                 "ada@b\u00fccher.example",
                                                 "\u0438\u0432\u0430\u043d@example.com"};
  read_each(state, values, [](const auto& value) { return normalise::read_email(value); });
}
BENCHMARK(email_syntax_international)->Unit(benchmark::kMicrosecond);

void email_lists(benchmark::State& state) {
  static const std::array<std::string, 4> values{"example.com", "gmail.com", "mail.example.co.uk",
                                                 "0-180.com"};
  const verify::EmailLists lists;
  read_each(state, values, [&](const auto& value) { return lists.marks_of("info", value); });
}
BENCHMARK(email_lists)->Unit(benchmark::kMicrosecond);

void email_suggestion(benchmark::State& state) {
  static const std::array<std::string, 4> values{"example.com", "gmial.com", "company.cmo",
                                                 "analytical-engines.example"};
  read_each(state, values, [](const auto& value) { return verify::suggest_domain(value); });
}
BENCHMARK(email_suggestion)->Unit(benchmark::kMicrosecond);

const std::array<std::string, 4>& numbers() {
  static const std::array<std::string, 4> values{"020 7946 0958", "+49 30 123456", "+1 650 253 0000",
                                                 "+81 3-1234-5678"};
  return values;
}

void phone(benchmark::State& state) {
  read_each(state, numbers(), [](const auto& value) { return normalise::read_phone(value, "GB"); });
}
BENCHMARK(phone)->Unit(benchmark::kMicrosecond);

void phone_with_type(benchmark::State& state) {
  read_each(state, numbers(), [](const auto& value) {
    return normalise::read_phone(value, "GB", normalise::PhoneDetail::type);
  });
}
BENCHMARK(phone_with_type)->Unit(benchmark::kMicrosecond);

void name(benchmark::State& state) {
  static const std::array<std::string, 4> values{"Dr. Ada King Lovelace", "Ludwig van Beethoven",
                                                 "María de la Cruz", "山田太郎"};
  read_each(state, values, [](const auto& value) { return normalise::split_name(value); });
}
BENCHMARK(name)->Unit(benchmark::kMicrosecond);

void country(benchmark::State& state) {
  static const std::array<std::string, 4> values{"GB", "United Kingdom", "Deutschland", "日本"};
  read_each(state, values, [](const auto& value) { return normalise::country_code(value); });
}
BENCHMARK(country)->Unit(benchmark::kMicrosecond);

void language(benchmark::State& state) {
  static const std::array<std::string, 4> values{"de_DE", "en", "Deutsch", "pt-BR"};
  read_each(state, values, [](const auto& value) { return normalise::language_tag(value); });
}
BENCHMARK(language)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace leadhub

BENCHMARK_MAIN();
