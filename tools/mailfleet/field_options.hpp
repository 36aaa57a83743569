#pragma once

#include <span>
#include <string>
#include <string_view>

/// What a person typed, for the fields of the API that it went into: an error is told of what was
/// typed.
namespace mailfleet::tools {

struct field_option {
  /// `imap.host`; of a list's items the list's: `to`.
  std::string_view field;
  /// `--imap-host`.
  std::string_view option;
};

using field_options = std::span<const field_option>;

/// Of questions: what most commands have.
[[nodiscard]] field_options question_fields();
[[nodiscard]] field_options provider_fields();
[[nodiscard]] field_options secret_fields();
[[nodiscard]] field_options mailbox_fields();
[[nodiscard]] field_options certificate_fields();
[[nodiscard]] field_options sending_fields();
[[nodiscard]] field_options mail_fields();
[[nodiscard]] field_options plan_fields();

/// `detail`, which begins with a field as `bad_field` writes it, with the option in its place:
/// `imap.host is empty; ...` becomes `--imap-host is empty; ...`. The second item of a list is
/// `--to (number 2)`. Anything else stays as it is.
[[nodiscard]] std::string with_option(std::string detail, field_options options);

} // namespace mailfleet::tools
