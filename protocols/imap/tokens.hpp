#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// The lexical level of IMAP (RFC 9051 section 9), on one line at a time.
namespace mailfleet::imap {

/// ASCII letters in any case.
[[nodiscard]] bool same_word(std::string_view a, std::string_view b) noexcept;

/// Digits only, at least one, in range.
[[nodiscard]] std::optional<std::uint32_t> read_number(std::string_view digits) noexcept;
[[nodiscard]] std::optional<std::uint64_t> read_number64(std::string_view digits) noexcept;

/// Takes the text up to the next space, and the space, from the front.
[[nodiscard]] std::string_view take_word(std::string_view& rest) noexcept;

/// The size that a literal at the end of `text` announces, `{n}` or `~{n}`;
/// nothing if there is none.
[[nodiscard]] std::optional<std::uint64_t> literal_at_end(std::string_view text) noexcept;

struct token {
  enum class kind : std::uint8_t {
    end,     ///< Of the line.
    open,    ///< `(`
    close,   ///< `)`
    atom,    ///< Also NIL, flags, numbers, `BODY[...]<0>`.
    quoted,  ///< `text` is what stands between the quotes, still escaped.
    literal, ///< The last token of its line; its bytes follow it.
    bad,     ///< None of these.
  };
  kind what = kind::end;
  std::string_view text;
  std::uint64_t literal_bytes = 0;
};

/// Takes one token from the front.
[[nodiscard]] token next_token(std::string_view& rest) noexcept;

/// Takes the backslashes out of a quoted string's text.
[[nodiscard]] std::string unescaped(std::string_view quoted);

/// A quoted string. The text must hold neither NUL nor a line end.
[[nodiscard]] std::string quoted(std::string_view text);

} // namespace mailfleet::imap
