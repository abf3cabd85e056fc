#include "mail/template_set.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <system_error>

#include "config/suggestion.hpp"
#include "config/text_file.hpp"
#include "mail/built_in.hpp"
#include "mail/markdown.hpp"
#include "mail/value_text.hpp"
#include "ops/http_text.hpp"
#include "ops/limits.hpp"
#include "ops/markup.hpp"

namespace leadhub::mail {
namespace {

using config::Diagnostic;

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

Diagnostic about_file(const std::filesystem::path& file, std::string message) {
  return {file.string(), {}, config::Severity::error, std::move(message)};
}

void append(std::vector<Diagnostic>& all, std::vector<Diagnostic> more) {
  std::ranges::move(more, std::back_inserter(all));
}

/// The text of a file with LF alone; empty, and said, where it is none.
std::string text_of(const std::filesystem::path& file, std::vector<Diagnostic>& diagnostics) {
  auto text = config::read_text_file(file, limits::mail_template_bytes_max);
  if (!text) {
    diagnostics.push_back(about_file(file, text.error().message));
    return {};
  }
  if (text->starts_with(byte_order_mark)) text->erase(0, byte_order_mark.size());
  if (const auto at = config::first_non_text_byte(*text)) {
    diagnostics.push_back(SourceText{file.string(), *text, {1, 1}, 0}.error(
        *at, "this is no text; save the file as UTF-8, without control characters"));
    return {};
  }
  std::erase(*text, '\r');
  return *std::move(text);
}

/// The files of a folder, in the order of their names.
std::vector<std::filesystem::path> files_of(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  std::error_code error;
  for (std::filesystem::directory_iterator entry{folder, error}, end; !error && entry != end;
       entry.increment(error)) {
    const auto name = entry->path().filename().string();
    if (!name.starts_with('.') && !entry->is_directory(error)) files.push_back(folder / name);
  }
  std::ranges::sort(files);
  return files;
}

std::vector<std::string> keys_of(const auto& named) {
  std::vector<std::string> keys;
  keys.reserve(named.size());
  for (const auto& [key, unused] : named) keys.push_back(key);
  return keys;
}

bool is_blank(std::string_view text) {
  return text.find_first_not_of(" \n") == std::string_view::npos;
}

bool has_footer_slot(const Layout& layout) {
  return std::ranges::any_of(
      layout.body.tags, [](const Tag& tag) { return tag.type == TagType::field && tag.name == "footer"; });
}

/// Before the end of the body, else at the end.
void insert_at_end(std::string& html, const std::string& footer) {
  const auto end = ops::lower_case(html).rfind("</body");
  html.insert(end == std::string::npos ? html.size() : end, footer);
}

Result<RenderedMail> bounded(RenderedMail mail) {
  if (mail.html.size() > limits::mail_html_bytes_max || mail.text.size() > limits::mail_text_bytes_max)
    return fail(ErrorCode::invalid, "the mail grew too large; show less of the lists in it");
  return mail;
}

}  // namespace

TemplateSet TemplateSet::built_in() {
  TemplateSet set;
  std::vector<Diagnostic> none;  // a test sees to that
  for (const auto& [name, text] : {std::pair{"confirm", built_in_confirm}, {"hand-off", built_in_hand_off}})
    set.templates_[name] = read_template(name, std::string{"built-in "} + name + ".md", text, none);
  set.layouts_["layout"] = read_layout("layout", "built-in layout.html", built_in_layout, none);
  set.footer_ = read_piece({"built-in footer.md", std::string{built_in_footer}, {1, 1}, 0}, none);
  set.index();
  return set;
}

TemplateSet TemplateSet::load(const std::filesystem::path& folder, std::vector<Diagnostic>& diagnostics) {
  auto set = built_in();
  try {
    set.add_folder(folder, diagnostics);
    set.index();
    set.check(diagnostics);
  } catch (const std::exception& error) {
    diagnostics.push_back(about_file(folder, std::string{"the templates cannot be read: "} + error.what()));
  }
  return set;
}

void TemplateSet::add_folder(const std::filesystem::path& folder, std::vector<Diagnostic>& diagnostics) {
  const auto files = files_of(folder);
  const auto partials = files_of(folder / "partials");
  if (files.size() + partials.size() > limits::mail_templates_max) {
    diagnostics.push_back(about_file(folder, "there are more than " +
                                                 std::to_string(limits::mail_templates_max) +
                                                 " files; keep the templates in a folder of their own"));
    return;
  }
  for (const auto& file : partials)
    if (file.extension() == ".md")
      partials_[file.stem().string()] =
          read_piece({file.string(), text_of(file, diagnostics), {1, 1}, 0}, diagnostics);
  for (const auto& file : files) add_file(file, diagnostics);
}

void TemplateSet::add_file(const std::filesystem::path& file, std::vector<Diagnostic>& diagnostics) {
  const auto name = file.stem().string();
  if (file.extension() == ".html") {
    layouts_[name] = read_layout(name, file.string(), text_of(file, diagnostics), diagnostics);
  } else if (file.filename() == "footer.md") {
    footer_ = read_piece({file.string(), text_of(file, diagnostics), {1, 1}, 0}, diagnostics);
  } else if (file.extension() == ".md" && ops::lower_case(name) != "readme") {
    templates_[name] = read_template(name, file.string(), text_of(file, diagnostics), diagnostics);
  }
}

void TemplateSet::index() {
  mustache_partials_.clear();
  for (const auto& [name, piece] : partials_) mustache_partials_[name] = piece.mustache;
  for (auto& [unused, mail] : templates_) mail.names = names_in(mail);
}

void TemplateSet::check(std::vector<Diagnostic>& diagnostics) const {
  for (const auto& [unused, mail] : templates_) check_template(mail, diagnostics);
  for (const auto& [unused, layout] : layouts_) append(diagnostics, check_layout(layout).diagnostics);
  for (const auto& [unused, partial] : partials_) append(diagnostics, check_markdown(partial));
  check_footer(diagnostics);
}

void TemplateSet::check_footer(std::vector<Diagnostic>& diagnostics) const {
  append(diagnostics, check_piece(footer_, partials_, MailKind::marketing).diagnostics);
  append(diagnostics, check_markdown(footer_));
  for (const std::string name : {"unsubscribe_url", "postal_address"}) {
    int depth = 0;
    bool is_there = false;
    for (const auto& tag : footer_.tags) {
      if (tag.type == TagType::section || tag.type == TagType::inverted) ++depth;
      if (tag.type == TagType::close) --depth;
      is_there = is_there || (tag.type == TagType::field && tag.name == name && depth == 0);
    }
    if (!is_there)
      diagnostics.push_back(
          footer_.source.error(0, "each marketing mail says how to leave and who writes; write {{" + name +
                                      "}} outside of sections"));
  }
}

void TemplateSet::check_template(const Template& mail, std::vector<Diagnostic>& diagnostics) const {
  for (const auto* line : {&mail.subject, &mail.preheader})
    append(diagnostics, check_line(*line, std::nullopt).diagnostics);
  for (const auto* piece : {&mail.body, &mail.text})
    append(diagnostics, check_piece(*piece, partials_, std::nullopt).diagnostics);
  append(diagnostics, check_markdown(mail.body));
  if (is_blank(mail.body.source.text) && !mail.subject.source.text.empty())
    diagnostics.push_back(
        mail.body.source.error(0, "the mail says nothing; write it below the front matter"));
  if (layouts_.contains(mail.layout)) return;
  const auto known = keys_of(layouts_);
  diagnostics.push_back({mail.body.source.file, mail.layout_position, config::Severity::error,
                         "there is no layout " + config::in_quotes(mail.layout) + "; " +
                             config::suggestion(mail.layout, known, "known layouts")});
}

const Template* TemplateSet::find(std::string_view name) const {
  const auto found = templates_.find(name);
  return found == templates_.end() ? nullptr : &found->second;
}

std::vector<std::string> TemplateSet::names() const {
  return keys_of(templates_);
}

std::vector<Diagnostic> TemplateSet::faults(const Template& mail, MailKind kind) const {
  std::vector<Diagnostic> diagnostics;
  for (const auto* line : {&mail.subject, &mail.preheader})
    append(diagnostics, check_line(*line, kind).diagnostics);
  for (const auto* piece : {&mail.body, &mail.text})
    append(diagnostics, check_piece(*piece, partials_, kind).diagnostics);
  return diagnostics;
}

Template TemplateSet::read(const std::filesystem::path& file, std::vector<Diagnostic>& diagnostics) const {
  auto mail = read_template(file.stem().string(), file.string(), text_of(file, diagnostics), diagnostics);
  if (!config::has_errors(diagnostics)) check_template(mail, diagnostics);
  mail.names = names_in(mail);
  return mail;
}

Template TemplateSet::with_subject(const Template& mail, std::string_view subject,
                                   std::vector<Diagnostic>& diagnostics) const {
  auto other = mail;
  other.subject = read_piece({"subject", std::string{subject}, {1, 1}, 0}, diagnostics);
  append(diagnostics, check_line(other.subject, MailKind::marketing).diagnostics);
  other.names = names_in(other);
  return other;
}

std::set<std::string> TemplateSet::names_in(const Template& mail) const {
  std::set<std::string> names{"unsubscribe_url", "preferences_url", "postal_address", "site", "public_url"};
  for (const auto* piece : {&mail.subject, &mail.preheader, &mail.body, &mail.text, &footer_})
    names.merge(check_piece(*piece, partials_, std::nullopt).names);
  return names;
}

const Layout& TemplateSet::layout_of(const Template& mail) const {
  const auto found = layouts_.find(mail.layout);
  return found == layouts_.end() ? layouts_.at("layout") : found->second;
}

std::string TemplateSet::framed(const Layout& layout, Filling& filling, const RenderedMail& mail,
                                std::string content, const std::string& footer) const {
  filling.put("subject", ops::escape_markup(mail.subject));
  filling.put("preheader", ops::escape_markup(mail.preheader));
  filling.put("content", std::move(content));
  filling.put("footer", footer);
  auto html = filling.marks().replaced(filling.fill(layout.body, {}),
                                       [](const Marks::Value& value, std::string_view) {
                                         return ops::escape_markup(shown(value.text, value.type));
                                       });
  if (!has_footer_slot(layout)) insert_at_end(html, footer);
  return html;
}

Result<RenderedMail> TemplateSet::render(const Template& mail, MailKind kind,
                                         const nlohmann::ordered_json& values) const {
  Filling filling{values, mail.names};
  const auto& layout = layout_of(mail);
  Written footer;
  if (kind == MailKind::marketing) {
    for (const auto* name : {"unsubscribe_url", "postal_address"})
      if (!filling.holds(name))
        return fail(ErrorCode::invalid, std::string{"a marketing mail needs "} + name +
                                            "; see postal_address of the channel that sends it");
    auto written = write_markdown(filling.fill(footer_, mustache_partials_), filling.marks(), layout.styles,
                                  Part::footer);
    if (!written) return std::unexpected(std::move(written.error()));
    footer = *std::move(written);
  }
  const auto body =
      write_markdown(filling.fill(mail.body, mustache_partials_), filling.marks(), layout.styles, Part::body);
  if (!body) return fail(ErrorCode::invalid, mail.name + ": " + body.error().message);

  RenderedMail result;
  result.subject = cut(filling.fill_line(mail.subject), limits::mail_subject_bytes_max - 3);
  result.preheader = cut(filling.fill_line(mail.preheader), limits::mail_preheader_bytes_max);
  result.html = framed(layout, filling, result, body->html, footer.html);
  result.text =
      is_blank(mail.text.source.text) ? body->text : filling.fill_text(mail.text, mustache_partials_);
  if (!footer.text.empty()) result.text += "\n" + footer.text;
  result.from = mail.from;
  result.reply_to = mail.reply_to;
  return bounded(std::move(result));
}

}  // namespace leadhub::mail
