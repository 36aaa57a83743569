#include "protocols/oauth2/encoding.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <cstddef>

namespace mailfleet::oauth2 {

namespace {

bool is_unreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-'
         || c == '.' || c == '_' || c == '~';
}

bool is_base64url(char c) {
  return is_unreserved(c) && c != '.' && c != '~';
}

int hex_value(char c) {
  if (c >= '0' && c <= '9')
    return c - '0';
  if (c >= 'a' && c <= 'f')
    return c - 'a' + 10;
  if (c >= 'A' && c <= 'F')
    return c - 'A' + 10;
  return -1;
}

} // namespace

std::string base64url(std::string_view bytes) {
  std::string text(4 * ((bytes.size() + 2) / 3) + 1, '\0');
  auto size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                              reinterpret_cast<const unsigned char*>(bytes.data()),
                              static_cast<int>(bytes.size()));
  text.resize(static_cast<std::size_t>(size));
  while (text.ends_with('='))
    text.pop_back();
  std::ranges::replace(text, '+', '-');
  std::ranges::replace(text, '/', '_');
  return text;
}

std::optional<std::string> decode_base64url(std::string_view text) {
  if (text.size() % 4 == 1 || !std::ranges::all_of(text, is_base64url))
    return std::nullopt;
  std::string padded{text};
  std::ranges::replace(padded, '-', '+');
  std::ranges::replace(padded, '_', '/');
  auto padding = (4 - padded.size() % 4) % 4;
  padded.append(padding, '=');
  std::string bytes(3 * (padded.size() / 4), '\0');
  auto size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                              reinterpret_cast<const unsigned char*>(padded.data()),
                              static_cast<int>(padded.size()));
  if (size < 0)
    return std::nullopt;
  bytes.resize(static_cast<std::size_t>(size) - padding);
  return bytes;
}

void append_encoded(std::string& to, std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  while (!text.empty()) {
    // Tokens are long and mostly unreserved.
    auto run =
        static_cast<std::size_t>(std::ranges::find_if_not(text, is_unreserved) - text.begin());
    to.append(text.substr(0, run));
    text.remove_prefix(run);
    if (text.empty())
      return;
    auto byte = static_cast<unsigned char>(text.front());
    to.push_back('%');
    to.push_back(digits[byte >> 4]);
    to.push_back(digits[byte & 0xf]);
    text.remove_prefix(1);
  }
}

std::optional<std::string> decode_form(std::string_view text) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '%') {
      decoded.push_back(text[at] == '+' ? ' ' : text[at]);
      continue;
    }
    if (at + 2 >= text.size())
      return std::nullopt;
    auto high = hex_value(text[at + 1]);
    auto low = hex_value(text[at + 2]);
    if (high < 0 || low < 0)
      return std::nullopt;
    decoded.push_back(static_cast<char>(high * 16 + low));
    at += 2;
  }
  return decoded;
}

bool equal_without_case(std::string_view a, std::string_view b) {
  auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::ranges::equal(a, b, {}, lower, lower);
}

} // namespace mailfleet::oauth2
