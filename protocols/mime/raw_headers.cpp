#include "protocols/mime/raw_headers.hpp"

#include "protocols/imap/tokens.hpp"
#include "protocols/mime/address.hpp"
#include "protocols/mime/ascii.hpp"
#include "protocols/mime/header_block.hpp"
#include "protocols/mime/library.hpp"
#include "protocols/mime/message_ids.hpp"

#include <algorithm>
#include <array>
#include <unordered_set>

namespace mailfleet::mime {

namespace {

using namespace std::string_view_literals;
using imap::same_word;

/// May be there once only (RFC 5322 3.6), and MIME's own (RFC 2045).
constexpr std::array single_fields{"From"sv,         "Sender"sv,
                                   "Reply-To"sv,     "To"sv,
                                   "Cc"sv,           "Bcc"sv,
                                   "Message-ID"sv,   "In-Reply-To"sv,
                                   "References"sv,   "Subject"sv,
                                   "Date"sv,         "MIME-Version"sv,
                                   "Content-Type"sv, "Content-Transfer-Encoding"sv};

/// Never go out: who else gets the mail, what only the last server writes, and our own.
constexpr std::array removed_fields{"Bcc"sv, "Resent-Bcc"sv, "Return-Path"sv, mailfleet_id_header};

bool is_one_of(const auto& names, std::string_view name) {
  return std::ranges::any_of(names, [&](auto one) { return same_word(one, name); });
}

struct field {
  std::string_view name;
  /// All its lines, with their ends.
  std::string_view raw;
  std::string value;
};

failure bad_line(std::size_t number, std::string_view fault, std::string_view cure) {
  return bad_field("header line " + std::to_string(number), fault, cure);
}

result<void> check_line(std::string_view line, std::size_t number) {
  std::string without_tabs{line};
  std::ranges::replace(without_tabs, '\t', ' ');
  if (printable(without_tabs, without_tabs.size()) != without_tabs)
    return bad_line(number, "holds a control character or bytes that are not UTF-8",
                    "encode it (RFC 2047), or leave it out");
  return {};
}

/// The fields of a section; views of it.
result<std::vector<field>> split(std::string_view section) {
  std::vector<field> fields;
  for (std::size_t number = 1; !section.empty(); ++number) {
    auto end = section.find("\r\n");
    auto line = section.substr(0, end);
    section.remove_prefix(end == section.npos ? section.size() : end + 2);
    if (auto checked = check_line(line, number); !checked)
      return checked.error();
    if (line.starts_with(' ') || line.starts_with('\t')) {
      if (fields.empty())
        return bad_line(number, "continues no field", "begin with a field such as From:");
      if (trimmed(line).empty())
        return bad_line(number, "is blank", "leave it out: some readers end the headers there");
      auto& last = fields.back();
      last.raw = {last.raw.data(), static_cast<std::size_t>(section.data() - last.raw.data())};
      last.value.append(" ").append(trimmed(line));
      continue;
    }
    auto colon = line.find(':');
    auto name = line.substr(0, colon);
    bool is_name = std::ranges::all_of(name, [](char c) { return c > 0x20 && c < 0x7F; });
    if (colon == line.npos || name.empty() || !is_name)
      return bad_line(number, "is no field",
                      "write NAME: VALUE, and end the headers with an "
                      "empty line");
    if (fields.size() == max_header_fields)
      return bad_line(number, "is one too many",
                      "give at most " + std::to_string(max_header_fields) + " fields");
    fields.push_back({name,
                      {line.data(), static_cast<std::size_t>(section.data() - line.data())},
                      std::string{trimmed(line.substr(colon + 1))}});
  }
  return fields;
}

const field* find(const std::vector<field>& fields, std::string_view name) {
  auto found =
      std::ranges::find_if(fields, [&](const field& one) { return same_word(one.name, name); });
  return found == fields.end() ? nullptr : &*found;
}

result<void> check_single(const std::vector<field>& fields) {
  for (auto name : single_fields)
    if (std::ranges::count_if(fields, [&](const field& one) { return same_word(one.name, name); })
        > 1)
      return bad_field(name, "is there twice", "write one field of that name");
  return {};
}

/// The addresses of a field; none if it is not there.
result<std::vector<addr_spec>> addresses_of(const std::vector<field>& fields,
                                            std::string_view name) {
  std::vector<addr_spec> found;
  const auto* of = find(fields, name);
  if (!of || (of->value.empty() && !same_word(name, "From")))
    return found;
  auto list = read_address_list(of->value);
  if (!list)
    return bad_field(name, "is no list of addresses", "write NAME <ADDRESS>, ...");
  for (const auto& one : *list) {
    auto address = read_address(name, one.address);
    if (!address)
      return address.error();
    found.push_back(*std::move(address));
  }
  return found;
}

/// One section's check, taken step by step.
class section_check {
public:
  explicit section_check(const raw_options& options) : options_{options} {}

  result<checked_headers> run(std::string_view section) {
    auto fields = split(section);
    if (!fields)
      return fields.error();
    if (auto checked = check_single(*fields); !checked)
      return checked.error();
    if (auto known = read_sender(*fields); !known)
      return known.error();
    if (auto known = read_recipients(*fields); !known)
      return known.error();
    write(*fields);
    return std::move(out_);
  }

private:
  result<void> read_sender(const std::vector<field>& fields) {
    if (!find(fields, "From"))
      return bad_field("From", "is not there", "name the mailbox that sends");
    auto from = addresses_of(fields, "From");
    if (!from)
      return from.error();
    if (from->empty())
      return bad_field("From", "names nobody", "name the mailbox that sends");
    auto sender = addresses_of(fields, "Sender");
    if (!sender)
      return sender.error();
    if (sender->size() > 1 || (from->size() > 1 && sender->empty()))
      return bad_field("Sender", "is not one address",
                       "name the one of several senders who sent it (RFC 5322 3.6.2)");
    domain_ = from->front().domain;
    for (const auto& one : *from)
      out_.facts.from.push_back(one.text());
    auto chosen = sender->empty() ? from->front() : sender->front();
    if (!options_.sender.empty()) {
      auto given = read_address("sender", options_.sender);
      if (!given)
        return given.error();
      chosen = *std::move(given);
    }
    // Readers are shown it: whoever checks authors and envelope must know of it.
    auto is_named = [&](const addr_spec& one) {
      auto named = one.text();
      return same_word(named, chosen.text())
             || std::ranges::any_of(out_.facts.from,
                                    [&](const auto& author) { return same_word(named, author); });
    };
    if (!std::ranges::all_of(*sender, is_named))
      return bad_field("Sender", "names neither an author nor the sender of the envelope",
                       "leave it out, or write an address of From or that of the envelope");
    add_need(chosen);
    out_.envelope.sender = chosen.text();
    return {};
  }

  result<void> read_recipients(const std::vector<field>& fields) {
    std::vector<addr_spec> all;
    for (auto name : {"To"sv, "Cc"sv, "Bcc"sv, "Reply-To"sv}) {
      auto some = addresses_of(fields, name);
      if (!some)
        return some.error();
      if (name != "Reply-To"sv && options_.recipients.empty())
        all.insert(all.end(), some->begin(), some->end());
    }
    for (const auto& given : options_.recipients) {
      auto address = read_address("recipient", given);
      if (!address)
        return address.error();
      all.push_back(*std::move(address));
    }
    std::unordered_set<std::string> seen;
    for (const auto& one : all)
      if (seen.insert(one.text()).second) {
        add_need(one);
        out_.envelope.recipients.push_back(one.text());
      }
    if (out_.envelope.recipients.empty())
      return bad_field("recipients", "are none", "name at least one in To, Cc or Bcc");
    if (out_.envelope.recipients.size() > options_.max_recipients)
      return bad_field("recipients", "are too many",
                       "give at most " + std::to_string(options_.max_recipients)
                           + ", and send the rest in another mail");
    return {};
  }

  void add_need(const addr_spec& of) {
    out_.envelope.needs_smtputf8 = out_.envelope.needs_smtputf8 || of.needs_smtputf8;
  }

  void write(const std::vector<field>& fields) {
    auto& text = out_.text;
    text.append(mailfleet_id_header).append(": ").append(options_.mailfleet_id).append("\r\n");
    const auto* id = find(fields, "Message-ID");
    bool keep_id = id && is_sound_message_id(id->value);
    const auto* date = find(fields, "Date");
    bool keep_date = date && read_date(date->value);
    for (const auto& one : fields) {
      if (is_one_of(removed_fields, one.name) || (&one == id && !keep_id)
          || (&one == date && !keep_date))
        continue;
      text.append(one.raw);
      out_.envelope.needs_smtputf8 = out_.envelope.needs_smtputf8 || !is_ascii(one.raw);
    }
    out_.facts.message_id =
        keep_id ? id->value : "<" + options_.mailfleet_id + "@" + id_domain() + ">";
    if (!keep_id)
      text.append("Message-ID: ").append(out_.facts.message_id).append("\r\n");
    if (!keep_date)
      text.append("Date: ").append(write_date(options_.now)).append("\r\n");
    text.append("\r\n");
    if (const auto* subject = find(fields, "Subject"))
      out_.facts.subject = decoded_text(subject->value, max_subject_bytes);
    auto value = [&](std::string_view name) {
      const auto* of = find(fields, name);
      return of ? std::string_view{of->value} : std::string_view{};
    };
    out_.facts.thread = thread_of(value("References"), value("In-Reply-To"));
  }

  /// An address literal is no right side of an id for every server.
  std::string id_domain() const {
    return domain_.starts_with('[') ? "mailfleet.invalid" : domain_;
  }

  const raw_options& options_;
  checked_headers out_;
  std::string domain_;
};

} // namespace

result<checked_headers> check_headers(std::string_view section, const raw_options& options) {
  auto is_visible = [](char c) { return c > 0x20 && c < 0x7F; };
  if (options.mailfleet_id.empty() || !std::ranges::all_of(options.mailfleet_id, is_visible))
    return failure{errc::internal, "a mail without a sound id of ours"};
  return section_check{options}.run(section);
}

} // namespace mailfleet::mime
