#include "jobs/registration_plan.hpp"
#include "tools/mailfleet/commands.hpp"

#include <CLI/CLI.hpp>
#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <memory>

namespace mailfleet::tools {

namespace {

using jobs::registration_plan;
using nlohmann::ordered_json;

/// `provider plan`.
struct plan_options {
  jobs::registration_wish wanted;
  std::string format = "all";
};

/// One form of the plan and its title among all; empty: the service has none.
struct plan_form {
  const char* format;
  const char* title;
  std::string registration_plan::*text;
};

constexpr plan_form forms[] = {
    {"text", "Step by step", &registration_plan::steps},
    {"manifest", "In the manifest (these members; saving replaces each list)",
     &registration_plan::manifest},
    {"az", "The same for Azure CLI", &registration_plan::az},
    {"graph", "The same as Graph requests", &registration_plan::graph},
    {"powershell", "The same for PowerShell", &registration_plan::powershell},
};

constexpr auto placeholder_words =
    "words in capitals are as the registration shows them; END_DATE is the day the secret ends, "
    "such as 2027-03-01";

void show_notes(const registration_plan& plan) {
  fmt::print("Note\n");
  for (const auto& note : plan.notes)
    fmt::print("  - {}\n", note);
}

void show_command(const registration_plan& plan) {
  fmt::print("Then tell mailfleetd ({})\n\n{}", placeholder_words, plan.add_command);
}

/// A script stays one: what is no command stands behind `#`.
void show_script(const registration_plan& plan, const std::string& text) {
  fmt::print("{}\n", text);
  for (const auto& note : plan.notes)
    fmt::print("# - {}\n", note);
  fmt::print("#\n# Then tell mailfleetd ({})\n", placeholder_words);
  std::string_view rest = plan.add_command;
  while (!rest.empty()) {
    auto end = rest.find('\n');
    fmt::print("# {}\n", rest.substr(0, end));
    rest.remove_prefix(end + 1);
  }
}

void show_all(const registration_plan& plan) {
  for (const auto& form : forms)
    if (const auto& text = plan.*form.text; !text.empty())
      fmt::print("== {}\n\n{}\n", form.title, text);
  show_notes(plan);
  fmt::print("\n");
  show_command(plan);
}

ordered_json json_of(const jobs::registration_wish& wanted, const registration_plan& plan) {
  ordered_json object{{"service", wanted.service},
                      {"redirect_uri", plan.redirect_uri},
                      {"scopes", plan.scopes},
                      {"grant_types", plan.grant_types}};
  if (plan.accounts != nullptr) {
    object["tenant"] = plan.tenant;
    object["account_type"] = {{"choice", plan.accounts->choice},
                              {"audience", plan.accounts->audience},
                              {"why", plan.accounts->why},
                              {"verified", plan.accounts->known == jobs::proof::listed}};
    for (const auto& one : plan.permissions)
      object["permissions"].push_back(
          {{"name", one.name},
           {"id", one.id.empty() ? ordered_json{} : ordered_json(one.id)},
           {"resource", one.resource->name},
           {"resource_app_id", one.resource->app_id},
           {"type", one.type},
           {"verified", one.known == jobs::proof::listed},
           {"optional", one.optional},
           {"meaning", one.meaning}});
    object["manifest"] = ordered_json::parse(plan.manifest);
  }
  for (const auto& form : forms)
    if (const auto& text = plan.*form.text; !text.empty() && !object.contains(form.format))
      object[form.format] = text;
  object["notes"] = plan.notes;
  object["add_command"] = plan.add_command;
  return object;
}

void show_plan(const plan_options& given, const registration_plan& plan, session& with) {
  if (with.json)
    return fmt::print("{}\n", json_of(given.wanted, plan).dump());
  if (given.format == "all")
    return show_all(plan);
  const auto* form = std::ranges::find(forms, given.format, &plan_form::format);
  const auto& text = plan.*form->text;
  if (text.empty())
    return with.refuse(bad_field("format", "belongs to the service microsoft", "give text or all"),
                       exit_usage);
  if (given.format == "manifest")
    return fmt::print("{}", text);
  if (given.format != "text")
    return show_script(plan, text);
  fmt::print("{}\n", text);
  show_notes(plan);
  fmt::print("\n");
  show_command(plan);
}

} // namespace

void add_plan_command(CLI::App& provider, session& with) {
  auto* plan = provider.add_subcommand("plan", "What to register at a cloud provider, exactly");
  auto given = std::make_shared<plan_options>();
  auto& wanted = given->wanted;
  plan->add_option("--service", wanted.service, "Preset: microsoft, google or generic")->required();
  plan->add_option("--type", wanted.type, "Kind within the service: Outlook365");
  plan->add_option("--public-url", wanted.public_url,
                   "Scheme, host and port as browsers see them (callback.public_url)")
      ->required()
      ->type_name("URL");
  plan->add_option("--tenant", wanted.tenant,
                   "Microsoft: tenant id, domain, organizations, common, consumers; decides the "
                   "account type");
  plan->add_flag("--app-only", wanted.app_only, "Microsoft: the app acts for itself");
  plan->add_option("--name", wanted.name, "Name of the registration, and of the provider here")
      ->capture_default_str();
  plan->add_option("--discovery", wanted.discovery_url, "OpenID discovery address (generic)")
      ->type_name("URL");
  plan->add_option("--format", given->format, "What to print; manifest is JSON alone")
      ->check(CLI::IsMember({"text", "manifest", "az", "graph", "powershell", "all"}))
      ->capture_default_str();
  plan->footer(
      "Only prints: it contacts nobody, changes nothing and needs no mailfleetd. No\n"
      "command takes away a secret that an app has.\n\n"
      "Examples:\n"
      "  mailfleet provider plan --service microsoft --type Outlook365 \\\n"
      "    --public-url https://motion.example.com --format text\n"
      "  mailfleet provider plan --service microsoft --tenant organizations \\\n"
      "    --public-url https://motion.example.com:9000 --format az > register.sh\n"
      "  mailfleet provider plan --service microsoft --app-only \\\n"
      "    --public-url https://motion.example.com --format powershell\n"
      "  mailfleet provider plan --service generic --public-url https://motion.example.com");
  plan->final_callback([given, &with] {
    with.options = plan_fields();
    auto made = jobs::plan_registration(given->wanted);
    if (made)
      show_plan(*given, *made, with);
    else
      with.refuse(made.error(), exit_usage);
  });
}

} // namespace mailfleet::tools
