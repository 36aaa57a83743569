#include "net/http_answer.hpp"

#include "net/limits.hpp"

#include <algorithm>
#include <cctype>
#include <string>

namespace mailfleet::net {

namespace {

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blank = " \t\r\n";
  auto begin = text.find_first_not_of(blank);
  if (begin == text.npos)
    return {};
  return text.substr(begin, text.find_last_not_of(blank) - begin + 1);
}

} // namespace

bool http_answer::add_header(std::string_view line) {
  // An interim answer (100) goes before the real one; both count.
  header_bytes_ += line.size();
  if (header_bytes_ > max_http_header_bytes) {
    excess_ = "all headers together are too long";
    return false;
  }
  if (line.starts_with("HTTP/")) {
    response_.headers.clear();
    return true;
  }
  auto colon = line.find(':');
  if (colon == line.npos)
    return true;
  if (response_.headers.size() == max_http_headers) {
    excess_ = "it has too many headers";
    return false;
  }
  std::string name{trimmed(line.substr(0, colon))};
  for (auto& letter : name)
    letter = static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
  response_.headers.emplace_back(std::move(name), trimmed(line.substr(colon + 1)));
  return true;
}

bool http_answer::add_body(std::string_view bytes) {
  if (bytes.size() > max_body_bytes_ - response_.body.size()) {
    excess_ = "its body is too long";
    return false;
  }
  response_.body.append(bytes);
  return true;
}

bool http_answer::ends_with_connection() const {
  return !response_.body.empty() && std::ranges::none_of(response_.headers, [](const auto& header) {
    return header.first == "content-length" || header.first == "transfer-encoding";
  });
}

} // namespace mailfleet::net
