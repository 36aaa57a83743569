#include "web/control_routes.hpp"

#include "web/limits.hpp"
#include "web/route_table.hpp"

#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <span>

namespace mailfleet::web {

// -- parameters -------------------------------------------------------------

result<std::uint64_t> number_of(const route_input& input, std::string_view name,
                                std::uint64_t otherwise, std::uint64_t least, std::uint64_t most) {
  auto field = input.query.find(name);
  if (field == input.query.end())
    return otherwise;
  const auto& text = field->second;
  std::uint64_t value = 0;
  auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failed == std::errc{} && end == text.data() + text.size() && value >= least && value <= most)
    return value;
  return bad_field(name, "is not a number in its range",
                   "give one from " + std::to_string(least) + " to " + std::to_string(most));
}

result<std::uint32_t> count_of(std::string_view field, std::string_view text,
                               std::string_view cure) {
  std::uint32_t number = 0;
  auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failed != std::errc{} || end != text.data() + text.size())
    return bad_field(field, "is not a number", cure);
  return number;
}

result<message_key> key_of(std::string_view field, std::string_view text) {
  if (auto key = parse_message_key(text))
    return *key;
  return bad_field(field, "is not a key of a mail",
                   "give one as a list shows it: MAILBOX-FOLDER-VALIDITY-NUMBER");
}

result<page_wish> page_of(const route_input& input) {
  page_wish wish;
  if (auto field = input.query.find("after"); field != input.query.end()) {
    auto after = key_of("after", field->second);
    if (!after)
      return after.error();
    wish.after = *after;
  }
  auto limit = number_of(input, "limit", wish.limit, 1, max_page_rows);
  if (!limit)
    return limit.error();
  wish.limit = *limit;
  return wish;
}

// -- commands ---------------------------------------------------------------

namespace {

/// A command that needs nothing.
template <class Command>
made plain(const route_input&) {
  return control_command{Command{}};
}

/// A command that stands in the body alone.
template <auto Read>
made from_body(const route_input& input) {
  auto command = Read(input.body);
  return command ? made{control_command{*std::move(command)}} : made{command.error()};
}

made make_replace_password(const route_input& input) {
  auto password = read_password(input.body);
  if (!password)
    return password.error();
  return control_command{replace_password{input.which(), *std::move(password)}};
}

made make_begin_sign_in(const route_input& input) {
  auto prompt = read_prompt(input.body);
  if (!prompt)
    return prompt.error();
  return control_command{begin_sign_in{input.which(), *prompt}};
}

made make_add_secret(const route_input& input) {
  auto added = read_client_secret(input.body);
  if (!added)
    return added.error();
  return control_command{add_secret{input.which(), *std::move(added)}};
}

made make_retire_secret(const route_input& input) {
  if (auto nothing = read_nothing(input.body); !nothing)
    return nothing.error();
  auto number =
      count_of("secret", input.captured[1], "give one that `mailfleet provider secret list` shows");
  if (!number)
    return number.error();
  return control_command{retire_secret{input.which(), *number}};
}

made make_list_mailboxes(const route_input& input) {
  auto field = input.query.find("state");
  if (field == input.query.end())
    return control_command{list_mailboxes{}};
  if (auto state = parse_mailbox_state(field->second))
    return control_command{list_mailboxes{state}};
  return bad_field("state", "is not a state of a mailbox",
                   "give needs_sign_in, connecting, syncing, watching, backing_off, paused or "
                   "parked");
}

made make_remove_mailbox(const route_input& input) {
  if (auto nothing = read_nothing(input.body); !nothing)
    return nothing.error();
  auto field = input.query.find("discard_mail");
  bool given = field != input.query.end();
  if (given && field->second != "true" && field->second != "false")
    return bad_field("discard_mail", "is neither true nor false",
                     "give discard_mail=true to remove a mailbox with mail that is not sent yet");
  return control_command{remove_mailbox{input.which(), given && field->second == "true"}};
}

made make_set_servers(const route_input& input) {
  auto wanted = read_server_change(input.body);
  if (!wanted)
    return wanted.error();
  return control_command{set_servers{input.which(), *std::move(wanted)}};
}

made make_list_messages(const route_input& input) {
  auto page = page_of(input);
  if (!page)
    return page.error();
  return control_command{list_messages{input.which(), page->after, page->limit}};
}

made make_list_audit(const route_input& input) {
  list_audit command;
  auto after = number_of(input, "after", 0, 0, UINT64_MAX);
  auto limit = number_of(input, "limit", command.limit, 1, max_page_rows);
  for (const auto* number : {&after, &limit})
    if (!*number)
      return number->error();
  command.after = *after;
  command.limit = *limit;
  return control_command{command};
}

made make_list_events(const route_input& input) {
  list_events command;
  auto after = number_of(input, "after", 0, 0, UINT64_MAX);
  auto limit = number_of(input, "limit", command.limit, 1, max_page_rows);
  auto wait_s =
      number_of(input, "wait_s", 0, 0, static_cast<std::uint64_t>(max_event_wait.count()));
  for (const auto* number : {&after, &limit, &wait_s})
    if (!*number)
      return number->error();
  command.after = *after;
  command.limit = *limit;
  command.wait = std::chrono::seconds{*wait_s};
  if (auto about = input.query.find("about"); about != input.query.end())
    command.about = reference{about->second};
  return control_command{std::move(command)};
}

// -- table ------------------------------------------------------------------

constexpr std::array route_table{
    route_row{"GET", "status", plain<report_status>, 200, ""},
    route_row{"GET", "providers", plain<list_providers>, 200, ""},
    route_row{"POST", "providers", from_body<read_add_provider>, 201, ""},
    route_row{"GET", "providers/*", on_reference<show_provider>, 200, ""},
    route_row{"DELETE", "providers/*", on_reference<remove_provider>, 200, ""},
    route_row{"GET", "providers/*/doctor", on_reference<examine_provider>, 200, ""},
    route_row{"POST", "providers/*/secrets", make_add_secret, 201, ""},
    route_row{"DELETE", "providers/*/secrets/*", make_retire_secret, 200, ""},
    route_row{"POST", "providers/*/secret-expiry", on_reference<read_secret_expiry>, 200, ""},
    route_row{"POST", "providers/*/consent-link", on_reference<request_consent>, 200, ""},
    route_row{"GET", "mailboxes", make_list_mailboxes, 200, "state"},
    route_row{"POST", "mailboxes", from_body<read_add_mailbox>, 201, ""},
    route_row{"GET", "mailboxes/*", on_reference<show_mailbox>, 200, ""},
    route_row{"DELETE", "mailboxes/*", make_remove_mailbox, 200, "discard_mail"},
    route_row{"GET", "mailboxes/*/doctor", on_reference<examine_mailbox>, 200, ""},
    route_row{"POST", "mailboxes/*/pause", on_reference<pause_mailbox>, 200, ""},
    route_row{"POST", "mailboxes/*/resume", on_reference<resume_mailbox>, 200, ""},
    route_row{"POST", "mailboxes/*/fetch", on_reference<fetch_now>, 200, ""},
    route_row{"POST", "mailboxes/*/password", make_replace_password, 200, ""},
    route_row{"PUT", "mailboxes/*/servers", make_set_servers, 200, ""},
    route_row{"POST", "mailboxes/*/sign-in", make_begin_sign_in, 200, ""},
    route_row{"POST", "mailboxes/*/device-sign-in", on_reference<begin_device_sign_in>, 200, ""},
    route_row{"GET", "mailboxes/*/messages", make_list_messages, 200, "after limit"},
    route_row{"POST", "certificates", from_body<read_show_certificate>, 200, ""},
    route_row{"GET", "messages/*", on_message<show_message>, 200, ""},
    route_row{"GET", "messages/*/body", on_message<read_body>, 200, ""},
    route_row{"GET", "events", make_list_events, 200, "after limit wait_s about"},
    route_row{"GET", "audit", make_list_audit, 200, "after limit"},
};

/// Takes the front word off `text`.
std::string_view take_word(std::string_view& text, char mark) {
  auto end = std::min(text.find(mark), text.size());
  auto word = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return word;
}

/// What the stars of a pattern stand for, if the path fits it.
std::optional<std::vector<std::string>> match(std::string_view pattern,
                                              std::span<const std::string> path) {
  std::vector<std::string> captured;
  for (const auto& segment : path) {
    if (pattern.empty())
      return std::nullopt;
    auto wanted = take_word(pattern, '/');
    if (wanted == "*" && !segment.empty())
      captured.push_back(segment);
    else if (wanted != segment)
      return std::nullopt;
  }
  return pattern.empty() ? std::optional{captured} : std::nullopt;
}

bool knows(std::string_view words, std::string_view name) {
  while (!words.empty())
    if (take_word(words, ' ') == name)
      return true;
  return false;
}

result<parameters> parameters_of(boost::urls::url_view url, std::string_view known) {
  parameters query;
  for (const auto& parameter : url.params()) {
    if (!knows(known, parameter.key))
      return bad_field(printable(parameter.key), "is not a parameter of this request",
                       known.empty() ? "give none" : "give: " + std::string{known});
    if (!query.emplace(parameter.key, parameter.value).second)
      return bad_field(printable(parameter.key), "is given twice", "give it once");
  }
  return query;
}

std::variant<routed, route_refusal> run(const route_row& row, boost::urls::url_view url,
                                        route_input input) {
  auto refused = [](const failure& what) {
    return route_refusal{http_status(what.code), what, {}};
  };
  auto query = parameters_of(url, row.parameters);
  if (!query)
    return refused(query.error());
  input.query = *std::move(query);
  auto command = row.make(input);
  if (!command)
    return refused(command.error());
  return routed{*std::move(command), row.status};
}

} // namespace

std::variant<routed, route_refusal> route(std::string_view method, std::string_view target,
                                          std::string_view body, std::string_view idempotency_key) {
  auto url = boost::urls::parse_origin_form({target.data(), target.size()});
  if (!url)
    return route_refusal{400, {errc::invalid_argument, "the request's address is malformed"}, {}};
  std::vector<std::string> path;
  for (const auto& segment : url->segments())
    path.emplace_back(segment);
  std::string allow;
  if (path.size() > 2 && path[0] == "api" && path[1] == "v1") {
    for (auto rows : {std::span<const route_row>{route_table}, outbox_routes()})
      for (const auto& row : rows) {
        auto captured = match(row.pattern, std::span{path}.subspan(2));
        if (captured && row.method == method)
          return run(row, *url, {*std::move(captured), {}, body, idempotency_key});
        if (captured)
          allow.append(allow.empty() ? "" : ", ").append(row.method);
      }
  }
  if (allow.empty())
    return route_refusal{404,
                         {errc::not_found, "there is nothing at this address; all of it is "
                                           "under /api/v1"},
                         {}};
  return route_refusal{
      405, {errc::invalid_argument, "this address takes " + allow + " only"}, allow};
}

} // namespace mailfleet::web
