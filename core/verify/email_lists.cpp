#include "verify/email_lists.hpp"

#include <unicode/idna.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <fstream>
#include <memory>
#include <vector>

#include "ops/crypto.hpp"
#include "ops/limits.hpp"
#include "verify/built_in_lists.hpp"

namespace leadhub::verify {
namespace {

std::size_t index_of(MailboxKind kind) {
  return static_cast<std::size_t>(kind) - 1;
}

std::string_view built_in_list(MailboxKind kind) {
  switch (kind) {
    case MailboxKind::disposable:
      return built_in::disposable;
    case MailboxKind::free:
      return built_in::free;
    case MailboxKind::role:
      break;
  }
  return built_in::role;
}

std::string_view trimmed(std::string_view line) {
  constexpr std::string_view blanks = " \t\r";
  const auto first = line.find_first_not_of(blanks);
  if (first == line.npos) return {};
  return line.substr(first, line.find_last_not_of(blanks) + 1 - first);
}

std::string lower(std::string_view text) {
  std::string out{text};
  for (auto& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

/// In the form that addresses are compared in; empty where it is no entry.
std::string entry_of(std::string_view written, MailboxKind kind) {
  constexpr std::string_view forbidden = " \t@\"<>(),;:\\";
  if (written.find_first_of(forbidden) != written.npos) return {};
  if (kind == MailboxKind::role) return lower(written);
  if (written.find('.') == written.npos) return {};
  UErrorCode status = U_ZERO_ERROR;
  static const std::unique_ptr<icu::IDNA> idna{
      icu::IDNA::createUTS46Instance(UIDNA_NONTRANSITIONAL_TO_ASCII | UIDNA_USE_STD3_RULES, status)};
  icu::IDNAInfo info;
  icu::UnicodeString ascii;
  status = U_ZERO_ERROR;
  if (!idna) return {};
  const icu::StringPiece utf8{written.data(), static_cast<std::int32_t>(written.size())};
  idna->nameToASCII(icu::UnicodeString::fromUTF8(utf8), ascii, info, status);
  std::string out;
  return U_SUCCESS(status) && !info.hasErrors() ? ascii.toUTF8String(out) : out;
}

std::string sorted_lines(std::vector<std::string>& entries) {
  std::sort(entries.begin(), entries.end());
  entries.erase(std::unique(entries.begin(), entries.end()), entries.end());
  std::string out;
  for (const auto& entry : entries) out += entry + '\n';
  return out;
}

Result<std::string> text_of(const std::filesystem::path& file) {
  std::error_code error;
  const auto bytes = std::filesystem::file_size(file, error);
  if (error)
    return fail(ErrorCode::not_found, file.string() + ": this list cannot be read: " + error.message());
  if (bytes > limits::email_list_bytes_max)
    return fail(ErrorCode::invalid, file.string() + ": this list is larger than " +
                                        std::to_string(limits::email_list_bytes_max / limits::mebibyte) +
                                        " MiB; is it the right file?");
  std::string text(bytes, '\0');
  std::ifstream in{file, std::ios::binary};
  if (!in.read(text.data(), static_cast<std::streamsize>(bytes)))
    return fail(ErrorCode::io, file.string() + ": this list cannot be read");
  return text;
}

}  // namespace

std::string_view to_string(MailboxKind kind) {
  constexpr std::array<std::string_view, mailbox_kind_count> names{"disposable", "free", "role"};
  return names[index_of(kind)];
}

bool SortedLines::contains(std::string_view line) const {
  std::size_t low = 0, high = text_.size();
  while (low < high) {
    const auto middle = low + (high - low) / 2;
    const auto before = middle == 0 ? text_.npos : text_.rfind('\n', middle - 1);
    const auto begin = before == text_.npos ? 0 : before + 1;
    const auto end = text_.find('\n', begin);
    const auto order = text_.substr(begin, end - begin).compare(line);
    if (order == 0) return true;
    if (order < 0)
      low = end + 1;
    else
      high = begin;
  }
  return false;
}

std::string EmailLists::built_in_version() {
  return std::string{built_in::version};
}

Result<EmailLists::Changes> EmailLists::read(const std::filesystem::path& file, MailboxKind kind,
                                             std::string& version) {
  const auto text = text_of(file);
  if (!text) return std::unexpected(text.error());
  std::vector<std::string> added, removed;
  std::size_t number = 0;
  for (std::string_view rest = *text; !rest.empty();) {
    auto line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    ++number;
    if (number == 1 && line.starts_with("\xEF\xBB\xBF")) line.remove_prefix(3);
    line = trimmed(line.substr(0, line.find('#')));
    if (line.empty()) continue;
    const bool takes_out = line.front() == '!';
    auto entry = entry_of(trimmed(line.substr(takes_out ? 1 : 0)), kind);
    if (entry.empty())
      return fail(ErrorCode::invalid, file.string() + ":" + std::to_string(number) + ": this is no " +
                                          (kind == MailboxKind::role ? "local part" : "domain") +
                                          "; write one a line, ! before it takes it out, # begins a comment");
    (takes_out ? removed : added).push_back(std::move(entry));
  }
  constexpr std::size_t shown = 12;
  version += ", " + std::string{to_string(kind)} + ' ' + file.filename().string() + ' ' +
             ops::sha256_hex(*text).substr(0, shown);
  return Changes{sorted_lines(added), sorted_lines(removed)};
}

Result<EmailLists> EmailLists::load(const ListFiles& files) {
  EmailLists lists;
  for (const auto& [kind, file] :
       {std::pair{MailboxKind::disposable, &files.disposable}, std::pair{MailboxKind::free, &files.free},
        std::pair{MailboxKind::role, &files.role}}) {
    if (file->empty()) continue;
    auto changes = read(*file, kind, lists.version_);
    if (!changes) return std::unexpected(changes.error());
    lists.changes_[index_of(kind)] = std::move(*changes);
  }
  return lists;
}

EmailLists::Standing EmailLists::standing(MailboxKind kind, std::string_view entry) const {
  const auto& changes = changes_[index_of(kind)];
  if (SortedLines{changes.removed}.contains(entry)) return Standing::taken_out;
  if (SortedLines{changes.added}.contains(entry) || SortedLines{built_in_list(kind)}.contains(entry))
    return Standing::listed;
  return Standing::absent;
}

/// From the domain itself upwards, to the last one that has a dot.
bool EmailLists::has_domain(MailboxKind kind, std::string_view domain) const {
  while (domain.find('.') != domain.npos) {
    const auto found = standing(kind, domain);
    if (found != Standing::absent) return found == Standing::listed;
    domain.remove_prefix(domain.find('.') + 1);
  }
  return false;
}

lead::ContactMarks EmailLists::marks_of(std::string_view local, std::string_view domain) const {
  const auto name = lower(local.substr(0, local.find('+')));
  return {standing(MailboxKind::role, name) == Standing::listed, has_domain(MailboxKind::free, domain),
          has_domain(MailboxKind::disposable, domain)};
}

}  // namespace leadhub::verify
