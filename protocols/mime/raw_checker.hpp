#pragma once

#include "protocols/mime/raw_headers.hpp"
#include "protocols/mime/sink.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mailfleet::mime {

/// Makes a mail that a program gives as bytes fit to go out (RFC 5322), piece by piece: the
/// header section is held (`check_headers` says what becomes of it), the content goes through.
/// Every line ends with CRLF, none has more than 998 bytes, and no byte is NUL; a last line
/// without end is given one. Where the pieces are cut changes nothing. One thread at a time.
class raw_checker {
public:
  raw_checker(raw_options options, byte_sink sink)
    : options_{std::move(options)}, sink_{std::move(sink)} {}

  /// The next piece. Fails with `invalid_argument`, `too_large`, or what the sink fails with;
  /// what the sink has then is to be thrown away. After a failure all calls fail with it.
  [[nodiscard]] result<void> append(std::string_view piece);

  /// The mail is whole.
  [[nodiscard]] result<composed_mail> finish();

private:
  result<void> take(std::string_view piece);
  result<void> add(std::string_view run);
  result<void> end_line();
  result<void> end_headers();
  result<void> put(std::string_view bytes);
  result<void> flush();

  raw_options options_;
  byte_sink sink_;
  std::optional<failure> failed_;
  bool in_headers_ = true;
  bool after_cr_ = false;
  std::size_t line_bytes_ = 0;
  std::uint64_t lines_ = 1;
  std::string headers_;
  /// Waits for the sink, so that it is not called for every line.
  std::string waiting_;
  composed_mail made_;
};

/// The same for a mail that is in memory as a whole.
[[nodiscard]] result<composed_mail> check_raw(std::string_view bytes, raw_options options,
                                              byte_sink sink);

} // namespace mailfleet::mime
