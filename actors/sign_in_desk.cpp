#include "actors/sign_in_desk.hpp"

#include "actors/limits.hpp"
#include "protocols/oauth2/encoding.hpp"

#include <utility>

namespace mailfleet {

namespace {

constexpr std::size_t id_characters = 12;
/// 256 bits: cannot be guessed, and is no longer than a URL can bear.
constexpr std::size_t random_bytes = 32;

/// Compares in a time that depends on the lengths only.
bool equal_in_constant_time(std::string_view one, std::string_view other) {
  if (one.size() != other.size())
    return false;
  unsigned difference = 0;
  for (std::size_t i = 0; i < one.size(); ++i)
    difference |= static_cast<unsigned>(one[i] ^ other[i]);
  return difference == 0;
}

} // namespace

std::string sign_in_desk::fresh_text() {
  return to_string(provider_) + '.' + oauth2::base64url(random_.bytes(random_bytes));
}

void sign_in_desk::sweep(wall_time now) {
  std::erase_if(tickets_, [now](const auto& entry) { return entry.second.expires_at <= now; });
  std::erase_if(visits_, [now](const auto& entry) { return entry.second.expires_at <= now; });
  std::erase_if(consents_, [now](const auto& entry) { return entry.second <= now; });
}

result<void> sign_in_desk::check_room() const {
  if (tickets_.size() + visits_.size() + consents_.size() < max_open_sign_ins)
    return {};
  return failure{errc::overloaded, "too many sign-ins are open; they end by themselves after "
                                   "10 minutes"};
}

result<std::string> sign_in_desk::begin(mailbox_record mailbox,
                                        std::optional<sign_in_prompt> prompt, wall_time now) {
  sweep(now);
  if (auto room = check_room(); !room)
    return room.error();
  auto text = fresh_text();
  tickets_.emplace(oauth2::s256_challenge(text),
                   ticket{std::move(mailbox), prompt, now + sign_in_life});
  return text;
}

result<sign_in_desk::opened> sign_in_desk::open(std::string_view text, wall_time now) {
  sweep(now);
  auto node = tickets_.extract(oauth2::s256_challenge(text));
  if (node.empty())
    return failure{errc::not_found, "this sign-in address was used already or is too old; begin "
                                    "again with `mailfleet mailbox sign-in`"};
  visit begun;
  begun.mailbox = std::move(node.mapped().mailbox);
  begun.prompt = node.mapped().prompt;
  begun.nonce = oauth2::base64url(random_.bytes(random_bytes));
  begun.proof = oauth2::make_pkce(random_.bytes(oauth2::pkce_random_bytes));
  begun.browser_binding = secret{oauth2::base64url(random_.bytes(random_bytes))};
  begun.expires_at = now + sign_in_life;
  auto state = fresh_text();
  visits_.insert_or_assign(oauth2::s256_challenge(state), begun);
  return opened{std::move(begun), std::move(state)};
}

result<sign_in_desk::visit> sign_in_desk::close(std::string_view state,
                                                const secret& browser_binding, wall_time now) {
  sweep(now);
  auto found = visits_.find(oauth2::s256_challenge(state));
  if (found == visits_.end())
    return failure{errc::not_found, "this sign-in was finished already or took too long; begin "
                                    "again with `mailfleet mailbox sign-in`"};
  if (!equal_in_constant_time(found->second.browser_binding.reveal(), browser_binding.reveal()))
    return failure{errc::invalid_argument,
                   "identity.other_browser: the browser did not bring the cookie of this sign-in"};
  return std::move(visits_.extract(found).mapped());
}

std::optional<mailbox_record> sign_in_desk::note_other_browser(std::string_view state) {
  auto found = visits_.find(oauth2::s256_challenge(state));
  if (found == visits_.end() || std::exchange(found->second.told_of_other_browser, true))
    return std::nullopt;
  return found->second.mailbox;
}

result<std::string> sign_in_desk::begin_consent(wall_time now) {
  sweep(now);
  if (auto room = check_room(); !room)
    return room.error();
  auto state = fresh_text();
  consents_.emplace(oauth2::s256_challenge(state), now + consent_life);
  return state;
}

bool sign_in_desk::close_consent(std::string_view state, wall_time now) {
  sweep(now);
  return consents_.erase(oauth2::s256_challenge(state)) > 0;
}

std::optional<entity_id> provider_of_ticket(std::string_view text) {
  if (text.size() <= id_characters || text[id_characters] != '.')
    return std::nullopt;
  return parse_entity_id(text.substr(0, id_characters));
}

} // namespace mailfleet
