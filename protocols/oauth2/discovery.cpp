#include "protocols/oauth2/discovery.hpp"

#include "messages/values/url.hpp"
#include "protocols/oauth2/bounded_json.hpp"
#include "protocols/oauth2/limits.hpp"

#include <algorithm>
#include <string>

namespace mailfleet::oauth2 {

namespace {

constexpr std::string_view well_known = "/.well-known/openid-configuration";
constexpr std::string_view tenant_placeholder = "{tenantid}";

failure misconfigured(std::string detail) {
  return {errc::provider_misconfigured, std::move(detail)};
}

/// Reads one endpoint; `needed` ones must be there.
result<std::string> endpoint_member(const boost::json::object& document, const char* name,
                                    bool needed) {
  auto text = text_member(document, name, max_text_bytes);
  if (text.empty() && !needed && !document.contains(name))
    return text;
  auto address = parse_url(text);
  if (!address || address->has_user_info || address->has_fragment)
    return misconfigured(std::string{"the discovery document's "} + name + " is no address");
  if (!is_confidential(*address))
    return misconfigured(std::string{"the discovery document's "} + name
                         + " is not https: " + printable(text));
  return text;
}

/// Whether `issuer` is where the document was fetched from. A `{tenantid}` in it
/// stands for any one segment of the path.
bool belongs_to(std::string_view issuer, std::string_view discovery_url) {
  if (!discovery_url.ends_with(well_known))
    return false;
  auto base = discovery_url.substr(0, discovery_url.size() - well_known.size());
  // Discovery 4.1: a terminating slash is removed before the suffix is appended.
  if (issuer.ends_with('/'))
    issuer.remove_suffix(1);
  if (base.ends_with('/'))
    base.remove_suffix(1);
  auto at = issuer.find(tenant_placeholder);
  if (at == std::string_view::npos)
    return issuer == base;
  auto front = issuer.substr(0, at);
  auto back = issuer.substr(at + tenant_placeholder.size());
  if (base.size() <= front.size() + back.size() || !base.starts_with(front)
      || !base.ends_with(back))
    return false;
  auto tenant = base.substr(front.size(), base.size() - front.size() - back.size());
  auto before = parse_url(front);
  return before && before->path.ends_with('/') && tenant.find('/') == std::string_view::npos;
}

/// A host with or without a port; what is none is as good as not there: the standard does
/// not know the member.
std::string host_member(const boost::json::object& document, const char* name) {
  auto text = text_member(document, name, max_host_bytes);
  auto address = parse_url("https://" + text);
  bool is_host = address && address->path.empty() && !address->query && !address->has_fragment
                 && !address->has_user_info;
  return is_host ? text : std::string{};
}

bool names_s256(const boost::json::object& document) {
  const auto* methods = list_member(document, "code_challenge_methods_supported");
  auto is_s256 = [](const boost::json::value& method) {
    const auto* name = method.if_string();
    return name != nullptr && *name == "S256";
  };
  return methods != nullptr && std::ranges::any_of(*methods, is_s256);
}

} // namespace

result<provider_metadata> parse_discovery(std::string_view body, std::string_view discovery_url) {
  auto document = parse_object(body);
  if (!document)
    return failure{errc::token_unavailable,
                   "the answer of the discovery address is no OpenID discovery document"};
  provider_metadata found;
  found.issuer = text_member(*document, "issuer", max_text_bytes);
  if (!belongs_to(found.issuer, discovery_url))
    return misconfigured("the discovery document's issuer '" + printable(found.issuer)
                         + "' is not the address it was fetched from, '" + printable(discovery_url)
                         + "' without " + std::string{well_known});
  struct wanted {
    const char* name;
    bool needed;
    std::string& into;
  };
  for (auto& [name, needed, into] :
       {wanted{"authorization_endpoint", true, found.authorization_endpoint},
        wanted{"token_endpoint", true, found.token_endpoint},
        wanted{"jwks_uri", true, found.jwks_uri},
        wanted{"revocation_endpoint", false, found.revocation_endpoint},
        wanted{"device_authorization_endpoint", false, found.device_authorization_endpoint}}) {
    auto text = endpoint_member(*document, name, needed);
    if (!text)
      return std::move(text).error();
    into = *std::move(text);
  }
  found.graph_host = host_member(*document, "msgraph_host");
  found.s256_advertised = names_s256(*document);
  const auto* iss = document->if_contains("authorization_response_iss_parameter_supported");
  found.iss_in_callback = iss != nullptr && iss->is_bool() && iss->get_bool();
  return found;
}

} // namespace mailfleet::oauth2
