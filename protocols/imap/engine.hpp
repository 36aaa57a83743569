#pragma once

#include "messages/values/secret.hpp"
#include "protocols/imap/events.hpp"
#include "protocols/imap/fetch_reader.hpp"
#include "protocols/imap/list_reader.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mailfleet::imap {

/// The client's side of one IMAP connection (RFC 9051, RFC 3501) behind the
/// greeting, without I/O and without a clock. Bytes of the server go in with
/// `feed`, and `next` takes one event after the other out; body bytes are
/// handed through as views, never copied, so that whoever has no room for more
/// just stops asking. One thread at a time.
///
/// Tags are random, so that neither mail content nor a server that guesses can
/// complete a command; any other tag breaks the session. A line ends with LF;
/// one CR before it belongs to the end, so servers that forget the CR are
/// understood. A NUL outside literals breaks the session.
class engine {
public:
  /// Gives that many random bytes.
  using random_bytes = std::function<std::string(std::size_t)>;

  explicit engine(random_bytes random);

  /// A command to send.
  struct started {
    std::uint32_t command = 0;
    std::string bytes;
  };

  /// Gives a command its tag and line end. The text must not hold CR or LF.
  [[nodiscard]] started start(std::string_view text);

  /// The same for a command that holds a secret; so do the bytes.
  struct started_secret {
    std::uint32_t command = 0;
    secret bytes;
  };
  [[nodiscard]] started_secret start_secret(const secret& text);

  /// AUTHENTICATE, with an initial response if there is one (RFC 4959).
  [[nodiscard]] started_secret start_authenticate(std::string_view mechanism,
                                                  const std::optional<secret>& initial_response);

  /// Gives bytes of the server; they must stay until `next` asks for more, and
  /// must not be given before that.
  void feed(std::string_view bytes) noexcept;

  [[nodiscard]] event next();

  /// Commands that are not done.
  [[nodiscard]] std::size_t outstanding() const noexcept {
    return tags_.size();
  }

private:
  enum class mode : std::uint8_t {
    line,          ///< At the beginning of a response.
    fetch,         ///< In a FETCH response's line, `rest_`.
    fetch_line,    ///< A FETCH response goes on, on the next line.
    body,          ///< In a body; `left_` bytes to come.
    body_text,     ///< A body of few bytes stands in `value_`.
    value_literal, ///< A literal of a FETCH item, collected in `value_`.
    list,          ///< In a LIST response's line, `rest_`.
    list_line,     ///< A LIST response goes on, on the next line.
    list_literal,  ///< A literal of a LIST response, collected in `value_`.
    other_literal, ///< A literal in data we do not read; `left_` bytes to come.
    other_line,    ///< Such data goes on, on the next line.
    broken,
  };

  std::string new_tag();
  /// A step that found no event returns nothing: go on.
  std::optional<event> step();
  std::optional<std::string_view> take_line();
  std::optional<event> read_response(std::string_view line);
  std::optional<event> read_tagged(std::string_view line);
  std::optional<event> read_untagged(std::string_view line);
  std::optional<event> read_numbered(std::uint32_t number, std::string_view rest);
  std::optional<event> read_search(std::string_view rest);
  std::optional<event> read_other(std::string_view line);
  std::optional<event> read_extended_search(std::string_view rest);
  std::optional<event> read_fetch();
  std::optional<event> read_list();
  event read_body();
  std::optional<event> read_value_literal();
  std::optional<event> skip_other_literal();
  event fail(std::string_view why);

  struct outstanding_tag {
    std::uint32_t command = 0;
    std::string tag;
  };

  random_bytes random_;
  std::vector<outstanding_tag> tags_;
  std::uint32_t commands_ = 0;
  std::size_t untagged_ = 0;
  mode mode_ = mode::line;
  mode after_body_ = mode::line;
  std::string_view input_;
  /// A line that came in parts.
  std::string line_;
  bool line_used_ = false;
  std::string_view rest_;
  std::uint64_t left_ = 0;
  std::string value_;
  fetch_reader reader_;
  list_reader list_;
  std::vector<std::uint32_t> found_;
  std::string_view why_broken_;
};

} // namespace mailfleet::imap
