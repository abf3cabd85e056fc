#include <CLI/CLI.hpp>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>

#include "app/hub_options.hpp"
#include "app/mail_templates.hpp"
#include "app/output.hpp"
#include "app/running_hub.hpp"
#include "app/verbs.hpp"
#include "mail/preview_values.hpp"

namespace leadhub::app {
namespace {

using nlohmann::ordered_json;

struct Options : HubOptions {
  std::string file;
  std::string lead;
  std::string html_file;
  std::string name;
  std::string to;
  std::string via;
};
Options options;

/// The other files of the folder that a mail is made of: layouts, partials, the footer.
bool is_part_of_mail(const std::filesystem::path& file, const std::filesystem::path& folder) {
  return file.extension() == ".html" || file.filename() == "footer.md" || file.parent_path() != folder;
}

/// The template, with the parts beside it; nullopt: it has errors, which are on standard error.
struct Draft {
  mail::TemplateSet templates;
  mail::Template mail;
};
std::optional<Draft> read_draft(const std::filesystem::path& file) {
  const auto folder = file.parent_path().empty() ? std::filesystem::path{"."} : file.parent_path();
  std::vector<config::Diagnostic> beside;
  auto templates = mail::TemplateSet::load(folder, beside);
  std::vector<config::Diagnostic> diagnostics;
  auto mail = templates.read(file, diagnostics);
  for (auto& diagnostic : beside)
    if (is_part_of_mail(diagnostic.file, folder)) diagnostics.push_back(std::move(diagnostic));
  if (diagnostics.empty()) diagnostics = templates.faults(mail, mail::fitting_kind(templates, mail));
  for (const auto& diagnostic : config::arranged(diagnostics))
    std::cerr << config::to_text(diagnostic) << '\n';
  if (!diagnostics.empty()) return std::nullopt;
  return Draft{std::move(templates), std::move(mail)};
}

/// Samples, or the lead of the running hub in their place.
Result<ordered_json> values_for(const mail::Template& mail) {
  auto values = mail::sample_values(mail);
  std::error_code error;
  if (const auto& file = options.config; !file.empty() && std::filesystem::exists(file, error))
    if (const auto loaded = load(file); loaded.config)
      values.update(hub_values(*loaded.config, first_mail_channel(loaded)));
  if (options.lead.empty()) return values;
  auto client = connect(options.config);
  if (!client) return std::unexpected(client.error());
  const auto lead = client->get("/api/v1/leads/" + control::percent_encoded(options.lead));
  if (!lead) return std::unexpected(lead.error());
  values.erase("attributes");
  values.update(mail::lead_values(*lead));
  return values;
}

ordered_json mailbox_document(const mail::Mailbox& mailbox) {
  if (mailbox.address.empty()) return nullptr;
  return {{"name", mailbox.name}, {"address", mailbox.address}};
}

void print_text(const mail::RenderedMail& mail) {
  std::cout << "Subject: " << printable(mail.subject) << '\n';
  if (!mail.preheader.empty()) std::cout << "Preheader: " << printable(mail.preheader) << '\n';
  std::cout << '\n';
  std::istringstream lines{mail.text};
  for (std::string line; std::getline(lines, line);) std::cout << printable(line) << '\n';
}

int write_html(const std::string& html) {
  std::ofstream out{options.html_file, std::ios::binary};
  out << html;
  out.close();
  if (out) return exit_success;
  std::cerr << "leadhub: " << options.html_file << " cannot be written\n";
  return exit_cannot_open;
}

int preview() {
  const auto draft = read_draft(options.file);
  if (!draft) return exit_bad_config;
  const auto values = values_for(draft->mail);
  if (!values) return report(values.error());
  const auto kind = mail::fitting_kind(draft->templates, draft->mail);
  const auto mail = draft->templates.render(draft->mail, kind, *values);
  if (!mail) return report(mail.error());
  if (options.as_json)
    print_json({{"kind", mail::to_string(kind)},
                {"subject", mail->subject},
                {"preheader", mail->preheader},
                {"from", mailbox_document(mail->from)},
                {"reply_to", mailbox_document(mail->reply_to)},
                {"text", mail->text},
                {"html", mail->html}});
  else
    print_text(*mail);
  return options.html_file.empty() ? static_cast<int>(exit_success) : write_html(mail->html);
}

int send_test() {
  auto client = connect(options.config);
  if (!client) return report(client.error());
  const auto sent = client->post("/api/v1/templates/" + control::percent_encoded(options.name) + "/test",
                                 {{"to", options.to}, {"via", options.via}});
  if (!sent) return report(sent.error());
  if (options.as_json)
    print_json(*sent);
  else
    std::cout << "sent: " << printable(cell(*sent, "subject")) << '\n';
  return exit_success;
}

}  // namespace

void add_template(CLI::App& program, Action& action) {
  auto* verbs = program.add_subcommand("template", "The Markdown that mails are made of");
  verbs->require_subcommand(1);

  auto* preview_verb = verbs->add_subcommand("preview", "Show a mail as people will see it");
  preview_verb->add_option("FILE", options.file, "A template, with its layout and partials beside it")
      ->required();
  preview_verb->add_option(
      "--lead", options.lead,
      "Fill it with this lead of the running hub, by id, e-mail or phone; else with samples");
  preview_verb->add_option("--html", options.html_file, "Write the HTML part to this file");
  add_hub_options(*preview_verb, options);
  preview_verb->footer(
      "\nExamples:\n  leadhub template preview examples/templates/welcome.md --html welcome.html\n"
      "  leadhub template preview templates/welcome.md --lead ada@example.com -c hub.yaml");
  preview_verb->callback([&action] { action = preview; });

  auto* send_verb = verbs->add_subcommand(
      "send-test", "Let the running hub send a template, filled with samples, to an address of yours");
  send_verb->add_option("NAME", options.name, "The template's name")->required();
  send_verb->add_option("--to", options.to, "The address")->required();
  send_verb->add_option("--via", options.via, "A channel that delivers mails")->required();
  add_hub_options(*send_verb, options);
  send_verb->footer(
      "\nExample:\n  leadhub template send-test welcome --to me@example.com --via mail -c hub.yaml");
  send_verb->callback([&action] { action = send_test; });
}

}  // namespace leadhub::app
