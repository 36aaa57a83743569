#include "protocols/line_reader.hpp"

namespace mailfleet::protocols {

void line_reader::feed(std::string_view bytes) {
  bytes_.append(bytes);
}

result<std::optional<std::string>> line_reader::next() {
  auto end = bytes_.find('\n', searched_);
  auto length = end == bytes_.npos ? bytes_.size() : end;
  // One byte more may be the CR.
  if (length > longest_ + 1)
    return failure{errc::protocol_violation,
                   "the server sent a line of more than " + std::to_string(longest_) + " bytes"};
  searched_ = bytes_.size();
  if (end == bytes_.npos)
    return std::optional<std::string>{};
  auto line = bytes_.substr(0, end);
  bytes_.erase(0, end + 1);
  searched_ = 0;
  if (line.ends_with('\r'))
    line.pop_back();
  return std::optional{std::move(line)};
}

} // namespace mailfleet::protocols
