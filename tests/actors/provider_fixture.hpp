#pragma once

#include "actors/provider.hpp"
#include "actors/providers.hpp"
#include "actors/store.hpp"
#include "protocols/oauth2/encoding.hpp"
#include "tests/support/fleet_fixture.hpp"

#include <chrono>
#include <string>
#include <utility>

namespace mailfleet::test {

/// A provider behind its supervisor, with a scripted token endpoint.
struct provider_fixture : actor_fixture {
  scripted_world world;

  providers_actor start(provider_record who = a_provider()) {
    world.log->records.emplace(key_of(who), who);
    fleet_settings settings;
    settings.sign_in_origin = "http://localhost:8025";
    auto aut = spawn(
        providers,
        provider_surroundings{world.ports(), settings, spawn(store, world.log, world.journal), {}});
    settle();
    return aut;
  }

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

  /// An id_token of the provider, unsigned as far as we look.
  static std::string id_token(const std::string& nonce, const std::string& address) {
    auto claims = "{\"iss\":\"https://login.microsoftonline.com/tenant-1/v2.0\",\"tid\":"
                  "\"tenant-1\",\"aud\":\"client-1\",\"sub\":\"s1\",\"exp\":1700003600,"
                  "\"preferred_username\":\""
                  + address + "\",\"nonce\":\"" + nonce + "\"}";
    return oauth2::base64url("{\"alg\":\"RS256\"}") + "." + oauth2::base64url(claims) + ".c2ln";
  }

  static std::string query_value(const std::string& url, const std::string& name) {
    auto at = url.find(name + "=");
    REQUIRE(at != std::string::npos);
    auto from = at + name.size() + 1;
    return url.substr(from, url.find('&', from) - from);
  }
};

} // namespace mailfleet::test
