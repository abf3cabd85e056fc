#include "deliver/opt_in_mail.hpp"

#include "ops/http_text.hpp"

namespace leadhub::deliver {
namespace {

/// "2026-01-07 12:00 UTC"
std::string shown(TimePoint time) {
  auto text = format_rfc3339(time);
  text = text.substr(0, 16) + " UTC";
  text[10] = ' ';
  return text;
}

}  // namespace

OutgoingMail opt_in_mail(const lead::Message& message, const OptInFacts& facts) {
  OutgoingMail mail;
  mail.message_id = message.id + "@" + ops::host_of_url(facts.site);
  mail.to = message.address;
  mail.subject = "Please confirm your subscription";
  mail.text = "Somebody, we hope it was you, gave this address at " + facts.site;
  mail.text += facts.text.empty() ? ".\n" : " and agreed:\n\n    " + facts.text + "\n";
  mail.text += "\nTo confirm, open this page and press the button:\n\n" + facts.link +
               "\n\nThe link works until " + shown(facts.expires) +
               ". If it was not you, do nothing: without your confirmation we send you nothing more.\n";
  mail.date = message.created_at;
  return mail;
}

}  // namespace leadhub::deliver
