#pragma once

#include <filesystem>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "config/diagnostic.hpp"
#include "mail/check.hpp"
#include "mail/fields.hpp"
#include "mail/fill.hpp"
#include "mail/template_file.hpp"
#include "ops/error.hpp"

namespace leadhub::mail {

/// One mail as people will see it. Nothing in it is longer than the bounds of limits.hpp for mails.
struct RenderedMail {
  std::string subject;    ///< one line
  std::string preheader;  ///< one line; may be empty. It stands in `html`, too
  std::string html;
  std::string text;  ///< lines end with LF
  Mailbox from;      ///< no address: the sending channel's own
  Mailbox reply_to;  ///< likewise
};

/// The templates of a folder, with the built-in ones where it has none:
///
///     NAME.md            a mail
///     partials/NAME.md   a piece of Markdown that mails share: {{> NAME}}
///     layout.html        what stands around each mail; front matter `layout: NAME` takes NAME.html
///     footer.md          postal address and unsubscribe link below each marketing mail
///
/// Built in are "confirm" (asks to confirm), "hand-off" (tells the team about a lead), a layout and a footer.
/// README.md is not looked at.
///
/// Immutable once loaded; any thread may read and render.
class TemplateSet {
 public:
  /// Only what is built in.
  [[nodiscard]] static TemplateSet built_in();

  /// Reads a folder, and what is wrong there into `diagnostics`: each at its file, line and column. Never
  /// throws.
  [[nodiscard]] static TemplateSet load(const std::filesystem::path& folder,
                                        std::vector<config::Diagnostic>& diagnostics);

  /// nullptr: there is none of that name.
  [[nodiscard]] const Template* find(std::string_view name) const;
  [[nodiscard]] std::vector<std::string> names() const;

  /// What keeps a template from serving as mails of this kind: fields that they do not have.
  [[nodiscard]] std::vector<config::Diagnostic> faults(const Template& mail, MailKind kind) const;

  /// Reads and checks one file as if it lay in the folder: for previews.
  [[nodiscard]] Template read(const std::filesystem::path& file,
                              std::vector<config::Diagnostic>& diagnostics) const;

  /// The template with another subject line, Mustache too. What is wrong with that is added to `diagnostics`.
  [[nodiscard]] Template with_subject(const Template& mail, std::string_view subject,
                                      std::vector<config::Diagnostic>& diagnostics) const;

  /// Fills a template in. `values` holds the fields by name, as the lead document has them, see fields.hpp;
  /// lists of records are arrays of objects. A value is text wherever it lands: it never becomes a link or
  /// markup, and never chooses where a link leads.
  ///
  /// A marketing mail ends with the footer, whatever template and layout say.
  ///
  /// Errors: invalid, where a marketing mail lacks `unsubscribe_url` or `postal_address`, where a link
  /// came out without a whole address, or a part grew beyond its bound.
  [[nodiscard]] Result<RenderedMail> render(const Template& mail, MailKind kind,
                                            const nlohmann::ordered_json& values) const;

 private:
  TemplateSet() = default;
  void add_folder(const std::filesystem::path& folder, std::vector<config::Diagnostic>& diagnostics);
  void add_file(const std::filesystem::path& file, std::vector<config::Diagnostic>& diagnostics);
  void check(std::vector<config::Diagnostic>& diagnostics) const;
  void check_footer(std::vector<config::Diagnostic>& diagnostics) const;
  void check_template(const Template& mail, std::vector<config::Diagnostic>& diagnostics) const;
  void index();
  [[nodiscard]] std::set<std::string> names_in(const Template& mail) const;
  [[nodiscard]] const Layout& layout_of(const Template& mail) const;
  [[nodiscard]] std::string framed(const Layout& layout, Filling& filling, const RenderedMail& mail,
                                   std::string content, const std::string& footer) const;

  std::map<std::string, Template, std::less<>> templates_;
  std::map<std::string, Layout, std::less<>> layouts_;
  Pieces partials_;
  Partials mustache_partials_;
  Piece footer_;
};

}  // namespace leadhub::mail
