#pragma once

#include <cmark.h>

#include <memory>
#include <string_view>

namespace leadhub::mail {

struct FreeNode {
  void operator()(cmark_node* node) const { cmark_node_free(node); }
};
using Document = std::unique_ptr<cmark_node, FreeNode>;

[[nodiscard]] inline Document parse_markdown(std::string_view text) {
  Document document{cmark_parse_document(text.data(), text.size(), CMARK_OPT_DEFAULT)};
  cmark_consolidate_text_nodes(document.get());  // what stands before a value decides how it is written
  return document;
}

/// What cmark keeps of a node: never null.
[[nodiscard]] inline std::string_view literal_of(cmark_node* node) {
  const char* text = cmark_node_get_literal(node);
  return text == nullptr ? std::string_view{} : text;
}
[[nodiscard]] inline std::string_view url_of(cmark_node* node) {
  const char* text = cmark_node_get_url(node);
  return text == nullptr ? std::string_view{} : text;
}

/// Visits each node once, in the order of the text, before its children. `visit` may change it, but neither
/// free nor move it.
template <class Visit>
void each_node(const Document& document, Visit visit) {
  const std::unique_ptr<cmark_iter, decltype(&cmark_iter_free)> iterator{cmark_iter_new(document.get()),
                                                                         &cmark_iter_free};
  std::size_t depth = 0;
  for (auto event = cmark_iter_next(iterator.get()); event != CMARK_EVENT_DONE;
       event = cmark_iter_next(iterator.get())) {
    cmark_node* node = cmark_iter_get_node(iterator.get());
    const bool is_leaf = cmark_node_first_child(node) == nullptr;
    if (event == CMARK_EVENT_EXIT) {
      if (!is_leaf) --depth;
      continue;
    }
    visit(node, depth);
    if (!is_leaf) ++depth;
  }
}

}  // namespace leadhub::mail
