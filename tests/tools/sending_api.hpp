#pragma once

#include "tests/tools/scripted_api.hpp"

/// What mailfleetd answers about sending.
namespace mailfleet::testing {

/// The key of `outgoing`.
inline constexpr auto outgoing_key = "0000000000cd-4294967295-0-7";

/// A mail on its way out, as the API shows it.
inline nlohmann::json outgoing(const std::string& status) {
  return {{"key", outgoing_key},
          {"mailbox", "0000000000cd"},
          {"status", status},
          {"since", "2026-03-01T12:00:00Z"},
          {"due", "2026-03-01T12:05:00Z"},
          {"accepted_at", "2026-03-01T11:59:00Z"},
          {"attempts", 1},
          {"priority", "interactive"},
          {"idempotency_key", "k-1"},
          {"message_id", "<1@example.org>"},
          {"subject", "Hello"},
          {"from", nlohmann::json::array({"ann@example.org"})},
          {"thread", nlohmann::json::array()},
          {"sender", "ann@example.org"},
          {"recipients",
           nlohmann::json::array(
               {{{"address", "bob@example.net"}, {"status", "waiting"}, {"said", nullptr}}})},
          {"bytes", 2'048},
          {"said", nullptr},
          {"reason", ""},
          {"detail", ""},
          {"dot_sent_at", nullptr},
          {"trouble", nullptr}};
}

/// A mailbox whose sending was changed.
inline nlohmann::json sending_mailbox() {
  return {{"id", "0000000000cd"},
          {"address", "ann@example.org"},
          {"state", "watching"},
          {"imap", {{"host", "imap.example"}, {"port", 993}, {"tls", "implicit"}}},
          {"trouble", nullptr},
          {"sending",
           {{"in_doubt", "at_most_once"},
            {"send_as", nlohmann::json::array({"sales@example.org"})},
            {"sent_folder", "Gesendet"},
            {"messages_per_minute", 20}}}};
}

/// To a submission, where a test says nothing else.
inline api_reply answer_sending(const api_request& request) {
  if (request.what == "POST /mailboxes/ann/outbox")
    return {outgoing("accepted"), 201};
  if (request.what == "POST /mailboxes/ann/uploads")
    return {{{"key", "up-1"}, {"parts", 0}, {"bytes", 0}}, 201};
  if (request.what.starts_with("PUT /uploads/"))
    return {{{"key", "up-1"}}};
  if (request.what == "GET /mailboxes/ann")
    return {sending_mailbox()};
  if (request.what == "GET /status")
    return {{{"last_event", 41}}};
  if (request.what.starts_with("GET /events"))
    return {{{"events", nlohmann::json::array()}, {"more", false}}};
  return refusal_of("not_found", "there is no " + request.what, 404);
}

} // namespace mailfleet::testing
