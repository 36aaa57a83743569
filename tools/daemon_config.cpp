#include "tools/daemon_config.hpp"

#include "tools/daemon_settings.hpp"

#include <CLI/CLI.hpp>
#include <toml++/toml.h>

#include <algorithm>

namespace mailfleet::tools {

namespace {

// -- file -------------------------------------------------------------------

std::string place_of(const std::string& file, const toml::source_region& where) {
  return file + ':' + std::to_string(where.begin.line) + ": ";
}

failure faulty(std::string place, std::string_view field, const setting_fault& fault) {
  auto what = bad_field(field, fault.what, fault.cure);
  what.detail.insert(0, place);
  return what;
}

std::optional<setting_values> texts_of(const toml::array& list) {
  setting_values texts;
  for (const auto& item : list) {
    auto text = item.value_exact<std::string>();
    if (!text)
      return std::nullopt;
    texts.push_back(*std::move(text));
  }
  return texts;
}

/// The value as texts, if its type is the setting's.
std::optional<setting_values> values_of(const toml::node& node, setting_kind kind) {
  auto text = node.value_exact<std::string>();
  auto number = node.value_exact<std::int64_t>();
  bool takes_text = kind == setting_kind::text || kind == setting_kind::size;
  bool takes_number = kind == setting_kind::number || kind == setting_kind::size;
  if (takes_text && text)
    return setting_values{*text};
  if (takes_number && number)
    return setting_values{std::to_string(*number)};
  if (auto flag = node.value_exact<bool>(); kind == setting_kind::yes_or_no && flag)
    return setting_values{*flag ? "true" : "false"};
  if (kind == setting_kind::list && node.is_array())
    return texts_of(*node.as_array());
  return std::nullopt;
}

std::string_view wanted_type(setting_kind kind) {
  switch (kind) {
  case setting_kind::text: return "give a text in quotes";
  case setting_kind::number: return "give a number";
  case setting_kind::yes_or_no: return "give true or false";
  case setting_kind::size: return "give a number of bytes or a text such as \"64 MiB\"";
  case setting_kind::list: return "give a list of texts";
  }
  return "";
}

result<void> apply_file_value(const std::string& place, const std::string& key,
                              const toml::node& node, daemon_config& config) {
  auto table = daemon_settings();
  auto setting = std::ranges::find(table, std::string_view{key}, &daemon_setting::key);
  if (setting == table.end())
    return faulty(place, printable(key),
                  {"is not a setting", "remove it; `mailfleetd run --help` lists the settings"});
  auto values = values_of(node, setting->kind);
  if (!values)
    return faulty(place, key,
                  {"has a value of the wrong type", std::string{wanted_type(setting->kind)}});
  if (auto fault = setting->apply(config, *values))
    return faulty(place, key, *fault);
  return {};
}

/// Settings nest one level: `[log]`, then `level`.
result<void> apply_table(const std::string& file, const std::string& prefix,
                         const toml::table& table, daemon_config& config) {
  for (const auto& [name, node] : table) {
    auto key = prefix + std::string{name.str()};
    auto applied = node.is_table() && prefix.empty()
                       ? apply_table(file, key + '.', *node.as_table(), config)
                       : apply_file_value(place_of(file, node.source()), key, node, config);
    if (!applied)
      return applied;
  }
  return {};
}

result<void> apply_file(const std::string& file, daemon_config& config) {
  try {
    return apply_table(file, "", toml::parse_file(file), config);
  } catch (const toml::parse_error& error) {
    return failure{errc::invalid_argument, place_of(file, error.source())
                                               + printable(error.description())
                                               + "; correct the file"};
  }
}

// -- flags and the whole ----------------------------------------------------

result<void> apply_flags(const daemon_flags& flags, daemon_config& config) {
  for (const auto& setting : daemon_settings()) {
    auto given = flags.given.find(std::string{setting.key});
    if (given == flags.given.end() || given->second.empty())
      continue;
    if (auto fault = setting.apply(config, given->second))
      return faulty("", "--" + std::string{setting.flag}, *fault);
  }
  return {};
}

bool is_inside(const std::filesystem::path& file, const std::filesystem::path& folder) {
  auto relative = file.lexically_relative(folder);
  return !relative.empty() && *relative.begin() != "..";
}

/// Fills what follows from other settings, and checks them against each other.
result<void> complete(daemon_config& config) {
  if (config.state.empty())
    return bad_field("state", "is not set", "give --state DIR, or state in the file");
  if (config.key_file.empty())
    return bad_field("key_file", "is not set", "give --key-file FILE, or key_file in the file");
  if (is_inside(config.key_file, config.state))
    return bad_field("key_file", "is inside the state folder",
                     "keep it elsewhere: a copy of the folder must not hold its key");
  if (config.mailbox_budget > config.memory_budget)
    return bad_field("memory.mailbox_budget", "is above memory.budget", "lower it");
  if (config.socket.empty())
    config.socket = config.state / "control.sock";
  if (config.callback_certificate.empty() != config.callback_key.empty())
    return bad_field(config.callback_key.empty() ? "callback.key" : "callback.certificate",
                     "is not set", "give certificate and key, or neither");
  if (!config.callback_certificate.empty() && !config.public_url.starts_with("https://"))
    return bad_field("callback.public_url", "is not https, but the callback speaks TLS",
                     "give the origin that the certificate is for: https://HOST:PORT");
  if (config.public_url.empty()) {
    bool v6 = config.callback_address.find(':') != std::string::npos;
    config.public_url = "http://"
                        + (v6 ? '[' + config.callback_address + ']' : config.callback_address) + ':'
                        + std::to_string(config.callback_port);
  }
  if (config.proxy.url.empty())
    config.proxy.url = "direct";
  return {};
}

} // namespace

void add_daemon_flags(CLI::App& app, daemon_flags& into) {
  app.add_option("--config", into.config_file, "Settings in TOML; flags go before them")
      ->type_name("FILE");
  for (const auto& setting : daemon_settings()) {
    auto& given = into.given[std::string{setting.key}];
    auto flag = "--" + std::string{setting.flag};
    if (setting.kind == setting_kind::yes_or_no) {
      app.add_flag_callback(
          flag, [&given] { given = {"true"}; }, std::string{setting.help});
      continue;
    }
    auto* option = app.add_option(flag, given, std::string{setting.help});
    if (setting.kind == setting_kind::list)
      option->delimiter(',');
    else
      option->expected(1);
  }
}

result<daemon_config> load_daemon_config(const daemon_flags& flags) {
  daemon_config config;
  if (!flags.config_file.empty())
    if (auto applied = apply_file(flags.config_file, config); !applied)
      return applied.error();
  if (auto applied = apply_flags(flags, config); !applied)
    return applied.error();
  if (auto completed = complete(config); !completed)
    return completed.error();
  return config;
}

} // namespace mailfleet::tools
