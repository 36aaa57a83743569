#pragma once

#include "messages/values/control.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

/// The words that stand for enumerators in JSON and on the command line.
namespace mailfleet::web {

template <class Enum, std::size_t Count>
using word_table = std::array<std::pair<Enum, std::string_view>, Count>;

inline constexpr word_table<tls_mode, 2> tls_words{{
    {tls_mode::implicit, "implicit"},
    {tls_mode::starttls, "starttls"},
}};

inline constexpr word_table<client_auth, 4> client_auth_words{{
    {client_auth::secret_post, "post"},
    {client_auth::secret_basic, "basic"},
    {client_auth::none, "none"},
    {client_auth::private_key_jwt, "private_key_jwt"},
}};

inline constexpr word_table<grant_flow, 2> grant_flow_words{{
    {grant_flow::delegated, "delegated"},
    {grant_flow::app_only, "app_only"},
}};

inline constexpr word_table<mailbox_auth, 2> mailbox_auth_words{{
    {mailbox_auth::oauth2, "oauth2"},
    {mailbox_auth::password, "password"},
}};

inline constexpr word_table<server_action, 4> server_action_words{{
    {server_action::none, "none"},
    {server_action::seen, "seen"},
    {server_action::move, "move"},
    {server_action::remove, "remove"},
}};

inline constexpr word_table<sign_in_prompt, 4> sign_in_prompt_words{{
    {sign_in_prompt::none, "none"},
    {sign_in_prompt::login, "login"},
    {sign_in_prompt::consent, "consent"},
    {sign_in_prompt::select_account, "select_account"},
}};

inline constexpr word_table<send_priority, 2> send_priority_words{{
    {send_priority::interactive, "interactive"},
    {send_priority::bulk, "bulk"},
}};

inline constexpr word_table<file_place, 2> file_place_words{{
    {file_place::attached, "attached"},
    {file_place::shown, "shown"},
}};

inline constexpr word_table<doubt_policy, 2> doubt_policy_words{{
    {doubt_policy::at_least_once, "at_least_once"},
    {doubt_policy::at_most_once, "at_most_once"},
}};

inline constexpr word_table<doubt_end, 3> doubt_end_words{{
    {doubt_end::was_sent, "sent"},
    {doubt_end::send_again, "send-again"},
    {doubt_end::give_up, "give-up"},
}};

/// How many a mailbox may send: the numbers of its settings, by their names.
inline constexpr std::array<
    std::pair<std::string_view, std::optional<std::uint32_t> sending_settings::*>, 5>
    sending_numbers{{
        {"connections", &sending_settings::connections},
        {"messages_per_minute", &sending_settings::messages_per_minute},
        {"messages_per_day", &sending_settings::messages_per_day},
        {"recipients_per_day", &sending_settings::recipients_per_day},
        {"recipients_per_message", &sending_settings::recipients_per_message},
    }};

/// The value of a word; nothing for an unknown one.
template <class Enum, std::size_t Count>
[[nodiscard]] std::optional<Enum> value_of(const word_table<Enum, Count>& words,
                                           std::string_view word) {
  auto row = std::ranges::find(words, word, [](const auto& pair) { return pair.second; });
  return row == words.end() ? std::nullopt : std::optional{row->first};
}

/// The word of a value.
template <class Enum, std::size_t Count>
[[nodiscard]] std::string_view word_of(const word_table<Enum, Count>& words, Enum value) {
  auto row = std::ranges::find(words, value, [](const auto& pair) { return pair.first; });
  return row == words.end() ? "unknown" : row->second;
}

/// `post, basic, none, private_key_jwt`.
template <class Enum, std::size_t Count>
[[nodiscard]] std::string all_words(const word_table<Enum, Count>& words) {
  std::string text;
  for (const auto& [value, word] : words)
    text.append(text.empty() ? "" : ", ").append(word);
  return text;
}

} // namespace mailfleet::web
