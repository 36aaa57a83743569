#include "protocols/imap/folder_names.hpp"

#include "messages/values/errors.hpp"
#include "protocols/imap/tokens.hpp"

#include <cstdint>
#include <optional>
#include <utility>

namespace mailfleet::imap {

namespace {

constexpr std::string_view alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,";

bool is_control(char32_t value) {
  return value < 0x20 || (value >= 0x7F && value < 0xA0);
}

/// Takes one UTF-8 character; nothing if it is not well formed (RFC 3629).
std::optional<char32_t> take_character(std::string_view& rest) {
  auto lead = static_cast<unsigned char>(rest.front());
  std::size_t length = lead < 0x80 ? 1 : lead < 0xC2 ? 0 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  if (length == 0 || lead > 0xF4 || length > rest.size())
    return std::nullopt;
  char32_t value = length == 1 ? lead : lead & (0xFFu >> (length + 1));
  for (std::size_t at = 1; at < length; ++at) {
    auto next = static_cast<unsigned char>(rest[at]);
    if ((next & 0xC0) != 0x80)
      return std::nullopt;
    value = (value << 6) | (next & 0x3Fu);
  }
  constexpr char32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
  if (value < least[length] || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF))
    return std::nullopt;
  rest.remove_prefix(length);
  return value;
}

/// Writes runs of other characters as `&...-`: UTF-16 in base64 with `,` for
/// `/` and no padding. It works by bits, which EVP's blocks do not give.
class modified_utf7 {
public:
  void add(char32_t value) {
    if (value >= 0x20 && value <= 0x7E) {
      close();
      text_.push_back(static_cast<char>(value));
      if (value == '&')
        text_.push_back('-');
      return;
    }
    if (!open_)
      text_.push_back('&');
    open_ = true;
    if (value >= 0x10000) {
      add_unit(0xD800 + ((value - 0x10000) >> 10));
      value = 0xDC00 + ((value - 0x10000) & 0x3FF);
    }
    add_unit(value);
  }

  std::string finish() {
    close();
    return std::move(text_);
  }

private:
  void add_unit(char32_t unit) {
    bits_ = (bits_ << 16) | unit;
    count_ += 16;
    for (; count_ >= 6; count_ -= 6)
      add_sextet(bits_ >> (count_ - 6));
  }

  void add_sextet(std::uint64_t bits) {
    text_.push_back(alphabet[bits & 0x3F]);
  }

  void close() {
    if (count_ > 0)
      add_sextet(bits_ << (6 - count_));
    if (open_)
      text_.push_back('-');
    open_ = false;
    count_ = 0;
    bits_ = 0;
  }

  std::string text_;
  std::uint64_t bits_ = 0;
  unsigned count_ = 0;
  bool open_ = false;
};

void append_utf8(std::string& text, char32_t value) {
  auto add = [&text](char32_t byte) { text.push_back(static_cast<char>(byte)); };
  if (value < 0x80)
    return add(value);
  if (value < 0x800) {
    add(0xC0 | (value >> 6));
  } else {
    if (value < 0x10000) {
      add(0xE0 | (value >> 12));
    } else {
      add(0xF0 | (value >> 18));
      add(0x80 | ((value >> 12) & 0x3F));
    }
    add(0x80 | ((value >> 6) & 0x3F));
  }
  add(0x80 | (value & 0x3F));
}

/// Appends what stands between `&` and `-`; false if it is no UTF-16 in base64.
bool append_shifted(std::string& text, std::string_view shifted) {
  char32_t bits = 0;
  char32_t high = 0;
  unsigned count = 0;
  for (auto c : shifted) {
    auto sextet = alphabet.find(c);
    if (sextet == alphabet.npos)
      return false;
    bits = ((bits << 6) | static_cast<char32_t>(sextet)) & 0x3FFFFF;
    count += 6;
    if (count < 16)
      continue;
    count -= 16;
    auto unit = (bits >> count) & 0xFFFF;
    bool is_high = unit >= 0xD800 && unit <= 0xDBFF;
    bool is_low = unit >= 0xDC00 && unit <= 0xDFFF;
    if (is_low != (high != 0) || (is_high && high != 0))
      return false;
    if (is_high) {
      high = unit;
      continue;
    }
    auto value = is_low ? 0x10000 + ((high - 0xD800) << 10) + (unit - 0xDC00) : unit;
    if (is_control(value))
      return false;
    append_utf8(text, value);
    high = 0;
  }
  bool padded_with_zeros = count < 6 && (bits & ((1u << count) - 1)) == 0;
  return padded_with_zeros && high == 0;
}

std::optional<std::string> decoded(std::string_view spelled) {
  std::string text;
  while (!spelled.empty()) {
    auto c = spelled.front();
    spelled.remove_prefix(1);
    if (c < 0x20 || c > 0x7E)
      return std::nullopt;
    if (c != '&') {
      text.push_back(c);
      continue;
    }
    auto end = spelled.find('-');
    if (end == spelled.npos)
      return std::nullopt;
    if (end == 0)
      text.push_back('&');
    else if (!append_shifted(text, spelled.substr(0, end)))
      return std::nullopt;
    spelled.remove_prefix(end + 1);
  }
  return text;
}

} // namespace

result<std::string> quoted_mailbox(std::string_view name) {
  modified_utf7 encoded;
  auto fault = [] {
    return bad_field("folder", "is empty, not UTF-8, or holds a control character",
                     "name a folder as the mail program shows it");
  };
  if (name.empty())
    return fault();
  while (!name.empty()) {
    auto value = take_character(name);
    if (!value || is_control(*value))
      return fault();
    encoded.add(*value);
  }
  return quoted(encoded.finish());
}

std::string folder_name(std::string_view spelled) {
  auto name = decoded(spelled);
  return name ? *std::move(name) : printable(spelled, spelled.size());
}

result<std::string> quoted_spelling(std::string_view spelled) {
  constexpr std::string_view unquotable{"\0\r\n", 3};
  if (spelled.empty() || spelled.find_first_of(unquotable) != spelled.npos)
    return failure{errc::protocol_violation, "the server lists a folder whose name is none"};
  return quoted(spelled);
}

} // namespace mailfleet::imap
