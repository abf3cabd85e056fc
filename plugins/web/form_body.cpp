#include "form_body.hpp"

#include "limits.hpp"
#include "text.hpp"

namespace leadhub::webform {
namespace {

/// The charset parameter of a Content-Type value; empty where it has none.
std::string_view charset_parameter(std::string_view content_type) {
  std::string_view rest = split_once(content_type, ';').after;
  while (!rest.empty()) {
    const Halves halves = split_once(rest, ';');
    const Halves parameter = split_once(trim(halves.before), '=');
    if (equal_ignoring_case(parameter.before, "charset")) {
      std::string_view value = parameter.after;
      if (value.size() >= 2 && value.front() == '"') value = value.substr(1, value.size() - 2);
      return value;
    }
    rest = halves.after;
  }
  return {};
}

}  // namespace

bool is_content_type(std::string_view content_type, std::string_view type) {
  return equal_ignoring_case(trim(split_once(content_type, ';').before), type);
}

std::expected<FormBody, BodyError> FormBody::parse(const sdk::HttpRequest& request) {
  const std::string_view content_type = request.header("content-type");
  FormBody body;
  if (is_content_type(content_type, "application/x-www-form-urlencoded")) {
    body.form_ = sdk::UrlencodedForm::parse(request.body(), limits::form_fields_max);
    if (!body.form_) return std::unexpected(BodyError::too_many_fields);
  } else if (is_content_type(content_type, "multipart/form-data")) {
    auto parts = parse_multipart(request.body(), multipart_boundary(content_type), limits::form_fields_max);
    if (!parts)
      return std::unexpected(parts.error() == MultipartError::too_many_parts ? BodyError::too_many_fields
                                                                             : BodyError::malformed);
    body.parts_ = std::move(*parts);
    for (const Part& part : body.parts_) {
      if (!part.is_file)
        body.text_parts_.emplace_back(part.name, part.content);
      else if (!part.file_name.empty() || !part.content.empty())
        body.file_parts_.push_back(&part);
    }
  } else {
    return std::unexpected(BodyError::unknown_type);
  }
  std::string_view label = charset_parameter(content_type);
  for (const auto& [name, value] : body.fields())
    if (name == "_charset_") label = value;
  body.charset_ = charset_named(label);
  return body;
}

}  // namespace leadhub::webform
