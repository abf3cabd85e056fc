#pragma once

#include <leadhub/sdk/channel.hpp>
#include <leadhub/sdk/form.hpp>

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "charset.hpp"
#include "multipart.hpp"

namespace leadhub::webform {

enum class BodyError {
  unknown_type = 1,  ///< neither kind of form: 415
  malformed,         ///< multipart that is none: 400
  too_many_fields,   ///< more than limits::form_fields_max: 413
};

/// The body of a posted HTML form, urlencoded or multipart. Movable; its views stay valid as long as it and
/// the request live.
class FormBody {
 public:
  using Field = std::pair<std::string_view, std::string_view>;

  static std::expected<FormBody, BodyError> parse(const sdk::HttpRequest& request);

  /// Names and values in their order, bytes as they came; files are not among them.
  [[nodiscard]] const std::vector<Field>& fields() const { return form_ ? form_->fields() : text_parts_; }
  /// Parts with a file name, without those of file inputs that were left empty.
  [[nodiscard]] const std::vector<const Part*>& files() const { return file_parts_; }
  /// As the _charset_ field or the Content-Type declares it.
  [[nodiscard]] Charset charset() const { return charset_; }

 private:
  FormBody() = default;

  std::optional<sdk::UrlencodedForm> form_;
  std::vector<Part> parts_;
  std::vector<Field> text_parts_;
  std::vector<const Part*> file_parts_;
  Charset charset_ = Charset::undeclared;
};

/// Whether a Content-Type value is `type`, whatever its parameters.
bool is_content_type(std::string_view content_type, std::string_view type);

}  // namespace leadhub::webform
