#pragma once

#include "actors/provider.hpp"
#include "actors/providers.hpp"
#include "actors/store.hpp"
#include "tests/support/fleet_fixture.hpp"
#include "tests/support/signing_keys.hpp"

#include <chrono>
#include <string>
#include <utility>

namespace mailfleet::test {

/// A provider behind its supervisor, with a scripted token endpoint.
struct provider_fixture : actor_fixture {
  scripted_world world;

  providers_actor start(provider_record who = a_provider(), fleet_settings settings = {});

  void keep(const grant_record& grant) {
    world.log->records.emplace(key_of(grant), grant);
  }

  auto ask_token(const providers_actor& aut, wall_time refused = {}) {
    return ask(aut, request_token{some_provider, some_mailbox, refused});
  }

  void answer_token(int status, std::string body) {
    REQUIRE_FALSE(world.http->waiting.empty());
    world.http->answer(status, std::move(body));
    settle();
  }

  grant_record grant() {
    return world.log->get<grant_record>(grant_key(some_mailbox)).value();
  }

  /// Moves wall time and actor time together.
  void live(std::chrono::seconds time) {
    world.clock->time += time;
    pass(time);
  }

  std::string sent_body() {
    REQUIRE_FALSE(world.http->waiting.empty());
    return std::string{world.http->waiting.front().request.body.reveal()};
  }

  /// An id_token of the provider; without a nonce if that is empty.
  static std::string id_token(const std::string& nonce, const std::string& address,
                              EVP_PKEY& key = ec_key()) {
    nlohmann::json claims{{"iss", "https://login.microsoftonline.com/tenant-1/v2.0"},
                          {"tid", "tenant-1"},
                          {"aud", "client-1"},
                          {"sub", "s1"},
                          {"exp", 1'700'003'600},
                          {"preferred_username", address}};
    if (!nonce.empty())
      claims["nonce"] = nonce;
    return signed_jwt(key, oauth2::signature_algorithm::es256, {{"kid", "k1"}}, claims);
  }

  /// A token answer with an id_token in it.
  static std::string signed_in_json(const std::string& nonce, const std::string& address,
                                    const std::string& number = "1") {
    auto body = token_json("access-" + number, "refresh-" + number);
    return body.insert(body.size() - 1, ",\"id_token\":\"" + id_token(nonce, address) + "\"");
  }

  /// The provider shows the keys that it signs with.
  void answer_keys(EVP_PKEY& key = ec_key()) {
    REQUIRE(world.http->waiting.front().request.url.find("/discovery/v2.0/keys")
            != std::string::npos);
    answer_token(200, nlohmann::json{{"keys", {jwk_of(key, "k1")}}}.dump());
  }

  /// A person goes to the provider's pages; where the browser was sent.
  sign_in_opened visit(const providers_actor& aut, const mailbox_record& who);

  /// And comes back with a code.
  auto come_back(const providers_actor& aut, const sign_in_opened& at,
                 const std::string& more = {}) {
    return ask(aut,
               complete_sign_in{"code=c1&state=" + query_value(at.authorize_url, "state") + more,
                                at.browser_binding});
  }

  static std::string query_value(const std::string& url, const std::string& name) {
    auto at = url.find(name + "=");
    REQUIRE(at != std::string::npos);
    auto from = at + name.size() + 1;
    return url.substr(from, url.find('&', from) - from);
  }
};

} // namespace mailfleet::test
