#include "messages/values/control.hpp"

namespace mailfleet {

std::string_view to_string(provider_state state) noexcept {
  switch (state) {
  case provider_state::ready: return "ready";
  case provider_state::secret_expiring: return "secret_expiring";
  case provider_state::secret_expired: return "secret_expired";
  case provider_state::outage: return "outage";
  case provider_state::misconfigured: return "misconfigured";
  case provider_state::restarting: return "restarting";
  }
  return "unknown";
}

std::string_view to_string(mailbox_state state) noexcept {
  switch (state) {
  case mailbox_state::needs_sign_in: return "needs_sign_in";
  case mailbox_state::connecting: return "connecting";
  case mailbox_state::syncing: return "syncing";
  case mailbox_state::watching: return "watching";
  case mailbox_state::backing_off: return "backing_off";
  case mailbox_state::paused: return "paused";
  case mailbox_state::parked: return "parked";
  }
  return "unknown";
}

std::string_view to_string(verdict how) noexcept {
  switch (how) {
  case verdict::green: return "green";
  case verdict::yellow: return "yellow";
  case verdict::red: return "red";
  }
  return "unknown";
}

std::string_view to_string(sign_in_prompt what) noexcept {
  switch (what) {
  case sign_in_prompt::none: return "none";
  case sign_in_prompt::login: return "login";
  case sign_in_prompt::consent: return "consent";
  case sign_in_prompt::select_account: return "select_account";
  }
  return "unknown";
}

std::string_view to_string(secret_state state) noexcept {
  switch (state) {
  case secret_state::in_use: return "in_use";
  case secret_state::standby: return "standby";
  case secret_state::expired: return "expired";
  case secret_state::refused: return "refused";
  }
  return "unknown";
}

} // namespace mailfleet
