#pragma once

#include "messages/values/records.hpp"
#include "messages/values/result.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mailfleet::oauth2 {

/// What we use of an id_token (OpenID Connect Core 2; Microsoft's `tid`, `oid`).
struct id_claims {
  std::string issuer;
  std::string subject;
  std::vector<std::string> audience;
  std::string authorized_party;
  std::string nonce;
  wall_time expires_at{};
  /// Microsoft: the tenant, and the account in it. `tenant` and `object_id` are
  /// the stable name of an account; what follows may change.
  std::string tenant;
  std::string object_id;
  std::string preferred_username;
  std::string email;
  bool operator==(const id_claims&) const = default;
};

/// Reads the claims of a JWT. The signature is not checked: the token came
/// straight from the token endpoint over TLS, where TLS vouches for the issuer in
/// its place (OpenID Connect Core 3.1.3.7, item 6). Never trust a token that came
/// by another way before `verify_id_token` (jwks.hpp) has taken it. Fails with
/// `errc::token_unavailable`.
[[nodiscard]] result<id_claims> decode_id_token(std::string_view jwt);

/// The issuer that a token of `tenant` must name: `issuer` with `{tenantid}`, if
/// it has that, replaced. Only a GUID-like word may take the placeholder's place,
/// so that a claim cannot add to the address; nothing for any other.
[[nodiscard]] std::optional<std::string> issuer_for(std::string issuer, std::string_view tenant);

/// What the claims must agree with.
struct id_expectation {
  /// As discovered or preset; `{tenantid}` in it stands for the token's `tid`.
  std::string issuer;
  std::string client_id;
  /// Of this sign-in; none: it sent none, for it began on another device.
  std::optional<std::string> nonce;
  /// The only tenant admitted, if one is configured by its GUID; else empty.
  std::string tenant;
};

/// Checks issuer, audience, nonce, expiry and tenant. Fails with
/// `errc::sign_in_required` and names the claim.
[[nodiscard]] result<void> validate_id_token(const id_claims& claims,
                                             const id_expectation& expected, wall_time now);

/// Whether `named`, the `iss` of a callback (RFC 9207), is the issuer of that form:
/// any tenant's, if the form has a place for one.
[[nodiscard]] bool is_issuer_of_form(std::string_view named, std::string_view form);

/// The name to show for the account: `preferred_username`, `email`, `oid` or
/// `sub`, whichever is there first. Printable. For display only.
[[nodiscard]] std::string account_name(const id_claims& claims);

} // namespace mailfleet::oauth2
