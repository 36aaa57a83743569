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
