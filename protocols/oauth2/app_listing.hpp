#pragma once

#include "messages/values/oauth2.hpp"
#include "messages/values/result.hpp"

#include <string>
#include <string_view>
#include <vector>

/// What Microsoft Graph says of an app registration: its secrets and certificates, and
/// when they end (https://learn.microsoft.com/graph/api/application-get).
namespace mailfleet::oauth2 {

/// The scope of a token for the Graph at `host`, for the app itself.
[[nodiscard]] std::string directory_scope(std::string_view host);

/// Where the Graph at `host` lists the secrets and certificates of an app.
[[nodiscard]] std::string app_listing_url(std::string_view host, std::string_view client_id);

/// Reads the body of a 200 answer. Entries without a known form are skipped: a hint or a
/// digest that cannot be read leaves the entry without it, a time that cannot, without
/// an end. Fails with `errc::token_unavailable` if it is no such document, or lists more
/// than `max_app_credentials`.
[[nodiscard]] result<std::vector<app_credential>> parse_app_listing(std::string_view body);

/// Code, message and request id of any other answer (OData's `error` object), printable
/// and bounded; empty if the body is none.
[[nodiscard]] std::string directory_words(std::string_view body);

} // namespace mailfleet::oauth2
