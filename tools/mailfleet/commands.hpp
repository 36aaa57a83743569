#pragma once

#include "tools/mailfleet/session.hpp"

namespace CLI {
class App;
}

/// Each adds one group of subcommands; `with` outlives the parse, in which the
/// chosen command runs.
namespace mailfleet::tools {

void add_doctor_command(CLI::App& app, session& with);
void add_status_command(CLI::App& app, session& with);
void add_provider_commands(CLI::App& app, session& with);
void add_plan_command(CLI::App& provider, session& with);
void add_secret_commands(CLI::App& provider, session& with);
void add_consent_command(CLI::App& provider, session& with);
void add_mailbox_commands(CLI::App& app, session& with);
void add_sign_in_command(CLI::App& mailbox, session& with);
void add_certificate_command(CLI::App& app, session& with);
void add_sending_command(CLI::App& mailbox, session& with);
void add_send_command(CLI::App& app, session& with);
void add_outbox_commands(CLI::App& app, session& with);
void add_message_commands(CLI::App& app, session& with);
void add_events_commands(CLI::App& app, session& with);
void add_audit_command(CLI::App& app, session& with);
void add_explain_command(CLI::App& app, session& with);
void add_mailbox_explain_command(CLI::App& mailbox, session& with);

} // namespace mailfleet::tools
