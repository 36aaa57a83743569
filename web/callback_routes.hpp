#pragma once

#include "messages/values/secret.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

/// What a browser may ask of the callback listener, and the fixed texts it gets.
namespace mailfleet::web {

/// `GET /sign-in/TICKET`.
struct open_route {
  std::string ticket;
};
/// `GET /api/cloudProviders/oauth2/SERVICE/callback?QUERY`.
struct complete_route {
  std::string query;
};
/// `GET /sign-in/done` and `/sign-in/failed`.
struct page_route {
  std::string_view page;
};
/// Anything else, under its HTTP status.
struct no_route {
  unsigned status = 404;
};

using callback_route = std::variant<open_route, complete_route, page_route, no_route>;

/// Finds what a request stands for. `target` is in origin form (RFC 9112 3.2.1).
[[nodiscard]] callback_route route_callback(std::string_view method, std::string_view target);

inline constexpr std::string_view done_location = "/sign-in/done";
inline constexpr std::string_view consented_location = "/sign-in/consented";
inline constexpr std::string_view failed_location = "/sign-in/failed";

/// The one page for every other refusal: it says nothing of the reason.
[[nodiscard]] std::string_view refused_page() noexcept;

/// The short name of the sign-in that a query with its `state` belongs to: 16 hexadecimal
/// digits, the first of the state's SHA-256. Empty if there is no state, or more than one.
[[nodiscard]] std::string visit_of(std::string_view query);

/// The query of an address; empty if it has none, or is no address.
[[nodiscard]] std::string query_of(std::string_view url);

/// Ties each sign-in to the browser that opened it (RFC 6265), by a cookie for each: two
/// may be open in one browser. With an https origin the cookies are `Secure` and have the
/// `__Host-` prefix; on plain loopback browsers would drop such ones.
class binding_cookie {
public:
  explicit binding_cookie(std::string_view public_origin);

  /// The `Set-Cookie` field that sets that of `visit`.
  [[nodiscard]] std::string set(std::string_view visit, const secret& value) const;

  /// The `Set-Cookie` field that takes it away.
  [[nodiscard]] std::string clear(std::string_view visit) const;

  /// Its value in a `Cookie` field; empty if it is absent or there twice.
  [[nodiscard]] secret find(std::string_view visit, std::string_view cookie_field) const;

  /// The visits in a `Cookie` field that are too many beside a new one: the first, which
  /// are the oldest (RFC 6265 5.4).
  [[nodiscard]] std::vector<std::string> surplus(std::string_view cookie_field) const;

private:
  [[nodiscard]] std::string with_attributes(std::string_view visit, std::string_view value,
                                            long max_age_s) const;

  bool secure_;
  /// Of every name; the visit follows.
  std::string prefix_;
};

/// Whether a browser may be sent there: https, or http on loopback, and nothing
/// that could end the header line.
[[nodiscard]] bool is_safe_location(std::string_view url);

} // namespace mailfleet::web
