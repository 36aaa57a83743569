#include "jobs/sign_in_prompt.hpp"

#include <algorithm>

namespace mailfleet::jobs {

authorize_hints with_prompt(authorize_hints hints, std::optional<sign_in_prompt> prompt) {
  if (!prompt)
    return hints;
  if (*prompt == sign_in_prompt::select_account)
    hints.login_hint.clear();
  std::string word{to_string(*prompt)};
  auto own = std::ranges::find(
      hints.extra, "prompt", [](const auto& pair) -> const auto& { return pair.first; });
  if (own == hints.extra.end())
    hints.extra.emplace_back("prompt", std::move(word));
  else if (*prompt == sign_in_prompt::none)
    own->second = std::move(word);
  else if (own->second != word)
    own->second.append(" ").append(word);
  return hints;
}

} // namespace mailfleet::jobs
