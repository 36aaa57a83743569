// The ops tool: one subcommand a control message, over the control socket.

#include "tools/mailfleet/commands.hpp"

#include <CLI/CLI.hpp>
#include <fmt/core.h>

#include <cstdio>
#include <exception>

namespace {

using namespace mailfleet::tools;

int run(int count, char** arguments) {
  session with;
  with.socket = "/run/mailfleet/control.sock";
  CLI::App app{"Looks after the mailboxes of a running mailfleetd.", "mailfleet"};
  app.require_subcommand(1);
  // --socket and --json may stand behind a subcommand, too.
  app.fallthrough();
  app.set_version_flag("--version", MAILFLEET_VERSION);
  app.add_option("--socket", with.socket, "Control socket of mailfleetd: STATE/control.sock")
      ->type_name("PATH")
      ->envname("MAILFLEET_SOCKET")
      ->capture_default_str();
  app.add_flag("--json", with.json, "Show answers exactly as the API gave them");
  app.footer(exit_code_help()
             + "\nExamples:\n"
               "  mailfleet status\n"
               "  mailfleet mailbox list --state parked\n"
               "  mailfleet mailbox explain ann@example.org\n"
               "  mailfleet send ann@example.org --to bob@example.net --text Hello --wait\n"
               "  mailfleet --socket /var/lib/mailfleet/control.sock events follow\n"
               "  mailfleet provider add --help");
  add_status_command(app, with);
  add_doctor_command(app, with);
  add_provider_commands(app, with);
  add_mailbox_commands(app, with);
  add_certificate_command(app, with);
  add_message_commands(app, with);
  add_send_command(app, with);
  add_outbox_commands(app, with);
  add_events_commands(app, with);
  add_audit_command(app, with);
  add_explain_command(app, with);
  try {
    app.parse(count, arguments);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? exit_ok : exit_usage;
  }
  return with.status;
}

} // namespace

int main(int count, char** arguments) {
  try {
    return run(count, arguments);
  } catch (const std::exception& error) {
    fmt::print(stderr, "mailfleet: internal: {}\n", mailfleet::printable(error.what()));
    return exit_refused;
  }
}
